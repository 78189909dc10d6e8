"""Checking proofs of inclusion and consistency: RFC 6962 section 2.1, as RFC 9162 verifies them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from zongheng_protos.errors import SignatureInvalid

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()


class ProofInvalid(SignatureInvalid):
    """A proof does not show what it should."""


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes, leaf hashes or roots of perfect subtrees of one height."""
    row = list(hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        above = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        if len(row) % 2:
            above.append(row[-1])
        row = above
    return row[0]


def verify_inclusion(
    *, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """That the leaf with hash leaf stands at index in the tree of size leaves with this root.

    Args:
        leaf: the leaf's hash, 32 bytes.
        proof: hashes of 32 bytes, from the leaf towards the root (RFC 9162 section 2.1.3.2).

    Raises:
        ProofInvalid: it does not.
    """
    _refuse_odd_lengths([leaf, root, *proof])
    if not 0 <= index < size:
        raise ProofInvalid(f"entry {index} can't be in a log of {size}")
    node, last = index, size - 1
    reached = leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid(f"the proof for entry {index} of {size} has too many hashes")
        if node & 1 or node == last:
            reached = node_hash(sibling, reached)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofInvalid(f"the proof for entry {index} of {size} has too few hashes")
    if reached != root:
        raise ProofInvalid(f"entry {index} is not in the log of {size} entries with this root")


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """That the tree of new_size leaves begins with that of old_size (RFC 9162 section 2.1.4.2).

    Raises:
        ProofInvalid: it does not, or old_size is 0, from which nothing can be proven.
    """
    if not 0 < old_size <= new_size:
        raise ProofInvalid(f"no proof leads from {old_size} entries to {new_size}")
    if old_size == new_size:
        if proof:
            raise ProofInvalid(f"a log of {old_size} needs no hashes to be consistent with itself")
        if old_root != new_root:
            raise ProofInvalid(f"two different roots of {old_size} entries: the log has forked")
        return
    _refuse_odd_lengths([old_root, new_root, *proof])
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise ProofInvalid(f"the proof from {old_size} entries to {new_size} is empty")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid(f"the proof from {old_size} to {new_size} has too many hashes")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofInvalid(f"the proof from {old_size} to {new_size} has too few hashes")
    if old != old_root or new != new_root:
        raise ProofInvalid(f"the log of {new_size} entries does not continue that of {old_size}")


def _refuse_odd_lengths(hashes: Sequence[bytes]) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise ProofInvalid(f"a hash of {len(each)} bytes where SHA-256 has {HASH_BYTES}")
