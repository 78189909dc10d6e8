"""Counts calls by module, tenant and day, and hands the counts over now and then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY_MS = 86_400_000
BEIJING_MS = 8 * 3_600_000


@dataclass(frozen=True, slots=True)
class Count:
    """Calls of one tenant on one day (Beijing, "2026-11-20")."""

    meter: str
    tenant: str
    day: str
    calls: int
    failures: int


Sink = Callable[[Sequence[Count]], Awaitable[None]]


class Meter:
    """Counters in memory between two flushes; what a crash loses is a few seconds of counts."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], list[int]] = {}

    def count(self, meter: str, tenant: str, now_ms: int, *, failed: bool) -> None:
        key = (meter, tenant, (now_ms + BEIJING_MS) // DAY_MS)
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0, 0]
        counts[0] += 1
        if failed:
            counts[1] += 1

    async def flush(self, sink: Sink) -> None:
        """Hand all counts to sink; those it fails to take are kept."""
        taken, self._counts = self._counts, {}
        if not taken:
            return
        try:
            await sink([_as_count(key, value) for key, value in taken.items()])
        except BaseException:
            for key, (calls, failures) in taken.items():
                counts = self._counts.setdefault(key, [0, 0])
                counts[0] += calls
                counts[1] += failures
            raise


def _as_count(key: tuple[str, str, int], value: list[int]) -> Count:
    day = date(1970, 1, 1) + timedelta(days=key[2])
    return Count(key[0], key[1], day.isoformat(), value[0], value[1])
