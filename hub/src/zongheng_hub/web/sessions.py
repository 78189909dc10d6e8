"""Cookies of sessions that the hub keeps, and a token for every form (HMAC-SHA256, RFC 2104)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.ports import Session, SessionBook
from zongheng_protos.errors import Forbidden

COOKIE = "zongheng_session"
FORM_FIELD = "form_token"
_KEPT = "zongheng_session"
Way = Literal["link", "password", "passkey", "oidc", "set-up"]


def is_secure(request: Request) -> bool:
    """Whether the browser speaks HTTPS: to this hub, or to a proxy that it trusts."""
    return request.url.scheme == "https"


def cookie_name(name: str, request: Request) -> str:
    """The name under which a cookie is kept: over HTTPS one that no other host can set."""
    return f"__Host-{name}" if is_secure(request) else name


class Sessions:
    """Opens, finds and ends sessions.

    Args:
        key: 32 bytes, the same on every replica; makes the forms' tokens.
        book: keeps the sessions.
    """

    def __init__(self, key: bytes, book: SessionBook) -> None:
        self._key = key
        self._book = book

    async def open(self, request: Request, response: Response, operator_id: str, way: Way) -> None:
        """Sign an operator in on this answer; whatever session the browser had ends."""
        before = await self.of(request)
        if before is not None:
            await self._book.end(before.operator_id, before.id)
        token = await self._book.open(
            operator_id,
            way=way,
            address=address_of(request),
            agent=request.headers.get("user-agent", ""),
        )
        response.set_cookie(
            cookie_name(COOKIE, request),
            token,
            max_age=self._book.absolute_ms // 1000,
            httponly=True,
            samesite="lax",
            secure=is_secure(request),
        )

    async def close(self, request: Request, response: Response, session: Session) -> None:
        """Sign out: the session is over on every replica, whoever still has the cookie."""
        await self._book.end(session.operator_id, session.id)
        response.delete_cookie(
            cookie_name(COOKIE, request),
            httponly=True,
            samesite="lax",
            secure=is_secure(request),
        )

    async def of(self, request: Request) -> Session | None:
        """The session of a request; None when there is none, or it is over or not ours."""
        if not hasattr(request.state, _KEPT):
            token = request.cookies.get(cookie_name(COOKIE, request), "")
            setattr(request.state, _KEPT, await self._book.find(token) if token else None)
        found: Session | None = getattr(request.state, _KEPT)
        return found

    def form_token(self, session: Session) -> str:
        """What every form of this session carries."""
        return self._mac("form", session.id).decode()

    def check_form(self, session: Session, token: str, request: Request) -> None:
        """Raises Forbidden when a form does not come from a page of this session."""
        check_origin(request)
        expected = self._mac("form", session.id)
        if not hmac.compare_digest(expected, token.encode("utf-8", "replace")):
            raise Forbidden("the form belongs to another session: open the page again and resend")

    def _mac(self, purpose: str, text: str) -> bytes:
        digest = hmac.digest(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=")


def check_origin(request: Request) -> None:
    """Raises Forbidden for a form that a page of another site sends."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin not in (None, "null") and str(origin).partition("://")[2] != host:
        raise Forbidden(f"the form was sent from {origin}, not from {host}")


def address_of(request: Request) -> str:
    """Where a request comes from, as far as trusted proxies say."""
    return request.client.host if request.client else ""
