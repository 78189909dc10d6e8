"""The log's one writer: gives entries their place and signs the head, all in the rows' transaction.

A group's entries, the tiles they change, the new head and its signed checkpoint become durable
with the rows of the use cases that wrote them. The head is read under a row lock and replaced by
compare-and-swap, so however many replicas share a database, no two heads of one size are signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from zongheng_hub.store import fast
from zongheng_hub.store.journal import Entry, Recorded
from zongheng_hub.tlog.faults import HeadMoved, LogDamaged
from zongheng_hub.tlog.note import CheckpointSigner
from zongheng_hub.tlog.tiles import (
    FULL_BYTES,
    HEIGHT,
    MAX_ENTRY_BYTES,
    Tile,
    levels,
    node_reader,
)
from zongheng_hub.tlog.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    Frontier,
    frontier_of,
    frontier_root,
    grow,
)
from zongheng_protos.errors import TooLarge
from zongheng_tenants.keys import SigningKey

_HEAD = "SELECT size, root FROM log_head WHERE id = 1"
_CHECKPOINT = "SELECT checkpoint FROM log_head WHERE id = 1"
_FIRST_HEAD = (
    "INSERT INTO log_head (id, size, root, checkpoint) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_MOVE_HEAD = (
    "UPDATE log_head SET size = ?, root = ?, checkpoint = ? WHERE id = 1 AND size = ? AND root = ?"
)
_TILE = "SELECT hashes FROM log_tile WHERE level = ? AND number = ?"
_WRITE_TILE = (
    "INSERT INTO log_tile (level, number, hashes) VALUES (?, ?, ?) "
    "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"
)
_RECORDED = ("idx", "leaf", "salt", "envelope", "reply")
_COLUMNS = (
    "idx",
    "key",
    "leaf",
    "act",
    "actor",
    "subject",
    "time_ms",
    "salt",
    "envelope",
    "request",
    "reply",
)


@dataclass(frozen=True, slots=True)
class _Tree:
    """The tree as the database holds it.

    Attributes:
        edges: by level, the hashes of the tile that is not full yet; empty where none is begun.
    """

    size: int
    root: bytes
    frontier: Frontier
    edges: tuple[bytes, ...]


_EMPTY = _Tree(0, EMPTY_ROOT, (), ())


class Sequencer:
    """A Journal that keeps the log. Used on one store's writer thread only."""

    def __init__(self, key: SigningKey, origin: str) -> None:
        """
        Args:
            key: the log's own key, used for nothing else.
            origin: the log's name, such as "zongheng.cn/140000/log"; never changes.
        """
        self.signer = CheckpointSigner(key, origin)
        self._listeners: list[Callable[[], None]] = []
        self._tree = _EMPTY
        self._grown: _Tree | None = None
        self._locked = False
        self._rows: list[tuple[Any, ...]] = []
        self._places: dict[bytes, int] = {}
        self._asked: frozenset[bytes] = frozenset()
        self._known: dict[bytes, tuple[Any, ...]] | None = None

    @property
    def vkey(self) -> str:
        """What verifies the log's checkpoints (C2SP signed-note)."""
        return self.signer.vkey

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Have listener called, on the writer's thread, after each group that grew the log."""
        self._listeners.append(listener)

    def sign_head_anew(self, connection: Connection) -> bool:
        """Sign the head as it stands with the keys of now; whether that changed it.

        On the writer's thread, in a transaction. Size and root stay, so nothing forks.
        """
        self._lock(connection)
        size, root = self._tree.size, self._tree.root
        checkpoint = self.signer.sign(size, root)
        if fast.first(connection, _CHECKPOINT, ())[0] == checkpoint:
            return False
        return fast.run(connection, _MOVE_HEAD, (size, root, checkpoint, size, root)) == 1

    def announce(self) -> None:
        """Have the head published that is there, though the log has not grown."""
        for listener in self._listeners:
            listener()

    def begin(self, connection: Connection, keys: Sequence[bytes]) -> None:
        self._forget()
        self._asked = frozenset(keys)

    def find(self, connection: Connection, key: bytes) -> Recorded | None:
        if not self._locked:
            self._lock(connection)
        place = self._places.get(key)
        if place is not None:
            index, _, leaf, _, _, _, _, salt, envelope, _, reply = self._rows[place]
            return Recorded(index, leaf, salt, envelope, reply)
        if key not in self._asked:
            self._asked = frozenset((key,))
            self._known = None
        if self._known is None:
            self._known = fast.rows_by_key(connection, "log_entry", _RECORDED, self._asked)
        row = self._known.get(key)
        return None if row is None else Recorded(*row)

    def kept(self, connection: Connection, key: bytes) -> Entry | None:
        return None  # the log takes entries, none are taken from it

    def next_index(self, connection: Connection) -> int:
        if not self._locked:
            self._lock(connection)
        return self._tree.size + len(self._rows)

    def append(self, connection: Connection, entry: Entry) -> int:
        if len(entry.leaf) > MAX_ENTRY_BYTES:
            raise TooLarge(f"a leaf of {len(entry.leaf)} bytes; the log takes {MAX_ENTRY_BYTES}")
        index = self.next_index(connection)
        self._places[entry.key] = len(self._rows)
        self._rows.append(
            (
                index,
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
            )
        )
        return index

    def pending(self) -> int:
        return len(self._rows)

    def flush(self, connection: Connection) -> None:
        if not self._rows:
            return
        tree = self._tree
        hashes = [sha256(b"\0" + row[2]).digest() for row in self._rows]
        frontier, grown = grow(tree.frontier, hashes)
        size, root = tree.size + len(hashes), frontier_root(frontier)
        tiles, edges = _changed_tiles(tree, [b"".join(row) for row in grown[::HEIGHT]])
        fast.insert_rows(connection, "log_entry", _COLUMNS, self._rows)
        for tile in tiles:
            fast.run(connection, _WRITE_TILE, tile)
        checkpoint = self.signer.sign(size, root)
        moved = fast.run(connection, _MOVE_HEAD, (size, root, checkpoint, tree.size, tree.root))
        if moved != 1:
            raise HeadMoved(f"the log grew past {tree.size} entries from elsewhere")
        self._grown = _Tree(size, root, frontier, edges)

    def committed(self) -> None:
        if self._grown is not None:
            self._tree = self._grown
            self.announce()
        self._forget()

    def aborted(self) -> None:
        self._forget()

    def handed_on(self, key: bytes) -> None:
        pass  # there is no store after the log's

    def _forget(self) -> None:
        self._locked = False
        self._grown = None
        self._rows = []
        self._places = {}
        self._asked = frozenset()
        self._known = None

    def _lock(self, connection: Connection) -> None:
        """Hold the head until the transaction ends, and know the tree below it."""
        lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
        head = fast.first(connection, _HEAD + lock, ())
        if head is None:
            checkpoint = self.signer.sign(0, EMPTY_ROOT)
            fast.run(connection, _FIRST_HEAD, (0, EMPTY_ROOT, checkpoint))
            head = fast.first(connection, _HEAD + lock, ())
        size, root = head
        if (size, root) != (self._tree.size, self._tree.root):
            self._tree = _read_tree(connection, size, root)
        self._locked = True


