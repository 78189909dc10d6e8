"""Bytes bent in every way: at random, and as protobuf lets the same parts be spelt."""

from __future__ import annotations

import random
from collections.abc import Callable

from zongheng_protos.envelope.v1.envelope_pb2 import Envelope

Bend = Callable[[random.Random, bytes], bytes]


def bit_flipped(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) * 8)
    bent = bytearray(data)
    bent[at // 8] ^= 1 << at % 8
    return bytes(bent)


def bits_flipped(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.randrange(2, 9)):
        data = bit_flipped(rng, data)
    return data


def byte_set(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return (
        data[:at] + bytes((rng.choice((0, 1, 127, 128, 255, rng.randrange(256))),)) + data[at + 1 :]
    )


def truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def beheaded(rng: random.Random, data: bytes) -> bytes:
    return data[rng.randrange(1, len(data) + 1) :]


def lengthened(rng: random.Random, data: bytes) -> bytes:
    return data + rng.randbytes(rng.randrange(1, 40))


def cut_out(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 33) :]


def put_in(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.randrange(1, 17)) + data[at:]


def repeated(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randrange(1, 65))
    return data[:end] + data[start:]


def swapped(rng: random.Random, data: bytes) -> bytes:
    a, b, c = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def blanked(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    width = min(rng.randrange(1, 33), len(data) - start)
    return data[:start] + bytes((rng.choice((0, 255)),)) * width + data[start + width :]


def nothing(rng: random.Random, data: bytes) -> bytes:
    return b""


def noise(rng: random.Random, data: bytes) -> bytes:
    return rng.randbytes(rng.randrange(1, 400))


BYTES: tuple[Bend, ...] = (
    bit_flipped,
    bits_flipped,
    byte_set,
    truncated,
    beheaded,
    lengthened,
    cut_out,
    put_in,
    repeated,
    swapped,
    blanked,
    nothing,
    noise,
)


def varint(number: int, *, digits: int = 0) -> bytes:
    """A protobuf varint, with more digits than it needs where digits says so."""
    found = bytearray()
    while number > 127 or len(found) + 1 < digits:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def part(number: int, content: bytes, *, digits: int = 0) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2, digits=digits) + varint(len(content), digits=digits) + content


def _parts(data: bytes) -> list[bytes]:
    """Payload, type and signature, each as a field of its own."""
    envelope = Envelope.FromString(data)
    return [
        part(1, envelope.payload),
        part(2, envelope.payload_type.encode()),
        part(3, envelope.signatures[0].SerializeToString()),
    ]


def parts_in_another_order(rng: random.Random, data: bytes) -> bytes:
    parts = _parts(data)
    rng.shuffle(parts)
    return b"".join(parts)


def part_twice(rng: random.Random, data: bytes) -> bytes:
    parts = _parts(data)
    again = rng.choice(parts)
    return data + again if rng.random() < 0.5 else again + data


def part_overlaid(rng: random.Random, data: bytes) -> bytes:
    """A first payload, type or signature that the genuine one, coming last, replaces."""
    number = rng.choice((1, 2, 3))
    content = b"\x0a\x01x" if number == 3 else rng.randbytes(8).hex().encode()
    return part(number, content) + data


def overlong_varint(rng: random.Random, data: bytes) -> bytes:
    envelope = Envelope.FromString(data)
    digits = [rng.choice((0, 0, 2, 3, 5, 9)) for _ in range(3)]
    digits[rng.randrange(3)] = rng.randrange(3, 10)
    contents = (
        envelope.payload,
        envelope.payload_type.encode(),
        envelope.signatures[0].SerializeToString(),
    )
    return b"".join(
        part(number, content, digits=longer)
        for number, content, longer in zip((1, 2, 3), contents, digits, strict=True)
    )


def unknown_part(rng: random.Random, data: bytes) -> bytes:
    number = rng.choice((4, 5, 15, 16, 1000, 2**29 - 1))
    unknown = rng.choice(
        (
            part(number, rng.randbytes(rng.randrange(20))),
            varint(number << 3) + varint(rng.randrange(2**32)),
            varint(number << 3 | 5) + rng.randbytes(4),
            varint(number << 3 | 1) + rng.randbytes(8),
            varint(number << 3 | 3) + varint(number << 3 | 4),
        )
    )
    parts = [*_parts(data)]
    parts.insert(rng.randrange(4), unknown)
    return b"".join(parts)


def unknown_in_signature(rng: random.Random, data: bytes) -> bytes:
    envelope = Envelope.FromString(data)
    inner = envelope.signatures[0].SerializeToString()
    extra = part(rng.choice((3, 4, 100)), rng.randbytes(rng.randrange(9)))
    head = part(1, envelope.payload) + part(2, envelope.payload_type.encode())
    return head + part(3, rng.choice((inner + extra, extra + inner)))


def wrong_wire_type(rng: random.Random, data: bytes) -> bytes:
    number, kind = rng.choice((1, 2, 3)), rng.choice((0, 1, 3, 4, 5, 6, 7))
    return data + varint(number << 3 | kind) + rng.randbytes(8)


def huge_length(rng: random.Random, data: bytes) -> bytes:
    length = rng.choice((2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
    return varint(rng.choice((1, 2, 3)) << 3 | 2) + varint(length) + data


def nested_deep(rng: random.Random, data: bytes) -> bytes:
    deep = b""
    for _ in range(rng.choice((50, 200))):
        deep = part(3, deep)
    return data + deep


def two_signatures(rng: random.Random, data: bytes) -> bytes:
    envelope = Envelope.FromString(data)
    envelope.signatures.add(sig=rng.randbytes(64), keyid=envelope.signatures[0].keyid)
    return envelope.SerializeToString()


def no_signature(rng: random.Random, data: bytes) -> bytes:
    envelope = Envelope.FromString(data)
    del envelope.signatures[:]
    return envelope.SerializeToString()


WIRE: tuple[Bend, ...] = (
    parts_in_another_order,
    part_twice,
    part_overlaid,
    overlong_varint,
    unknown_part,
    unknown_in_signature,
    wrong_wire_type,
    huge_length,
    nested_deep,
    two_signatures,
    no_signature,
)
