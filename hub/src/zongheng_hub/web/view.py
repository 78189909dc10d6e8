"""Language and size of type, kept in the browser."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from zongheng_hub.web.console import LANG_COOKIE, SIZE_COOKIE, Pages, local_path
from zongheng_hub.web.doors import ANYONE
from zongheng_hub.web.words import LANGUAGES

_YEAR = 365 * 86_400


def view_pages() -> Pages:
    """/view."""
    router = APIRouter()

    @router.get("/view", dependencies=[ANYONE])
    async def view(request: Request, lang: str = "", size: str = "", back: str = "/") -> Response:
        response = RedirectResponse(local_path(back), status_code=303)
        if lang in LANGUAGES:
            response.set_cookie(LANG_COOKIE, lang, max_age=_YEAR, samesite="lax")
        if size in ("normal", "large"):
            response.set_cookie(SIZE_COOKIE, size, max_age=_YEAR, samesite="lax")
        return response

    return Pages(router)
