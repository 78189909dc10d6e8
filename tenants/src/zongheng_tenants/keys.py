"""Keys of suite INTL-1: Ed25519 for signing, X25519 for sealing."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def key_id(public_key: bytes) -> str:
    """ "k_" and the first 16 hex digits of the raw public key's SHA-256."""
    return "k_" + hashlib.sha256(public_key).hexdigest()[:16]


class SigningKey:
    """An Ed25519 private key (RFC 8032)."""

    def __init__(self, private: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def private_bytes(self) -> bytes:
        return self._private.private_bytes_raw()


class VerifyKey:
    """An Ed25519 public key."""

    def __init__(self, public: bytes) -> None:
        self._public = Ed25519PublicKey.from_public_bytes(public)
        self.public = public
        self.id = key_id(public)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SealingKey:
    """An X25519 private key to which others seal (RFC 7748)."""

    def __init__(self, private: bytes) -> None:
        self.private = X25519PrivateKey.from_private_bytes(private)
        self.public = self.private.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    @classmethod
    def generate(cls) -> SealingKey:
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def private_bytes(self) -> bytes:
        return self.private.private_bytes_raw()
