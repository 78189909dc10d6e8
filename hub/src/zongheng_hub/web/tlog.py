"""The log's files over HTTP as C2SP tlog-tiles says; where witnesses hand in what they cosigned."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from zongheng_hub.web.body import read_body
from zongheng_hub.web.doors import ANYONE
from zongheng_protos.errors import Invalid, StateConflict, ZonghengError

_TILE = re.compile(
    r"tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
)
_TEXT = "text/plain; charset=utf-8"
_TEXTS = ("checkpoint", "vkey", "succession", "offered", "witnessed")
_MAX_NOTE_BYTES = 16 * 1024
HandIn = Callable[[bytes], Awaitable[None]]
"""Takes a checkpoint that a witness cosigned. Raises ZonghengError."""
_FRESH = {"cache-control": "no-cache", "access-control-allow-origin": "*"}
_FOREVER = {
    "cache-control": "public, max-age=31536000, immutable",
    "access-control-allow-origin": "*",
}


def tlog_routes(folder: Path, hand_in: HandIn) -> APIRouter:
    """GET and HEAD of /tlog/checkpoint, /tlog/tile/… from folder; POST of /tlog/cosignature.

    A path that is not exactly one of these names no file, so none leads out of folder.
    """
    router = APIRouter()

    @router.api_route(
        "/tlog/{path:path}",
        methods=["GET", "HEAD"],
        include_in_schema=False,
        dependencies=[ANYONE],
    )
    async def log_file(path: str, request: Request) -> Response:
        is_text = path in _TEXTS
        if not is_text and _TILE.fullmatch(path) is None:
            return _missing(path)
        try:
            content = await run_in_threadpool((folder / path).read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return _missing(path)
        return Response(
            content,
            media_type=_TEXT if is_text else "application/octet-stream",
            headers=_FRESH if is_text else _FOREVER,
        )

    @router.post("/tlog/cosignature", include_in_schema=False, dependencies=[ANYONE])
    async def cosignature(request: Request) -> Response:
        try:
            await hand_in(await read_body(request, _MAX_NOTE_BYTES))
        except ZonghengError as error:
            conflict = isinstance(error, StateConflict)
            status = 409 if conflict else 400 if isinstance(error, Invalid) else 422
            return PlainTextResponse(f"{error.message}\n", status_code=status)
        return PlainTextResponse("")

    return router


def _missing(path: str) -> Response:
    return PlainTextResponse(
        "no such file in the log; see c2sp.org/tlog-tiles for the names\n",
        status_code=404,
        headers={"cache-control": "no-cache", "access-control-allow-origin": "*"},
    )
