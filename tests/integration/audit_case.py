"""A province in which one county was shown another's data, for auditors to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zongheng_sdk import Hub
from zongheng_sdk.testing import LocalHub

OWNER, GRANTEE = "140105", "140107"
ROWS = "name,card,town\n王某,140105199001010011,高平镇\n李某,2,高平镇\n赵某,3,北城街道\n"


@dataclass(frozen=True, slots=True)
class Case:
    """Attributes: parcel_id: of households that the grantee was shown."""

    local: LocalHub
    owner: Hub
    grantee: Hub
    parcel_id: str

    @property
    def root(self) -> str:
        return self.local.province.identity.root_fingerprint


@contextmanager
def shared_case(folder: Path, **options: Any) -> Iterator[Case]:
    """The whole exchange done, a need filed and a report made besides."""
    source = folder / "households.csv"
    source.write_text(ROWS, encoding="utf-8")
    with LocalHub(folder / "local", **options) as local:
        owner, grantee = local.enrol(OWNER), local.enrol(GRANTEE)
        dataset = owner.sharing.offer("低收入家庭", source=source)
        asked = grantee.sharing.request(dataset.id, purpose="核对低保资格", fields=["name", "town"])
        granted = owner.sharing.grant(asked.id, fields={"name": "name", "town": "none"})
        delivered = owner.sharing.deliver(granted.grant_id, source)
        grantee.sharing.fetch(delivered.parcel_id)
        owner.needs.file(kind="training", title="网格员操作培训")
        owner.catalogue.adopt("snap")
        owner.module("snap").file_report(title="路灯不亮", detail="桥东小区")
        yield Case(local, owner, grantee, delivered.parcel_id)
