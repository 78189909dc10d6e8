"""SM2 at its edges: the group law, and the one DER form of signatures and ciphertexts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_tenants.suites import sm2_curve as curve

HIGH = curve.multiply_base(7)  # some point
DIGEST = bytes(range(32))


def element(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


def integer(content: bytes) -> bytes:
    return element(0x02, content)


def signature(r: bytes, s: bytes, after: bytes = b"") -> bytes:
    return element(0x30, integer(r) + integer(s) + after)


def ciphertext(*parts: bytes) -> bytes:
    return element(0x30, b"".join(parts))


ONE = b"\1"
LAST = b"\0" + (curve.N - 1).to_bytes(32, "big")


@pytest.mark.parametrize("number", [ONE, LAST, b"\x7f", b"\0\x80"])
def test_numbers_from_one_to_the_last_are_signatures(number: bytes) -> None:
    curve.check_signature(signature(number, ONE))
    curve.check_signature(signature(ONE, number))


@pytest.mark.parametrize(
    "number",
    [
        b"",  # no number
        b"\0",  # nought
        b"\x80",  # negative
        b"\0\1",  # not the shortest
        b"\0\x7f",  # not the shortest
        b"\0" + curve.N.to_bytes(32, "big"),  # beyond the last
        b"\1" + bytes(32),  # 257 bits
        b"\1" + bytes(33),  # 34 bytes
    ],
)
def test_whatever_is_no_number_of_the_group_in_its_one_form_is_refused(number: bytes) -> None:
    for pair in ((number, ONE), (ONE, number)):
        with pytest.raises(ValueError, match=r"DER|range"):
            curve.check_signature(signature(*pair))


def test_nothing_may_follow_within_a_signature_or_after_it() -> None:
    for more in (b"\0", integer(ONE)):
        with pytest.raises(ValueError, match="range"):
            curve.check_signature(signature(ONE, ONE, more))
        with pytest.raises(ValueError, match="follows"):
            curve.check_signature(signature(ONE, ONE) + more)


def test_every_beginning_of_a_signature_is_refused() -> None:
    whole = signature(LAST, LAST)
    curve.check_signature(whole)
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="DER"):
            curve.check_signature(whole[:length])


@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_signature_of_other_elements_is_refused(at: int) -> None:
    whole = signature(ONE, ONE)
    with pytest.raises(ValueError, match="form expected"):
        curve.check_signature(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (b"\x81\x06", "shortest"),
        (b"\x81\x7f", "shortest"),
        (b"\x81", "shortest"),
        (b"\x80", "too long"),
        (b"\x82\x00\x06", "too long"),
        (b"\xff", "too long"),
    ],
)
def test_lengths_have_one_form(length: bytes, said: str) -> None:
    inside = b"" if length == b"\x81" else signature(ONE, ONE)[2:]
    with pytest.raises(ValueError, match=said):
        curve.check_signature(b"\x30" + length + inside)


@pytest.mark.parametrize("size", [1, 2, 23, 24, 25, 127, 128, 140])
def test_a_ciphertext_of_any_size_goes_there_and_back(size: int) -> None:
    raw = HIGH + DIGEST + bytes(size)
    der = curve.ciphertext_to_der(raw)
    assert curve.ciphertext_from_der(der) == raw
    long = len(der) - 2 >= 0x80
    assert der[1] == (0x81 if long else len(der) - 2)
    assert (der[2] if long else der[1]) == len(der) - (3 if long else 2)


@given(st.integers(1, curve.N - 1))
def test_a_ciphertext_by_any_point_goes_there_and_back(scalar: int) -> None:
    raw = curve.multiply_base(scalar) + DIGEST + b"secret"
    der = curve.ciphertext_to_der(raw)
    assert curve.ciphertext_from_der(der) == raw
    for length in (0, 1, 2, len(der) // 2, len(der) - 1):
        with pytest.raises(ValueError):
            curve.ciphertext_from_der(der[:length])


def test_coordinates_lose_their_leading_zeros_and_get_them_back() -> None:
    der = ciphertext(integer(ONE), integer(b"\0\x80"), element(4, DIGEST), element(4, b"s"))
    raw = curve.ciphertext_from_der(der)
    assert raw == b"\x04" + bytes(31) + ONE + bytes(31) + b"\x80" + DIGEST + b"s"


def test_a_ciphertext_needs_a_text_and_a_point_of_the_curve() -> None:
    with pytest.raises(ValueError, match="too short"):
        curve.ciphertext_to_der(HIGH + DIGEST)
    assert curve.ciphertext_to_der(HIGH + DIGEST + b"s")
    with pytest.raises(ValueError, match="no point"):
        curve.ciphertext_to_der(HIGH[:64] + bytes([HIGH[64] ^ 1]) + DIGEST + b"s")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_ciphertext_with_another_digest_is_refused(size: int) -> None:
    der = ciphertext(integer(ONE), integer(ONE), element(4, bytes(size)), element(4, b"s"))
    with pytest.raises(ValueError, match="malformed"):
        curve.ciphertext_from_der(der)


@pytest.mark.parametrize("at", [0, 1])
def test_a_coordinate_of_more_than_256_bits_is_refused(at: int) -> None:
    parts = [integer(ONE), integer(ONE), element(4, DIGEST), element(4, b"s")]
    for number in (b"\1" + bytes(32), b"\x7f" + b"\xff" * 32):
        parts[at] = integer(number)
        with pytest.raises(ValueError, match="too long"):
            curve.ciphertext_from_der(ciphertext(*parts))


def test_nothing_may_follow_within_a_ciphertext() -> None:
    parts = (integer(ONE), integer(ONE), element(4, DIGEST), element(4, b"s"))
    assert curve.ciphertext_from_der(ciphertext(*parts))
    with pytest.raises(ValueError, match="malformed"):
        curve.ciphertext_from_der(ciphertext(*parts, b"\0"))


@pytest.mark.parametrize("at", [0, 2, 5, 8, 42])
def test_a_ciphertext_of_other_elements_is_refused(at: int) -> None:
    der = ciphertext(integer(ONE), integer(ONE), element(4, DIGEST), element(4, b"s"))
    with pytest.raises(ValueError, match="form expected"):
        curve.ciphertext_from_der(der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :])


def test_the_groups_law_holds_where_points_meet() -> None:
    assert curve.multiply_base(1)[1:33] == curve.G[0].to_bytes(32, "big")
    assert curve.multiply_base(1)[33:] == curve.G[1].to_bytes(32, "big")
    assert curve.multiply_base(curve.N + 1) == curve.multiply_base(1)
    assert curve.multiply_base(curve.N + 2) == curve.multiply_base(2)
    opposite = curve.multiply_base(curve.N - 1)
    assert opposite[:33] == curve.multiply_base(1)[:33]
    assert int.from_bytes(opposite[33:], "big") == curve.P - curve.G[1]
    for nothing in (0, curve.N):
        with pytest.raises(ValueError, match="invertible"):
            curve.multiply_base(nothing)


@given(st.integers(1, curve.N - 1))
def test_every_multiple_is_a_point_and_its_opposite_mirrors_it(scalar: int) -> None:
    point, opposite = curve.multiply_base(scalar), curve.multiply_base(curve.N - scalar)
    curve.check_point(point)
    assert opposite[:33] == point[:33]
    mirrored = int.from_bytes(point[33:], "big") + int.from_bytes(opposite[33:], "big")
    assert mirrored == curve.P


@pytest.mark.parametrize(
    "public",
    [
        b"",
        HIGH[:64],
        HIGH + b"\0",
        b"\x03" + HIGH[1:],
        b"\x04" + curve.P.to_bytes(32, "big") + HIGH[33:],
        HIGH[:33] + curve.P.to_bytes(32, "big"),
        b"\x04" + bytes(64),
    ],
)
def test_what_is_no_uncompressed_point_is_refused(public: bytes) -> None:
    with pytest.raises(ValueError, match="SM2 public key"):
        curve.check_point(public)


def test_a_coordinate_beyond_the_field_is_refused_though_it_would_fit() -> None:
    x = int.from_bytes(HIGH[1:33], "big")
    y = int.from_bytes(HIGH[33:], "big")
    for beyond in ((x + curve.P, y), (x, y + curve.P)):
        if max(beyond) >> 256:
            continue  # does not fit 32 bytes, which the point's length refuses already
        public = b"\x04" + b"".join(value.to_bytes(32, "big") for value in beyond)
        with pytest.raises(ValueError, match="no point"):
            curve.check_point(public)


def test_a_point_over_zero_has_one_spelling() -> None:
    y = pow(curve.B, (curve.P + 1) // 4, curve.P)
    assert y * y % curve.P == curve.B  # so there is a point with x = 0, and p would be another 0
    curve.check_point(b"\x04" + bytes(32) + y.to_bytes(32, "big"))
    with pytest.raises(ValueError, match="no point"):
        curve.check_point(b"\x04" + curve.P.to_bytes(32, "big") + y.to_bytes(32, "big"))


def test_private_keys_are_numbers_from_one_to_n_less_two() -> None:
    for number in (1, curve.N - 2):
        curve.check_scalar(number.to_bytes(32, "big"))
    for number in (0, curve.N - 1, curve.N):
        with pytest.raises(ValueError, match="from 1 to n - 2"):
            curve.check_scalar(number.to_bytes(32, "big"))
    for private in (b"", b"\1" * 31, b"\0" * 32 + b"\1"):
        with pytest.raises(ValueError, match="32 bytes"):
            curve.check_scalar(private)


def test_a_derived_key_takes_48_bytes_and_covers_the_whole_range() -> None:
    def derived(number: int, size: int = 48) -> int:
        return int.from_bytes(curve.scalar_from(number.to_bytes(size, "big")), "big")

    with pytest.raises(ValueError, match="48"):
        derived(5, 47)
    assert derived(0) == 1
    assert derived(curve.N - 3) == curve.N - 2
    assert derived(curve.N - 2) == 1
    assert derived(5, 64) == 6
