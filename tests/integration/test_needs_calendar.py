"""The province's working days in its own table: seeded, edited, published late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.integration.needs_hub import COUNTY, NeedsHub, ms, open_hub_store
from zongheng_hub.needs import service
from zongheng_hub.needs.calendar import NamedDay, WorkingDays
from zongheng_hub.needs.clocks import Urgency


@pytest.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NeedsHub]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    store = open_hub_store(where)
    yield await NeedsHub(store).found()
    store.close()


async def calendar_of(hub: NeedsHub, since: date) -> WorkingDays:
    return await hub.store.read(lambda db: service.working_days(db, since))


async def test_a_new_hub_knows_the_published_years(hub: NeedsHub) -> None:
    await hub.store.write(service.seed_working_days)
    calendar = await calendar_of(hub, date(2025, 6, 1))
    assert {2025, 2026} <= calendar.announced
    assert calendar.is_working(date(2026, 10, 10))
    assert not calendar.is_working(date(2026, 10, 7))


async def test_seeding_again_keeps_what_the_province_edited(hub: NeedsHub) -> None:
    await hub.store.write(service.seed_working_days)
    day = NamedDay(date(2026, 10, 10), False, "全省防汛放假")
    await hub.store.write(lambda tx: service.set_working_day(tx, day))
    await hub.store.write(service.seed_working_days)
    calendar = await calendar_of(hub, date(2026, 1, 1))
    assert calendar.named[day.day] == day


async def test_a_day_named_before_its_year_is_published_stays_as_named(hub: NeedsHub) -> None:
    early = NamedDay(date(2027, 2, 6), True, "春节调休")
    await hub.store.write(lambda tx: service.set_working_day(tx, early))
    assert 2027 not in (await calendar_of(hub, date(2027, 1, 1))).announced
    published = (
        NamedDay(date(2027, 2, 6), False, "春节"),
        NamedDay(date(2027, 2, 8), False, "春节"),
    )
    await hub.store.write(lambda tx: service.announce_year(tx, 2027, published, source="通知"))
    calendar = await calendar_of(hub, date(2027, 1, 1))
    assert calendar.announced == {2027}
    assert calendar.is_working(date(2027, 2, 6))
    assert not calendar.is_working(date(2027, 2, 8))


async def test_a_running_clock_follows_an_edited_day_at_once(hub: NeedsHub) -> None:
    need = await hub.file()
    assert need.clocks[0].due == "2026-11-24"
    storm = NamedDay(date(2026, 11, 23), False, "暴雪停工")
    await hub.store.write(lambda tx: service.set_working_day(tx, storm))
    assert (await hub.get(need.id)).clocks[0].due == "2026-11-25"


async def test_a_clock_into_next_year_is_marked_until_that_year_is_published(
    hub: NeedsHub,
) -> None:
    hub.at("2026-12-30T09:00")
    need = await hub.file()
    assert need.clocks[0].due == "2027-01-04"
    assert "2027年未公布调休" in need.clocks[0].legal_basis
    days = (
        NamedDay(date(2027, 1, 1), False, "元旦"),
        NamedDay(date(2027, 1, 3), True, "元旦调休"),
    )
    await hub.store.write(lambda tx: service.announce_year(tx, 2027, days, source="通知"))
    clock = (await hub.get(need.id)).clocks[0]
    assert clock.due == "2027-01-03"
    assert "未公布" not in clock.legal_basis


async def test_the_form_can_say_by_when_a_need_is_accepted_and_answered(hub: NeedsHub) -> None:
    await hub.store.write(service.seed_working_days)
    at = ms("2026-11-20T08:00")
    normal = await hub.store.read(lambda db: service.promise(db, Urgency.NORMAL, at))
    urgent = await hub.store.read(lambda db: service.promise(db, Urgency.URGENT, at))
    assert normal == service.Promise(date(2026, 11, 24), date(2026, 12, 8))
    assert urgent == service.Promise(date(2026, 11, 20), date(2026, 12, 4))


async def test_who_stands_how_to_a_need_follows_the_tree(hub: NeedsHub) -> None:
    need = await hub.file(COUNTY)
    found = await hub.store.read(lambda db: service.standing(db, need.id))
    assert found.filer == hub.ids[COUNTY]
    assert found.filer_ancestors == (hub.ids["140000"], hub.ids["140100"])
    assert found.handler == hub.ids["140000"]
