"""Proofs hold exactly when RFC 6962 says so."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.merkle_facts import CONSISTENCY, INCLUSION, LEAVES, ROOTS
from zongheng_sdk.proofs import (
    ProofInvalid,
    leaf_hash,
    merkle_root,
    verify_consistency,
    verify_inclusion,
)

GARBAGE = b"\x2a" * 32
VECTORS = Path(__file__).parents[2] / "vectors" / "rfc6962"
Proof = Sequence[bytes]


def spoil(proof: Proof) -> list[tuple[bytes, ...]]:
    """Every way in which the published vectors spoil a proof."""
    whole = tuple(proof)
    spoilt = [(*whole, extra) for extra in (GARBAGE, b"", ROOTS[3])]
    spoilt.append((GARBAGE, *whole))
    if whole:
        spoilt += [whole[:-1], whole[1:], ()]
    for at, each in enumerate(whole):
        flipped = bytes([each[0] ^ 16]) + each[1:]
        spoilt += [(*whole[:at], flipped, *whole[at + 1 :]), (*whole[:at], b"", *whole[at:])]
        spoilt.append((*whole[:at], each[:-1], *whole[at + 1 :]))
    return spoilt


@pytest.mark.parametrize("size", range(9))
def test_the_classic_leaves_have_the_classic_roots(size: int) -> None:
    assert merkle_root([leaf_hash(leaf) for leaf in LEAVES[:size]]) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_holds_for_its_own_index_size_leaf_root_and_proof_only(
    index: int, size: int, proof: Proof
) -> None:
    def verify(
        index: int = index,
        size: int = size,
        leaf: bytes = leaf_hash(LEAVES[index]),
        root: bytes = ROOTS[size],
        proof: Proof = proof,
    ) -> None:
        verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=root)

    verify()
    for wrong in (index - 1, index + 1, index ^ 2, size, -1, index + 256, 2**63):
        refuse(partial(verify, index=wrong))
    for wrong in {0, -1, size * 2, index, size // 2} - {size}:
        refuse(partial(verify, size=wrong))
    for other in (GARBAGE, b"", b"WrongRoot", ROOTS[0]):
        refuse(partial(verify, root=other))
        refuse(partial(verify, leaf=other))
    for spoilt in spoil(proof):
        refuse(partial(verify, proof=spoilt))


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_holds_for_its_own_sizes_roots_and_proof_only(
    old: int, new: int, proof: Proof
) -> None:
    def verify(
        old: int = old,
        new: int = new,
        old_root: bytes = ROOTS[old],
        new_root: bytes = ROOTS[new],
        proof: Proof = proof,
    ) -> None:
        verify_consistency(
            old_size=old, new_size=new, old_root=old_root, new_root=new_root, proof=proof
        )

    verify()
    for wrong in {0, -1, old - 1, old + 1, old ^ 2, new + 1} - {old}:
        refuse(partial(verify, old=wrong))
    for wrong in {0, new * 2, new // 2, old - 1} - {new}:
        refuse(partial(verify, new=wrong))
    for other in (GARBAGE, b"", b"WrongRoot", ROOTS[0]):
        refuse(partial(verify, old_root=other))
        refuse(partial(verify, new_root=other))
    if old != new:
        refuse(partial(verify, old_root=ROOTS[new], new_root=ROOTS[old]))
    for spoilt in spoil(proof):
        refuse(partial(verify, proof=spoilt))


def test_nothing_is_consistent_with_an_empty_log() -> None:
    with pytest.raises(ProofInvalid, match="from 0 entries"):
        verify_consistency(old_size=0, new_size=1, old_root=ROOTS[0], new_root=ROOTS[1], proof=[])


def test_two_roots_of_one_size_are_called_a_fork() -> None:
    with pytest.raises(ProofInvalid, match="forked"):
        verify_consistency(old_size=3, new_size=3, old_root=ROOTS[3], new_root=ROOTS[4], proof=[])


@given(
    st.integers(-2, 2**65),
    st.integers(-2, 2**65),
    st.lists(st.binary(max_size=40) | st.binary(min_size=32, max_size=32), max_size=70),
)
def test_random_proofs_are_refused_and_never_crash(one: int, two: int, proof: list[bytes]) -> None:
    refuse(lambda: verify_inclusion(index=one, size=two, leaf=GARBAGE, proof=proof, root=ROOTS[1]))
    refuse(
        lambda: verify_consistency(
            old_size=one, new_size=two, old_root=GARBAGE, new_root=ROOTS[1], proof=proof
        )
    )


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_every_published_vector_is_judged_as_published(kind: str) -> None:
    vectors = json.loads((VECTORS / f"{kind}.json").read_text("utf-8"))
    wrong = [each["file"] for each in vectors if judge(each) is each["wantErr"]]
    assert wrong == []
    assert len(vectors) == 98


def judge(vector: dict[str, Any]) -> bool:
    def hashes(name: str) -> list[bytes]:
        return [base64.b64decode(each) for each in vector[name] or []]

    def one(name: str) -> bytes:
        return base64.b64decode(vector[name] or "")

    def inclusion() -> None:
        verify_inclusion(
            index=vector["leafIdx"],
            size=vector["treeSize"],
            leaf=one("leafHash"),
            proof=hashes("proof"),
            root=one("root"),
        )

    def consistency() -> None:
        verify_consistency(
            old_size=vector["size1"],
            new_size=vector["size2"],
            old_root=one("root1"),
            new_root=one("root2"),
            proof=hashes("proof"),
        )

    try:
        (inclusion if "leafIdx" in vector else consistency)()
    except ProofInvalid:
        return False
    return True


def refuse(check: Callable[[], None]) -> None:
    with pytest.raises(ProofInvalid):
        check()
