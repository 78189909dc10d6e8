"""Serving the web port from the hub's own loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp

from zongheng_hub.kernel.grpc_server import PortInUse
from zongheng_hub.web.slow import Patrol, WebLimits, bounded_protocol


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the process's owner decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket for the web port; 0 takes a free one.

    Raises:
        PortInUse: something listens there, or the address is none of this machine's.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise PortInUse(
                f"cannot listen on {host} ({error.strerror}): name an address "
                "of this machine with --host"
            ) from error
        raise PortInUse(
            f"port {port} on {host} is taken or not allowed ({error.strerror}): "
            "choose another with --web-port"
        ) from error
    return sock


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp,
    sock: socket.socket,
    *,
    proxies: Sequence[str] = ("127.0.0.1", "::1"),
    limits: WebLimits | None = None,
) -> AsyncIterator[None]:
    """Serve app on a bound socket until the block ends; then finish what is under way.

    Args:
        proxies: addresses of reverse proxies, whose word on the caller's address is taken.
    """
    limits = limits or WebLimits()
    config = uvicorn.Config(
        app,
        http=bounded_protocol(limits),
        ws="none",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        h11_max_incomplete_event_size=32 * 1024,
        timeout_keep_alive=5,
        log_config=None,
        access_log=False,
        lifespan="off",
        loop="none",
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]), name="web")
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    try:
        async with Patrol(limits).looking(server.server_state.connections):
            yield
    finally:
        server.should_exit = True
        await task
