"""Sealing: content only its recipient can open (HPKE, RFC 9180; AES-256-GCM, SP 800-38D)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from zongheng_protos.errors import Invalid
from zongheng_tenants.keys import SealingKey

CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
MAX_CHUNKS = 65536
DATA_KEY_BYTES = 32
# Encapsulated X25519 key, data key, tag.
WRAPPED_KEY_BYTES = 32 + DATA_KEY_BYTES + TAG_BYTES
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_data_key() -> bytes:
    """32 fresh bytes. One key seals one parcel, or its nonces repeat."""
    return secrets.token_bytes(DATA_KEY_BYTES)


def binding(label: str, *parts: bytes) -> bytes:
    """Parts under a label as bytes that no other parts yield: each with its length."""
    framed = (len(part).to_bytes(4, "big") + part for part in (label.encode(), *parts))
    return b"".join(framed)


def wrap_key(data_key: bytes, recipient_key: bytes, info: bytes) -> bytes:
    """The data key for a recipient: HPKE base mode, bound to info; 80 bytes.

    Raises:
        Invalid: recipient_key is no usable X25519 public key.
    """
    try:
        return _SUITE.encrypt(data_key, X25519PublicKey.from_public_bytes(recipient_key), info)
    except ValueError as error:
        raise Invalid("the recipient's sealing key cannot be used") from error


def unwrap_key(wrapped: bytes, key: SealingKey, info: bytes) -> bytes:
    """The data key that wrap_key wrapped.

    Raises:
        Invalid: wrapped to another key, bound to other info, or altered.
    """
    if len(wrapped) != WRAPPED_KEY_BYTES:
        raise Invalid(f"a wrapped key has {WRAPPED_KEY_BYTES} bytes, not {len(wrapped)}")
    try:
        return _SUITE.decrypt(wrapped, key.private, info)
    except (InvalidTag, ValueError) as error:
        raise Invalid("the wrapped key does not open: it was made for another use") from error


def seal_chunks(plaintext: bytes, data_key: bytes, parcel_id: str) -> Iterator[bytes]:
    """Sealed chunks of plaintext, at least one, each at most 1 MiB and 16 bytes.

    Raises:
        Invalid: it needs more than 65,536 chunks (64 GiB).
    """
    count = max(1, -(-len(plaintext) // CHUNK_BYTES))
    if count > MAX_CHUNKS:
        raise Invalid(f"a parcel holds at most {MAX_CHUNKS} chunks of 1 MiB, not {count}")
    return _sealed(memoryview(plaintext), AESGCM(data_key), parcel_id, count)


def _sealed(view: memoryview, cipher: AESGCM, parcel_id: str, count: int) -> Iterator[bytes]:
    for index in range(count):
        chunk = view[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        yield cipher.encrypt(_nonce(index), chunk, _about(parcel_id, index, index == count - 1))


def open_chunks(sealed: Iterable[bytes], data_key: bytes, parcel_id: str) -> Iterator[bytes]:
    """The plaintext of sealed chunks. Believe none of it before the last one is out.

    Raises:
        Invalid: a chunk is altered, missing, moved, or of another parcel.
    """
    cipher = AESGCM(data_key)
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


def commitment(data_key: bytes, plaintext: bytes) -> bytes:
    """HMAC-SHA256(data key, SHA-256 of plaintext): what both sides put their names to."""
    return hmac.digest(data_key, hashlib.sha256(plaintext).digest(), "sha256")


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _about(parcel_id: str, index: int, final: bool) -> bytes:
    place = index.to_bytes(4, "big") + (b"\x01" if final else b"\x00")
    return binding("zongheng chunk v1", parcel_id.encode(), place)
