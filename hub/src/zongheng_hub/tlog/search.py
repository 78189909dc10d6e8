"""Searching the log's entries for the explorer; what is found is proved by tree.py, not here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from zongheng_hub.tlog.by_actor import acted
from zongheng_hub.tlog.tables import LogEntryRow

DAY_MS = 86_400_000
BEIJING_MS = 8 * 3_600_000
NEWEST_DAYS = 32
# Times of neighbouring entries may be out of order by less than this.
_SLACK_MS = 60_000

_rows = LogEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it


@dataclass(frozen=True, slots=True)
class Found:
    """Entries (index, leaf) newest first, how many there are in all, and how many a day."""

    rows: Sequence[tuple[int, bytes]]
    total: int
    days: Sequence[tuple[date, int]]


def search(
    connection: Connection,
    *,
    act: str = "",
    actor: str = "",
    subject: str = "",
    since_ms: int = 0,
    until_ms: int = 0,
    below: int | None = None,
    limit: int = 50,
) -> Found:
    """The newest entries that meet every given part.

    Args:
        act: an act type, or with a trailing "*" how one begins.
        since_ms, until_ms: Unix milliseconds, from and before; 0: open.
        below: rows only with a smaller index; total and days stay those of all.
    """
    size = (connection.scalar(select(func.max(_rows.c.idx))) or -1) + 1
    if connection.scalar(select(_rows.c.idx).limit(1)) is None:
        return Found((), 0, ())
    size = max(size, 1)
    wanted = _conditions(connection, size, act, actor, subject, since_ms, until_ms)
    total = (
        connection.scalar(select(func.count()).select_from(_rows).where(*wanted))
        if wanted
        else size
    )
    page = select(_rows.c.idx, _rows.c.leaf).where(*wanted).order_by(_rows.c.idx.desc())
    if below is not None:
        page = page.where(_rows.c.idx < below)
    rows = [(row.idx, bytes(row.leaf)) for row in connection.execute(page.limit(limit))]
    return Found(rows, total or 0, _days(connection, size, wanted))


def _conditions(
    connection: Connection,
    size: int,
    act: str,
    actor: str,
    subject: str,
    since_ms: int,
    until_ms: int,
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if act.endswith("*"):
        wanted.append(_rows.c.act.startswith(act[:-1], autoescape=True))
    elif act:
        wanted.append(_rows.c.act == act)
    if actor:
        wanted.append(acted(connection, actor))
    if subject:
        wanted.append(_rows.c.subject == subject)
    if since_ms:
        wanted.append(_rows.c.idx >= first_at(connection, size, since_ms - _SLACK_MS))
        wanted.append(_rows.c.time_ms >= since_ms)
    if until_ms:
        wanted.append(_rows.c.idx < first_at(connection, size, until_ms + _SLACK_MS))
        wanted.append(_rows.c.time_ms < until_ms)
    return wanted


def _days(
    connection: Connection, size: int, wanted: Sequence[ColumnElement[bool]]
) -> list[tuple[date, int]]:
    newest: int = (
        connection.scalar(
            select(_rows.c.time_ms).where(*wanted).order_by(_rows.c.idx.desc()).limit(1)
        )
        or 0
    )
    if not newest:
        return []
    day: Any = (_rows.c.time_ms + BEIJING_MS) // DAY_MS
    first = first_at(connection, size, newest - NEWEST_DAYS * DAY_MS)
    query = (
        select(day.label("day"), func.count().label("entries"))
        .where(_rows.c.idx >= first, *wanted)
        .group_by(day)
        .order_by(day)
    )
    return [
        (date.fromordinal(date(1970, 1, 1).toordinal() + int(row.day)), int(row.entries))
        for row in connection.execute(query)
    ]


def first_at(connection: Connection, size: int, time_ms: int) -> int:
    """The index of the first entry at or after a time, by halving; size when there is none."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        at = connection.scalar(select(_rows.c.time_ms).where(_rows.c.idx == middle))
        if at is not None and at < time_ms:
            low = middle + 1
        else:
            high = middle
    return low
