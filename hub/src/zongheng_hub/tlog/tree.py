"""The Merkle tree of RFC 6962 section 2.1: hashing, growing, and what proofs consist of; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Frontier = tuple[bytes | None, ...]
"""By height: the root of the perfect subtree that still waits for a right sibling, if any.

Height h holds one exactly when bit h of the tree's size is set (RFC 6962 section 2.1: the tree
is split at the largest power of two below its size).
"""

NodeReader = Callable[[int, int], bytes]
"""Gives the 32-byte root of the perfect subtree number `index` of 2**height leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def grow(
    frontier: Frontier, leaf_hashes: Sequence[bytes]
) -> tuple[Frontier, list[Sequence[bytes]]]:
    """Append leaves to a tree.

    Returns:
        The new frontier, and for each height the perfect subtrees' roots that came to be, in
        order from the left.
    """
    waiting = list(frontier)
    rows: list[Sequence[bytes]] = []
    row: Sequence[bytes] = leaf_hashes
    height = 0
    while row:
        rows.append(row)
        if height == len(waiting):
            waiting.append(None)
        left = waiting[height]
        pairs = row if left is None else [left, *row]
        waiting[height] = pairs[-1] if len(pairs) % 2 else None
        row = [
            sha256(b"\1" + left + right).digest()
            for left, right in zip(pairs[0::2], pairs[1::2], strict=False)
        ]
        height += 1
    return tuple(waiting), rows


def frontier_root(frontier: Frontier) -> bytes:
    """The root of the whole tree."""
    root: bytes | None = None
    for subtree in frontier:
        if subtree is not None:
            root = subtree if root is None else node_hash(subtree, root)
    return EMPTY_ROOT if root is None else root


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of subtrees' roots of one height."""
    while len(hashes) > 1:
        hashes = [
            node_hash(left, right) for left, right in zip(hashes[0::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def frontier_of(size: int, node: NodeReader) -> Frontier:
    """The frontier of a tree of size leaves, from its stored subtrees."""
    return tuple(
        node(height, (size >> height) - 1) if size >> height & 1 else None
        for height in range(size.bit_length())
    )


def root_of(size: int, node: NodeReader) -> bytes:
    """The root of the first size leaves, from stored subtrees."""
    return frontier_root(frontier_of(size, node))


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """RFC 6962 section 2.1.1, PATH(index, D[size]); hashes from the leaf towards the root.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _hashes(reversed(ranges), node)


def consistency_proof(old: int, new: int, node: NodeReader) -> list[bytes]:
    """RFC 6962 section 2.1.2, PROOF(old, D[new]).

    Raises:
        ValueError: old is 0 or larger than new.
    """
    if not 0 < old <= new:
        raise ValueError(f"no tree of {old} leaves can be proven to grow to {new}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, new
    while end != old:
        middle = start + split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return _hashes(reversed(ranges), node)


def split(width: int) -> int:
    """The largest power of two below width."""
    return 1 << (width - 1).bit_length() - 1


def _hashes(ranges: Iterable[tuple[int, int]], node: NodeReader) -> list[bytes]:
    return [subtree_root(start, end, node) for start, end in ranges]


def subtree_root(start: int, end: int, node: NodeReader) -> bytes:
    """The root of leaves start to end, start being where the tree splits."""
    frontier: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        frontier.append(node(height, start >> height))
        start += 1 << height
    root = frontier.pop()
    while frontier:
        root = node_hash(frontier.pop(), root)
    return root
