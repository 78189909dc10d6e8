"""Budgets, and what one tenant or address uses of its own: token buckets and counts."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zongheng_protos.errors import Quota
from zongheng_protos.options.v1 import options_pb2 as options

if TYPE_CHECKING:
    from asyncio import Future

CLASSES: tuple[int, ...] = (options.QUOTA_READ, options.QUOTA_ACT, options.QUOTA_BULK)
NAMES = {number: options.Quota.Name(number).removeprefix("QUOTA_").lower() for number in CLASSES}
BURST_SECONDS = 5.0
"""A budget that was not used for this long may be spent at once."""
PACE_SECONDS = 10.0
PATIENCE = 0.25
"""A call that is early by no more than this waits its moment instead of being refused."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one tenant may use of one hub process.

    Attributes:
        reads, acts, bulk: calls a second, by quota class.
        calls: calls at once, streams left aside.
        streams: streams at once.
        bulk_bytes: bytes a second in and out by calls of the bulk class.
    """

    reads: float = 50.0
    acts: float = 50.0
    bulk: float = 20.0
    calls: int = 64
    streams: int = 16
    bulk_bytes: float = 32 * 1024 * 1024.0

    def rate(self, quota: int) -> float:
        """Calls a second of a quota class."""
        if quota == options.QUOTA_READ:
            return self.reads
        return self.acts if quota == options.QUOTA_ACT else self.bulk


USUAL_BUDGET = Budget()
PROVINCE_BUDGET = Budget(
    reads=20_000.0, acts=5_000.0, bulk=1_000.0, calls=256, streams=256, bulk_bytes=1024.0**3
)
"""The hub's own: what it gives away is at most this."""


class Bucket:
    """Tokens that fill at a rate, up to what BURST_SECONDS bring (one at least)."""

    __slots__ = ("at", "most", "rate", "tokens")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.most = max(rate * BURST_SECONDS, 1.0)
        self.tokens = self.most
        self.at = now

    def fill(self, now: float) -> float:
        """What is there by now."""
        self.tokens = min(self.most, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return self.tokens

    def change(self, rate: float, now: float) -> None:
        """Go on at another rate; what was saved up stays, as far as it fits."""
        self.fill(now)
        self.rate, self.most = rate, max(rate * BURST_SECONDS, 1.0)
        self.tokens = min(self.tokens, self.most)


class Share:
    """What one tenant (or one address, for callers without a channel) uses now.

    Attributes:
        name: the tenant's id, or "@" and an address.
        running, streams: calls and streams under way.
        outside: calls that wait because as many as the budget allows are under way.
        held: refused calls whose refusal is held back for a moment.
        refusal_due: when the last of them is given.
        served: calls let in, by quota class; refused: by reason; both since the process began.
        pace: calls a second, by quota class, averaged over about ten seconds.
        refused_at: when one was refused last; 0: none.
    """

    __slots__ = (
        "_buckets",
        "_bytes",
        "budget",
        "held",
        "name",
        "outside",
        "pace",
        "refusal_due",
        "refused",
        "refused_at",
        "running",
        "seen",
        "served",
        "streams",
    )

    def __init__(self, name: str, budget: Budget, now: float) -> None:
        self.name = name
        self.budget = budget
        self._buckets = {quota: Bucket(budget.rate(quota), now) for quota in CLASSES}
        self._bytes = Bucket(budget.bulk_bytes, now)
        self.running = self.streams = self.held = 0
        self.refusal_due = now
        self.outside: deque[Future[None]] = deque()
        self.served = dict.fromkeys(CLASSES, 0)
        self.seen = dict(self.served)
        self.pace = dict.fromkeys(CLASSES, 0.0)
        self.refused: Counter[str] = Counter()
        self.refused_at = 0.0

    @property
    def is_idle(self) -> bool:
        return not (self.running or self.streams or self.held or self.outside)

    def rebudget(self, budget: Budget, now: float) -> None:
        if budget == self.budget:
            return
        self.budget = budget
        for quota, bucket in self._buckets.items():
            bucket.change(budget.rate(quota), now)
        self._bytes.change(budget.bulk_bytes, now)

    def sample(self, seconds: float) -> None:
        """Take account of the calls since the last sample, so many seconds ago."""
        weight = min(seconds / PACE_SECONDS, 1.0)
        for quota, served in self.served.items():
            now = (served - self.seen[quota]) / seconds
            self.pace[quota] += (now - self.pace[quota]) * weight
        self.seen = dict(self.served)

    def refuse(self, reason: str, now: float) -> None:
        self.refused[reason] += 1
        self.refused_at = now

    def spend(self, quota: int, now: float) -> float:
        """Take one call from the budget; gives the seconds it must wait, mostly 0.

        Args:
            now: seconds on a clock that never goes back.

        Raises:
            Quota: nothing is left; says when there will be.
        """
        bucket = self._buckets[quota]
        tokens = bucket.fill(now)
        if tokens >= 1:
            bucket.tokens = tokens - 1
            self.served[quota] += 1
            return 0.0
        wait = (1 - tokens) / bucket.rate
        if wait > PATIENCE:
            raise self._spent(f"{bucket.rate:g} {NAMES[quota]} calls a second", wait)
        bucket.tokens = tokens - 1
        self.served[quota] += 1
        return wait

    def spend_bytes(self, count: int, now: float) -> float:
        """Note bytes that went by; gives the seconds until the budget has made up for them."""
        tokens = self._bytes.fill(now) - count
        self._bytes.tokens = tokens
        return 0.0 if tokens >= 0 else -tokens / self._bytes.rate

    def check_bytes(self, now: float) -> None:
        """Raises Quota while earlier bulk calls have used up the bytes of the next second."""
        wait = -self._bytes.fill(now) / self._bytes.rate
        if wait > PATIENCE:
            raise self._spent(f"{self._bytes.rate / 1024 / 1024:g} MiB a second", wait)

    def _spent(self, limit: str, wait: float) -> Quota:
        whose = self.name.removeprefix("@") or "this address"
        return Quota(
            f"{whose} may have {limit}; free again in {wait * 1000:.0f} ms",
            retry_after=wait,
            limit=limit,
        )
