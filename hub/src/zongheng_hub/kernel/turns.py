"""Places for calls at work, and fair turns for those who wait for one.

Tenants take turns, first come first within one: so a tenant with a thousand calls waiting delays
another's single call by one turn and not by a thousand. No tenant ever holds every place.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from zongheng_hub.kernel.quota import Share
from zongheng_protos.errors import Busy, ZonghengError

Place = asyncio.Future[None]


class Places:
    """The hub's places for one kind of call. Belongs to one event loop."""

    def __init__(self, limit: int, *, each: int, longest_queue: int, longest_wait: float) -> None:
        """
        Args:
            limit, each: places in all, and of one tenant.
            longest_queue: calls that may wait.
            longest_wait: seconds after which a waiting call is refused.
        """
        self._limit = limit
        self._each = each
        self._longest_queue = longest_queue
        self._longest_wait = longest_wait
        self._used: dict[str, int] = {}
        self._queues: dict[str, deque[Place]] = {}
        self._turns: deque[str] = deque()
        self.taken = self.waiting = 0

    def take(self, name: str) -> bool:
        """Take a place for a tenant's call, if one is free; else wait for one."""
        used = self._used.get(name, 0)
        if self.taken < self._limit and used < self._each:
            self.taken += 1
            self._used[name] = used + 1
            return True
        return False

    async def wait(self, share: Share) -> None:
        """Wait for a place.

        Raises:
            Busy: too many wait, or this call has waited too long.
        """
        name = share.name
        if self.waiting >= self._longest_queue:
            raise _busy()
        place = bounded_wait(self._longest_wait, _busy)
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = deque()
        queue.append(place)
        self._line_up(name)
        self.waiting += 1
        try:
            await granted(place, lambda: self.give(name))
        finally:
            self.waiting -= 1

    def give(self, name: str) -> None:
        """Give a tenant's place to whoever's turn it is."""
        self.taken -= 1
        left = self._used[name] - 1
        if left:
            self._used[name] = left
        else:
            del self._used[name]
        if self._queues:
            self._line_up(name)
            while self._turns and self.taken < self._limit:
                self._next()

    def _line_up(self, name: str) -> None:
        waits = name in self._queues and name not in self._turns
        if waits and self._used.get(name, 0) < self._each:
            self._turns.append(name)

    def _next(self) -> None:
        name = self._turns.popleft()
        queue = self._queues[name]
        while queue:
            place = queue.popleft()
            if not place.done():
                self.taken += 1
                self._used[name] = self._used.get(name, 0) + 1
                place.set_result(None)
                break
        if not queue:
            del self._queues[name]
        self._line_up(name)


def bounded_wait(seconds: float, refusal: Callable[[], ZonghengError]) -> Place:
    """A place to wait for; it becomes a refusal after so many seconds."""
    loop = asyncio.get_running_loop()
    place: Place = loop.create_future()

    def give_up() -> None:
        if not place.done():
            place.set_exception(refusal())

    timer = loop.call_later(seconds, give_up)
    place.add_done_callback(lambda _: timer.cancel())
    return place


async def granted(place: Place, undo: Callable[[], None]) -> None:
    """Wait for a place; undo gives it back where its turn came just as the caller went away."""
    try:
        await place
    except asyncio.CancelledError:
        if place.done() and not place.cancelled() and place.exception() is None:
            undo()
        raise


def _busy() -> Busy:
    return Busy("the hub has as many calls under way as it can carry", retry_after=1.0)
