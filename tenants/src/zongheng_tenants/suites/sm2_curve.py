"""The SM2 curve (GB/T 32918.5) and strict forms of what goes over the wire; public values only."""

from __future__ import annotations

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
POINT_BYTES = 65
SCALAR_BYTES = 32
CIPHERTEXT_OVERHEAD = POINT_BYTES + 32
_SEQUENCE, _INTEGER, _OCTETS = 0x30, 0x02, 0x04


def check_point(public: bytes) -> None:
    """Raises ValueError: public is no uncompressed point of the curve (its cofactor is 1)."""
    if len(public) != POINT_BYTES or public[0] != 0x04:
        raise ValueError("an SM2 public key is an uncompressed point of 65 bytes")
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    if x >= P or y >= P or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("the SM2 public key is no point of the curve")


def check_scalar(private: bytes) -> None:
    """Raises ValueError: private is no scalar from 1 to n - 2 in 32 bytes."""
    if len(private) != SCALAR_BYTES or not 1 <= int.from_bytes(private, "big") <= N - 2:
        raise ValueError("an SM2 private key is a number from 1 to n - 2 in 32 bytes")


def scalar_from(seed: bytes) -> bytes:
    """A private key from at least 48 uniformly random bytes (FIPS 186-5, A.2.1)."""
    if len(seed) < SCALAR_BYTES + 16:
        raise ValueError("an SM2 key is derived from at least 48 bytes")
    return (int.from_bytes(seed, "big") % (N - 2) + 1).to_bytes(SCALAR_BYTES, "big")


def check_signature(signature: bytes) -> None:
    """Raises ValueError: it is not the one DER form of r and s, both from 1 to n - 1."""
    rest = _content(signature, _SEQUENCE)
    r, rest = _integer(rest)
    s, rest = _integer(rest)
    if rest or not (1 <= r < N and 1 <= s < N):
        raise ValueError("the SM2 signature's numbers are out of range")


def ciphertext_to_der(raw: bytes) -> bytes:
    """C1 ‖ C3 ‖ C2 as GM/T 0009 writes it. Raises ValueError: C1 is no point of the curve."""
    if len(raw) <= CIPHERTEXT_OVERHEAD:
        raise ValueError("the SM2 ciphertext is too short")
    check_point(raw[:POINT_BYTES])
    parts = (
        _unsigned(raw[1:33]),
        _unsigned(raw[33:65]),
        _tagged(_OCTETS, raw[65:97]),
        _tagged(_OCTETS, raw[97:]),
    )
    return _tagged(_SEQUENCE, b"".join(parts))


def ciphertext_from_der(der: bytes) -> bytes:
    """C1 ‖ C3 ‖ C2, fixed in length, of a ciphertext in GM/T 0009's form. Raises ValueError."""
    rest = _content(der, _SEQUENCE)
    x, rest = _integer(rest)
    y, rest = _integer(rest)
    digest, rest = _element(rest, _OCTETS)
    text, rest = _element(rest, _OCTETS)
    if rest or len(digest) != 32:
        raise ValueError("the SM2 ciphertext is malformed")
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big") + digest + text


def multiply_base(scalar: int) -> bytes:
    """The point scalar · G. Not constant in time: only for where libcrypto cannot do it."""
    x, y, z = 0, 1, 0
    for bit in bin(scalar)[2:]:
        x, y, z = _doubled(x, y, z)
        if bit == "1":
            x, y, z = _added(x, y, z)
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return (
        b"\x04"
        + (x * square % P).to_bytes(32, "big")
        + (y * square * inverse % P).to_bytes(32, "big")
    )


def _doubled(x: int, y: int, z: int) -> tuple[int, int, int]:
    """Jacobian doubling for a = -3."""
    if z == 0:
        return x, y, z
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    z3 = ((y + z) * (y + z) - gamma - delta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, z3


def _added(x: int, y: int, z: int) -> tuple[int, int, int]:
    """Jacobian point plus G."""
    if z == 0:
        return (*G, 1)
    square = z * z % P
    h, r = (G[0] * square - x) % P, (G[1] * square * z - y) % P
    if h == 0:
        return _doubled(x, y, z) if r == 0 else (0, 1, 0)
    h2 = h * h % P
    h3, v = h * h2 % P, x * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - y * h3) % P, z * h % P


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the DER element that data begins with, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("not the DER form expected")
    length, at = data[1], 2
    if length == 0x81:
        if len(data) < 3 or data[2] < 0x80:
            raise ValueError("a DER length is not in its shortest form")
        length, at = data[2], 3
    elif length > 0x81 or length == 0x80:
        raise ValueError("a DER length is too long")
    if len(data) < at + length:
        raise ValueError("a DER element is cut off")
    return data[at : at + length], data[at + length :]


def _content(data: bytes, tag: int) -> bytes:
    content, rest = _element(data, tag)
    if rest:
        raise ValueError("something follows the DER element")
    return content


def _integer(data: bytes) -> tuple[int, bytes]:
    content, rest = _element(data, _INTEGER)
    if not content or content[0] & 0x80 or len(content) > SCALAR_BYTES + 1:
        raise ValueError("a DER integer is negative, empty or too long")
    if len(content) > 1 and content[0] == 0 and not content[1] & 0x80:
        raise ValueError("a DER integer is not in its shortest form")
    value = int.from_bytes(content, "big")
    if value >> 256:
        raise ValueError("a DER integer is too long")
    return value, rest


def _unsigned(number: bytes) -> bytes:
    digits = number.lstrip(b"\0") or b"\0"
    return _tagged(_INTEGER, b"\0" + digits if digits[0] & 0x80 else digits)


def _tagged(tag: int, content: bytes) -> bytes:
    length = bytes((len(content),)) if len(content) < 0x80 else bytes((0x81, len(content)))
    return bytes((tag,)) + length + content
