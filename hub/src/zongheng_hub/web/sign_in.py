"""Signing in by a one-time link, signing out, language and size of type."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from zongheng_hub.web.console import (
    LANG_COOKIE,
    SIZE_COOKIE,
    Console,
    Pages,
    form_fields,
    local_path,
    see,
)
from zongheng_hub.web.doors import ANYONE, SIGNED_IN
from zongheng_hub.web.ports import SignIns
from zongheng_hub.web.words import LANGUAGES

_YEAR = 365 * 86_400


def sign_in_pages(console: Console, sign_ins: SignIns) -> Pages:
    """/sign-in, /sign-out and /view."""
    router = APIRouter()

    @router.get("/sign-in", dependencies=[ANYONE])
    async def ask(request: Request, t: str = "") -> Response:
        visit = await console.visit(request)
        template = "sign_in.html" if t else "sign_in_needed.html"
        return console.page(visit, request, template, t=t, is_spent=False)

    @router.post("/sign-in", dependencies=[ANYONE])
    async def sign_in(request: Request) -> Response:
        fields = await form_fields(request)
        who = await sign_ins.consume(fields.get("t", ""))
        if who is None:
            visit = await console.visit(request)
            return console.page(visit, request, "sign_in_needed.html", 403, t="", is_spent=True)
        response = see("/")
        console.sessions.open(response, *who)
        return response

    @router.post("/sign-out", dependencies=[SIGNED_IN])
    async def sign_out(request: Request) -> Response:
        await console.form(request)
        response = see("/sign-in")
        console.sessions.close(response)
        return response

    @router.get("/view", dependencies=[ANYONE])
    async def view(request: Request, lang: str = "", size: str = "", back: str = "/") -> Response:
        response = RedirectResponse(local_path(back), status_code=303)
        if lang in LANGUAGES:
            response.set_cookie(LANG_COOKIE, lang, max_age=_YEAR, samesite="lax")
        if size in ("normal", "large"):
            response.set_cookie(SIZE_COOKIE, size, max_age=_YEAR, samesite="lax")
        return response

    return Pages(router)
