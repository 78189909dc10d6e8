"""Cosignatures are those of C2SP tlog-cosignature, and nothing else passes for one."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from zongheng_protos.errors import Invalid
from zongheng_tenants.cosignature import (
    MAX_TIME,
    cosign,
    cosignatures,
    cosigned_message,
    parse_witness_vkey,
    witness_key,
)
from zongheng_tenants.keys import SigningKey

# A key of a witness that runs, from transparency-dev/formats.
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
NAME = "审计厅.example/w1"
KEY = SigningKey(bytes(range(32)))
TEXT = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
TIME = 1_679_315_147


def line(*, time: int = TIME, text: bytes = TEXT, key: SigningKey = KEY, name: str = NAME) -> str:
    return cosign(text, key=key, name=name, time=time)


def taken_apart(line: str) -> bytes:
    return base64.b64decode(line.rsplit(" ", 1)[1])


def put_together(signed: bytes, name: str = NAME) -> str:
    return f"\u2014 {name} {base64.b64encode(signed).decode()}\n"


def test_a_key_in_use_elsewhere_is_read_and_written_alike() -> None:
    found = parse_witness_vkey(REMORA)
    assert (found.name, found.id.hex()) == ("remora.n621.de", "da77ade7")
    assert found.vkey == REMORA


def test_the_message_is_the_one_that_the_specification_shows() -> None:
    assert cosigned_message(TEXT, TIME).decode() == (
        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_a_line_is_key_id_time_and_signature() -> None:
    signed = taken_apart(line())
    stated = hashlib.sha256(NAME.encode() + b"\n\x04" + KEY.public).digest()[:4]
    assert len(signed) == 4 + 8 + 64
    assert signed[:4] == stated
    assert signed[4:12] == TIME.to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(signed[12:], cosigned_message(TEXT, TIME))


def test_ones_own_cosignature_is_found_among_others() -> None:
    witness = witness_key(NAME, KEY.public)
    others = [line(key=SigningKey(bytes([at] * 32)), name=f"other{at}") for at in range(1, 20)]
    (found,) = cosignatures([*others, line(), "\u2014 log AAAA\n", "noise"], TEXT, [witness])
    assert (found.witness, found.time, found.line) == (witness, TIME, line())


def test_of_two_cosignatures_the_later_counts() -> None:
    witness = witness_key(NAME, KEY.public)
    for lines in ([line(), line(time=TIME + 5)], [line(time=TIME + 5), line()]):
        (found,) = cosignatures(lines, TEXT, [witness])
        assert found.time == TIME + 5


def test_every_flipped_bit_of_a_cosignature_is_seen() -> None:
    witness = witness_key(NAME, KEY.public)
    signed = taken_apart(line())
    for bit in range(len(signed) * 8):
        flipped = bytearray(signed)
        flipped[bit // 8] ^= 1 << bit % 8
        assert cosignatures([put_together(bytes(flipped))], TEXT, [witness]) == ()


@pytest.mark.parametrize(
    "spoilt",
    [
        line(text=TEXT + b"extension\n"),
        line(name="other"),
        put_together(taken_apart(line())[:-1]),
        put_together(taken_apart(line()) + b"\0"),
        line().replace("\u2014", "-"),
        line().replace(" ", "  ", 1),
        line().rstrip("\n") + "=\n",
        put_together(b""),
    ],
)
def test_what_is_no_cosignature_on_this_text_is_passed_over(spoilt: str) -> None:
    assert cosignatures([spoilt], TEXT, [witness_key(NAME, KEY.public)]) == ()


@pytest.mark.parametrize(
    ("vkey", "said"),
    [
        ("remora.n621.de", "of the form"),
        ("+da77ade7+BOvN", "of the form"),
        ("re mora+da77ade7+BOvN", "of the form"),
        ("remora.n621.de+da77ade7+BOvN", "no Ed25519 key"),
        ("remora.n621.de+da77ade7+!", "no Ed25519 key"),
        (REMORA.replace("+BOvN", "+AevN"), "of type 1"),
        (REMORA.replace("da77ade7", "da77ade8"), "has id da77ade7"),
        (REMORA.replace("remora", "Remora"), "has id"),
        (REMORA.replace("da77ade7", "DA77ADE7"), "has id"),
    ],
)
def test_a_key_that_contradicts_itself_is_refused(vkey: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        parse_witness_vkey(vkey)


def test_a_key_whose_base64_has_a_plus_is_read_whole() -> None:
    keys = (witness_key(NAME, SigningKey(bytes([at] * 32)).public) for at in range(100))
    found = next(key for key in keys if key.vkey.count("+") > 2)
    assert parse_witness_vkey(found.vkey) == found


@pytest.mark.parametrize("time", [0, -1, MAX_TIME + 1])
def test_no_cosignature_is_made_for_a_time_that_is_none(time: int) -> None:
    with pytest.raises(Invalid, match="no time"):
        line(time=time)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x01", "\u2028", "\ud800"])
def test_a_witness_has_a_name_that_keys_may_bear(name: str) -> None:
    with pytest.raises(Invalid, match="can't name a witness"):
        witness_key(name, KEY.public)
    with pytest.raises(Invalid, match="32 bytes"):
        witness_key(NAME, KEY.public[1:])
