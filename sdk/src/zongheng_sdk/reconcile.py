"""Comparing what a unit was promised with what the log holds: nothing missing, nothing altered.

An operator who drops an act after its receipt was given, rewrites an entry, or puts back an older
log is named here, by whoever holds the receipt, with the log's own files or address.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from zongheng_sdk.audit import load_entry, read_leaf
from zongheng_sdk.notes import Checkpoint, NoteInvalid, read_checkpoint, verify_checkpoint
from zongheng_sdk.proofs import ProofInvalid, leaf_hash, verify_consistency, verify_inclusion
from zongheng_sdk.receipt_book import Kept
from zongheng_sdk.tile_proofs import TileTree
from zongheng_sdk.tiles import TileSource

Kind = Literal["missing", "differs", "rewritten", "behind", "unreadable"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the log is not what this unit was shown before.

    Attributes:
        index: the entry; None where it is the log as a whole.
        what: what was promised, and what is found.
    """

    kind: Kind
    index: int | None
    what: str

    def __str__(self) -> str:
        place = "日志 log" if self.index is None else f"第 {self.index} 条 entry {self.index}"
        return f"{place}: {_SAID[self.kind]} {self.kind}: {self.what}"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came of comparing.

    Attributes:
        size: how many entries the log has.
        matched: how many kept entries stand in it as they were.
        without_receipt: entries in this unit's name for which it holds no receipt: made in the
            console or on another machine, or by whoever has its key.
    """

    size: int
    matched: int
    differences: tuple[Difference, ...]
    without_receipt: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.differences


_SAID = {
    "missing": "缺失",
    "differs": "不符",
    "rewritten": "被改写",
    "behind": "倒退",
    "unreadable": "无法读取",
}


def reconcile(
    kept: Sequence[Kept], read: TileSource, vkey: str, *, tenant: str, looked: bytes = b""
) -> Reconciliation:
    """Compare kept entries, and the checkpoint looked at before, with a published log.

    Args:
        vkey: the log's verifier key.
        tenant: this unit.
        looked: the checkpoint that this unit verified last; empty: none.

    Raises:
        NoteInvalid: the log's own checkpoint does not hold: nothing can be compared with it.
        Unavailable: the log cannot be reached.
    """
    note = read("checkpoint")
    if note is None:
        raise NoteInvalid("the log has no checkpoint")
    head = verify_checkpoint(note, vkey)
    tree = TileTree(read, head.size)
    found = [] if not looked else _grown(read_checkpoint(looked), head, tree)
    matched = 0
    for one in kept:
        difference = _compare(one, head, tree)
        if difference is None:
            matched += 1
        else:
            found.append(difference)
    held = {one.index for one in kept if one.own}
    strange = (
        one.index
        for one in kept
        if not one.own and one.index not in held and read_leaf(one.leaf).actor == tenant
    )
    return Reconciliation(head.size, matched, tuple(found), tuple(strange))


def settled(compare: Callable[[], Reconciliation], *, tries: int = 10) -> Reconciliation:
    """Compare again for a few seconds where the log only ends too soon: it is published a little
    after an act is answered."""
    for _ in range(tries):
        found = compare()
        if not found.differences or any(
            one.kind not in ("missing", "behind") for one in found.differences
        ):
            break
        time.sleep(0.5)
    return found


def _grown(old: Checkpoint, head: Checkpoint, tree: TileTree) -> list[Difference]:
    if head.size < old.size:
        what = f"it had {old.size} entries when this unit looked and has {head.size} now"
        return [Difference("behind", None, what)]
    if old.size == 0:
        return []
    try:
        verify_consistency(
            old_size=old.size,
            new_size=head.size,
            old_root=old.root,
            new_root=head.root,
            proof=() if old.size == head.size else tree.consistency(old.size),
        )
    except ProofInvalid as error:
        what = f"it does not continue the {old.size} entries that this unit saw: {error.message}"
        return [Difference("rewritten", None, what)]
    return []


def _compare(one: Kept, head: Checkpoint, tree: TileTree) -> Difference | None:
    act = read_leaf(one.leaf)
    promised = f"{act.act} by {act.actor} about {act.subject or '–'}"
    if one.index >= head.size:
        what = f"{promised} was promised; the log ends with entry {head.size - 1}"
        return Difference("missing", one.index, what)
    try:
        proof = tree.inclusion(one.index)
        if _proven(one.leaf, one.index, proof, head):
            return None
        stands = load_entry(tree.read, one.index, head.size)
        if not _proven(stands, one.index, proof, head):
            raise ProofInvalid("the log's files do not fit its signed root")
    except ProofInvalid as error:
        return Difference("unreadable", one.index, f"{promised}: {error.message}")
    other = read_leaf(stands)
    what = f"{promised} was promised; {other.act} by {other.actor} about {other.subject} is there"
    return Difference("differs", one.index, what)


def _proven(leaf: bytes, index: int, proof: Sequence[bytes], head: Checkpoint) -> bool:
    try:
        verify_inclusion(
            index=index, size=head.size, leaf=leaf_hash(leaf), proof=proof, root=head.root
        )
    except ProofInvalid:
        return False
    return True
