"""Needs of a unit that is merged into another: they go on with its successor, clocks and all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from zongheng_hub.needs.need import Act
from zongheng_hub.needs.rules import State
from zongheng_hub.needs.tables import EVENT, NEED
from zongheng_hub.store import Tx


def open_needs(connection: Connection, whose: Select[Any]) -> int:
    """How many needs, filed or handled by the units that whose selects, are not confirmed."""
    them = select(whose.subquery().c.id)
    query = (
        select(func.count())
        .select_from(NEED)
        .where(
            NEED.c.state != int(State.CONFIRMED),
            or_(NEED.c.filer_id.in_(them), NEED.c.handler_id.in_(them)),
        )
    )
    return int(connection.execute(query).scalar_one())


def hand_over(tx: Tx, act: Act, tenant_id: str, successor_id: str) -> int:
    """Open needs that a unit filed or handles become its successor's; returns how many.

    Clocks run on: no change of the tree resets one. Each need notes the act.
    """
    is_open = NEED.c.state != int(State.CONFIRMED)
    query = select(NEED.c.id).where(
        is_open, or_(NEED.c.filer_id == tenant_id, NEED.c.handler_id == tenant_id)
    )
    needs = sorted(row.id for row in tx.all(query))
    for role in (NEED.c.filer_id, NEED.c.handler_id):
        tx.execute(update(NEED).where(is_open, role == tenant_id).values({role.name: successor_id}))
    for need_id in needs:
        number = select(func.count()).select_from(EVENT).where(EVENT.c.need_id == need_id)
        tx.execute(
            insert(EVENT).values(
                need_id=need_id,
                number=number.scalar_subquery() + 1,
                act=act.name,
                tenant_id=act.tenant,
                operator=act.operator,
                time_ms=act.now_ms,
                text="",
                log_index=act.log_index,
            )
        )
    return len(needs)
