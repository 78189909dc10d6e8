"""SM2 signatures that are none: out of range, in another form, or under another signer's id."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.forge.victims import Victims
from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_tenants.envelope import pre_authentication_encoding
from zongheng_tenants.suites import SM_1
from zongheng_tenants.suites.sm2 import SIGNER_ID
from zongheng_tenants.suites.sm2_curve import N
from zongheng_tenants.suites.sm2_libcrypto import Libcrypto

Numbers = Callable[[random.Random, bytes, Victims], bytes]


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


def _integer(number: int, *, more: int = 0) -> bytes:
    """A DER integer; more: that many zero bytes before it that it does not need."""
    length = number.bit_length() // 8 + 1
    return _tagged(2, bytes(more) + number.to_bytes(length, "big"))


def _der(r: int, s: int) -> bytes:
    return _tagged(0x30, _integer(r) + _integer(s))


def _numbers(signature: bytes) -> tuple[int, int]:
    """r and s; two of no meaning where an Ed25519 key has signed."""
    if signature[:1] != b"\x30" or signature[2:3] != b"\x02":
        return int.from_bytes(signature[:32], "big") % N, int.from_bytes(signature[32:], "big") % N
    end = 4 + signature[3]
    return int.from_bytes(signature[4:end], "big"), int.from_bytes(signature[end + 2 :], "big")


def _resigned(data: bytes, signature: bytes) -> bytes:
    envelope = Envelope.FromString(data)
    envelope.signatures[0].sig = signature
    return envelope.SerializeToString()


def _of(data: bytes) -> tuple[int, int]:
    return _numbers(Envelope.FromString(data).signatures[0].sig)


def numbers_past_the_order(rng: random.Random, data: bytes, house: Victims) -> bytes:
    """r + n, s + n: the same modulo the order of the curve."""
    r, s = _of(data)
    a, b = rng.choice(((1, 0), (0, 1), (1, 1), (2, 0), (0, 2)))
    return _resigned(data, _der(r + a * N, s + b * N))


def numbers_at_the_edge(rng: random.Random, data: bytes, house: Victims) -> bytes:
    edges = (0, 1, N - 1, N, N + 1, 2**256 - 1)
    r, s = _of(data)
    r, s = rng.choice(((rng.choice(edges), s), (r, rng.choice(edges)), (0, 0), (N, N)))
    return _resigned(data, _der(r, s))


def numbers_negated(rng: random.Random, data: bytes, house: Victims) -> bytes:
    """n - r, n - s: what would do for ECDSA."""
    r, s = _of(data)
    return _resigned(data, _der(*rng.choice(((N - r, s), (r, N - s), (N - r, N - s)))))


def numbers_exchanged(rng: random.Random, data: bytes, house: Victims) -> bytes:
    r, s = _of(data)
    return _resigned(data, rng.choice((_der(s, r), _der(r, r), _der(s, s), _der(r, (r + s) % N))))


def numbers_in_another_form(rng: random.Random, data: bytes, house: Victims) -> bytes:
    """The same numbers with zeros before them, a longer length, more behind, or without DER."""
    r, s = _of(data)
    both = _integer(r) + _integer(s)
    forms = (
        _tagged(0x30, _integer(r, more=1) + _integer(s)),
        _tagged(0x30, _integer(r) + _integer(s, more=rng.randrange(1, 9))),
        b"\x30\x81" + bytes((len(both),)) + both,
        b"\x30\x82\0" + bytes((len(both),)) + both,
        b"\x30\x80" + both + b"\0\0",
        _tagged(0x31, both),
        _tagged(0x30, both) + rng.randbytes(rng.randrange(1, 4)),
        _tagged(0x30, both + _integer(1)),
        _tagged(0x30, both)[: -rng.randrange(1, 4)],
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    )
    return _resigned(data, rng.choice(forms))


def under_another_signer_id(rng: random.Random, data: bytes, house: Victims) -> bytes:
    """By the unit's own key, but for another id than the one every key here has (GM/T 0009)."""
    envelope = Envelope.FromString(data)
    signed = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    keys = (key for unit in house.units.values() for key in (unit.signing, unit.console))
    key = next((one for one in keys if one.id == envelope.signatures[0].keyid), house.stranger)
    if key.suite != SM_1:
        key = house.stranger
    other_id = rng.choice((b"", SIGNER_ID[:-1], SIGNER_ID + b"8", b"zongheng", SIGNER_ID[::-1]))
    return _resigned(data, Libcrypto(other_id).private_key(key.private_bytes()).sign(signed))


SM2: tuple[Numbers, ...] = (
    numbers_past_the_order,
    numbers_at_the_edge,
    numbers_negated,
    numbers_exchanged,
    numbers_in_another_form,
    under_another_signer_id,
)
