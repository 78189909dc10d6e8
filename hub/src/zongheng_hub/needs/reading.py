"""Reading needs: one, a page of them, how many; each with its clocks as they stand now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, or_, select, true

from zongheng_hub.needs.calendar import WorkingDays
from zongheng_hub.needs.clocks import Clock, Stage, Urgency, read
from zongheng_hub.needs.need import Count, Event, Filing, Need, Page, Resource
from zongheng_hub.needs.rules import State, counted_above
from zongheng_hub.needs.tables import CLOCK, EVENT, NEED, RESOURCE
from zongheng_hub.needs.workdays import working_days
from zongheng_hub.tenancy import service as tenancy
from zongheng_protos.errors import Invalid, NotFound

PAGE: Final = 50
# A page ends early rather than grow past what one gRPC message carries (4 MiB by default).
_PAGE_CHARACTERS: Final = 300_000


def get(connection: Connection, need_id: str, now_ms: int) -> Need:
    """A need with all that happened to it. Raises NotFound."""
    return _assemble(connection, [need_row(connection, need_id)], now_ms, with_events=True)[0]


def need_row(connection: Connection, need_id: str, *, lock: bool = False) -> Row[Any]:
    """A need's row; with lock nobody else changes it in this transaction. Raises NotFound."""
    found = None
    if "\0" not in need_id:
        query = select(NEED).where(NEED.c.id == need_id)
        found = connection.execute(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound(f"there is no need {need_id!r}")
    return found


def clocks_of(connection: Connection, need_id: str) -> tuple[Clock, ...]:
    """A need's clocks, oldest first."""
    return tuple(_clocks(connection, [need_id])[need_id])


def find(
    connection: Connection,
    tenant: str,
    now_ms: int,
    *,
    state: State | None = None,
    page_token: str = "",
    page_size: int = PAGE,
) -> Page:
    """The needs that tenant filed, that were filed below it and that it handles, newest first.

    Args:
        page_token: next_page_token of the page before.
        page_size: at most so many; fewer when they are long.

    Raises:
        Invalid: page_token was not given by this method.
    """
    conditions = [_visible_to(connection, tenant)]
    if state is not None:
        conditions.append(NEED.c.state == int(state))
    if page_token:
        if not page_token.startswith("n_") or not page_token.isascii() or "\0" in page_token:
            raise Invalid(f"page_token {page_token!r} was not given by this hub")
        conditions.append(NEED.c.id < page_token)
    query = select(NEED).where(*conditions).order_by(NEED.c.id.desc()).limit(page_size + 1)
    found = connection.execute(query).all()
    rows = _fitting(found[:page_size])
    needs = _assemble(connection, rows, now_ms, with_events=False)
    return Page(tuple(needs), rows[-1].id if len(rows) < len(found) else "")


def count(connection: Connection, tenant: str, now_ms: int) -> tuple[Count, ...]:
    """How many needs tenant may see stand how, by county and kind, in order of both."""
    runs = and_(CLOCK.c.need_id == NEED.c.id, CLOCK.c.stopped_ms == 0)
    by = (
        NEED.c.filer_id,
        NEED.c.kind,
        NEED.c.state,
        CLOCK.c.stage,
        CLOCK.c.counts_from,
        CLOCK.c.limit_days,
    )
    query = (
        select(*by, func.count().label("needs"))
        .select_from(NEED.outerjoin(CLOCK, runs))
        .where(_visible_to(connection, tenant))
        .group_by(*by)
    )
    groups = connection.execute(query).all()
    calendar = _calendar_for(connection, (g.counts_from for g in groups if g.counts_from))
    units = _Units(connection)
    found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for group in groups:
        figures = found[units.counted_at(group.filer_id), group.kind]
        if group.state == State.CONFIRMED:
            figures["confirmed"] += group.needs
            continue
        clock = Clock(
            Stage(group.stage), 0, date.fromisoformat(group.counts_from), group.limit_days, ""
        )
        reading = read(clock, calendar, now_ms)
        figures["open"] += group.needs
        figures["late"] += group.needs * reading.is_late
        figures["due_soon"] += group.needs * reading.is_due_soon
    return tuple(
        Count(unit, kind, f["open"], f["late"], f["due_soon"], f["confirmed"])
        for (unit, kind), f in sorted(found.items())
    )


class _Units:
    """Tenants by id, each asked for once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, tenancy.Tenant | None] = {}

    def get(self, tenant_id: str) -> tenancy.Tenant | None:
        if tenant_id not in self._known:
            self._known[tenant_id] = tenancy.tenant(self._connection, tenant_id)
        return self._known[tenant_id]

    def name(self, tenant_id: str) -> str:
        unit = self.get(tenant_id)
        return unit.name if unit else ""

    def counted_at(self, tenant_id: str) -> str:
        unit = self.get(tenant_id)
        while unit and counted_above(unit.level) and unit.parent_id:
            tenant_id = unit.parent_id
            unit = self.get(tenant_id)
        return tenant_id


def _visible_to(connection: Connection, tenant: str) -> ColumnElement[bool]:
    unit = tenancy.tenant(connection, tenant)
    if unit is not None and not unit.parent_id:
        return true()  # everybody stands below the province
    below = tenancy.itself_and_below(tenant).subquery()
    return or_(NEED.c.handler_id == tenant, NEED.c.filer_id.in_(select(below.c.id)))


def _fitting(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    size = 0
    for number, each in enumerate(rows):
        size += len(each.title) + len(each.detail)
        if size > _PAGE_CHARACTERS:
            return rows[: max(number, 1)]
    return rows


def _assemble(
    connection: Connection, rows: Sequence[Row[Any]], now_ms: int, *, with_events: bool
) -> list[Need]:
    ids = [each.id for each in rows]
    clocks = _clocks(connection, ids)
    resources = _by_need(connection, RESOURCE, ids)
    events = _by_need(connection, EVENT, ids) if with_events else {}
    days = (clock.counts_from.isoformat() for each in clocks.values() for clock in each)
    calendar = _calendar_for(connection, days)
    units = _Units(connection)
    return [
        Need(
            id=each.id,
            filer=each.filer_id,
            filer_name=units.name(each.filer_id),
            handler=each.handler_id,
            handler_name=units.name(each.handler_id),
            filing=Filing(
                kind=each.kind,
                title=each.title,
                detail=each.detail,
                urgency=Urgency(each.urgency),
                households=each.households,
                wanted_by=each.wanted_by,
                place=each.place,
            ),
            state=State(each.state),
            filed_ms=each.filed_ms,
            clocks=tuple(read(clock, calendar, now_ms) for clock in clocks[each.id]),
            resources=tuple(
                Resource(r.kind, r.title, r.detail, r.reference, r.id, r.log_index)
                for r in resources.get(each.id, ())
            ),
            events=tuple(
                Event(e.act, e.tenant_id, e.operator, e.time_ms, e.text, e.log_index)
                for e in events.get(each.id, ())
            ),
        )
        for each in rows
    ]


def _clocks(connection: Connection, ids: Sequence[str]) -> dict[str, list[Clock]]:
    query = select(CLOCK).where(CLOCK.c.need_id.in_(ids)).order_by(CLOCK.c.stage)
    found: dict[str, list[Clock]] = defaultdict(list)
    for each in connection.execute(query):
        clock = Clock(
            stage=Stage(each.stage),
            started_ms=each.started_ms,
            counts_from=date.fromisoformat(each.counts_from),
            limit_days=each.limit_days,
            legal_basis=each.legal_basis,
            stopped_ms=each.stopped_ms,
        )
        found[each.need_id].append(clock)
    return found


def _by_need(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for each in connection.execute(
        select(table).where(table.c.need_id.in_(ids)).order_by(table.c.number)
    ):
        found[each.need_id].append(each)
    return found


def _calendar_for(connection: Connection, days: Iterable[str]) -> WorkingDays:
    first = min(days, default=None)
    return WorkingDays.of((), ()) if first is None else working_days(connection, first)
