"""The tree hashes, grows and proves as RFC 6962 says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.merkle_facts import CONSISTENCY, INCLUSION, LEAVES, ROOTS
from zongheng_hub.tlog.tree import (
    Frontier,
    NodeReader,
    consistency_proof,
    frontier_of,
    frontier_root,
    grow,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)


def reader(leaves: tuple[bytes, ...]) -> NodeReader:
    """Perfect subtrees computed from the definition, with nothing stored."""

    def node(height: int, index: int) -> bytes:
        if height == 0:
            return leaf_hash(leaves[index])
        return node_hash(node(height - 1, 2 * index), node(height - 1, 2 * index + 1))

    return node


def defined_root(leaves: tuple[bytes, ...]) -> bytes:
    """MTH, as RFC 6962 section 2.1 defines it."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else ROOTS[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_the_classic_leaves_give_the_classic_roots(size: int) -> None:
    frontier, _ = grow((), [leaf_hash(leaf) for leaf in LEAVES[:size]])
    assert frontier_root(frontier) == ROOTS[size]
    assert root_of(size, reader(LEAVES)) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_the_classic_leaves_give_the_classic_inclusion_proofs(
    index: int, size: int, proof: tuple[bytes, ...]
) -> None:
    assert tuple(inclusion_proof(index, size, reader(LEAVES))) == proof


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_the_classic_leaves_give_the_classic_consistency_proofs(
    old: int, new: int, proof: tuple[bytes, ...]
) -> None:
    assert tuple(consistency_proof(old, new, reader(LEAVES))) == proof


@given(st.lists(st.integers(0, 70), max_size=8))
def test_a_tree_is_the_same_however_its_leaves_are_grouped(groups: list[int]) -> None:
    leaves = tuple(b"%d" % number for number in range(sum(groups)))
    frontier: Frontier = ()
    grown: dict[int, list[bytes]] = {}
    size = 0
    for group in groups:
        frontier, rows = grow(frontier, [leaf_hash(each) for each in leaves[size : size + group]])
        size += group
        for height, row in enumerate(rows):
            grown.setdefault(height, []).extend(row)
    assert frontier_root(frontier) == defined_root(leaves)
    node = reader(leaves)
    assert [each for each in frontier_of(size, node) if each] == [each for each in frontier if each]
    for height, nodes in grown.items():
        assert nodes == [node(height, index) for index in range(size >> height)]


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_inclusion_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_proof(index, size, reader(LEAVES))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_no_consistency_proof_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="can be proven"):
        consistency_proof(old, new, reader(LEAVES))