def _changed_tiles(
    tree: _Tree, new: list[bytes]
) -> tuple[list[tuple[int, int, bytes]], tuple[bytes, ...]]:
    """The rows of tiles once new hashes, by level, are there; and the edges that remain."""
    edges = list(tree.edges) + [b""] * (len(new) - len(tree.edges))
    rows: list[tuple[int, int, bytes]] = []
    for level, hashes in enumerate(new):
        number = (tree.size >> HEIGHT * level) // 256
        filling = edges[level] + hashes
        while filling:
            rows.append((level, number, filling[:FULL_BYTES]))
            number += 1
            if len(filling) < FULL_BYTES:
                break
            filling = filling[FULL_BYTES:]
        edges[level] = filling
    return rows, tuple(edges)


def _read_tree(connection: Connection, size: int, root: bytes) -> _Tree:
    edges = []
    for level in range(levels(size)):
        number, width = divmod(size >> HEIGHT * level, 256)
        row = fast.first(connection, _TILE, (level, number)) if width else (b"",)
        if row is None or len(row[0]) != width * HASH_BYTES:
            raise LogDamaged(f"{Tile(level, number, width).path} is not whole in the database")
        edges.append(row[0])
    frontier = frontier_of(size, node_reader(lambda level, _: edges[level]))
    if frontier_root(frontier) != root:
        raise LogDamaged(f"the log's tiles do not give the root of its head at {size} entries")
    return _Tree(size, root, frontier, tuple(edges))
