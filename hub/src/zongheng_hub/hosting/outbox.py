"""A module's outbox: its acts, kept with its rows until the log has them.

A module's store is its own database, so its rows and the log cannot share one commit. The entry
for the log is written beside the rows first; the log takes it next, under the same key; what a
crash leaves between the two is carried over at the next start.

What waits is noted for each group of acts that was committed at once, not for each act: one row
that names their keys goes in with them, and out with a later group, once the log has them all. So
several replicas on one database each see to their own, and to what a dead one left.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    select,
    update,
)

from zongheng_hub.store import Entry, Recorded, Tx, fast
from zongheng_hub.store.partial import partial_index

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
    sqlite_with_rowid=False,  # keys begin with the time: one tree that grows at its end
)
partial_index("hosted_act_waiting", act_table.c.time_ms, where=act_table.c.logged.is_(False))
"""Holds rows of version 0.1 only: since then, group_table says what waits."""

group_table = Table(
    "hosted_group",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("time_ms", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)
_KEPT = ("leaf", "act", "actor", "subject", "time_ms", "salt", "envelope", "request", "reply")
_GROUP = "INSERT INTO hosted_group (id, time_ms, packed) VALUES (?, ?, ?)"
_DROP = "DELETE FROM hosted_group WHERE id IN"
_MARK = update(act_table).where(act_table.c.key == bindparam("wanted")).values(logged=True)
MOST_AT_ONCE = 1000
UNPLACED = -1
"""The index of an entry whose place is the log's to give."""


class Outbox:
    """The Journal of a module's store. Used on its writer's thread only, but for handed_on."""

    def __init__(self) -> None:
        self._asked: frozenset[bytes] = frozenset()
        self._known: dict[bytes, Entry] | None = None
        self._new: dict[bytes, Entry] = {}
        self._group = 0
        self._group_of: dict[bytes, int] = {}
        self._left: dict[int, int] = {}
        self._logged: deque[int] = deque()
        self._dropping: list[int] = []
        self._counting = threading.Lock()

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
            self._group = _group_id()
            at = min(entry.time_ms for entry in self._new.values())
            fast.run(connection, _GROUP, (self._group, at, _pack(self._new)))
        while self._logged:
            self._dropping.append(self._logged.popleft())
        if self._dropping:
            places = ", ".join("?" * len(self._dropping))
            fast.run(connection, f"{_DROP} ({places})", self._dropping)

    def committed(self) -> None:
        if self._new:
            with self._counting:
                self._left[self._group] = len(self._new)
                self._group_of.update(dict.fromkeys(self._new, self._group))
        self._dropping = []
        self._forget()

    def aborted(self) -> None:
        self._logged.extend(self._dropping)
        self._dropping = []
        self._forget()

    def handed_on(self, key: bytes) -> None:
        with self._counting:
            group = self._group_of.pop(key, None)
            if group is None:
                return  # a replay
            self._left[group] -= 1
            if not self._left[group]:
                del self._left[group]
                self._logged.append(group)

    def has_logged(self) -> bool:
        """Whether there are groups that the log has and that still stand here as waiting."""
        return bool(self._logged)

    def _forget(self) -> None:
        self._asked = frozenset()
        self._known = None
        self._new = {}


def waiting(connection: Connection, until_ms: int | None = None) -> list[Entry]:
    """Entries that the log may not have yet, up to a time (None: all), oldest first."""
    groups = select(group_table.c.packed).order_by(group_table.c.id)
    singly = select(*(act_table.c[name] for name in ("key", *_KEPT)))
    singly = singly.where(act_table.c.logged.is_(False)).order_by(act_table.c.time_ms)
    if until_ms is not None:
        groups = groups.where(group_table.c.time_ms <= until_ms)
        singly = singly.where(act_table.c.time_ms <= until_ms)
    found = [Entry(*row) for row in connection.execute(singly.limit(MOST_AT_ONCE))]
    for packed in connection.execute(groups.limit(MOST_AT_ONCE)).scalars():
        if len(found) >= MOST_AT_ONCE:
            break
        keys = _unpack(packed)
        rows = fast.rows_by_key(connection, act_table.name, _KEPT, keys)
        found += [Entry(key, *rows[key]) for key in keys]
    return found


def mark_logged(tx: Tx, keys: Iterable[bytes]) -> None:
    """The log has these."""
    have = set(keys)
    tx.execute(_MARK, [{"wanted": key} for key in have])
    oldest = select(group_table.c.id, group_table.c.packed).order_by(group_table.c.id)
    groups = tx.all(oldest.limit(MOST_AT_ONCE))
    whole = [row.id for row in groups if have.issuperset(_unpack(row.packed))]
    tx.execute(delete(group_table).where(group_table.c.id.in_(whole)))


def _group_id() -> int:
    """An id that no other replica takes: 41 bits of time in milliseconds, then 22 random bits."""
    return int(time.time() * 1000) << 22 | secrets.randbits(22)


def _pack(keys: Iterable[bytes]) -> bytes:
    return b"".join(bytes((len(key),)) + key for key in keys)


def _unpack(packed: bytes) -> list[bytes]:
    keys = []
    while packed:
        end = 1 + packed[0]
        keys.append(packed[1:end])
        packed = packed[end:]
    return keys


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
        True,
    )
