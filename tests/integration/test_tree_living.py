"""Changes of the tree against a running hub: who may call, what goes to a successor, old data."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from tests.integration.tenancy_house import START_MS, build
from zongheng_hub.store import Tx, open_store
from zongheng_hub.store.migrate import MIGRATIONS, migrate
from zongheng_hub.tenancy.tree import reading
from zongheng_hub.tenancy.tree.unit import Basis, Stamp, Unit
from zongheng_hub.tenancy.tree.writing import write_changes
from zongheng_protos.errors import (
    CodeTaken,
    NotRelated,
    TenantClosed,
    TenantSuspended,
    UnitInUse,
    ZonghengError,
)
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk import Hub
from zongheng_sdk.testing import LocalHub

BASIS = "民函〔2026〕12号"
COUNTY, SIBLING, OTHER_CITYS = "140105", "140106", "140212"
WITHIN_S = 1.0


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        yield running


def soon(ask: Callable[[], object], refusal: type[ZonghengError] | None) -> float:
    """Seconds until a call is refused so, or, with None, goes through again."""
    began = time.monotonic()
    while True:
        try:
            ask()
            found: type[ZonghengError] | None = None
        except (TenantSuspended, TenantClosed) as error:
            found = type(error)
        if found is refusal:
            return time.monotonic() - began
        assert time.monotonic() - began < 5, f"still {found}"
        time.sleep(0.02)


def test_suspending_a_city_stops_its_counties_within_a_second(local: LocalHub) -> None:
    county = local.enrol(COUNTY)
    units = local.province.units
    assert county.tenancy.tenant(code=COUNTY).enrolled

    units.suspend("140100", legal_basis=BASIS)
    assert soon(lambda: county.tenancy.tenant(code=COUNTY), TenantSuspended) < WITHIN_S
    with pytest.raises(TenantSuspended, match="太原市"):
        county.needs.file(kind="data", title="需要低保比对数据")

    units.resume("140100", legal_basis=BASIS)
    soon(lambda: county.tenancy.tenant(code=COUNTY), None)


def test_a_moved_county_can_be_stopped_by_its_new_city_and_not_by_its_old_one(
    local: LocalHub,
) -> None:

    old, new = local.enrol("140200"), local.enrol("140100")
    county = local.enrol(OTHER_CITYS)
    local.province.units.move(OTHER_CITYS, parent="140100", legal_basis=BASIS)

    with pytest.raises(NotRelated):
        old.units.suspend(OTHER_CITYS, legal_basis=BASIS)
    new.units.suspend(OTHER_CITYS, legal_basis=BASIS)
    soon(lambda: county.tenancy.tenant(code=COUNTY), TenantSuspended)
    new.units.resume(OTHER_CITYS, legal_basis=BASIS)
    soon(lambda: county.tenancy.tenant(code=COUNTY), None)
    local.province.units.move(OTHER_CITYS, parent="140200", legal_basis=BASIS)


def test_open_needs_of_a_merged_county_go_on_with_its_successor(local: LocalHub) -> None:
    merged, heir = local.enrol("140107"), local.enrol(SIBLING)
    need = merged.needs.file(kind="training", title="网格员操作培训")
    merged.catalogue.adopt("snap")
    with pytest.raises(UnitInUse, match="1 open needs filed or handled by it; 1 modules adopted"):
        local.province.units.close("140107", legal_basis=BASIS)
    seen = local.province.units.merge("140107", into=SIBLING, legal_basis=BASIS, dry_run=True)
    assert seen.effects is not None
    assert (seen.effects.open_needs, seen.effects.adoptions) == (1, 1)

    changed = local.province.units.merge("140107", into=SIBLING, legal_basis=BASIS)

    assert changed.receipt is not None
    now = heir.needs.get(need.id)
    assert now.filer_name == "迎泽区"
    assert now.clocks == need.clocks, "no change of the tree resets a clock"
    assert (now.events[-1].act, now.events[-1].log_index) == (
        "tenant.merged",
        changed.receipt.index,
    )
    soon(lambda: merged.tenancy.tenant(code=COUNTY), TenantClosed)


def test_a_unit_with_adoptions_closes_once_they_are_ended_with_it(local: LocalHub) -> None:
    unit = local.enrol("140108")
    unit.catalogue.adopt("snap")
    units = local.province.units
    for below in local.province.tenancy.tenants(local.province.tenancy.tenant(code="140108").id):
        units.close(below.id, legal_basis=BASIS)
    with pytest.raises(UnitInUse, match="1 modules adopted"):
        units.close("140108", legal_basis=BASIS)
    closed = units.close("140108", legal_basis=BASIS, end_adoptions=True)

    assert closed.tenant.state == "closed"
    soon(lambda: unit.tenancy.tenant(code=COUNTY), TenantClosed)


def test_two_units_cannot_take_one_code_at_once(local: LocalHub) -> None:
    units = local.province.units
    units.add("140109", level="extra", name="高新示范区", code="140171", legal_basis=BASIS)
    with pytest.raises(CodeTaken, match="高新示范区"):
        units.add("140109", level="extra", name="综改示范区", code="140171", legal_basis=BASIS)


def test_what_a_unit_was_is_told_for_any_moment(local: LocalHub) -> None:
    tenancy, units = local.province.tenancy, local.province.units
    before_ms = int(time.time() * 1000)
    units.recode("140122", code="140112", name="阳曲区", kind="市辖区", legal_basis=BASIS)

    then = tenancy.tenant(code="140122", as_of_ms=before_ms)
    now = tenancy.tenant(code="140112")
    assert (then.id, then.name, now.name) == (now.id, "阳曲县", "阳曲区")
    newest, first = units.history("140112")
    assert (newest.act, first.act, first.log_index) == ("tenant.recoded", "tenancy.rooted", 0)
    assert first.to_ms == newest.from_ms


def test_every_change_is_an_act_that_the_log_proves(local: LocalHub) -> None:
    changed = local.province.units.rename("140109", name="万柏林新区", legal_basis=BASIS)
    assert changed.receipt is not None
    content = local.province.log.content(changed.receipt.index)

    leaf = Leaf.FromString(content.leaf)
    assert (leaf.act, leaf.subject) == ("tenant.renamed", changed.tenant.id)


async def test_a_database_of_the_first_version_gets_a_history_for_every_unit(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path / "hub.sqlite3")
    with store.writer.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO tenant (id, parent_id, level, name, code, kind, created_ms) VALUES"
                " ('t_p', NULL, 1, '山西省', '140000', '省', 7),"
                " ('t_c', 't_p', 2, '太原市', '140100', '地级市', 7)"
            )
        )
    migrate(store.writer)
    city = await store.read(lambda c: reading.unit(c, "t_c"))
    (past,) = await store.read(lambda c: reading.history(c, "t_c"))
    store.close()

    assert (city.state, city.uscc, past.unit) == (1, "", city)
    assert (past.act, past.log_index, past.from_ms, past.actor_id) == (
        "tenancy.rooted",
        0,
        7,
        "t_p",
    )


async def test_two_replicas_that_give_one_code_at_once_give_it_to_one_unit(
    postgresql_url: str,
) -> None:
    house = await build(postgresql_url)
    other = open_store(postgresql_url)
    both_have_looked = threading.Barrier(2)

    def add(name: str, index: int) -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            unit = Unit(
                f"t_{name}", house.province.tenant, tenancy.LEVEL_EXTRA, name, code="140171"
            )
            assert reading.bearer(tx.connection, code="140171") is None or both_have_looked.broken
            with contextlib.suppress(threading.BrokenBarrierError):
                both_have_looked.wait(5)
            both_have_looked.abort()
            stamp = Stamp("tenant.added", house.province.tenant, "", START_MS, index, Basis("依据"))
            write_changes(tx, [unit], stamp)

        return work

    outcomes = await asyncio.gather(
        house.store.write(add("one", 1)), other.write(add("two", 2)), return_exceptions=True
    )
    bearer = await other.read(lambda c: reading.bearer(c, code="140171"))
    other.close()
    house.store.close()

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CodeTaken", "NoneType"]
    assert bearer is not None


def test_hub_units_is_there_for_every_hub(local: LocalHub) -> None:
    found = local.enrol(COUNTY)
    assert isinstance(found, Hub)
    assert [one.name for one in found.units.find("坞城")] == ["坞城街道"]
