"""Calls that last: whoever may not go on is ended at once, also while nothing is being sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from zongheng_protos.errors import ZonghengError


@dataclass(slots=True, eq=False)
class _Live:
    tenant: str
    check: Callable[[], None]
    ends_ms: int
    task: asyncio.Task[object]


class LiveCalls:
    """The streams that run in this process, each with what would end it.

    A stream costs nothing here while it runs: it is ended by cancelling its task, which then asks
    for the verdict.
    """

    def __init__(self) -> None:
        self._live: dict[_Live, None] = {}
        self._verdicts: dict[asyncio.Task[object], ZonghengError] = {}

    @contextmanager
    def running(self, tenant: str, check: Callable[[], None], *, ends_ms: int) -> Iterator[None]:
        """The current task runs a stream of a tenant.

        Args:
            check: raises the ZonghengError for which the stream must not go on.
            ends_ms: when it must end though nothing changes; Unix milliseconds.
        """
        task = asyncio.current_task()
        assert task is not None
        live = _Live(tenant, check, ends_ms, task)
        self._live[live] = None
        try:
            yield
        finally:
            self._live.pop(live, None)

    def __len__(self) -> int:
        return len(self._live)

    def of(self, tenants: frozenset[str]) -> int:
        """How many streams these tenants have running."""
        return sum(live.tenant in tenants for live in self._live)

    def end(self, now_ms: int, *, changed: bool) -> int:
        """End every stream that must not go on; returns how many.

        Args:
            changed: who stands has changed: every stream is asked. Otherwise only those whose
                time is over.
        """
        ended = 0
        for live in list(self._live):
            if not changed and now_ms < live.ends_ms:
                continue
            try:
                live.check()
            except ZonghengError as error:
                del self._live[live]
                self._verdicts[live.task] = error
                live.task.cancel(error.message)
                live.task.add_done_callback(self._forget)
                ended += 1
        return ended

    def verdict(self) -> ZonghengError | None:
        """Why the current task was just cancelled: None when it was not from here."""
        task = asyncio.current_task()
        if task is None:
            return None
        error = self._verdicts.pop(task, None)
        if error is not None:
            task.uncancel()
        return error

    def _forget(self, task: asyncio.Task[object]) -> None:
        self._verdicts.pop(task, None)
