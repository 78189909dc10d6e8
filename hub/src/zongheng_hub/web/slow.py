"""Slow clients on the web port: what stands still is ended (uvicorn has no such bounds).

Slow head, slow body, slow reader: one look around every second serves all connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from uvicorn.protocols.http.h11_impl import H11Protocol

Phase = Literal["head", "body", "work", "write", "close"]


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Bounds of the web port.

    Attributes:
        connections, connections_each: of all, and of one address.
        head, body, write, close: seconds that each phase of a request may take.
        request: seconds for a request as a whole, from its head to its last byte.
    """

    connections: int = 2000
    connections_each: int = 256
    head: float = 10.0
    body: float = 30.0
    write: float = 30.0
    close: float = 10.0
    request: float = 120.0


def bounded_protocol(limits: WebLimits) -> type[asyncio.Protocol]:
    """Uvicorn's protocol with a bound on connections, in all and by address."""
    by_address: Counter[str] = Counter()

    class BoundedProtocol(H11Protocol):
        counted = ""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
            super().connection_made(transport)
            address = self.client[0] if self.client else "local"
            if (
                len(self.connections) > limits.connections
                or by_address[address] >= limits.connections_each
            ):
                transport.abort()
                return
            self.counted = address
            by_address[address] += 1

        def connection_lost(self, exc: Exception | None) -> None:
            if self.counted:
                by_address[self.counted] -= 1
                if not by_address[self.counted]:
                    del by_address[self.counted]
                self.counted = ""
            super().connection_lost(exc)

    return BoundedProtocol


class Patrol:
    """Ends connections that stay in one phase for too long."""

    def __init__(self, limits: WebLimits) -> None:
        self._limits = limits
        self._seen: dict[Any, tuple[Phase, int, float, float]] = {}

    def look(self, connections: Iterable[Any], now: float) -> int:
        """Look at every connection once; how many were ended."""
        ended = 0
        seen = {}
        for connection in tuple(connections):
            phase, request = _phase_of(connection)
            last = self._seen.get(connection)
            since = last[2] if last is not None and last[:2] == (phase, request) else now
            begun = last[3] if last is not None and last[1] == request else now
            if now - since > self._allowed(phase) or now - begun > self._limits.request:
                connection.transport.abort()
                ended += 1
            else:
                seen[connection] = (phase, request, since, begun)
        self._seen = seen
        return ended

    @contextlib.asynccontextmanager
    async def looking(self, connections: Iterable[Any]) -> AsyncIterator[None]:
        """Look around every second until the block ends."""

        async def keep_looking() -> None:
            while True:
                await asyncio.sleep(1.0)
                self.look(connections, time.monotonic())

        task = asyncio.create_task(keep_looking(), name="patrol")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _allowed(self, phase: Phase) -> float:
        limits = self._limits
        return {
            "head": limits.head,
            "body": limits.body,
            "work": limits.request,
            "write": limits.write,
            "close": limits.close,
        }[phase]


def _phase_of(connection: Any) -> tuple[Phase, int]:
    cycle = connection.cycle
    if connection.transport.is_closing():
        return "close", 0
    if cycle is None or cycle.response_complete:
        return "head", id(cycle)
    if connection.flow.write_paused:
        return "write", id(cycle)
    return ("body" if cycle.more_body else "work"), id(cycle)
