"""The hub relays a dataset it cannot read: neither its files nor its memory hold a word of it."""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from shanxi.hub import HubProcess, start_hub
from zongheng_sdk import Hub
from zongheng_sdk.enrolling import begin_enrolment

CITY, OWNER, GRANTEE = "140100", "140105", "140106"
ROWS = 500
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r")
_LARGEST_REGION = 1 << 30


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    running = start_hub(tmp_path / "hub", port=0, web_port=0, database=None)
    yield running
    running.stop()


def test_the_plaintext_of_a_shared_dataset_is_nowhere_in_the_hub(
    hub: HubProcess, tmp_path: Path
) -> None:
    marker, purpose = f"户{secrets.token_hex(12)}", f"核对取暖补贴{secrets.token_hex(6)}"
    source = tmp_path / "households.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "card", "town", "note"])
        writer.writerows([f"{marker}{n}", f"1401{n:014d}", "静游镇", marker] for n in range(ROWS))

    province = Hub.open(hub.province_identity, operator="李某某")
    city = enrolled(province, CITY, tmp_path)
    owner, grantee = (enrolled(city, code, tmp_path) for code in (OWNER, GRANTEE))
    dataset = owner.sharing.offer("取暖户表", source=source)
    request = grantee.sharing.request(dataset.id, purpose=purpose, fields=["name", "town", "note"])
    granted = owner.sharing.grant(
        request.id, fields={"name": "none", "town": "none", "note": "none"}
    )
    delivered = owner.sharing.deliver(granted.grant_id, source)
    assert traces(hub, marker) == []
    fetched = grantee.sharing.fetch(delivered.parcel_id)
    names = [row["name"] for row in fetched.parcel.records()]
    assert names == [f"{marker}{n}" for n in range(ROWS)]

    assert traces(hub, marker) == []
    assert traces(hub, purpose), "the search finds what the hub does hold"
    for unit in (province, city, owner, grantee):
        unit.close()


def enrolled(parent: Hub, code: str, folder: Path) -> Hub:
    pending = begin_enrolment(parent.tenancy.invite(code), folder / code)
    parent.tenancy.approve(pending.enrolment_id)
    identity = pending.collect()
    assert identity is not None
    return Hub.open(identity, operator="王某某")


def traces(hub: HubProcess, text: str) -> list[str]:
    """Every file of the hub and every region of its memory that holds text, as UTF-8 or UTF-16."""
    wanted = [text.encode(), text.encode("utf-16-le"), text[1:].encode()]
    found = [
        str(path)
        for path in hub.folder.rglob("*")
        if path.is_file() and any(one in path.read_bytes() for one in wanted)
    ]
    process = Path(f"/proc/{hub.process.pid}")
    with (process / "mem").open("rb", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            region = _REGION.match(line)
            if region is None:
                continue
            start, end = (int(number, 16) for number in region.groups())
            if end - start > _LARGEST_REGION:
                continue
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue  # such as [vvar], which nobody may read
            if any(one in content for one in wanted):
                found.append(f"memory {line}")
    return found
