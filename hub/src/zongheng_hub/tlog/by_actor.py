"""Entries by who acted, indexed in lots behind the log: in the log itself it would be dear.

A group of acts comes from a hundred units, and an index kept with it changes a page for each. Here
a lot of thousands is sorted first, so that a page changes once. Until a lot is there, its entries
are looked through one by one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from zongheng_hub.store import Tx, fast
from zongheng_hub.tlog.tables import LogActorEndRow, LogActorRow, LogEntryRow

LOT = 8_192

_entry: Any = LogEntryRow
_actor: Any = LogActorRow
_end: Any = LogActorEndRow
_BEGIN = "INSERT INTO log_actor_end (id, indexed) VALUES (1, 0) ON CONFLICT DO NOTHING"
_SIZE = "SELECT size FROM log_head WHERE id = 1"
_INDEXED = "SELECT indexed FROM log_actor_end WHERE id = 1"
_MOVE = "UPDATE log_actor_end SET indexed = ? WHERE id = 1 AND indexed = ?"
_ADD = (
    "INSERT INTO log_actor (actor, idx) SELECT actor, idx FROM log_entry "
    "WHERE idx >= ? AND idx < ? ORDER BY actor, idx"
)


def index_lot(tx: Tx) -> bool:
    """Index the next lot, if it is full; whether there was one."""
    connection, tx.wrote = tx.connection, True
    fast.run(connection, _BEGIN, ())
    indexed = int(fast.first(connection, _INDEXED, ())[0])
    size = int(fast.first(connection, _SIZE, ())[0])
    end = indexed + LOT
    if size < end or fast.run(connection, _MOVE, (end, indexed)) != 1:
        return False
    fast.run(connection, _ADD, (indexed, end))
    return True


def indexed_end(connection: Connection) -> int:
    """Entries below this index are indexed."""
    return connection.scalar(select(_end.indexed)) or 0


def acted(connection: Connection, actor: str) -> ColumnElement[bool]:
    """The condition that an entry's actor is this one."""
    among = select(_actor.idx).where(_actor.actor == actor)
    behind = _entry.idx >= indexed_end(connection)
    return or_(_entry.idx.in_(among), behind & (_entry.actor == actor))
