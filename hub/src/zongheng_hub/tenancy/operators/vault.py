"""Secrets of operators at rest: sealed with AES-256-GCM under a key derived from keys/console.key.

The derived key is independent of every console key (HKDF, RFC 5869, another info).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed secret is not the one that was kept, or another hub's keys are in keys/."""


class Vault:
    """Seals secrets for one purpose and one owner each; keeps none."""

    def __init__(self, master: bytes) -> None:
        self._aead = AESGCM(_derive(master, b"zongheng operators' secrets v1"))
        self._digest_key = _derive(master, b"zongheng operators' codes v1")

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Only opens again for the same purpose, such as "totp o_01…"."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises SealBroken."""
        try:
            return self._aead.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"what was sealed for {purpose} does not open") from error

    def digest(self, text: str, purpose: str) -> bytes:
        """Of a code that is kept to be recognised, never to be read."""
        return hmac.digest(self._digest_key, f"{purpose}\0{text}".encode(), hashlib.sha256)


def _derive(master: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)
