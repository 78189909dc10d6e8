"""Keys: Ed25519 as in RFC 8032, named by their public half."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_tenants.keys import SealingKey, SigningKey, VerifyKey, key_id

# RFC 8032, section 7.1, test 2.
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signatures_are_those_of_rfc_8032() -> None:
    key = SigningKey(SECRET)

    assert key.public == PUBLIC
    assert key.sign(b"\x72") == SIGNATURE
    assert VerifyKey(PUBLIC).verifies(SIGNATURE, b"\x72")


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_signature_with_one_byte_changed_does_not_hold(at: int, change: int) -> None:
    altered = bytearray(SIGNATURE)
    altered[at] ^= change

    assert not VerifyKey(PUBLIC).verifies(bytes(altered), b"\x72")


def test_a_signature_of_another_length_does_not_hold() -> None:
    for signature in (b"", SIGNATURE[:-1], SIGNATURE + b"\0"):
        assert not VerifyKey(PUBLIC).verifies(signature, b"\x72")


def test_a_signature_with_a_scalar_past_the_groups_order_does_not_hold() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(SIGNATURE[32:], "little") + order

    assert not VerifyKey(PUBLIC).verifies(SIGNATURE[:32] + scalar.to_bytes(32, "little"), b"\x72")


def test_a_key_is_named_by_its_public_half() -> None:
    assert SigningKey(SECRET).id == VerifyKey(PUBLIC).id == key_id(PUBLIC)
    assert key_id(PUBLIC).startswith("k_")
    assert len(key_id(PUBLIC)) == 18


def test_kept_keys_are_the_same_keys() -> None:
    signing, sealing = SigningKey.generate(), SealingKey.generate()

    assert SigningKey(signing.private_bytes()).public == signing.public
    assert SealingKey(sealing.private_bytes()).id == sealing.id


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        VerifyKey(bytes(31))
