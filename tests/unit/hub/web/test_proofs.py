"""Which side each sibling stands on, against the tree itself."""

from __future__ import annotations

import pytest

from zongheng_hub.tlog.tree import inclusion_proof, leaf_hash, node_hash, root_of
from zongheng_hub.web.proofs import draw, read_checkpoint, steps, tlog_proof


def node(height: int, index: int) -> bytes:
    if height == 0:
        return leaf_hash(str(index).encode())
    return node_hash(node(height - 1, 2 * index), node(height - 1, 2 * index + 1))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 21])
def test_the_steps_lead_from_the_leaf_to_the_root(size: int) -> None:
    for index in range(size):
        found = node(0, index)
        for step in steps(index, size, inclusion_proof(index, size, node)):
            pair = (step.sibling, found) if step.left else (found, step.sibling)
            found = node_hash(*pair)
        assert found == root_of(size, node)


def test_a_proof_that_is_too_long_is_none() -> None:
    with pytest.raises(ValueError, match="too many hashes"):
        steps(0, 2, [bytes(32)] * 2)


@pytest.mark.parametrize("size", [1, 2, 4, 9, 300])
def test_the_drawing_has_a_node_for_every_sibling(size: int) -> None:
    way = steps(size // 2, size, inclusion_proof(size // 2, size, node))
    drawing = draw(way)

    assert sum(kind == "sb" for kind, *_ in drawing.nodes) == len(way)
    assert all(0 <= x <= 336 for _, x, _, _ in drawing.nodes)


def test_a_proof_file_reads_as_c2sp_tlog_proof_says() -> None:
    text = tlog_proof(7, [bytes(32)], b"origin\n8\nroot\n").decode()

    assert text == f"c2sp.org/tlog-proof@v1\nindex 7\n{'A' * 43}=\n\norigin\n8\nroot\n"


def test_a_checkpoint_is_taken_apart() -> None:
    note = "log.example\n12\nAAAA\n\n\u2014 log.example c2ln\n".encode()

    found = read_checkpoint(note)

    assert found is not None
    assert (found.origin, found.size, found.root) == ("log.example", 12, bytes(3))
    assert found.signers == ("log.example",)
    assert read_checkpoint(b"no checkpoint") is None
