"""Signing in by an OpenID provider: code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

The provider says who someone is; only accounts that an administrator has tied to that subject let
them in. Nothing is made by itself.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, build_opener
from urllib.request import Request as Asked

from starlette.requests import Request

from zongheng_hub.settings import Oidc
from zongheng_hub.tenancy.operators import login
from zongheng_hub.tenancy.operators.login import Login
from zongheng_hub.tenancy.operators.signing_in import SigningIn
from zongheng_hub.tenancy.operators.tokens import check_id_token
from zongheng_protos.errors import OperatorUnknown, SignInFailed

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

CALLBACK = "/sign-in/oidc/callback"
KEEP_SECONDS = 3600
KEYS_EVERY_SECONDS = 60
_TIMEOUT = 10
_MOST_BYTES = 1024 * 1024
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(slots=True)
class _Known:
    """What the provider said of itself, and when."""

    about: dict[str, Any] = field(default_factory=dict)
    about_at: float = -KEEP_SECONDS
    keys: KeySet | None = None
    keys_at: float = -KEEP_SECONDS


class Provider:
    """One OpenID provider. Speaks to it only when someone signs in.

    Args:
        origin: "https://hub.example"; empty: what each request says.
    """

    def __init__(self, settings: Oidc, signing_in: SigningIn, *, origin: str) -> None:
        check_address(settings.issuer)
        self.label = settings.label
        self._settings = settings
        self._secret = (
            Path(settings.secret_file).read_text("utf-8").strip() if settings.secret_file else ""
        )
        self._signing_in = signing_in
        self._origin = origin
        self._known = _Known()

    async def begin(self, request: Request) -> tuple[str, str]:
        """Where to send the browser, and the token that it has to bring back in a cookie."""
        about = await self._about()
        state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        verifier = secrets.token_urlsafe(48)
        remembered = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "redirect": self._redirect(request),
        }
        steps, now_ms = self._signing_in.steps, self._signing_in.clock()
        token = await self._signing_in.store.write(
            lambda tx: steps.begin(tx, "oidc", "", remembered, now_ms)
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._settings.client_id,
                "redirect_uri": remembered["redirect"],
                "scope": "openid",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        )
        address = str(about["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{query}", token

    async def accounts(self, request: Request, token: str) -> list[Login]:
        """The accounts of whoever comes back from the provider; at least one.

        Raises:
            SignInFailed: the answer is not to what this browser asked, or does not hold.
            OperatorUnknown: it is about someone without an active account.
        """
        steps, now_ms = self._signing_in.steps, self._signing_in.clock()
        step = await self._signing_in.store.write(lambda tx: steps.take(tx, "oidc", token, now_ms))
        asked, answer = step.remembered, request.query_params
        if not hmac.compare_digest(
            asked["state"].encode(), answer.get("state", "").encode("utf-8", "replace")
        ):
            raise SignInFailed("the answer is not to what this browser asked")
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise SignInFailed("the answer comes from another provider")  # RFC 9207
        code = answer.get("code", "")
        if not code:
            raise SignInFailed(f"the provider refused: {answer.get('error', '')[:60]}")
        told = await self._exchange(code, asked)
        claims = await self._claims(str(told.get("id_token", "")), asked["nonce"])
        subject = str(claims["sub"])
        found = await self._signing_in.store.read(lambda c: login.by_subject(c, subject))
        if not found:
            raise OperatorUnknown("no active account is tied to this person")
        return found

    async def offer(self, accounts: list[Login]) -> str:
        """The token with which one of several accounts of one person is chosen."""
        steps, now_ms = self._signing_in.steps, self._signing_in.clock()
        remembered = {"accounts": [one.account.id for one in accounts]}
        return await self._signing_in.store.write(
            lambda tx: steps.begin(tx, "choose", "", remembered, now_ms)
        )

    async def chosen(self, token: str, account: str) -> Login:
        """The account chosen, one of those offered. Raises SignInFailed."""
        steps, now_ms = self._signing_in.steps, self._signing_in.clock()
        step = await self._signing_in.store.write(
            lambda tx: steps.take(tx, "choose", token, now_ms)
        )
        found = None
        if account in step.remembered["accounts"]:
            found = await self._signing_in.store.read(lambda c: login.by_id(c, account))
        if found is None or found.account.disabled:
            raise SignInFailed("this account cannot be chosen")
        return found

    async def _exchange(self, code: str, asked: dict[str, Any]) -> dict[str, Any]:
        about = await self._about()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked["redirect"],
            "code_verifier": asked["verifier"],
        }
        headers = {}
        if self._secret:
            pair = f"{quote(self._settings.client_id)}:{quote(self._secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._settings.client_id
        return await self._fetch(str(about["token_endpoint"]), urlencode(form).encode(), headers)

    async def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        from joserfc.errors import JoseError

        def check(keys: KeySet) -> dict[str, Any]:
            return check_id_token(
                id_token,
                keys,
                issuer=self._settings.issuer,
                client_id=self._settings.client_id,
                nonce=nonce,
                now=self._signing_in.clock() // 1000,
            )

        try:
            return check(await self._keys())
        except (JoseError, ValueError):
            # There may be a new key; whoever sends nonsense has keys fetched once a minute only.
            if time.monotonic() - self._known.keys_at < KEYS_EVERY_SECONDS:
                raise SignInFailed("the provider's token does not hold") from None
        try:
            return check(await self._keys(anew=True))
        except (JoseError, ValueError) as error:
            raise SignInFailed("the provider's token does not hold") from error

    async def _about(self) -> dict[str, Any]:
        known = self._known
        if time.monotonic() - known.about_at >= KEEP_SECONDS:
            issuer = self._settings.issuer
            about = await self._fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
            if about.get("issuer") != issuer:
                raise SignInFailed(f"the provider calls itself {about.get('issuer')}, not {issuer}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                check_address(str(about.get(name, "")))
            known.about, known.about_at = about, time.monotonic()
        return known.about

    async def _keys(self, *, anew: bool = False) -> KeySet:
        from joserfc.jwk import KeySet

        known = self._known
        if anew or known.keys is None or time.monotonic() - known.keys_at >= KEEP_SECONDS:
            about = await self._about()
            told: Any = await self._fetch(str(about["jwks_uri"]))
            known.keys, known.keys_at = KeySet.import_key_set(told), time.monotonic()
        return known.keys

    async def _fetch(
        self, address: str, form: bytes | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        return await asyncio.to_thread(self._fetch_now, address, form, headers or {})

    def _fetch_now(
        self, address: str, form: bytes | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        asked = Asked(address, data=form, headers={"accept": "application/json", **headers})
        try:
            with self._opener().open(asked, timeout=_TIMEOUT) as reply:
                told = json.loads(reply.read(_MOST_BYTES))
        except (URLError, OSError, ValueError) as error:
            raise SignInFailed(f"the provider did not answer as it should: {error}") from error
        if not isinstance(told, dict):
            raise SignInFailed("the provider did not answer as it should")
        return told

    def _opener(self) -> OpenerDirector:
        trusted = ssl.create_default_context(cafile=self._settings.ca_file or None)
        return build_opener(HTTPSHandler(context=trusted), _Stays())

    def _redirect(self, request: Request) -> str:
        host = request.headers.get("host", "")
        return (self._origin or f"{request.url.scheme}://{host}") + CALLBACK


class _Stays(HTTPRedirectHandler):
    """A provider that sends the hub elsewhere is not followed: the code would go there too."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def check_address(address: str) -> None:
    """Raises ValueError unless an address is https, or on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL):
        return
    raise ValueError(f"the OpenID provider's address {address!r} is not https")
