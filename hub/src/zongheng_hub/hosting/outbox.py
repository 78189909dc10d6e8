"""A module's outbox: its acts, kept with its rows until the log has them.

A module's store is its own database, so its rows and the log cannot share one commit. The entry
for the log is written beside the rows first; the log takes it next, under the same key; what a
crash leaves between the two is carried over at the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    select,
    update,
)

from zongheng_hub.store import Entry, Recorded, Tx, fast

metadata = MetaData()

act_table = Table(
    "hosted_act",
    metadata,
    Column("key", LargeBinary(64), primary_key=True),
    Column("leaf", LargeBinary, nullable=False),
    Column("act", String(80), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("logged", Boolean, nullable=False),
)
Index(
    "hosted_act_waiting",
    act_table.c.time_ms,
    sqlite_where=act_table.c.logged.is_(False),
    postgresql_where=act_table.c.logged.is_(False),
)
_KEPT = ("leaf", "act", "actor", "subject", "time_ms", "salt", "envelope", "request", "reply")
_MARK = update(act_table).where(act_table.c.key == bindparam("wanted")).values(logged=True)
UNPLACED = -1
"""The index of an entry whose place is the log's to give."""


class Outbox:
    """The Journal of a module's store. Used on its writer's thread only."""

    def __init__(self) -> None:
        self._asked: frozenset[bytes] = frozenset()
        self._known: dict[bytes, Entry] | None = None
        self._new: dict[bytes, Entry] = {}

    def begin(self, connection: Connection, keys: Sequence[bytes]) -> None:
        self._forget()
        self._asked = frozenset(keys)

    def find(self, connection: Connection, key: bytes) -> Recorded | None:
        entry = self.kept(connection, key)
        if entry is None:
            return None
        return Recorded(UNPLACED, entry.leaf, entry.salt, entry.envelope, entry.reply)

    def kept(self, connection: Connection, key: bytes) -> Entry | None:
        if key in self._new:
            return self._new[key]
        if key not in self._asked:
            self._asked = frozenset((key,))
            self._known = None
        if self._known is None:
            rows = fast.rows_by_key(connection, act_table.name, _KEPT, self._asked)
            self._known = {key: Entry(key, *values) for key, values in rows.items()}
        return self._known.get(key)

    def next_index(self, connection: Connection) -> int:
        return UNPLACED

    def append(self, connection: Connection, entry: Entry) -> int:
        self._new[entry.key] = entry
        return UNPLACED

    def pending(self) -> int:
        return len(self._new)

    def flush(self, connection: Connection) -> None:
        if self._new:
            rows = [_row(entry) for entry in self._new.values()]
            fast.insert_rows(connection, act_table.name, ("key", *_KEPT, "logged"), rows)

    def committed(self) -> None:
        self._forget()

    def aborted(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._asked = frozenset()
        self._known = None
        self._new = {}


def waiting(connection: Connection, until_ms: int | None = None, limit: int = 1000) -> list[Entry]:
    """Entries that the log may not have yet, up to a time (None: all), oldest first."""
    columns = [act_table.c[name] for name in ("key", *_KEPT)]
    found = select(*columns).where(act_table.c.logged.is_(False))
    if until_ms is not None:
        found = found.where(act_table.c.time_ms <= until_ms)
    rows = connection.execute(found.order_by(act_table.c.time_ms).limit(limit))
    return [Entry(*row) for row in rows]


def mark_logged(tx: Tx, keys: Sequence[bytes]) -> None:
    """The log has these."""
    tx.execute(_MARK, [{"wanted": key} for key in keys])


def _row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.key,
        entry.leaf,
        entry.act,
        entry.actor,
        entry.subject,
        entry.time_ms,
        entry.salt,
        entry.envelope,
        entry.request,
        entry.reply,
        False,
    )
