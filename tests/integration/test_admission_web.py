"""The web port under pressure: slow heads, slow bodies, slow readers, floods. Over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zongheng_hub.kernel.admission import Admission, SameForAll
from zongheng_hub.kernel.quota import Budget
from zongheng_hub.web.admitting import Admitting
from zongheng_hub.web.connect_errors import turned_away
from zongheng_hub.web.serving import serving
from zongheng_hub.web.slow import WebLimits
from zongheng_protos.errors import Quota
from zongheng_sdk.connect import refusal

SHORT = WebLimits(head=1.0, body=1.0, write=1.0, close=1.0, request=4.0)
LARGE = b"x" * 50_000_000
LIMIT = 1_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    if request.method == "POST":
        answer: Response = PlainTextResponse(str(len(await request.body())))
    else:
        answer = Response(LARGE if request.url.path == "/large" else b"here")
    await answer(scope, receive, send)


@contextlib.asynccontextmanager
async def served(
    *, limits: WebLimits = SHORT, budget: Budget | None = None, inner: ASGIApp = app
) -> AsyncIterator[tuple[int, Admission]]:
    admission = Admission(SameForAll(budget or Budget()))
    guarded = Admitting(inner, admission, turned_away, LIMIT)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        async with serving(guarded, sock, limits=limits):
            yield sock.getsockname()[1], admission


def run(case: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        return await asyncio.wait_for(case(), 30)

    return asyncio.run(limited())


async def ended_after(port: int, first: bytes, drop: bytes) -> float:
    """Send first, then drop every 0.2 s; seconds until the hub has ended the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    begun = time.monotonic()
    try:
        while True:
            try:
                if not await asyncio.wait_for(reader.read(1), 0.2):
                    break
            except TimeoutError:
                writer.write(drop)
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    return time.monotonic() - begun


async def answer(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and everything after the status line, as far as it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    got = b""
    with contextlib.suppress(ConnectionError):
        while more := await reader.read(65_536):
            got += more
    writer.transport.abort()
    status, _, rest = got.partition(b"\r\n")
    return int(status.split()[1]), rest


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n".encode()


def test_a_head_that_drips_is_ended() -> None:
    async def case() -> float:
        async with served() as (port, _):
            return await ended_after(port, b"GET / HTTP/1.1\r\nhost: hub\r\n", b"x: y\r\n")

    assert 0.9 < run(case) < 4


def test_a_connection_that_says_nothing_is_ended() -> None:
    async def case() -> float:
        async with served() as (port, _):
            return await ended_after(port, b"", b"")

    assert 0.9 < run(case) < 4


def test_a_body_that_drips_is_ended_and_takes_no_place() -> None:
    async def case() -> tuple[float, int]:
        async with served() as (port, admission):
            head = b"POST /form HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000\r\n\r\n"
            slow = asyncio.create_task(ended_after(port, head, b"x"))
            await asyncio.sleep(0.5)
            assert admission.figures().running == 0
            assert (await answer(port, get("/")))[0] == 200
            return await slow, admission.share("@127.0.0.1").running

    took, running = run(case)
    assert 0.9 < took < 4 and running == 0


def test_a_reader_that_does_not_read_is_ended_and_its_memory_let_go() -> None:
    async def case() -> int:
        async with served() as (port, admission):
            with socket.socket() as lazy:
                lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                lazy.connect(("127.0.0.1", port))
                lazy.send(get("/large"))
                for _ in range(60):
                    await asyncio.sleep(0.1)
                    share = admission.known("@127.0.0.1")
                    if share is not None and share.served and share.running == 0:
                        break
                await asyncio.sleep(2.5)
                lazy.settimeout(5)
                read = 0
                with contextlib.suppress(ConnectionError):
                    while chunk := await asyncio.to_thread(lazy.recv, 1 << 20):
                        read += len(chunk)
                return read

    assert run(case) < len(LARGE)


def test_a_body_beyond_its_bound_is_not_read_to_its_end() -> None:
    seen: list[int] = []

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        seen.append(len(message["body"]))
        assert message["more_body"]
        await Response(status_code=413)(scope, receive, send)

    async def case() -> int:
        async with served(inner=counting) as (port, _):
            chunk = b"10000\r\n" + bytes(65_536) + b"\r\n"
            head = b"POST /f HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n"
            body = head + b"transfer-encoding: chunked\r\n\r\n" + chunk * 40
            return (await answer(port, body))[0]

    assert run(case) == 413
    assert LIMIT < seen[0] < LIMIT + 200_000


def test_an_address_that_floods_is_told_when_to_come_back() -> None:
    async def case() -> list[tuple[int, bytes]]:
        async with served(budget=Budget(reads=1)) as (port, _):
            return await asyncio.gather(*(answer(port, get("/")) for _ in range(8)))

    answers = run(case)
    refused = [rest for status, rest in answers if status == 429]
    assert sorted(status for status, _ in answers)[:5] == [200] * 5 and refused
    assert b"retry-after: 1" in refused[0] and "降低调用频率".encode() in refused[0]


def test_a_refused_procedure_carries_googles_retry_info() -> None:
    async def case() -> bytes:
        post = (
            b"POST /a.B/C HTTP/1.1\r\nhost: hub\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )
        async with served(budget=Budget(reads=1)) as (port, _):
            answers = await asyncio.gather(*(answer(port, post) for _ in range(8)))
        return next(rest for status, rest in answers if status == 429)

    body = run(case).partition(b"\r\n\r\n")[2]
    details = {detail["type"]: detail for detail in json.loads(body)["details"]}
    assert set(details) == {"google.rpc.ErrorInfo", "google.rpc.RetryInfo"}
    read = refusal(429, body)
    assert isinstance(read, Quota) and read.retry_after and read.limit == "1 read calls a second"


def test_one_address_may_have_only_so_many_connections() -> None:
    async def case() -> int:
        async with served(limits=WebLimits(connections_each=3)) as (port, _):
            streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(get("/"))
            try:
                got = await reader.read()
            except ConnectionError:
                got = b""
            for each in (writer, *(each for _, each in streams)):
                each.close()
                with contextlib.suppress(ConnectionError):
                    await each.wait_closed()
            await asyncio.sleep(0.1)
            assert (await answer(port, get("/")))[0] == 200
            return len(got)

    assert run(case) == 0
