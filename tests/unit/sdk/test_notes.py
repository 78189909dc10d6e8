"""Signed notes are read as strictly as C2SP signed-note asks."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_sdk.notes import (
    NoteInvalid,
    NoteKey,
    parse_note,
    parse_vkey,
    verify_checkpoint,
    verify_note,
)
from zongheng_tenants.keys import SigningKey

# The example of C2SP signed-note.md.
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
# The example of golang.org/x/mod/sumdb/note.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
NAME = "zongheng.cn/140000/log"
KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(1, 33)))
ROOT = base64.b64encode(hashlib.sha256(b"root").digest()).decode()


def vkey(key: SigningKey = KEY, name: str = NAME) -> str:
    encoded = base64.b64encode(b"\x01" + key.public).decode()
    return f"{name}+{key_hash(key, name).hex()}+{encoded}"


def key_hash(key: SigningKey, name: str) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + key.public).digest()[:4]


def line(text: str, key: SigningKey = KEY, name: str = NAME) -> str:
    signature = key_hash(key, name) + key.sign(text.encode())
    return f"— {name} {base64.b64encode(signature).decode()}\n"


def signed(text: str) -> bytes:
    return f"{text}\n{line(text)}".encode()


def test_the_example_of_the_specification_is_read_and_verified() -> None:
    key = parse_vkey(EXAMPLE_VKEY)
    assert (key.name, key.id.hex()) == ("example.com/foo", "530d903a")
    assert verify_note(EXAMPLE_NOTE, [key]) == ("This is an example message.\n", (key,))


def test_a_note_signed_by_the_reference_implementation_is_verified() -> None:
    _, signers = verify_note(GO_NOTE, [parse_vkey(EXAMPLE_VKEY), parse_vkey(GO_VKEY)])
    assert [key.name for key in signers] == ["PeterNeumann"]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "exam ple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_a_verifier_key_whose_parts_do_not_agree_is_refused(wrong: str) -> None:
    with pytest.raises(NoteInvalid, match="verifier key"):
        parse_vkey(wrong)


def test_a_checkpoint_is_read_once_its_signature_holds() -> None:
    head = verify_checkpoint(signed(f"{NAME}\n42\n{ROOT}\n"), vkey())
    assert (head.origin, head.size, head.extensions) == (NAME, 42, ())
    assert base64.b64encode(head.root).decode() == ROOT


def test_a_note_is_taken_apart_at_its_last_blank_line() -> None:
    text = "one\n\ntwo\n"
    assert parse_note(signed(text)).text == text


def test_signatures_by_unknown_keys_are_ignored() -> None:
    text = f"{NAME}\n1\n{ROOT}\n"
    many = "".join(line(text, OTHER, f"witness{number}") for number in range(16))
    note = f"{text}\n{many}{line(text)}{line(text, OTHER)}".encode()
    assert verify_checkpoint(note, vkey()).size == 1


def test_every_key_that_signed_is_named() -> None:
    text = "any text\n"
    keys = [parse_vkey(vkey()), parse_vkey(vkey(OTHER, "witness"))]
    note = f"{text}\n{line(text)}{line(text, OTHER, 'witness')}".encode()
    assert verify_note(note, keys) == (text, tuple(keys))


def test_a_note_signed_by_nobody_known_is_refused() -> None:
    with pytest.raises(NoteInvalid, match=f"not signed by {NAME}"):
        verify_checkpoint(signed(f"{NAME}\n1\n{ROOT}\n"), vkey(OTHER))


def test_a_known_key_whose_signature_fails_spoils_the_note() -> None:
    text = "any text\n"
    keys = [parse_vkey(vkey()), parse_vkey(vkey(OTHER, "witness"))]
    note = f"{text}\n{line(text)}{line('other text', OTHER, 'witness')}".encode()
    with pytest.raises(NoteInvalid, match="signature by witness does not hold"):
        verify_note(note, keys)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        "text\n\n— name".encode(),
        b"text\n\n- name AAAAAAAA\n",
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— name AAAAAAB=\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        "text\n\n— na\u2003me AAAAAAAA\n".encode(),
        "text\n\n—  AAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAA \n".encode(),
        "text\n\n— name AAAAAAAA\n\n".encode(),
        "te\txt\n\n— name AAAAAAAA\n".encode(),
        "text\r\n\n— name AAAAAAAA\n".encode(),
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        ("text\n\n" + "— name AAAAAAAA\n" * 101).encode(),
        b"a" * 1_000_001,
    ],
)
def test_a_malformed_note_is_refused(note: bytes) -> None:
    with pytest.raises(NoteInvalid):
        parse_note(note)


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}\n1\n",
        f"{NAME}\n01\n{ROOT}\n",
        f"{NAME}\n-1\n{ROOT}\n",
        f"{NAME}\n1 \n{ROOT}\n",
        f"{NAME}\n\uff11\n{ROOT}\n",
        f"{NAME}\n{'9' * 20}\n{ROOT}\n",
        f"{NAME}\n1\n{ROOT[:-4]}\n",
        f"{NAME}\n1\n{ROOT[:-1]}\n",
        f"other.cn/log\n1\n{ROOT}\n",
        f"{NAME}\n1\n{ROOT}\n\nmore\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        verify_checkpoint(signed(text), vkey())


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_and_never_crash(note: bytes) -> None:
    with pytest.raises(NoteInvalid):
        verify_note(note, [NoteKey(NAME, b"\0\0\0\0", parse_vkey(vkey()).key)])
