"""Invitations: how a child shows its parent, past the hub, that it holds what it was given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from zongheng_protos.errors import InvitationInvalid
from zongheng_tenants.suites import INTL_1, NAMES

LIFE_MS = 72 * 3600 * 1000
_PREFIX = "zh1"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a parent hands a child: where to enrol, which root and hub to trust, a secret.

    Attributes:
        root_fingerprint: SHA-256 of the root credential's envelope, hex.
        secret: 16 bytes; works once.
        hub_fingerprint: of the hub that the parent itself is enrolled with; see hub_fingerprint.
    """

    id: str
    address: str
    root_fingerprint: str
    secret: bytes
    hub_fingerprint: str = ""

    @staticmethod
    def new_secret() -> bytes:
        return secrets.token_bytes(16)

    @property
    def token(self) -> bytes:
        """What the hub sees: shows that the invitation is held, forges nothing."""
        return hmac.digest(self.secret, b"zongheng invitation token v1", "sha256")

    def mac(self, keys_digest: bytes) -> bytes:
        """What the parent checks: the hub cannot make it."""
        return hmac.digest(self.secret, b"zongheng invitation mac v1" + keys_digest, "sha256")

    def encode(self) -> str:
        """One word to hand over, "zh1.…"."""
        parts = (
            self.id,
            self.address,
            self.root_fingerprint,
            self.secret.hex(),
            self.hub_fingerprint,
        )
        return (
            _PREFIX + "." + base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")
        )

    @classmethod
    def decode(cls, text: str) -> Invitation:
        """Raises InvitationInvalid when text is no invitation."""
        prefix, _, body = text.strip().partition(".")
        try:
            padded = body + "=" * (-len(body) % 4)
            parts = base64.urlsafe_b64decode(padded).decode().split("|")
            identifier, address, root, secret, hub = parts
            invitation = cls(identifier, address, root, bytes.fromhex(secret), hub)
        except ValueError as error:
            raise InvitationInvalid("this is no invitation: copy it whole, from zh1. on") from error
        if prefix != _PREFIX or len(invitation.secret) != 16 or {len(root), len(hub)} != {64}:
            raise InvitationInvalid("this is no invitation: copy it whole, from zh1. on")
        return invitation


def token_of(secret: bytes) -> bytes:
    return Invitation("", "", "", secret).token


def keys_digest(
    invitation_id: str,
    csr: bytes,
    signing_key: bytes,
    sealing_key: bytes,
    *,
    suite: int = INTL_1,
) -> bytes:
    """What an enrolling unit signs and MACs: every part with its length.

    A suite other than INTL-1 is a part of its own, so that nobody on the way can put in another.
    """
    digest = hashlib.sha256(b"zongheng enrol v1\0")
    named = () if suite == INTL_1 else (NAMES[suite].encode(),)
    for part in (invitation_id.encode(), csr, signing_key, sealing_key, *named):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def hub_fingerprint(*, hub_id: str, ca_pem: bytes, log_vkey: str) -> str:
    """What stands for a hub in an invitation: SHA-256, hex, of its id, channel CA and log key.

    A child that gets these over an open network knows by it that they are its parent's.
    """
    digest = hashlib.sha256(b"zongheng hub v1\0")
    for part in (hub_id.encode(), ca_pem, log_vkey.encode()):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.hexdigest()
