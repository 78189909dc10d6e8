"""An envelope holds exact bytes: what is opened is what was signed (DSSE v1.0)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import SignatureInvalid
from zongheng_tenants.envelope import (
    ACT,
    GRANT,
    open_envelope,
    pre_authentication_encoding,
    read_envelope,
    seal_envelope,
)
from zongheng_tenants.keys import SigningKey, VerifyKey

KEY = SigningKey.generate()
VERIFY = VerifyKey(KEY.public)


def test_the_encoding_is_the_one_in_the_dsse_specification() -> None:
    # The example in DSSE's protocol.md.
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")

    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_in_the_encoding_count_bytes_and_not_characters() -> None:
    assert pre_authentication_encoding("单", b"") == b"DSSEv1 3 \xe5\x8d\x95 0 "


@given(st.binary(max_size=200))
def test_what_was_sealed_is_opened(payload: bytes) -> None:
    assert open_envelope(seal_envelope(ACT, payload, KEY), ACT, VERIFY) == payload


def test_another_key_does_not_open_it() -> None:
    stranger = VerifyKey(SigningKey.generate().public)

    with pytest.raises(SignatureInvalid, match=stranger.id):
        open_envelope(seal_envelope(ACT, b"x", KEY), ACT, stranger)


def test_a_key_that_only_borrows_the_name_does_not_open_it() -> None:
    parts = read_envelope(seal_envelope(ACT, b"x", SigningKey.generate()), ACT)
    parts.signatures[0].keyid = KEY.id

    with pytest.raises(SignatureInvalid, match="does not hold"):
        open_envelope(parts.SerializeToString(), ACT, VERIFY)


def test_an_envelope_is_not_taken_for_another_type() -> None:
    sealed = seal_envelope(ACT, b"x", KEY)

    with pytest.raises(SignatureInvalid, match=r"not application/vnd\.zongheng\.grant"):
        open_envelope(sealed, GRANT, VERIFY)
    parts = read_envelope(sealed, ACT)
    parts.payload_type = GRANT
    with pytest.raises(SignatureInvalid, match="does not hold"):
        open_envelope(parts.SerializeToString(), GRANT, VERIFY)


def test_an_unsigned_envelope_is_refused() -> None:
    parts = read_envelope(seal_envelope(ACT, b"x", KEY), ACT)
    del parts.signatures[:]

    with pytest.raises(SignatureInvalid, match="0 signatures"):
        open_envelope(parts.SerializeToString(), ACT, VERIFY)


_SEALED = seal_envelope(ACT, b"the exact bytes", KEY)


@given(st.integers(0, len(_SEALED) - 1), st.integers(1, 255))
def test_one_byte_changed_anywhere_is_refused(at: int, change: int) -> None:
    altered = _SEALED[:at] + bytes([_SEALED[at] ^ change]) + _SEALED[at + 1 :]

    with pytest.raises(SignatureInvalid):
        open_envelope(altered, ACT, VERIFY)


@given(st.binary(max_size=200))
def test_random_bytes_are_no_envelope(noise: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        open_envelope(noise, ACT, VERIFY)


def test_an_envelope_spelt_in_another_way_is_refused() -> None:
    key = SigningKey.generate()
    plain = seal_envelope(ACT, b"payload", key)
    parts = Envelope.FromString(plain)
    payload, kind = b"\x0a\x07payload", b"\x12%c%s" % (len(ACT), ACT.encode())
    signature = b"\x1a%c%s" % (
        parts.signatures[0].ByteSize(),
        parts.signatures[0].SerializeToString(),
    )
    assert payload + kind + signature == plain
    for other in (
        kind + payload + signature,  # another order
        signature + kind + payload,
        b"\x0a\x03one" + plain,  # a part twice, the last one counts
        payload + plain,
        b"\x0a\x87\x00payload" + kind + signature,  # a length with a digit too many
        b"\x8a\x00\x07payload" + kind + signature,  # a tag with one
        plain + b"\x22\x00",  # a part that nobody knows
        plain + b"\xa0\x06\x01",
        payload + kind + b"\x1a%c%s\x22\x00" % (signature[1] + 2, signature[2:]),
    ):
        assert Envelope.FromString(other).payload == b"payload"
        with pytest.raises(SignatureInvalid, match="spells them another way"):
            open_envelope(other, ACT, VerifyKey(key.public))
