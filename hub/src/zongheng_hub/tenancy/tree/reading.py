"""Reading the tree over time: what a unit was, who bore a code, who is stopped, what stands below.

Every function takes a connection and gives values; none writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, literal, or_, select

from zongheng_hub.tenancy.tables import CREDENTIAL, TENANT, CredentialState
from zongheng_hub.tenancy.tree.tables import TENANT_HISTORY
from zongheng_hub.tenancy.tree.unit import ACTIVE, CLOSED, Basis, Past, Stop, Unit
from zongheng_protos.errors import CodeSucceeded, NotFound

MOST_DEPTH = 16
_SOME = 500
_UNIT: tuple[Any, ...] = (
    *(TENANT.c.id, TENANT.c.parent_id, TENANT.c.level, TENANT.c.name, TENANT.c.code),
    *(TENANT.c.uscc, TENANT.c.kind, TENANT.c.state, TENANT.c.successor_id),
)
_H = TENANT_HISTORY.c
_CREDENTIALED = CREDENTIAL.c.state == CredentialState.ACTIVE


def unit(connection: Connection, tenant_id: str) -> Unit:
    """The unit with this id, as it is now.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(_BY_ID, {"of": tenant_id}).first()
    if row is None:
        raise NotFound(f"there is no tenant {tenant_id}")
    return as_unit(row)


def units(connection: Connection, ids: Sequence[str]) -> dict[str, Unit]:
    """The units with these ids, those that there are."""
    found: dict[str, Unit] = {}
    for start in range(0, len(ids), _SOME):
        query = select(*_UNIT).where(TENANT.c.id.in_(ids[start : start + _SOME]))
        found.update((row.id, as_unit(row)) for row in connection.execute(query))
    return found


def living(connection: Connection) -> list[Unit]:
    """Every unit that is not closed, by level, code and id."""
    query = (
        select(*_UNIT)
        .where(TENANT.c.state != CLOSED)
        .order_by(TENANT.c.level, TENANT.c.code, TENANT.c.id)
    )
    return [as_unit(row) for row in connection.execute(query)]


def bearer(connection: Connection, *, code: str = "", uscc: str = "") -> Unit | None:
    """The living unit that bears a code or a USCC."""
    if not code and not uscc:
        return None
    bears = TENANT.c.code == code if code else TENANT.c.uscc == uscc
    row = connection.execute(select(*_UNIT).where(bears, TENANT.c.state != CLOSED)).first()
    return None if row is None else as_unit(row)


def living_children(connection: Connection, tenant_id: str) -> list[Unit]:
    """Those directly below that are not closed, by code and id."""
    query = (
        select(*_UNIT)
        .where(TENANT.c.parent_id == tenant_id, TENANT.c.state != CLOSED)
        .order_by(TENANT.c.code, TENANT.c.id)
    )
    return [as_unit(row) for row in connection.execute(query)]


def height(connection: Connection, tenant_id: str) -> int:
    """Steps from a unit down to the lowest living unit below it; 0 when there is none."""
    return int(connection.execute(_HEIGHT, {"of": tenant_id}).scalar() or 0)


def history(connection: Connection, tenant_id: str) -> list[Past]:
    """Everything a unit was, newest first."""
    query = select(TENANT_HISTORY).where(_H.tenant_id == tenant_id).order_by(_H.log_index.desc())
    return [as_past(row) for row in connection.execute(query)]


def unit_at(connection: Connection, at_ms: int, *, tenant_id: str = "", code: str = "") -> Unit:
    """A unit as it was at a moment, by its id or by the code it bore then.

    Raises:
        NotFound: no such unit stood in the tree then.
    """
    whose = _H.tenant_id == tenant_id if tenant_id else _H.code == code
    query = (
        select(TENANT_HISTORY)
        .where(whose, _H.from_ms <= at_ms, or_(_H.to_ms == 0, _H.to_ms > at_ms))
        .order_by(_H.log_index.desc())
        .limit(50)
    )
    found = [as_past(row).unit for row in connection.execute(query)]
    if not tenant_id:
        found = [one for one in found if one.is_living]
    if not found:
        raise NotFound(f"no unit {tenant_id or code} stood in the tree at that moment")
    return found[0]


