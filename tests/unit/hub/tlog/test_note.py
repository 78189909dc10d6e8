"""Checkpoints are written as C2SP signed-note and tlog-checkpoint say."""

from __future__ import annotations

import base64

import pytest

from tests.logs import KEY, ORIGIN
from zongheng_hub.tlog.note import CheckpointSigner, read_checkpoint, verifier_key
from zongheng_hub.tlog.tree import EMPTY_ROOT

# The example of C2SP signed-note.md.
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_a_verifier_key_is_spelt_as_in_the_specification() -> None:
    public = base64.b64decode(EXAMPLE_VKEY.rsplit("+", 1)[1])[1:]
    assert verifier_key("example.com/foo", public) == EXAMPLE_VKEY


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\x01b"])
def test_a_name_that_no_verifier_would_take_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name a log"):
        verifier_key(name, KEY.public)


def test_a_checkpoint_is_three_lines_a_blank_one_and_a_signature() -> None:
    signer = CheckpointSigner(KEY, ORIGIN)
    lines = signer.sign(0, EMPTY_ROOT).decode().split("\n")
    assert lines[:4] == [ORIGIN, "0", base64.b64encode(EMPTY_ROOT).decode(), ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]
    assert len(base64.b64decode(lines[4].split(" ")[2])) == 4 + 64


def test_a_checkpoint_is_read_back() -> None:
    signer = CheckpointSigner(KEY, ORIGIN)
    note = signer.sign(17, bytes(32))
    assert read_checkpoint(note) == (ORIGIN, 17, bytes(32))
    assert signer.signed(note, 17, bytes(32))
    assert not signer.signed(note, 18, bytes(32))


@pytest.mark.parametrize("note", [b"", b"a\nb\nc\n\n", b"a\n1\nc!\n\n", b"a\n1\n\xff\n\n"])
def test_what_is_no_checkpoint_is_not_read(note: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_checkpoint(note)
