"""Writing changes down: the units as they are from now on, and what they were until now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.tables import TENANT
from zongheng_hub.tenancy.tree import reading, rules
from zongheng_hub.tenancy.tree.tables import TENANT_HISTORY
from zongheng_hub.tenancy.tree.unit import Stamp, Unit
from zongheng_protos.errors import CodeTaken, Invalid

_SOME = 500
# As PostgreSQL and SQLite name what a second bearer of a code breaks.
_CODE_INDICES = ("tenant_living_code", "tenant_living_uscc", "tenant.code", "tenant.uscc")


def write_changes(tx: Tx, after: Sequence[Unit], stamp: Stamp) -> None:
    """Make the units what after says, new ones too, parents before children.

    Each leaves what it was as a row of history that ends where the change begins.

    Raises:
        Invalid: the change would hold from a day before what it changes, or from one ahead.
        CodeTaken: another replica has just given a code to another unit.
    """
    before = reading.units(tx.connection, [unit.id for unit in after])
    changed = [unit for unit in after if unit.id in before]
    new = [unit for unit in after if unit.id not in before]
    effective_on = rules.effective(stamp.basis.effective_on, rules.day_of(stamp.now_ms))
    since = _since(tx.connection, [unit.id for unit in changed])
    begins: dict[str, int] = {}
    for unit in after:
        since_ms, since_day = since.get(unit.id, (0, ""))
        try:
            begins[unit.id] = rules.holds_from(
                effective_on, now_ms=stamp.now_ms, since_ms=since_ms, since_day=since_day
            )
        except Invalid as error:
            raise Invalid(f"{unit.called}: {error.message}") from None
    try:
        _let_go_of_codes(tx, changed, before)
        if new:
            tx.execute(insert(TENANT), [{**_row(unit), "created_ms": stamp.now_ms} for unit in new])
        if changed:
            _update(tx, changed)
    except IntegrityError as error:
        if not any(index in str(error.orig) for index in _CODE_INDICES):
            raise
        raise CodeTaken("another unit has been given that code at this very moment") from error
    if changed:
        tx.execute(
            update(TENANT_HISTORY)
            .where(TENANT_HISTORY.c.tenant_id == bindparam("of"), TENANT_HISTORY.c.to_ms == 0)
            .values(to_ms=bindparam("until")),
            [{"of": unit.id, "until": begins[unit.id]} for unit in changed],
        )
    write_history(tx, after, stamp, effective_on=effective_on, begins=begins)


def write_history(
    tx: Tx, after: Sequence[Unit], stamp: Stamp, *, effective_on: str, begins: dict[str, int]
) -> None:
    """Add a row of history for each unit; begins says from when each holds, by id."""
    rows = []
    for unit in after:
        row = _row(unit)
        row["tenant_id"] = row.pop("id")
        rows.append(
            {
                **row,
                "log_index": stamp.log_index,
                "act": stamp.act,
                "from_ms": begins[unit.id],
                "to_ms": 0,
                "recorded_ms": stamp.now_ms,
                "effective_on": effective_on,
                "legal_basis": stamp.basis.legal_basis,
                "note": stamp.basis.note,
                "actor_id": stamp.actor_id,
                "operator": stamp.operator,
            }
        )
    if rows:
        tx.execute(insert(TENANT_HISTORY), rows)


def _let_go_of_codes(tx: Tx, changed: Sequence[Unit], before: dict[str, Unit]) -> None:
    """Units may exchange codes in one act, and a new one may get that of one that is closed."""
    for name in ("code", "uscc"):
        freed = [
            {"of": unit.id}
            for unit in changed
            if not unit.is_living or getattr(unit, name) != getattr(before[unit.id], name)
        ]
        if freed:
            letting_go = update(TENANT).where(TENANT.c.id == bindparam("of"))
            tx.execute(letting_go.values({name: ""}), freed)


def _update(tx: Tx, changed: Sequence[Unit]) -> None:
    names = [name for name in _row(changed[0]) if name != "id"]
    statement = update(TENANT).where(TENANT.c.id == bindparam("of"))
    tx.execute(
        statement.values({name: bindparam(f"new_{name}") for name in names}),
        [
            {"of": unit.id, **{f"new_{name}": value for name, value in _row(unit).items()}}
            for unit in changed
        ],
    )


def _row(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "parent_id": unit.parent_id or None,
        "level": unit.level,
        "name": unit.name,
        "code": unit.code,
        "uscc": unit.uscc,
        "kind": unit.kind,
        "state": unit.state,
        "successor_id": unit.successor_id or None,
    }


def _since(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """From when, and from which day, each unit is what it is."""
    h = TENANT_HISTORY.c
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(ids), _SOME):
        some = ids[start : start + _SOME]
        query = select(h.tenant_id, h.from_ms, h.effective_on).where(
            h.tenant_id.in_(some), h.to_ms == 0
        )
        for row in connection.execute(query):
            found[row.tenant_id] = (row.from_ms, row.effective_on)
    return found
