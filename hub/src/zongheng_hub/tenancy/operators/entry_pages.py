"""Signing in and out: password and code, a one-time link, a passkey, an OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zongheng_hub.tenancy.operators.login import Login
from zongheng_hub.tenancy.operators.passkeys import Passkeys
from zongheng_hub.tenancy.operators.provider import Provider
from zongheng_hub.tenancy.operators.signing_in import SigningIn
from zongheng_hub.web.body import read_body
from zongheng_hub.web.console import Console, Pages, form_fields, refusal, see
from zongheng_hub.web.doors import ANYONE, SIGNED_IN
from zongheng_hub.web.ports import SignIns
from zongheng_hub.web.sessions import (
    Way,
    address_of,
    check_origin,
    cookie_name,
    is_secure,
)
from zongheng_protos.errors import SignInDelayed, SignInFailed, ZonghengError

OIDC_COOKIE = "zongheng_oidc"
_PASSKEY_BYTES = 16_384


def plain_page(label: str = "") -> Mapping[str, Any]:
    """What sign_in.html is given when nothing has been tried yet; label: the provider's button."""
    return {"fault": "", "typed": "", "is_spent": False, "provider": label}


def entry_pages(
    console: Console,
    signing_in: SigningIn,
    links: SignIns,
    passkeys: Passkeys,
    provider: Provider | None,
) -> Pages:
    """/sign-in with its ways, and /sign-out."""
    router = APIRouter()
    plain = plain_page(provider.label if provider else "")

    @router.get("/sign-in", dependencies=[ANYONE])
    async def ask(request: Request, t: str = "") -> Response:
        visit = await console.visit(request)
        if t:
            return console.page(visit, request, "sign_in_link.html", t=t)
        return console.page(visit, request, "sign_in.html", **plain)

    @router.post("/sign-in", dependencies=[ANYONE])
    async def by_link(request: Request) -> Response:
        check_origin(request)
        fields = await form_fields(request)
        who = await links.consume(fields.get("t", ""))
        if who is None:
            visit = await console.visit(request)
            return console.page(visit, request, "sign_in.html", 403, **{**plain, "is_spent": True})
        console.notice(who[0])  # the hub's machine may just have registered them
        return await enter(request, await signing_in.of_link(*who), "link")

    @router.post("/sign-in/password", dependencies=[ANYONE])
    async def by_password(request: Request) -> Response:
        check_origin(request)
        fields = await form_fields(request)
        name, password = fields.get("login", ""), fields.get("password", "")
        try:
            token = await signing_in.with_password(name, password, address=address_of(request))
        except (SignInFailed, SignInDelayed) as error:
            return await refused(request, error, "sign_in.html", {**plain, "typed": name})
        visit = await console.visit(request)
        return console.page(visit, request, "sign_in_code.html", token_=token, fault="")

    @router.post("/sign-in/code", dependencies=[ANYONE])
    async def by_code(request: Request) -> Response:
        check_origin(request)
        fields = await form_fields(request)
        token = fields.get("step", "")
        try:
            entered = await signing_in.with_code(
                token, fields.get("code", ""), address=address_of(request)
            )
        except (SignInFailed, SignInDelayed) as error:
            return await refused(request, error, "sign_in_code.html", {"token_": token})
        return await enter(request, entered, "password")

    @router.post("/sign-in/passkey/options", dependencies=[ANYONE])
    async def passkey_options(request: Request) -> Response:
        check_origin(request)
        return JSONResponse(await passkeys.ask(request))

    @router.post("/sign-in/passkey", dependencies=[ANYONE])
    async def by_passkey(request: Request) -> Response:
        check_origin(request)
        body = await read_body(request, _PASSKEY_BYTES)
        try:
            entered = await passkeys.enter(request, body)
        except (SignInFailed, SignInDelayed) as error:
            visit = await console.visit(request)
            return JSONResponse({"fault": refusal(error, visit.words)}, status_code=422)
        response = JSONResponse({"go": "/"})
        await console.sessions.open(request, response, entered.account.id, "passkey")
        return response

    if provider is not None:

        @router.get("/sign-in/oidc", dependencies=[ANYONE])
        async def to_provider(request: Request) -> Response:
            address, token = await provider.begin(request)
            response = see(address)
            response.set_cookie(
                cookie_name(OIDC_COOKIE, request),
                token,
                max_age=600,
                httponly=True,
                samesite="lax",
                secure=is_secure(request),
            )
            return response

        @router.get("/sign-in/oidc/callback", dependencies=[ANYONE])
        async def from_provider(request: Request) -> Response:
            token = request.cookies.get(cookie_name(OIDC_COOKIE, request), "")
            try:
                accounts = await provider.accounts(request, token)
            except ZonghengError as error:
                return await refused(request, error, "sign_in.html", dict(plain))
            if len(accounts) == 1:
                return await enter(request, accounts[0], "oidc")
            visit = await console.visit(request)
            chosen = await provider.offer(accounts)
            return console.page(
                visit, request, "sign_in_choose.html", token_=chosen, accounts=accounts
            )

        @router.post("/sign-in/oidc/choose", dependencies=[ANYONE])
        async def choose(request: Request) -> Response:
            check_origin(request)
            fields = await form_fields(request)
            try:
                chosen = await provider.chosen(fields.get("step", ""), fields.get("account", ""))
            except SignInFailed as error:
                return await refused(request, error, "sign_in.html", dict(plain))
            return await enter(request, chosen, "oidc")

    @router.post("/sign-out", dependencies=[SIGNED_IN])
    async def sign_out(request: Request) -> Response:
        _visit, session, _fields = await console.form(request)
        response = see("/sign-in")
        await console.sessions.close(request, response, session)
        return response

    async def enter(request: Request, entered: Login, way: Way) -> Response:
        response = see("/account/set-up" if entered.must_set_up else "/")
        await console.sessions.open(request, response, entered.account.id, way)
        return response

    async def refused(
        request: Request, error: ZonghengError, template: str, values: dict[str, Any]
    ) -> Response:
        visit = await console.visit(request)
        status = 429 if isinstance(error, SignInDelayed) else 422
        values["fault"] = refusal(error, visit.words)
        if isinstance(error, SignInDelayed) and visit.words.lang == "zh":
            values["fault"] = delayed_zh(error)
        response = console.page(visit, request, template, status, **values)
        if isinstance(error, SignInDelayed):
            response.headers["retry-after"] = "".join(filter(str.isdigit, error.message)) or "5"
        return response

    return Pages(router)


def delayed_zh(error: SignInDelayed) -> str:
    """How long to wait, in Chinese."""
    seconds = "".join(filter(str.isdigit, error.message))
    if not seconds:
        return "同时登录的人太多，请稍候几秒再试。"
    return f"失败次数过多，请{seconds}秒后再试。"