def refuse_old_code(connection: Connection, code: str) -> None:
    """Say who succeeded the unit that bore a code last, where one did.

    Raises:
        CodeSucceeded: a unit bore it that has another code now, or is closed.
    """
    query = (
        select(_H.tenant_id, _H.name).where(_H.code == code).order_by(_H.log_index.desc()).limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return
    now = unit(connection, row.tenant_id)
    if now.is_living:
        raise CodeSucceeded(
            f"{code} was the code of {row.name}: that unit is {now.called} now, {now.id}"
        )
    if not now.successor_id:
        raise CodeSucceeded(f"{code} was the code of {row.name}, which is closed")
    heir = successor(connection, now)
    raise CodeSucceeded(
        f"{code} was the code of {row.name}, which was merged: {heir.called}, {heir.id}, "
        "succeeded it"
    )


def successor(connection: Connection, closed: Unit) -> Unit:
    """Who stands for a closed unit now: the end of its line of successors."""
    seen = {closed.id}
    while closed.successor_id and closed.successor_id not in seen:
        seen.add(closed.successor_id)
        closed = unit(connection, closed.successor_id)
    return closed


def stopped(connection: Connection) -> Mapping[str, Stop]:
    """Every unit that may not call, and why: it, or one above it, is suspended or closed.

    One query; its cost goes with what is stopped, not with the tree.
    """
    found: dict[str, Stop] = {}
    for row in connection.execute(_STOPPED):  # nearest cause first
        found.setdefault(row.id, Stop(row.state, row.by_id, row.by_name))
    return found


def tree_mark(connection: Connection) -> int:
    """The index in the log of the newest change to the tree: a new one means that it changed."""
    return int(connection.execute(select(func.max(_H.log_index))).scalar() or 0)


def find(
    connection: Connection, text: str, *, state: int = 0, limit: int = 50
) -> tuple[list[Unit], bool]:
    """Units by part of a name or the beginning of a code or USCC, of now or of before.

    Those of now come first, by level and code.

    Returns:
        At most limit units, and whether there are more.
    """
    wanted = _matching(text, TENANT.c.name, TENANT.c.code, TENANT.c.uscc)
    query = select(*_UNIT).where(or_(*wanted))
    if state:
        query = query.where(TENANT.c.state == state)
    query = query.order_by(TENANT.c.level, TENANT.c.code, TENANT.c.id).limit(limit + 1)
    found = {row.id: as_unit(row) for row in connection.execute(query)}
    if len(found) <= limit:
        before = select(_H.tenant_id).where(
            _H.to_ms != 0, or_(*_matching(text, _H.name, _H.code, _H.uscc))
        )
        query = select(*_UNIT).where(TENANT.c.id.in_(before))
        if state:
            query = query.where(TENANT.c.state == state)
        query = query.order_by(TENANT.c.level, TENANT.c.code, TENANT.c.id).limit(limit + 1)
        for row in connection.execute(query):
            found.setdefault(row.id, as_unit(row))
    listed = list(found.values())
    return listed[:limit], len(listed) > limit


def _matching(text: str, name: Any, *codes: Any) -> Iterable[ColumnElement[bool]]:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    yield name.like(f"%{escaped}%", escape="\\")
    if text.isascii() and text.isalnum():
        for code in codes:
            yield code.like(f"{text.upper()}%")


def count_living(connection: Connection, whose: Select[Any]) -> tuple[int, int]:
    """How many of the units that whose selects are not closed, and how many of them enrolled."""
    them = whose.subquery()
    living = (
        select(TENANT.c.id)
        .join(them, them.c.id == TENANT.c.id)
        .where(TENANT.c.state != CLOSED)
        .subquery()
    )
    credentialed = select(CREDENTIAL.c.tenant_id).where(_CREDENTIALED).subquery()
    query = select(func.count(living.c.id), func.count(credentialed.c.tenant_id)).select_from(
        living.outerjoin(credentialed, credentialed.c.tenant_id == living.c.id)
    )
    row = connection.execute(query).one()
    return int(row[0]), int(row[1])


def enrolled_among(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the tenants that hold a credential."""
    query = select(CREDENTIAL.c.tenant_id).where(CREDENTIAL.c.tenant_id.in_(ids), _CREDENTIALED)
    return frozenset(connection.scalars(query))


def as_unit(row: Row[Any]) -> Unit:
    return Unit(
        id=row.id,
        parent_id=row.parent_id or "",
        level=row.level,
        name=row.name,
        code=row.code,
        uscc=row.uscc,
        kind=row.kind,
        state=row.state,
        successor_id=row.successor_id or "",
    )


def as_past(row: Row[Any]) -> Past:
    return Past(
        unit=Unit(
            id=row.tenant_id,
            parent_id=row.parent_id or "",
            level=row.level,
            name=row.name,
            code=row.code,
            uscc=row.uscc,
            kind=row.kind,
            state=row.state,
            successor_id=row.successor_id or "",
        ),
        act=row.act,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        recorded_ms=row.recorded_ms,
        log_index=row.log_index,
        basis=Basis(row.legal_basis, row.effective_on, row.note),
        actor_id=row.actor_id,
        operator=row.operator,
    )


def _height() -> Any:
    down = (
        select(TENANT.c.id, literal(0).label("steps"))
        .where(TENANT.c.id == bindparam("of"))
        .cte("down", recursive=True)
    )
    down = down.union_all(
        select(TENANT.c.id, down.c.steps + 1).where(
            TENANT.c.parent_id == down.c.id,
            TENANT.c.state != CLOSED,
            down.c.steps < MOST_DEPTH,
        )
    )
    return select(func.max(down.c.steps))


def _stopped() -> Any:
    cause = (
        select(
            TENANT.c.id,
            TENANT.c.state,
            TENANT.c.id.label("by_id"),
            TENANT.c.name.label("by_name"),
            literal(0).label("steps"),
        )
        .where(TENANT.c.state != literal(ACTIVE, literal_execute=True))
        .cte("cause", recursive=True)
    )
    cause = cause.union_all(
        select(TENANT.c.id, cause.c.state, cause.c.by_id, cause.c.by_name, cause.c.steps + 1).where(
            TENANT.c.parent_id == cause.c.id, cause.c.steps < MOST_DEPTH
        )
    )
    return select(cause.c.id, cause.c.state, cause.c.by_id, cause.c.by_name).order_by(cause.c.steps)


# Asked on every change and every poll: built once.
_BY_ID = select(*_UNIT).where(TENANT.c.id == bindparam("of"))
_HEIGHT = _height()
_STOPPED = _stopped()
