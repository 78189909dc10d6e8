"""Slow clients: whoever neither sends nor reads for too long is ended, and holds no memory."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

from zongheng_protos.errors import TooSlow

T = TypeVar("T")
LOOK_SECONDS = 0.5


class Patience:
    """Waits for peers, each for so long and no longer; one look around serves all of them.

    A timer for every call would cost more than the call's admission does.
    """

    def __init__(self) -> None:
        self._until: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()

    async def wait(self, peer: Awaitable[T], seconds: float, what: str) -> T:
        """What peer comes to.

        Raises:
            TooSlow: it took longer than seconds (and up to LOOK_SECONDS more).
        """
        task = asyncio.current_task()
        assert task is not None
        self._until[task] = time.monotonic() + seconds
        try:
            return await peer
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise TooSlow(f"{what} took more than {seconds:g} s") from None
        finally:
            del self._until[task]
            self._late.discard(task)

    def look(self, now: float) -> None:
        """End what has been waited for too long."""
        for task, until in tuple(self._until.items()):
            if now > until and task not in self._late:
                self._late.add(task)
                task.cancel()

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look around every half second until the block ends."""

        async def keep_looking() -> None:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                self.look(time.monotonic())

        task = asyncio.create_task(keep_looking(), name="patience")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
