"""Keys: what signs, what verifies and what opens, wherever it is held; those of INTL-1 in memory.

Which suite a key belongs to is said by the record that names it (a credential, an enrolment),
never by what it signed; see zongheng_tenants.suites.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from zongheng_tenants.suites import INTL_1


class Signer(Protocol):
    """A private signing key: in memory, in a token, or behind a socket.

    Attributes:
        id: key_id of public.
        public: the raw public key, as credentials carry it.
        suite: number of the suite (tenancy.v1.Suite) that it signs in.
    """

    @property
    def id(self) -> str: ...
    @property
    def public(self) -> bytes: ...
    @property
    def suite(self) -> int: ...

    def sign(self, message: bytes) -> bytes:
        """The signature over message. Raises SignerUnavailable when its holder does not answer."""
        ...


class Verifier(Protocol):
    """A public signing key."""

    @property
    def id(self) -> str: ...
    @property
    def public(self) -> bytes: ...
    @property
    def suite(self) -> int: ...

    def verifies(self, signature: bytes, message: bytes) -> bool: ...


class Opener(Protocol):
    """A private sealing key, wherever it is held: unwraps data keys that others wrapped to it."""

    @property
    def id(self) -> str: ...
    @property
    def public(self) -> bytes: ...
    @property
    def suite(self) -> int: ...

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """The data key. Raises Invalid: wrapped to another key, bound to other info, altered."""
        ...


class HeldSigner(Signer, Protocol):
    """A signing key held in this process's memory."""

    def private_bytes(self) -> bytes: ...


class HeldOpener(Opener, Protocol):
    """A sealing key held in this process's memory."""

    def private_bytes(self) -> bytes: ...


def key_id(public_key: bytes) -> str:
    """ "k_" and the first 16 hex digits of the raw public key's SHA-256, in every suite."""
    return "k_" + hashlib.sha256(public_key).hexdigest()[:16]


class SigningKey:
    """An Ed25519 private key in memory (RFC 8032)."""

    suite = INTL_1

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

    suite = INTL_1

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
    """An X25519 private key in memory, to which others seal (RFC 7748, RFC 9180)."""

    suite = INTL_1

    def __init__(self, private: bytes) -> None:
        self.private = X25519PrivateKey.from_private_bytes(private)
        self.public = self.private.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    @classmethod
    def generate(cls) -> SealingKey:
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        from zongheng_tenants.suites import intl_1

        return intl_1.unwrap(self.private, wrapped, info)

    def private_bytes(self) -> bytes:
        return self.private.private_bytes_raw()
