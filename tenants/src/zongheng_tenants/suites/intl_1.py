"""INTL-1: Ed25519, SHA-256, HPKE base mode with X25519 (RFC 9180), AES-256-GCM (SP 800-38D)."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as Hpke

from zongheng_protos.errors import Invalid
from zongheng_tenants.keys import SealingKey, SigningKey, VerifyKey
from zongheng_tenants.suites import INTL_1

DATA_KEY_BYTES = 32
# Encapsulated X25519 key, data key, tag.
WRAPPED_KEY_BYTES = 32 + DATA_KEY_BYTES + 16
_HPKE = Hpke(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Intl1:
    """See zongheng_tenants.suites.Suite."""

    number = INTL_1
    data_key_bytes = DATA_KEY_BYTES
    wrapped_key_bytes = WRAPPED_KEY_BYTES

    def new_signing(self) -> SigningKey:
        return SigningKey.generate()

    def signing_key(self, private: bytes) -> SigningKey:
        return SigningKey(private)

    def derived_signing(self, seed: bytes) -> SigningKey:
        return SigningKey(seed[:32])

    def verify_key(self, public: bytes) -> VerifyKey:
        return VerifyKey(public)

    def new_sealing(self) -> SealingKey:
        return SealingKey.generate()

    def sealing_key(self, private: bytes) -> SealingKey:
        return SealingKey(private)

    def check_sealing(self, public: bytes) -> None:
        # A point of low order would make every shared secret zero: the exchange refuses it.
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))

    def digest(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        return hmac.digest(key, data, "sha256")

    def wrap(self, data_key: bytes, public: bytes, info: bytes) -> bytes:
        return _HPKE.encrypt(data_key, X25519PublicKey.from_public_bytes(public), info)

    def cipher(self, data_key: bytes) -> AESGCM:
        return AESGCM(data_key)


SUITE = Intl1()


def unwrap(private: X25519PrivateKey, wrapped: bytes, info: bytes) -> bytes:
    """The data key that Intl1.wrap wrapped. Raises Invalid."""
    if len(wrapped) != WRAPPED_KEY_BYTES:
        raise Invalid(f"a wrapped key has {WRAPPED_KEY_BYTES} bytes, not {len(wrapped)}")
    try:
        return _HPKE.decrypt(wrapped, private, info)
    except (InvalidTag, ValueError) as error:
        raise Invalid("the wrapped key does not open: it was made for another use") from error
