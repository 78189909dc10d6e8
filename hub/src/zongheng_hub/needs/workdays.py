"""The province's own table of days off and adjusted workdays, seeded with what is published."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, insert, select, update

from zongheng_hub.needs.calendar import NamedDay, WorkingDays
from zongheng_hub.needs.seed import SOURCE, published_years
from zongheng_hub.needs.tables import WORKING_DAY, WORKING_YEAR
from zongheng_hub.store import Tx


def working_days(connection: Connection, since: date | str) -> WorkingDays:
    """Which days count, from the year of since on."""
    first = date.fromisoformat(since) if isinstance(since, str) else since
    days = connection.execute(
        select(WORKING_DAY).where(WORKING_DAY.c.day >= f"{first.year:04}-01-01")
    )
    years = connection.scalars(select(WORKING_YEAR.c.year).where(WORKING_YEAR.c.year >= first.year))
    named = (NamedDay(date.fromisoformat(each.day), each.is_working, each.name) for each in days)
    return WorkingDays.of(named, years)


def seed_working_days(tx: Tx) -> None:
    """Add the published years that the table lacks; days in it stay as they are."""
    known = set(tx.connection.scalars(select(WORKING_YEAR.c.year)))
    for year, days in published_years().items():
        if year not in known:
            announce_year(tx, year, days, source=SOURCE)


def announce_year(tx: Tx, year: int, days: tuple[NamedDay, ...], *, source: str) -> None:
    """Mark year as published and add its days, but for those that stand in the table already.

    Args:
        source: where they were taken from, such as the number of the notice.
    """
    within = WORKING_DAY.c.day.between(f"{year:04}-01-01", f"{year:04}-12-31")
    kept = set(tx.connection.scalars(select(WORKING_DAY.c.day).where(within)))
    rows = [
        {"day": each.day.isoformat(), "is_working": each.is_working, "name": each.name}
        for each in days
        if each.day.isoformat() not in kept
    ]
    if rows:
        tx.execute(insert(WORKING_DAY), rows)
    tx.execute(delete(WORKING_YEAR).where(WORKING_YEAR.c.year == year))
    tx.execute(insert(WORKING_YEAR).values(year=year, source=source))


def set_working_day(tx: Tx, named: NamedDay) -> None:
    """Say of one day whether it is worked; running clocks follow at once."""
    day = named.day.isoformat()
    values = {"is_working": named.is_working, "name": named.name}
    changed = tx.execute(update(WORKING_DAY).where(WORKING_DAY.c.day == day).values(**values))
    if changed.rowcount == 0:
        tx.execute(insert(WORKING_DAY).values(day=day, **values))
