"""Stretches of the log, as auditors take them: what lies in them, proven and complete.

A stretch is proven by the roots of the subtrees beside it: with the stretch's own leaves they give
the signed root, so nothing was left out of it and nothing put in (RFC 6962 section 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tlog import tree
from zongheng_hub.tlog.service import read_head, stored_nodes
from zongheng_hub.tlog.tables import LogEntryRow
from zongheng_protos.errors import Invalid, NotFound

_entry: Any = LogEntryRow
_COLUMNS = (
    _entry.idx,
    _entry.leaf,
    _entry.act,
    _entry.actor,
    _entry.subject,
    _entry.salt,
    _entry.envelope,
    _entry.request,
    _entry.reply,
)


@dataclass(frozen=True, slots=True)
class WholeEntry:
    """An entry and all that lies beside it; what was deleted is empty."""

    index: int
    leaf: bytes
    act: str
    actor: str
    subject: str
    salt: bytes
    envelope: bytes
    request: bytes
    reply: bytes

    @property
    def is_shredded(self) -> bool:
        return not self.salt


def whole_entries(connection: Connection, indices: Sequence[int]) -> list[WholeEntry]:
    """Entries in the order of indices.

    Raises:
        NotFound: the log has no such entry.
    """
    size = read_head(connection).size
    for index in indices:
        if index >= size:
            raise NotFound(f"the log has no entry {index}; it holds {size}")
    rows = connection.execute(select(*_COLUMNS).where(_entry.idx.in_(indices)))
    found = {row.idx: WholeEntry(*row) for row in rows}
    missing = [index for index in indices if index not in found]
    if missing:
        raise NotFound(f"the log holds entry {missing[0]} no more")
    return [found[index] for index in indices]


def inclusion_hashes(
    connection: Connection, indices: Sequence[int], size: int
) -> list[tuple[bytes, ...]]:
    """Proofs that entries are in the tree of size entries, in the order of indices.

    Raises:
        Invalid: the log is smaller than size, or an entry is not within it.
    """
    _refuse_beyond(connection, size)
    for index in indices:
        if index >= size:
            raise Invalid(f"entry {index} came after the log had {size} entries")
    node = stored_nodes(connection)
    return [tuple(tree.inclusion_proof(index, size, node)) for index in indices]


def stretch_hashes(connection: Connection, first: int, end: int, size: int) -> list[bytes]:
    """Roots of the subtrees left and right of entries first to end, from the left.

    Raises:
        Invalid: there is no such stretch in a tree of size entries, or the log is smaller.
    """
    _refuse_beyond(connection, size)
    if not 0 <= first < end <= size:
        raise Invalid(f"entries {first} to {end} are no stretch of a log of {size}")
    node = stored_nodes(connection)
    hashes: list[bytes] = []

    def beside(start: int, stop: int) -> None:
        if stop <= first or end <= start:
            hashes.append(tree.subtree_root(start, stop, node))
        elif start < first or end < stop:
            middle = start + tree.split(stop - start)
            beside(start, middle)
            beside(middle, stop)

    beside(0, size)
    return hashes


def shred(tx: Tx, index: int) -> None:
    """Empty what lies beside an entry. The leaf stays: the log goes on to verify."""
    tx.execute(
        update(_entry)
        .where(_entry.idx == index)
        .values(salt=b"", envelope=b"", request=b"", reply=b"")
    )


def _refuse_beyond(connection: Connection, size: int) -> None:
    held = read_head(connection).size
    if size > held:
        raise Invalid(f"the log holds {held} entries, not yet {size}")
