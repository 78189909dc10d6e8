"""The web side of the hub, put together from what it is given; nothing is global."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from zongheng_hub.kernel.admission import Admission
from zongheng_hub.web.admitting import Admitting
from zongheng_hub.web.connect import BODY_LIMIT, Connect
from zongheng_hub.web.connect_errors import http_status, turned_away
from zongheng_hub.web.console import Console, Pages, SetUpNeeded, SignInNeeded, refusal, see
from zongheng_hub.web.doors import ANYONE, FILES, openings
from zongheng_hub.web.ports import ConnectGate
from zongheng_hub.web.security import HEADERS, SecurityHeaders
from zongheng_hub.web.tlog import HandIn, tlog_routes
from zongheng_protos.errors import Internal, NotFound, ZonghengError

STATIC = Path(__file__).parent / "static"
_log = logging.getLogger(__name__)


def web_app(
    *,
    console: Console,
    gate: ConnectGate,
    admission: Admission,
    tlog_folder: Path,
    hand_in: HandIn,
    rooms: Sequence[Pages],
    sign_in_page: Mapping[str, Any],
    body_limit: int = BODY_LIMIT,
) -> FastAPI:
    """Console, Connect endpoint and log files in one application.

    Args:
        console: made over a Desk, a Directory and Sessions.
        gate: the kernel.
        admission: lets requests in, by address.
        tlog_folder: where the log is published: checkpoint, vkey, tile/.
        rooms: the pages, in the navigation's order.
        sign_in_page: what sign_in.html is given where a page wants someone signed in.
        body_limit: the most bytes of a Connect request.

    Raises:
        RouteUndeclared: a page does not say who may open it.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.console = console
    console.nav = tuple(pages.nav for pages in rooms if pages.nav)
    routers = [*(pages.router for pages in rooms), tlog_routes(tlog_folder, hand_in), _finding()]
    for router in routers:
        app.include_router(router, include_in_schema=False)
    app.mount(FILES, StaticFiles(directory=STATIC), name="static")

    app.state.openings = openings(app.routes, routers)

    @app.exception_handler(SignInNeeded)
    async def sign_in_needed(request: Request, _error: Exception) -> Response:
        visit = await console.visit(request)
        return console.page(visit, request, "sign_in.html", 401, **sign_in_page)

    @app.exception_handler(SetUpNeeded)
    async def set_up_needed(_request: Request, _error: Exception) -> Response:
        return see("/account/set-up")

    @app.exception_handler(ZonghengError)
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ZonghengError)
        visit = await console.visit(request)
        return console.page(
            visit,
            request,
            "refused.html",
            http_status(error),
            is_missing=isinstance(error, NotFound),
            advice=refusal(error, visit.words),
            message=error.message,
        )

    @app.exception_handler(RequestValidationError)
    @app.exception_handler(HTTPException)
    async def not_a_page(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        visit = await console.visit(request)
        return console.page(
            visit,
            request,
            "refused.html",
            status,
            is_missing=status == 404,
            advice=visit.words("核对地址，或从导航重新进入。"),
            message="",
        )

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=499)  # nobody is left to read it

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        visit = await console.visit(request)
        advice = refusal(Internal(request.url.path), visit.words)
        response = console.page(
            visit, request, "refused.html", 500, is_missing=False, advice=advice, message=""
        )
        response.headers.update(HEADERS)  # the outermost handler: no middleware adds them
        return response

    app.add_middleware(Connect, gate=gate, body_limit=body_limit)
    app.add_middleware(Admitting, admission=admission, refuse=turned_away, body_limit=body_limit)
    app.add_middleware(SecurityHeaders)
    return app


def _finding() -> APIRouter:
    """/find: to the log by number, to needs by word."""
    router = APIRouter()

    @router.get("/find", dependencies=[ANYONE])
    async def find(q: str = "") -> Response:
        word = q.strip()
        if word.replace(",", "").isdecimal():
            return RedirectResponse(f"/log?q={quote(word)}", status_code=303)
        return RedirectResponse(f"/needs?state=all&q={quote(word[:60])}", status_code=303)

    return router
