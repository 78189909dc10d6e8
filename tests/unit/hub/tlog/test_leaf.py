"""A leaf names parties and time, commits to the envelope, and holds no content."""

from __future__ import annotations

import hmac

import pytest

from zongheng_hub.tlog.leaf import make_leaf
from zongheng_protos.errors import TooLarge
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

ENVELOPE = "王某某报送的需求".encode()


def leaf(**changed: object) -> bytes:
    facts: dict[str, object] = {
        "act": "need.filed",
        "time_ms": 1_767_225_600_000,
        "actor": "t_county",
        "parties": ("t_city", "t_province"),
        "subject": "n_1",
        "envelope": ENVELOPE,
        "salt": bytes(32),
    }
    return make_leaf(**(facts | changed))  # type: ignore[arg-type]


def test_a_leaf_says_who_when_what_and_commits_to_the_envelope() -> None:
    parts = Leaf.FromString(leaf())
    assert (parts.version, parts.act, parts.actor) == (1, "need.filed", "t_county")
    assert list(parts.parties) == ["t_city", "t_province"]
    assert (parts.subject, parts.time_ms) == ("n_1", 1_767_225_600_000)
    assert parts.commitment == hmac.digest(bytes(32), ENVELOPE, "sha256")


def test_a_leaf_is_the_same_bytes_each_time_and_another_with_another_salt() -> None:
    assert leaf() == leaf()
    assert leaf() != leaf(salt=b"\1" * 32)


def test_a_leaf_holds_nothing_of_the_envelope() -> None:
    assert ENVELOPE not in leaf()


def test_a_leaf_of_too_many_parties_is_refused_by_name() -> None:
    with pytest.raises(TooLarge, match=r"need\.filed on n_1 needs a leaf of \d+ bytes"):
        leaf(parties=tuple(f"t_{number:023}" for number in range(100)))
