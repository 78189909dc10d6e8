"""The Connect protocol (connectrpc.com/docs/protocol), unary, JSON and binary, into the kernel.

A JSON request is turned into the message's deterministic binary form first; an act that comes
with it signs those bytes.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import re

from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zongheng_hub.web.body import read_body
from zongheng_hub.web.connect_errors import error_response, stream_refusal
from zongheng_hub.web.ports import ConnectGate, GateMethod
from zongheng_protos.errors import (
    DeadlineExceeded,
    Internal,
    Invalid,
    Malformed,
    MethodUnknown,
    ZonghengError,
)

BODY_LIMIT = 4 * 1024 * 1024
ACT_LIMIT = 16 * 1024
_PROCEDURE = re.compile(r"/[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)+/[A-Za-z_]\w*")
_JSON, _PROTO = "application/json", "application/proto"
_log = logging.getLogger(__name__)


class Connect:
    """Answers `POST /package.Service/Method`; every other path goes on to app."""

    def __init__(self, app: ASGIApp, gate: ConnectGate, body_limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._gate = gate
        self._limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _PROCEDURE.fullmatch(scope["path"]) is None:
            await self._app(scope, receive, send)
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405, headers={"allow": "POST"})
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("application/connect+json", "application/connect+proto"):
            return stream_refusal(kind, request.url.path)
        if kind not in (_JSON, _PROTO):
            return Response(status_code=415, headers={"accept-post": f"{_JSON}, {_PROTO}"})
        try:
            async with asyncio.timeout(_seconds(request)):
                return await self._call(request, is_json=kind == _JSON)
        except ZonghengError as error:
            return error_response(error)
        except TimeoutError:
            return error_response(
                DeadlineExceeded(f"{request.url.path} took longer than connect-timeout-ms allows")
            )
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is left to read it
        except Exception:
            _log.exception("%s failed", request.url.path)
            return error_response(Internal(f"{request.url.path} failed; the hub's log says why"))

    async def _call(self, request: Request, *, is_json: bool) -> Response:
        name = request.url.path
        try:
            method = self._gate.method(name)
        except MethodUnknown as error:
            return error_response(error, status=404)
        _check_version(request)
        _check_encoding(request)
        body = await read_body(request, self._limit)
        payload = _from_json(method, body) if is_json else body
        reply = await self._gate.handle(name, payload, act=_act(request))
        content = reply.payload
        if is_json:
            content = _to_json(method.reply_class.FromString(content))
        headers = {}
        if reply.receipt is not None:
            headers["zongheng-receipt-bin"] = base64.b64encode(reply.receipt).decode().rstrip("=")
        return Response(content, media_type=_JSON if is_json else _PROTO, headers=headers)


def _seconds(request: Request) -> float | None:
    text = request.headers.get("connect-timeout-ms")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 10:
        raise Invalid(f"connect-timeout-ms {text[:20]!r} is no number of at most 10 digits")
    if int(text) == 0:
        raise TimeoutError
    return int(text) / 1000


def _check_version(request: Request) -> None:
    version = request.headers.get("connect-protocol-version", "1")
    if version != "1":
        raise Invalid(f"connect-protocol-version is {version}; this hub speaks version 1")


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "identity")
    if encoding not in ("identity", ""):
        raise MethodUnknown(f"content-encoding {encoding} is not taken here; send identity")


def _act(request: Request) -> bytes | None:
    text = request.headers.get("zongheng-act-bin")
    if text is None:
        return None
    if len(text) > ACT_LIMIT:
        raise Malformed(f"zongheng-act-bin has more than {ACT_LIMIT:,} characters")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"zongheng-act-bin is no base64: {error}") from error


def _from_json(method: GateMethod, body: bytes) -> bytes:
    message = method.request_class()
    try:
        text = body.decode().strip() or "{}"
        if not text.startswith("{"):
            raise json_format.ParseError("a message is an object, {…}")
        json_format.Parse(text, message, max_recursion_depth=32)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"the JSON is no {message.DESCRIPTOR.full_name}: {error}") from error
    return message.SerializeToString(deterministic=True)


def _to_json(message: Message) -> bytes:
    fields = json_format.MessageToDict(message)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
