"""Needs travel up against clocks, resources come back down: one transaction per use case.

Also what other rooms and the console may ask: get, find, count, promise, standing, working_days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from zongheng_hub.needs.calendar import NamedDay, WorkingDays, day_of, start_ms
from zongheng_hub.needs.clocks import Clock, Reading, Stage, Urgency, reading_on, start
from zongheng_hub.needs.need import Act, Count, Event, Filing, Need, Page, Resource
from zongheng_hub.needs.reading import clocks_of, count, find, get, need_row
from zongheng_hub.needs.rules import Course, State, Step, advance, clean, filed, real_date, route
from zongheng_hub.needs.succession import hand_over, open_needs
from zongheng_hub.needs.tables import CLOCK, EVENT, NEED, RESOURCE
from zongheng_hub.needs.workdays import (
    announce_year,
    seed_working_days,
    set_working_day,
    working_days,
)
from zongheng_hub.store import Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_tenants.ids import new_id

__all__ = [
    "Act",
    "Count",
    "Event",
    "Filing",
    "NamedDay",
    "Need",
    "Page",
    "Promise",
    "Reading",
    "Resource",
    "Stage",
    "Standing",
    "State",
    "Urgency",
    "WorkingDays",
    "accept",
    "announce_year",
    "answer",
    "confirm",
    "count",
    "day_of",
    "file",
    "find",
    "get",
    "hand_over",
    "open_needs",
    "promise",
    "reopen",
    "seed_working_days",
    "set_working_day",
    "standing",
    "working_days",
]

_TITLE_AT_LEAST = 4
_TEXT_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands how to a need: ids of tenants, those above the filer root first."""

    filer: str
    filer_ancestors: tuple[str, ...]
    handler: str


@dataclass(frozen=True, slots=True)
class Promise:
    """By which days a need filed now is accepted and, at the latest, answered."""

    accept_by: date
    answer_by: date


def file(tx: Tx, act: Act, filing: Filing, *, ancestors: tuple[str, ...]) -> Need:
    """File a need; the province handles it.

    Args:
        ancestors: the tenants above the filer, root first.

    Raises:
        Invalid: a text is too short or unkeepable, or wanted_by is no date.
    """
    need_id = new_id("n", now_ms=act.now_ms)
    course = filed(filing.urgency, act.now_ms)
    values = {
        "id": need_id,
        "filer_id": act.tenant,
        "handler_id": route(act.tenant, ancestors),
        "kind": filing.kind,
        "title": clean("title", filing.title, at_least=_TITLE_AT_LEAST),
        "detail": clean("detail", filing.detail),
        "urgency": int(filing.urgency),
        "households": filing.households,
        "wanted_by": real_date("wanted_by", filing.wanted_by),
        "place": clean("place", filing.place),
        "state": int(course.state),
        "filed_ms": act.now_ms,
    }
    seed_working_days(tx)
    tx.execute(insert(NEED).values(**values))
    tx.execute(insert(CLOCK), [_clock_row(need_id, clock) for clock in course.clocks])
    _add_event(tx, act, need_id, "")
    return get(tx.connection, need_id, act.now_ms)


def accept(tx: Tx, act: Act, need_id: str, note: str = "") -> Need:
    """The handler takes it on. Raises NotFound, StateConflict, Invalid."""
    return _step(tx, act, need_id, Step.ACCEPT, clean("note", note))


def answer(tx: Tx, act: Act, need_id: str, text: str, resources: Sequence[Resource] = ()) -> Need:
    """The handler answers and names what comes back. Raises NotFound, StateConflict, Invalid."""
    text = clean("text", text, at_least=_TEXT_AT_LEAST)
    given = [_resource_row(each, number, act) for number, each in enumerate(resources)]
    _step(tx, act, need_id, Step.ANSWER, text)
    before = _how_many(tx, RESOURCE, need_id)
    for number, values in enumerate(given, before + 1):
        tx.execute(insert(RESOURCE).values(need_id=need_id, number=number, **values))
    return get(tx.connection, need_id, act.now_ms)


