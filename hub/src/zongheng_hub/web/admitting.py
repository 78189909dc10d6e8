"""Admission on the web port: by address, before anything is read; a body is read before its turn.

What a page or a Connect call costs is then counted against its tenant, once it is known.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zongheng_hub.kernel.admission import Admission
from zongheng_protos.errors import Busy, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options

MAX_BUFFERED = 256 * 1024 * 1024
"""Bytes of bodies that wait for their turn, of all callers."""
Refuse = Callable[[Scope, ZonghengError], Response]


class Admitting:
    """Lets requests in to app; answers the others with what refuse makes of it."""

    def __init__(self, app: ASGIApp, admission: Admission, refuse: Refuse, body_limit: int) -> None:
        self._app = app
        self._admission = admission
        self._refuse = refuse
        self._limit = body_limit
        self._buffered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        admission = self._admission
        share = admission.share(f"@{network_of(scope)}")
        try:
            outside = admission.enter(share, options.QUOTA_READ)
            if outside is not None:
                await admission.wait_outside(share, outside)
            try:
                await self._with_body(scope, receive, send)
            finally:
                admission.leave(share)
        except ZonghengError as refusal:
            await admission.turn_away(share, refusal)
            await self._refuse(scope, refusal)(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            await self._in_turn(scope, receive, send)
            return
        body = _Body(receive)
        try:
            while body.more and len(body.content) <= self._limit:
                before = len(body.content)
                await body.read()
                self._buffered += len(body.content) - before
                if self._buffered > MAX_BUFFERED:
                    raise Busy("the hub reads as many requests as it can hold", retry_after=2.0)
            await self._in_turn(scope, body.again, send)
        finally:
            self._buffered -= len(body.content)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        share = self._admission.share(f"@{network_of(scope)}")
        places = self._admission.places(options.QUOTA_READ)
        if not places.take(share.name):
            await places.wait(share)
        try:
            await self._app(scope, receive, send)
        finally:
            places.give(share.name)


class _Body:
    """A request's body, read ahead of whoever wants it; what was not read yet stays to be read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.content = bytearray()
        self.more = True
        self._gone: Message | None = None
        self._given = False

    async def read(self) -> None:
        message: MutableMapping[str, Any] = await self._receive()
        if message["type"] != "http.request":
            self._gone, self.more = message, False
            return
        self.content += message.get("body", b"")
        self.more = message.get("more_body", False)

    async def again(self) -> Message:
        if self._given:
            return self._gone if self._gone is not None else await self._receive()
        self._given = True
        more = self.more or self._gone is not None
        return {"type": "http.request", "body": bytes(self.content), "more_body": more}


def network_of(scope: Scope) -> str:
    """The caller's address; of IPv6 the /64, since a caller has all of it."""
    client = scope.get("client")
    if not client:
        return "local"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
