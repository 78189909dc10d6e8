"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, steps of 30 seconds."""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_MS = 30_000
DIGITS = 6
SECRET_BYTES = 20
WINDOW = 1
"""A code is taken this many steps early or late: clocks and fingers differ."""


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    return HOTP(secret, digits, SHA1()).generate(step).decode()  # as the RFC says


def step_of(now_ms: int) -> int:
    return now_ms // STEP_MS


def matching_step(secret: bytes, code: str, *, now_ms: int, after: int) -> int | None:
    """The step whose code this is, or None.

    Args:
        after: the last step whose code was taken: its code and earlier ones are refused.
    """
    now = step_of(now_ms)
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), code.encode("utf-8", "replace"))
        if same and step > after:
            found = step
    return found


def base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def enrolment_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """What an authenticator reads from the QR code (Google's Key Uri Format)."""
    label = quote(f"{issuer}:{account}")
    return (
        f"otpauth://totp/{label}?secret={base32(secret)}&issuer={quote(issuer)}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_MS // 1000}"
    )
