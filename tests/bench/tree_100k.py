"""What 100,000 units in the tree do to a call: nothing that counts.

Two hubs with the same enrolled units and the same need; below one of them hang 100,000 more units,
in every county but the city's from which the replies come, so that both give the same bytes. The
province, which stands above, reads the county's need (the relation is found by walking the tree),
the units of a city, the cities of the province, and the first twenty units of all. Ours is the
large tree, the rival the small.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.harness import Result, paired
from tests.bench.load import Signer, Target, drive, serving
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.identity import Identity

UNITS = 100_000
FLOOR = 0.90
CALLS, ROUNDS = 160, 31
GET_NEED = "/zongheng.needs.v1.NeedsService/GetNeed"
LIST_TENANTS = "/zongheng.tenancy.v1.TenancyService/ListTenants"
CITY = "140100"


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as running:
        large, small = (
            running.enter_context(_hub(Path(scratch) / name, units))
            for name, units in (("large", UNITS), ("small", 0))
        )
        results = []
        for name, method in (
            ("tree_100k", GET_NEED),
            ("tree_100k_children", LIST_TENANTS),
            ("tree_100k_level", LIST_TENANTS),
            ("tree_100k_page", LIST_TENANTS),
        ):
            ours, rival = paired(
                partial(_rate, large, method, name),
                partial(_rate, small, method, name),
                rounds=ROUNDS,
            )
            results.append(Result(name, ours / rival, FLOOR, ours, "calls/s"))
        return results


def _rate(hub: tuple[Signer, dict[str, bytes]], method: str, name: str) -> float:
    signer, requests = hub
    return drive(Target(signer.address, method, signer.credentials), requests[name], CALLS, None)


@contextlib.contextmanager
def _hub(folder: Path, units: int) -> Iterator[tuple[Signer, dict[str, bytes]]]:
    """A hub with a need of one county, and units more; the province and its requests."""
    folder.mkdir()
    with LocalHub(folder) as local:
        filed = local.enrol("140105").needs.file(kind="data", title="没有户表数据", detail="")
    with contextlib.closing(sqlite3.connect(folder / "hub" / "hub.sqlite3")) as database, database:
        city = database.execute("SELECT id FROM tenant WHERE code = ?", (CITY,)).fetchone()[0]
        counties = database.execute(
            "SELECT id FROM tenant WHERE level = ? AND parent_id <> ? ORDER BY id",
            (tenancy.LEVEL_COUNTY, city),
        ).fetchall()
        database.executemany(
            "INSERT INTO tenant (id, parent_id, level, name, code, kind, created_ms)"
            " VALUES (?, ?, ?, ?, '', '', 0)",
            (
                (
                    f"t_{number:023}",
                    counties[number % len(counties)][0],
                    tenancy.LEVEL_TOWNSHIP,
                    f"第{number}镇",
                )
                for number in range(units)
            ),
        )
    requests = {
        "tree_100k": needs.GetNeedRequest(need_id=filed.id).SerializeToString(),
        "tree_100k_children": tenancy.ListTenantsRequest(parent_id=city).SerializeToString(),
        "tree_100k_level": tenancy.ListTenantsRequest(level=tenancy.LEVEL_CITY).SerializeToString(),
        "tree_100k_page": tenancy.ListTenantsRequest(page_size=20).SerializeToString(),
    }
    with serving(folder / "hub") as identity_path:
        yield Signer(Identity.from_json(identity_path.read_text("utf-8"))), requests
