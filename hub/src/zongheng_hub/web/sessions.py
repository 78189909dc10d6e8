"""Sessions without a table: a cookie with HMAC-SHA256 (RFC 2104), and a token for every form."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.ports import Session
from zongheng_protos.errors import Forbidden

COOKIE = "zongheng_session"
LIFETIME_MS = 12 * 3_600_000
FORM_FIELD = "form_token"


def session_key(path: Path) -> bytes:
    """The 32-byte key in path, made there (mode 0600) when there is none yet."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != 32:
            raise ValueError(
                f"{path} holds {len(key)} bytes, not a 32-byte session key; "
                "delete it to sign everyone out and make a new one"
            ) from None
        return key
    key = secrets.token_bytes(32)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    return key


class Sessions:
    """Opens, reads and closes sessions.

    Args:
        key: 32 bytes, the same on every replica.
        clock: gives Unix milliseconds.
        secure: whether cookies travel over HTTPS only.
    """

    def __init__(self, key: bytes, clock: Callable[[], int], *, secure: bool = False) -> None:
        self._key = key
        self._clock = clock
        self._secure = secure

    def open(self, response: Response, tenant: str, operator: str) -> Session:
        """Sign an operator in on this answer, for 12 hours."""
        session = Session(
            id=secrets.token_hex(16),
            tenant=tenant,
            operator=operator,
            expires_ms=self._clock() + LIFETIME_MS,
        )
        response.set_cookie(
            COOKIE,
            self._seal(session),
            max_age=LIFETIME_MS // 1000,
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
        return session

    def close(self, response: Response) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self._secure)

    def of(self, request: Request) -> Session | None:
        """The session of a request; None when there is none, or it is over or not ours."""
        body, _, mac = request.cookies.get(COOKIE, "").partition(".")
        if not hmac.compare_digest(self._mac("session", body), mac.encode("utf-8", "replace")):
            return None
        fields = json.loads(base64.urlsafe_b64decode(body))
        session = Session(*fields)
        return session if self._clock() < session.expires_ms else None

    def form_token(self, session: Session) -> str:
        """What every form of this session carries."""
        return self._mac("form", session.id).decode()

    def check_form(self, session: Session, token: str, request: Request) -> None:
        """Raises Forbidden when a form does not come from a page of this session."""
        origin = request.headers.get("origin")
        host = request.headers.get("host", "")
        if origin not in (None, "null") and str(origin).partition("://")[2] != host:
            raise Forbidden(f"the form was sent from {origin}, not from {host}")
        expected = self._mac("form", session.id)
        if not hmac.compare_digest(expected, token.encode("utf-8", "replace")):
            raise Forbidden("the form belongs to another session: open the page again and resend")

    def _seal(self, session: Session) -> str:
        fields = [session.id, session.tenant, session.operator, session.expires_ms]
        body = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()
        return f"{body}.{self._mac('session', body).decode()}"

    def _mac(self, purpose: str, text: str) -> bytes:
        digest = hmac.digest(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=")
