"""Sealing: content only its recipient can open, by the recipient's suite; see suites."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag

from zongheng_protos.errors import Invalid
from zongheng_tenants.keys import Opener
from zongheng_tenants.suites import INTL_1, Cipher, suite_of

CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
MAX_CHUNKS = 65536


def new_data_key(suite: int = INTL_1) -> bytes:
    """Fresh bytes, 32 or in SM-1 16. One key seals one parcel, or its nonces repeat."""
    return secrets.token_bytes(suite_of(suite).data_key_bytes)


def binding(label: str, *parts: bytes) -> bytes:
    """Parts under a label as bytes that no other parts yield: each with its length."""
    framed = (len(part).to_bytes(4, "big") + part for part in (label.encode(), *parts))
    return b"".join(framed)


def wrap_key(data_key: bytes, recipient_key: bytes, info: bytes, suite: int = INTL_1) -> bytes:
    """The data key for a recipient, bound to info; 80 bytes, in SM-1 161.

    Raises:
        Invalid: recipient_key is no usable sealing key of the suite.
    """
    try:
        return suite_of(suite).wrap(data_key, recipient_key, info)
    except ValueError as error:
        raise Invalid("the recipient's sealing key cannot be used") from error


def unwrap_key(wrapped: bytes, key: Opener, info: bytes) -> bytes:
    """The data key that wrap_key wrapped.

    Raises:
        Invalid: wrapped to another key, bound to other info, or altered.
        SignerUnavailable: what holds the key does not answer.
    """
    data_key = key.unwrap(wrapped, info)
    if len(data_key) != suite_of(key.suite).data_key_bytes:
        raise Invalid(f"the wrapped key opens to {len(data_key)} bytes")
    return data_key


def seal_chunks(
    plaintext: bytes, data_key: bytes, parcel_id: str, suite: int = INTL_1
) -> Iterator[bytes]:
    """Sealed chunks of plaintext, at least one, each at most 1 MiB and 16 bytes.

    Raises:
        Invalid: it needs more than 65,536 chunks (64 GiB).
    """
    count = max(1, -(-len(plaintext) // CHUNK_BYTES))
    if count > MAX_CHUNKS:
        raise Invalid(f"a parcel holds at most {MAX_CHUNKS} chunks of 1 MiB, not {count}")
    return _sealed(memoryview(plaintext), suite_of(suite).cipher(data_key), parcel_id, count)


def _sealed(view: memoryview, cipher: Cipher, parcel_id: str, count: int) -> Iterator[bytes]:
    for index in range(count):
        chunk = view[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        yield cipher.encrypt(_nonce(index), chunk, _about(parcel_id, index, index == count - 1))


def open_chunks(
    sealed: Iterable[bytes], data_key: bytes, parcel_id: str, suite: int = INTL_1
) -> Iterator[bytes]:
    """The plaintext of sealed chunks. Believe none of it before the last one is out.

    Raises:
        Invalid: a chunk is altered, missing, moved, or of another parcel.
    """
    cipher = suite_of(suite).cipher(data_key)
    remaining = iter(sealed)
    chunk = next(remaining, None)
    if chunk is None:
        raise Invalid(f"parcel {parcel_id} has no chunk")
    index = 0
    while chunk is not None:
        following = next(remaining, None)
        try:
            about = _about(parcel_id, index, following is None)
            yield cipher.decrypt(_nonce(index), chunk, about)
        except (InvalidTag, ValueError) as error:
            raise Invalid(
                f"chunk {index} of parcel {parcel_id} does not open: "
                "it is altered, out of order, or chunks are missing"
            ) from error
        chunk, index = following, index + 1


def commitment(data_key: bytes, plaintext: bytes, suite: int = INTL_1) -> bytes:
    """HMAC(data key, hash of plaintext), SHA-256 or SM3: what both sides put their names to."""
    of = suite_of(suite)
    return of.mac(data_key, of.digest(plaintext))


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _about(parcel_id: str, index: int, final: bool) -> bytes:
    place = index.to_bytes(4, "big") + (b"\x01" if final else b"\x00")
    return binding("zongheng chunk v1", parcel_id.encode(), place)
