"""When to commit: once the event loop that hands work in has nothing else to do.

The loop and the writer take turns on one interpreter. A writer that runs while the loop has calls
to carry makes both slower, and commits less with each fsync; one that waits a fixed time makes a
lone caller wait for nobody. So the writer is called when the loop falls silent: when for a tenth
of a millisecond it ran nothing but this look. And work that the writer has taken comes back first:
its answers bring the next work, which then is committed together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

QUIET_SECONDS = 0.0001
"""Calls that are on their way through gRPC's threads arrive within it."""
BUSY_TIMES = 16
"""A round that worked so many times as long as the shortest had something else to do."""
LONGEST_SECONDS = 0.01
"""A loop that never falls silent commits this often."""
_FORGET = 1.0001
"""The shortest round is forgotten slowly: the machine may have become slower since."""


class Gathering:
    """Watches one event loop and calls when it is silent, once for each watch."""

    def __init__(
        self,
        soon: Callable[[Callable[[], None]], Any],
        call: Callable[[], None],
        clock: Callable[[], float] = time.perf_counter,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        """
        Args:
            soon: the loop's call_soon.
            clock: seconds, to the microsecond.
            worked: seconds that the calling thread has worked: what it waited for, such as for
                the interpreter while another thread has it, is no work.
        """
        self._soon = soon
        self._call = call
        self._clock = clock
        self._worked = worked
        self._watching = False
        self._shortest = 1.0
        self._began = self._busy = self._last = 0.0
        self._waiting = self._underway = 0

    def take(self) -> None:
        """A piece of work was handed in: call soon. On the loop's own thread, as all of these."""
        self._waiting += 1
        self._watch()

    def settle(self) -> None:
        """A piece of work has come back."""
        self._waiting -= 1
        if self._underway:  # what came between the call and the commit went along uncounted
            self._underway -= 1
        if not self._underway and self._waiting:
            self._watch()

    def call(self) -> None:
        """Call now."""
        self._underway = self._waiting
        self._call()

    def _watch(self) -> None:
        if self._watching:
            return
        self._watching = True
        self._began = self._busy = self._clock()
        self._last = self._worked()
        self._soon(self._look)

    def _look(self) -> None:
        now, worked = self._clock(), self._worked()
        took = worked - self._last
        self._last = worked
        self._shortest = min(self._shortest * _FORGET, took)
        if took > BUSY_TIMES * self._shortest:
            self._busy = now
        if now - self._began > LONGEST_SECONDS:
            self._watching = False
            self.call()
        elif now - self._busy > QUIET_SECONDS:
            self._watching = False
            if not self._underway:
                self.call()
        else:
            self._soon(self._look)
