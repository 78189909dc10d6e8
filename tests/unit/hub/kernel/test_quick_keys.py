"""What libsodium accepts in the hub, OpenSSL accepts at every auditor, at Ed25519's known edges.

The edges are those of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020): small and
mixed orders of key and nonce, encodings and scalars that are not canonical. They are computed here.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.kernel import quick_keys
from zongheng_hub.kernel.quick_keys import QuickKey, is_as_strict, quick_key
from zongheng_tenants.keys import SigningKey, VerifyKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
ZERO: Point = (0, 1)
SECRET, NONCE = 0x5EC2E7 << 200 | 7, 0x90CE << 210 | 3


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + both, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - both, -1, P) % P,
    )


def times(scalar: int, point: Point) -> Point:
    result = ZERO
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def on_curve(y: int) -> Point | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * pow(2, (P - 1) // 4, P) % P
    return (root if root % 2 == 0 else P - root, y) if root * root % P == square else None


def point_of_order_eight() -> Point:
    for y in itertools.count(2):
        point = on_curve(y)
        if point is not None and times(4, times(L, point)) != ZERO:
            return times(L, point)
    raise AssertionError


found = on_curve(4 * pow(5, -1, P) % P)
assert found is not None
BASE = found
EIGHTH = point_of_order_eight()
SMALL = [times(number, EIGHTH) for number in range(8)]
MULTIPLES = {scalar: times(scalar, BASE) for scalar in (0, SECRET, NONCE)}


def challenge(nonce: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(nonce + public + message).digest(), "little") % L


def not_canonical(point: Point) -> list[bytes]:
    """Other encodings of a point that lenient decoders take: y + p, and x = 0 with its sign set."""
    encodings = []
    for y in (point[1], point[1] + P):
        for sign in (0, 1):
            if y < 2**255:
                encodings.append((y | sign << 255).to_bytes(32, "little"))
    return [each for each in encodings if each != encode(point)]


def edges() -> Iterator[tuple[bytes, bytes, bytes]]:
    """Public key, signature, message."""
    for round_ in range(8):  # the challenge's remainder by 8 decides some of the edges
        message = b"edge %d" % round_
        for a, r in itertools.product((0, SECRET), (0, NONCE)):
            for key_torsion, nonce_torsion in itertools.product(SMALL, SMALL):
                public = encode(add(MULTIPLES[a], key_torsion))
                nonce = encode(add(MULTIPLES[r], nonce_torsion))
                scalar = (r + challenge(nonce, public, message) * a) % L
                yield public, nonce + scalar.to_bytes(32, "little"), message
        good = encode(MULTIPLES[NONCE])
        public = encode(MULTIPLES[SECRET])
        scalar = (NONCE + challenge(good, public, message) * SECRET) % L
        for beyond in range((2**256 - scalar) // L + 1):
            yield public, good + (scalar + beyond * L).to_bytes(32, "little"), message
        for small in SMALL:
            for strange in not_canonical(small):
                zero = (0).to_bytes(32, "little")
                yield strange, encode(small) + zero, message
                yield encode(small), strange + zero, message
                yield strange, strange + zero, message
                scalar = (NONCE + challenge(good, strange, message) * 0) % L
                yield strange, good + scalar.to_bytes(32, "little"), message


def test_nothing_is_accepted_at_the_edges_that_openssl_refuses() -> None:
    accepted = [0, 0]
    for public, signature, message in edges():
        quick = QuickKey(public).verifies(signature, message)
        openssl = VerifyKey(public).verifies(signature, message)
        assert openssl or not quick, (public.hex(), signature.hex(), message)
        accepted[0] += quick
        accepted[1] += openssl
    assert 0 < accepted[0] <= accepted[1]


def test_keys_of_small_order_are_refused_though_openssl_takes_them() -> None:
    zero = (0).to_bytes(32, "little")
    taken_by_openssl = 0
    for number, small in itertools.product(range(64), SMALL):
        public, signature = encode(small), encode(ZERO) + zero
        message = b"anything %d" % number
        taken_by_openssl += VerifyKey(public).verifies(signature, message)
        assert not QuickKey(public).verifies(signature, message)
    assert taken_by_openssl > 0


@given(st.binary(max_size=300), st.integers(0, 2**512 - 1))
def test_bent_signatures_are_judged_alike(message: bytes, bend: int) -> None:
    key = SigningKey(bytes(range(32)))
    signature = bytes(
        a ^ b for a, b in zip(key.sign(message), bend.to_bytes(64, "big"), strict=True)
    )
    quick = QuickKey(key.public).verifies(signature, message)
    assert quick == VerifyKey(key.public).verifies(signature, message)
    assert quick == (bend == 0)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_signature_of_another_length_is_refused(length: int) -> None:
    key = SigningKey.generate()
    signature = (key.sign(b"m") + bytes(128))[:length]
    assert not QuickKey(key.public).verifies(signature, b"m")
    # nor does what libsodium takes for one message pass for another, split elsewhere
    assert not QuickKey(key.public).verifies(key.sign(b"ab") + b"a", b"b")


def test_the_libsodium_at_hand_is_as_strict_as_openssl() -> None:
    assert is_as_strict()
    key = SigningKey.generate()
    assert isinstance(quick_key(key.public), QuickKey)
    assert quick_key(key.public).verifies(key.sign(b"m"), b"m")
    assert not quick_key(key.public).verifies(key.sign(b"m"), b"n")


def test_a_hub_without_libsodium_or_with_a_freer_one_verifies_with_openssl(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = SigningKey.generate()
    others = {
        "HAS_LIBSODIUM": False,
        "_HOLDS_TIMES_EIGHT": quick_keys._HOLDS,  # it takes more
        "_HOLDS": bytes(64),  # it takes nothing
    }
    for freer, value in others.items():
        with monkeypatch.context() as changed:
            changed.setattr(quick_keys, freer, value)
            is_as_strict.cache_clear()
            assert is_as_strict() is False
            assert type(quick_key(key.public)) is VerifyKey
        is_as_strict.cache_clear()
    assert is_as_strict() is True
