"""Budgets of calls a second for each tenant: token buckets, one a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zongheng_protos.errors import Quota
from zongheng_protos.options.v1 import options_pb2 as options


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls a second, and how many may come at once."""

    rate: float
    burst: float


DEFAULT_BUDGETS: Mapping[int, Budget] = {
    options.QUOTA_READ: Budget(rate=20_000, burst=40_000),
    options.QUOTA_ACT: Budget(rate=5_000, burst=10_000),
    options.QUOTA_BULK: Budget(rate=1_000, burst=2_000),
}
MAX_TENANTS = 100_000


class Quotas:
    """Counts one replica's calls; a tenant's budget is a replica's budget."""

    def __init__(self, budgets: Mapping[int, Budget] = DEFAULT_BUDGETS) -> None:
        self._budgets = budgets
        self._buckets: dict[tuple[str, int], list[float]] = {}

    def spend(self, tenant: str, quota: int, now: float) -> None:
        """Take one call from tenant's budget.

        Args:
            now: seconds on a clock that never goes back.

        Raises:
            Quota: nothing is left; says when there will be.
        """
        budget = self._budgets[quota]
        bucket = self._buckets.get((tenant, quota))
        if bucket is None:
            if len(self._buckets) >= MAX_TENANTS:
                self._buckets.clear()
            bucket = self._buckets[(tenant, quota)] = [budget.burst, now]
        tokens = min(budget.burst, bucket[0] + (now - bucket[1]) * budget.rate)
        bucket[1] = now
        if tokens < 1:
            bucket[0] = tokens
            name = options.Quota.Name(quota).removeprefix("QUOTA_").lower()
            wait_ms = (1 - tokens) / budget.rate * 1000
            raise Quota(
                f"more than {budget.rate:g} {name} calls a second from {tenant or 'this address'}; "
                f"free again in {wait_ms:.0f} ms"
            )
        bucket[0] = tokens - 1
