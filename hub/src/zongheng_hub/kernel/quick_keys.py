"""Verifying Ed25519 with libsodium, in half of OpenSSL's time, and never more freely than OpenSSL.

An act that the hub accepts must verify for every auditor, years later and with OpenSSL. Verifiers
differ at the edges: keys and nonces of small order, encodings that are not canonical, signatures
that hold only after multiplying by the cofactor. libsodium refuses all that OpenSSL refuses
(tests/unit/hub/kernel/test_quick_keys.py), and small orders besides. Should a later libsodium
accept more, the test of it below fails and the hub stays with OpenSSL.
"""

from __future__ import annotations

import logging
from functools import cache

from zongheng_tenants.keys import VerifyKey

try:
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import CryptoError
except ImportError:  # a platform without it verifies with OpenSSL
    HAS_LIBSODIUM = False
else:
    HAS_LIBSODIUM = True

log = logging.getLogger("zongheng")
SIGNATURE_BYTES = 64

_PUBLIC = bytes.fromhex("e41e8090cf421908c7b328025f94db86fe187b44591bd50349bc75aea2549121")
_MESSAGE = b"zongheng self-test"
_HOLDS = bytes.fromhex(
    "7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32a"
    "6f33f6dc49b9aed894df79b4871dcaf46bdba7c47f09d20ec50b6e4fe32fc80f"
)
_HOLDS_TIMES_EIGHT = bytes.fromhex(
    "6999d5cb5126005c325892f1c6eab824b310708befff12fbaf45dda050cb12f0"
    "de7c00774897535bf51b26d9dcce57d5f3f3dad632078bcaa30ec561bcfefa05"
)
"""Right but for a point of order 8 added to R: only verifiers that multiply by 8 accept it."""


class QuickKey(VerifyKey):
    """An Ed25519 public key that verifies with libsodium."""

    def verifies(self, signature: bytes, message: bytes) -> bool:
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, self.public)
        except CryptoError:
            return False
        return True


@cache
def is_as_strict() -> bool:
    """Whether there is a libsodium, and it refuses what OpenSSL refuses."""
    if not HAS_LIBSODIUM:
        return False
    key = QuickKey(_PUBLIC)
    strict = key.verifies(_HOLDS, _MESSAGE) and not key.verifies(_HOLDS_TIMES_EIGHT, _MESSAGE)
    if not strict:
        log.warning("libsodium verifies otherwise than OpenSSL: signatures take twice the time")
    return strict


def quick_key(public: bytes) -> VerifyKey:
    """A key that verifies as fast as can be without accepting what auditors would refuse."""
    return QuickKey(public) if is_as_strict() else VerifyKey(public)
