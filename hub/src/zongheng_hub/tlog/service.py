"""Reading the log out of the database: head, proofs, entries and the content behind them.

search.py finds entries by what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from zongheng_hub.store import fast
from zongheng_hub.tlog import tree
from zongheng_hub.tlog.faults import LogDamaged
from zongheng_hub.tlog.tables import LogEntryRow, LogHeadRow, LogTileRow
from zongheng_hub.tlog.tiles import ENTRIES, WIDTH, Tile, node_reader, pack_bundle
from zongheng_hub.tlog.tree import HASH_BYTES
from zongheng_protos.errors import Invalid, NotFound
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

_entry: Any = LogEntryRow
_tile: Any = LogTileRow
_head: Any = LogHeadRow
_TILE = "SELECT hashes FROM log_tile WHERE level = ? AND number = ?"
_SUMMARY = (
    _entry.idx,
    _entry.leaf,
    _entry.act,
    _entry.actor,
    _entry.subject,
    _entry.time_ms,
)
_CONTENT = (
    _entry.idx,
    _entry.leaf,
    _entry.actor,
    _entry.salt,
    _entry.envelope,
    _entry.request,
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest signed tree head: checkpoint is the signed note over size and root."""

    size: int
    root: bytes
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That leaf stands at index in the tree of size; hashes from the leaf towards the root.

    Attributes:
        checkpoint: the signed head, where size is the newest; else empty.
    """

    index: int
    size: int
    leaf: bytes
    hashes: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry as lists show it; time_ms is Unix time in milliseconds."""

    index: int
    leaf: bytes
    act: str
    actor: str
    subject: str
    time_ms: int

    @property
    def parties(self) -> tuple[str, ...]:
        """The tenants concerned besides the actor."""
        return parties_of(self.leaf)


@dataclass(frozen=True, slots=True)
class Content:
    """What lies beside a leaf; fields are empty once they were deleted."""

    index: int
    leaf: bytes
    actor: str
    salt: bytes
    envelope: bytes
    request: bytes


def parties_of(leaf: bytes) -> tuple[str, ...]:
    """The tenants that a leaf names besides the actor."""
    return tuple(Leaf.FromString(leaf).parties)


def read_head(connection: Connection) -> Head:
    """Raises LogDamaged where no log was ever begun in this database."""
    row = connection.execute(select(_head.size, _head.root, _head.checkpoint)).first()
    if row is None:
        raise LogDamaged("the database holds no head of a log")
    return Head(*row)


def stored_nodes(connection: Connection) -> tree.NodeReader:
    """Reads subtrees' roots from the stored tiles, each tile once."""
    seen: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        if (level, number) not in seen:
            row = fast.first(connection, _TILE, (level, number))
            if row is None:
                raise LogDamaged(f"{Tile(level, number).path} is missing from the database")
            seen[level, number] = bytes(row[0])
        return seen[level, number]

    return node_reader(tile)


def tile_bytes(connection: Connection, tile: Tile) -> bytes:
    """What is published as tile: hashes, or a bundle of entries.

    Raises:
        LogDamaged: the database holds fewer than tile.width of them.
    """
    if tile.level == ENTRIES:
        first = tile.number * WIDTH
        within = (_entry.idx >= first, _entry.idx < first + tile.width)
        rows = connection.execute(select(_entry.leaf).where(*within).order_by(_entry.idx)).all()
        have, data = len(rows), pack_bundle(leaf for (leaf,) in rows)
    else:
        where = (_tile.level == tile.level, _tile.number == tile.number)
        row = connection.execute(select(_tile.hashes).where(*where)).first()
        hashes: bytes = b"" if row is None else row[0]
        have, data = len(hashes) // HASH_BYTES, hashes[: tile.width * HASH_BYTES]
    if have < tile.width:
        raise LogDamaged(f"{tile.path} has {have} of {tile.width} items in the database")
    return data


def prove_inclusion(connection: Connection, index: int, size: int = 0) -> Inclusion:
    """The proof that entry index is in the tree of size entries; 0 means the newest.

    Raises:
        NotFound: there is no such entry.
        Invalid: the log is smaller than size, or the entry is not within it.
    """
    head = read_head(connection)
    leaf = read_entry(connection, index).leaf
    within = size or head.size
    _refuse_beyond(head, within)
    if index >= within:
        raise Invalid(f"entry {index} came after the log had {within} entries")
    hashes = tree.inclusion_proof(index, within, stored_nodes(connection))
    checkpoint = head.checkpoint if within == head.size else b""
    return Inclusion(index, within, leaf, tuple(hashes), checkpoint)


def prove_consistency(connection: Connection, old: int, new: int = 0) -> tuple[bytes, ...]:
    """The proof that the tree of new entries begins with that of old; new 0 means the newest.

    Raises:
        Invalid: old is 0 (nothing needs proof), they are in the wrong order, or the log is smaller.
    """
    head = read_head(connection)
    within = new or head.size
    _refuse_beyond(head, within)
    if not 0 < old <= within:
        raise Invalid(f"no proof leads from {old} entries to {within}: give 1 to {within}")
    return tuple(tree.consistency_proof(old, within, stored_nodes(connection)))


def list_entries(connection: Connection, start: int, limit: int) -> tuple[LoggedEntry, ...]:
    """Entries from index start on, oldest first, limit at most."""
    if start >= read_head(connection).size:
        return ()
    found = select(*_SUMMARY).where(_entry.idx >= start).order_by(_entry.idx).limit(limit)
    return tuple(LoggedEntry(*row) for row in connection.execute(found))


def read_entry(connection: Connection, index: int) -> LoggedEntry:
    """Raises NotFound."""
    return LoggedEntry(*_row(connection, index, _SUMMARY))


def read_content(connection: Connection, index: int) -> Content:
    """Raises NotFound."""
    return Content(*_row(connection, index, _CONTENT))


def _row(connection: Connection, index: int, columns: Sequence[Any]) -> Any:
    size = read_head(connection).size
    row = None
    if index < size:  # a larger one may not even fit the database's integers
        row = connection.execute(select(*columns).where(_entry.idx == index)).first()
    if row is None:
        raise NotFound(f"the log has no entry {index}; it holds {size}")
    return row


def _refuse_beyond(head: Head, size: int) -> None:
    if size > head.size:
        raise Invalid(f"the log holds {head.size} entries, not yet {size}")
