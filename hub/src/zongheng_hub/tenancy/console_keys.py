"""Keys with which the hub signs for operators of the console, one a tenant (HKDF, RFC 5869)."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zongheng_tenants.keys import HeldSigner
from zongheng_tenants.suites import INTL_1, NAMES, suite_of

MASTER_BYTES = 32
_INFO = b"zongheng console key v1 "
_CHALLENGE = b"zongheng challenge secret v1"


class ConsoleKeys:
    """Derives every tenant's console key from one secret of the hub; stores none."""

    def __init__(self, master: bytes) -> None:
        if len(master) != MASTER_BYTES:
            raise ValueError(f"the console master secret has {len(master)} bytes, not 32")
        self._master = master

    @staticmethod
    def new_master() -> bytes:
        """32 random bytes, to be kept in the hub's keys folder."""
        return secrets.token_bytes(MASTER_BYTES)

    def challenge_secret(self) -> bytes:
        """From which the challenges follow that sealing keys are handed in with."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=_CHALLENGE).derive(self._master)

    def key_of(self, tenant_id: str, suite: int = INTL_1) -> HeldSigner:
        """The key, of the tenant's own suite, that signs console acts of its operators.

        Raises:
            Invalid, SuiteUnavailable: this hub cannot sign in the suite.
        """
        # INTL-1 takes the first 32 bytes, the very ones that a shorter output would have been.
        kdf = HKDF(algorithm=SHA256(), length=48, salt=None, info=_INFO + tenant_id.encode())
        seed = kdf.derive(self._master)
        if suite != INTL_1:
            named = HKDF(
                algorithm=SHA256(), length=48, salt=None, info=_INFO + NAMES[suite].encode()
            )
            seed = named.derive(seed)
        return suite_of(suite).derived_signing(seed)
