"""Signatures that do not belong: borrowed, bent, of another key, of another kind of statement."""

from __future__ import annotations

import random
from collections.abc import Callable

from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_tenants.envelope import pre_authentication_encoding
from zongheng_tenants.keys import HeldSigner

ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
)
"""Encodings of points of small order (RFC 8032 leaves them to the verifier)."""
Resign = Callable[[random.Random, bytes, HeldSigner], bytes]


def _signed_otherwise(envelope: Envelope, sig: bytes, keyid: str | None = None) -> bytes:
    signature = envelope.signatures[0]
    signature.sig = sig
    signature.keyid = signature.keyid if keyid is None else keyid
    return envelope.SerializeToString()


def scalar_past_order(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    """S + L: the same point, another scalar."""
    envelope = Envelope.FromString(data)
    sig = envelope.signatures[0].sig
    scalar = int.from_bytes(sig[32:], "little") + ORDER * rng.randrange(1, 8)
    return _signed_otherwise(envelope, sig[:32] + (scalar % 2**256).to_bytes(32, "little"))


def small_order_nonce(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    sig = envelope.signatures[0].sig
    point = bytes.fromhex(rng.choice(SMALL_ORDER))
    return _signed_otherwise(envelope, point + rng.choice((sig[32:], bytes(32))))


def all_zero(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    return _signed_otherwise(Envelope.FromString(data), bytes(rng.choice((0, 1, 32, 63, 64, 65))))


def cut_or_padded(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    sig = envelope.signatures[0].sig
    return _signed_otherwise(envelope, rng.choice((sig[:-1], sig + b"\0", sig[1:], sig * 2)))


def random_signature(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    return _signed_otherwise(Envelope.FromString(data), rng.randbytes(64))


def signed_by_another_under_the_name(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    signed = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    return _signed_otherwise(envelope, other.sign(signed))


def signed_by_another(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    signed = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    return _signed_otherwise(envelope, other.sign(signed), other.id)


def key_renamed(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    keyid = envelope.signatures[0].keyid
    named = rng.choice((other.id, "", keyid.upper(), keyid + "0", keyid[:-1], other.public.hex()))
    return _signed_otherwise(envelope, envelope.signatures[0].sig, named)


def payload_alone_signed(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    """Without the encoding that puts the type under the signature; by a stranger or not at all."""
    envelope = Envelope.FromString(data)
    return _signed_otherwise(envelope, other.sign(envelope.payload))


def payload_bent(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    payload = bytearray(envelope.payload)
    payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
    envelope.payload = bytes(payload)
    return envelope.SerializeToString()


def payload_lengthened(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    envelope.payload += rng.choice((b"\x0a\x00", b"\x40\x01", rng.randbytes(rng.randrange(1, 30))))
    return envelope.SerializeToString()


def payload_huge(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    envelope.payload += b"\x12" + bytes((255, 255, 3)) + b"x" * 65535
    return envelope.SerializeToString()


def type_renamed(rng: random.Random, data: bytes, other: HeldSigner) -> bytes:
    envelope = Envelope.FromString(data)
    now = envelope.payload_type
    envelope.payload_type = rng.choice(
        ("", now.upper(), now + " ", now.replace("v1", "v2"), "application/json", "none")
    )
    return envelope.SerializeToString()


ED25519: tuple[Resign, ...] = (scalar_past_order, small_order_nonce)
"""Only for what an Ed25519 key has signed; for SM2 see tests.forge.sm2_signatures."""
SIGNATURES: tuple[Resign, ...] = (
    all_zero,
    cut_or_padded,
    random_signature,
    signed_by_another_under_the_name,
    signed_by_another,
    key_renamed,
    payload_alone_signed,
    payload_bent,
    payload_lengthened,
    payload_huge,
    type_renamed,
)
