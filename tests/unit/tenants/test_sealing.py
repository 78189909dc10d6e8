"""Sealed bytes open for their recipient, whole and in order, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zongheng_protos.errors import Invalid
from zongheng_tenants import sealing
from zongheng_tenants.keys import SealingKey
from zongheng_tenants.suites import INTL_1, suite_of

PARCEL = "p_parcel"
KEY = sealing.new_data_key()
LONG = bytes(range(256)) * 4096 * 2 + b"tail"  # two whole chunks and a short one


def sealed(plaintext: bytes) -> list[bytes]:
    return list(sealing.seal_chunks(plaintext, KEY, PARCEL))


def opened(chunks: list[bytes], parcel: str = PARCEL, key: bytes = KEY) -> bytes:
    return b"".join(sealing.open_chunks(chunks, key, parcel))


@settings(max_examples=30)
@given(st.binary(max_size=3000))
def test_what_was_sealed_opens(plaintext: bytes) -> None:
    assert opened(sealed(plaintext)) == plaintext


def test_long_content_is_cut_into_chunks_that_fit_a_message() -> None:
    chunks = sealed(LONG)
    assert [len(chunk) for chunk in chunks] == [sealing.CHUNK_BYTES + 16] * 2 + [4 + 16]
    assert opened(chunks) == LONG


def test_nothing_is_sealed_as_one_chunk() -> None:
    assert len(sealed(b"")) == 1
    assert opened(sealed(b"")) == b""


def test_content_of_exactly_one_chunk_has_one() -> None:
    assert len(sealed(bytes(sealing.CHUNK_BYTES))) == 1


def test_chunks_cut_swapped_doubled_or_added_do_not_open() -> None:
    first, second, last = sealed(LONG)
    for wrong in (
        [first, second],
        [first],
        [second, last],
        [second, first, last],
        [first, first, second, last],
        [first, second, last, last],
        [],
    ):
        with pytest.raises(Invalid):
            opened(wrong)


def test_a_chunk_of_another_parcel_or_key_does_not_open() -> None:
    chunks = sealed(b"rows")
    with pytest.raises(Invalid):
        opened(chunks, parcel="p_other")
    with pytest.raises(Invalid):
        opened(chunks, key=sealing.new_data_key())


def test_every_flipped_bit_is_noticed() -> None:
    (chunk,) = sealed(b"name,village\r\n")
    for bit in range(len(chunk) * 8):
        with pytest.raises(Invalid):
            opened([flipped(chunk, bit)])


def test_a_wrapped_key_opens_for_its_recipient_and_purpose_only() -> None:
    recipient = SealingKey.generate()
    wrapped = sealing.wrap_key(KEY, recipient.public, b"purpose")
    assert len(wrapped) == suite_of(INTL_1).wrapped_key_bytes
    assert sealing.unwrap_key(wrapped, recipient, b"purpose") == KEY
    for key, info in ((SealingKey.generate(), b"purpose"), (recipient, b"other")):
        with pytest.raises(Invalid):
            sealing.unwrap_key(wrapped, key, info)
    # The unused top bit of an X25519 point changes no shared secret, but HPKE's context.
    for bit in range(len(wrapped) * 8):
        with pytest.raises(Invalid):
            sealing.unwrap_key(flipped(wrapped, bit), recipient, b"purpose")
    with pytest.raises(Invalid):
        sealing.unwrap_key(wrapped[:-1], recipient, b"purpose")


@pytest.mark.parametrize("public", [b"short", bytes(32)])
def test_a_key_that_cannot_be_sealed_to_is_refused(public: bytes) -> None:
    with pytest.raises(Invalid):
        sealing.wrap_key(KEY, public, b"")


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_a_binding_is_made_by_its_own_parts_only(one: list[bytes], other: list[bytes]) -> None:
    assert (sealing.binding("a", *one) == sealing.binding("a", *other)) == (one == other)


def test_a_commitment_depends_on_key_and_content() -> None:
    made = sealing.commitment(KEY, b"rows")
    assert made != sealing.commitment(KEY, b"row")
    assert made != sealing.commitment(sealing.new_data_key(), b"rows")


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
