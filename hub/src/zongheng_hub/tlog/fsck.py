"""Whether the log still holds together: a quick look at every start, a full one on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from sqlalchemy import Connection, func, select

from zongheng_hub.tlog.faults import LogBehind, LogDamaged
from zongheng_hub.tlog.leaf import commitment
from zongheng_hub.tlog.note import CheckpointSigner, read_checkpoint
from zongheng_hub.tlog.service import Head, read_head, stored_nodes, tile_bytes
from zongheng_hub.tlog.tables import LogEntryRow, LogTileRow
from zongheng_hub.tlog.tiles import HEIGHT, WIDTH, Tile, levels, new_tiles, read_path
from zongheng_hub.tlog.tree import HASH_BYTES, Frontier, frontier_root, grow, leaf_hash, root_of
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

_entry: Any = LogEntryRow
_tile: Any = LogTileRow


@dataclass(frozen=True, slots=True)
class StoreVerdict:
    """What the full check found; the log is sound when faults is empty.

    Attributes:
        size: how many entries the head counts.
        faults: one line each, naming the entry, tile or head.
    """

    size: int
    faults: tuple[str, ...]


def check_head(connection: Connection, signer: CheckpointSigner) -> Head:
    """The head, once it fits its signature, its tiles and its last entries. Reads O(log n) rows.

    Raises:
        LogDamaged: naming what does not fit.
    """
    head = read_head(connection)
    if not signer.signed(head.checkpoint, head.size, head.root):
        raise LogDamaged(
            f"the head at {head.size} entries was not signed as {signer.vkey}: another key or "
            "another hub's database"
        )
    if root_of(head.size, stored_nodes(connection)) != head.root:
        raise LogDamaged(f"the tiles in the database do not give the head at {head.size} entries")
    last = _last_index(connection)
    if last != head.size - 1:
        raise LogDamaged(f"the head counts {head.size} entries, the last stored is number {last}")
    _check_last_entries(connection, head)
    return head


def check_published(
    connection: Connection, head: Head, signer: CheckpointSigner, folder: Path
) -> int:
    """How much of the log stands in folder, once that agrees with the database.

    Raises:
        LogBehind: more was published than the database knows; it is an old copy.
        LogDamaged: the published checkpoint is foreign, or of another history.
    """
    file = folder / "checkpoint"
    if not file.exists():
        return 0
    checkpoint = file.read_bytes()
    try:
        origin, size, root = read_checkpoint(checkpoint)
    except ValueError as error:
        raise LogDamaged(f"{file} cannot be read as a checkpoint") from error
    if not signer.signed(checkpoint, size, root):
        raise LogDamaged(f"{file} (of {origin}) was not signed as {signer.vkey}")
    if size > head.size:
        raise LogBehind(
            f"{file} was published at {size} entries but the database holds {head.size}: it is an "
            "older copy. Restore the newest copy; going on would fork the log"
        )
    if root_of(size, stored_nodes(connection)) != root:
        raise LogDamaged(f"{file} and the database tell different histories of {size} entries")
    return size


def verify_store(
    connection: Connection,
    signer: CheckpointSigner,
    *,
    told: Callable[[int, int], None] = lambda done, size: None,
) -> StoreVerdict:
    """Recompute the whole log from its entries and compare everything stored about it.

    Leaves memory use constant: one tile's worth of entries at a time.

    Args:
        told: called after each tile's worth with entries checked and entries in all.
    """
    head = read_head(connection)
    faults: list[str] = []
    if not signer.signed(head.checkpoint, head.size, head.root):
        faults.append(f"head: not signed as {signer.vkey}")
    frontier: Frontier = ()
    filling: dict[int, bytes] = {}
    for first in range(0, head.size, WIDTH):
        end = min(first + WIDTH, head.size)
        hashes = _check_entries(connection, first, end, faults)
        told(end, head.size)
        frontier, grown = grow(frontier, hashes)
        for level, row in enumerate(grown[::HEIGHT]):
            filling[level] = filling.get(level, b"") + b"".join(row)
            if len(filling[level]) == WIDTH * HASH_BYTES:
                _check_tile(connection, level, first >> HEIGHT * level, filling.pop(level), faults)
    for level, hashes_left in filling.items():
        _check_tile(connection, level, head.size >> HEIGHT * level, hashes_left, faults)
    if frontier_root(frontier) != head.root:
        faults.append(f"head: its root is not that of the {head.size} stored entries")
    _check_counts(connection, head, faults)
    return StoreVerdict(head.size, tuple(faults))


def verify_published(
    connection: Connection, signer: CheckpointSigner, folder: Path
) -> StoreVerdict:
    """Compare every published file, byte for byte, with what the database says it holds."""
    head = read_head(connection)
    try:
        size = check_published(connection, head, signer, folder)
    except LogDamaged as error:
        return StoreVerdict(0, (error.message,))
    faults = [
        f"{tile.path}: missing" for tile in new_tiles(0, size) if not (folder / tile.path).exists()
    ]
    for path in sorted((folder / "tile").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or path.name.startswith("."):  # what a crash left half written
            continue
        tile = read_path(name)
        if tile is None or not _is_within(tile, head.size):
            faults.append(f"{name}: no file of a log of {head.size} entries")
            continue
        try:
            same = path.read_bytes() == tile_bytes(connection, tile)
        except FileNotFoundError:  # a partial tile that a running hub has just made full
            continue
        if not same:
            faults.append(f"{name}: not what the database holds")
    return StoreVerdict(size, tuple(faults))


def _is_within(tile: Tile, size: int) -> bool:
    return tile.number * WIDTH + tile.width <= size >> HEIGHT * max(tile.level, 0)


def _check_entries(connection: Connection, first: int, end: int, faults: list[str]) -> list[bytes]:
    rows = connection.execute(
        select(*_entry.__table__.c)
        .where(_entry.idx >= first, _entry.idx < end)
        .order_by(_entry.idx)
    ).all()
    by_index = {row.idx: row for row in rows}
    hashes = []
    for index in range(first, end):
        row = by_index.get(index)
        if row is None:
            faults.append(f"entry {index}: missing")
            hashes.append(bytes(HASH_BYTES))
            continue
        hashes.append(leaf_hash(row.leaf))
        try:
            leaf = Leaf.FromString(row.leaf)
        except DecodeError:
            faults.append(f"entry {index}: its leaf cannot be read")
            continue
        stored = (row.act, row.actor, row.subject, row.time_ms)
        if stored != (leaf.act, leaf.actor, leaf.subject, leaf.time_ms):
            faults.append(f"entry {index}: its columns differ from its leaf")
        if row.salt and row.envelope and commitment(row.salt, row.envelope) != leaf.commitment:
            faults.append(f"entry {index}: the envelope is not the one its leaf commits to")
    return hashes


def _check_tile(
    connection: Connection, level: int, at: int, hashes: bytes, faults: list[str]
) -> None:
    tile = Tile(level, at // WIDTH, len(hashes) // HASH_BYTES)
    stored = connection.execute(
        select(_tile.hashes).where(_tile.level == level, _tile.number == tile.number)
    ).scalar()
    if stored != hashes:
        faults.append(f"{tile.path}: {'missing' if stored is None else 'other hashes'}")


def _check_counts(connection: Connection, head: Head, faults: list[str]) -> None:
    last = _last_index(connection)
    if last >= head.size:
        faults.append(f"entry {last}: beyond the head, which counts {head.size}")
    tiles = connection.execute(select(func.count()).select_from(LogTileRow)).scalar_one()
    expected = sum(-(-(head.size >> HEIGHT * level) // WIDTH) for level in range(levels(head.size)))
    if tiles != expected:
        faults.append(f"tiles: {tiles} stored, {expected} expected")


def _check_last_entries(connection: Connection, head: Head) -> None:
    if not head.size:
        return
    number = (head.size - 1) // WIDTH
    rows = connection.execute(
        select(_entry.idx, _entry.leaf).where(_entry.idx >= number * WIDTH).order_by(_entry.idx)
    ).all()
    node = stored_nodes(connection)
    for index, leaf in rows:
        if leaf_hash(leaf) != node(0, index):
            raise LogDamaged(f"entry {index} is not what {Tile(0, number).path} holds of it")


def _last_index(connection: Connection) -> int:
    last = connection.execute(select(func.max(_entry.idx))).scalar()
    return -1 if last is None else int(last)