def confirm(tx: Tx, act: Act, need_id: str, note: str = "") -> Need:
    """The filer says that it is solved. Raises NotFound, StateConflict, Invalid."""
    return _step(tx, act, need_id, Step.CONFIRM, clean("note", note))


def reopen(tx: Tx, act: Act, need_id: str, reason: str) -> Need:
    """The filer says that it is not solved; the deliver clock runs on.

    Raises:
        NotFound, StateConflict, Invalid
    """
    reason = clean("reason", reason, at_least=_TEXT_AT_LEAST)
    return _step(tx, act, need_id, Step.REOPEN, reason)


def standing(connection: Connection, need_id: str) -> Standing:
    """Who stands how to a need. Raises NotFound."""
    found = need_row(connection, need_id)
    above = tenancy.ancestors(connection, found.filer_id)
    return Standing(found.filer_id, above, found.handler_id)


def promise(connection: Connection, urgency: Urgency, now_ms: int) -> Promise:
    """What the filer may count on when a need is filed at now_ms."""
    calendar = working_days(connection, day_of(now_ms))
    accept_by = reading_on(start(Stage.ACCEPT, urgency, now_ms), calendar, day_of(now_ms)).due
    answering = start(Stage.ANSWER, urgency, start_ms(accept_by))
    return Promise(accept_by, reading_on(answering, calendar, accept_by).due)


def _step(tx: Tx, act: Act, need_id: str, step: Step, text: str) -> Need:
    found = need_row(tx.connection, need_id, lock=True)
    clocks = clocks_of(tx.connection, need_id)
    before = Course(State(found.state), Urgency(found.urgency), clocks)
    after = advance(before, step, act.now_ms, need_id=need_id)
    tx.execute(update(NEED).where(NEED.c.id == need_id).values(state=int(after.state)))
    known = {clock.stage for clock in before.clocks}
    for clock in after.clocks:
        if clock.stage not in known:
            tx.execute(insert(CLOCK).values(**_clock_row(need_id, clock)))
        elif clock not in before.clocks:
            tx.execute(
                update(CLOCK)
                .where(CLOCK.c.need_id == need_id, CLOCK.c.stage == int(clock.stage))
                .values(stopped_ms=clock.stopped_ms)
            )
    _add_event(tx, act, need_id, text)
    return get(tx.connection, need_id, act.now_ms)


def _add_event(tx: Tx, act: Act, need_id: str, text: str) -> None:
    tx.execute(
        insert(EVENT).values(
            need_id=need_id,
            number=_how_many(tx, EVENT, need_id) + 1,
            act=act.name,
            tenant_id=act.tenant,
            operator=act.operator,
            time_ms=act.now_ms,
            text=text,
            log_index=act.log_index,
        )
    )


def _how_many(tx: Tx, table: Table, need_id: str) -> int:
    found = tx.one(select(func.count()).select_from(table).where(table.c.need_id == need_id))
    return int(found[0]) if found else 0


def _clock_row(need_id: str, clock: Clock) -> dict[str, Any]:
    return {
        "need_id": need_id,
        "stage": int(clock.stage),
        "started_ms": clock.started_ms,
        "stopped_ms": clock.stopped_ms,
        "counts_from": clock.counts_from.isoformat(),
        "limit_days": clock.limit_days,
        "legal_basis": clock.legal_basis,
    }


def _resource_row(resource: Resource, position: int, act: Act) -> dict[str, Any]:
    name = f"resources[{position}]"
    return {
        "id": new_id("r", now_ms=act.now_ms),
        "kind": resource.kind,
        "title": clean(f"{name}.title", resource.title, at_least=1),
        "detail": clean(f"{name}.detail", resource.detail),
        "reference": clean(f"{name}.reference", resource.reference),
        "log_index": act.log_index,
    }
