"""Use cases of quotas: saying, reading, and the book that the kernel asks on the way in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from zongheng_hub.kernel.admission import Admission
from zongheng_hub.kernel.quota import PROVINCE_BUDGET, Budget
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tenancy.quotas import rules
from zongheng_hub.tenancy.quotas.rules import Given, Limits
from zongheng_hub.tenancy.quotas.tables import QUOTA

log = logging.getLogger("zongheng.quotas")
LOOK_SECONDS = 0.5
WHOLE_LOOK = 120
"""Every so many looks everything is read again: a move in the tree changes who stands above."""
MIB = 1024 * 1024


def say(tx: Tx, tenant: str, given: Given) -> None:
    """Replace what a tenant has said about another."""
    same = and_(QUOTA.c.tenant_id == tenant, QUOTA.c.by_tenant_id == given.by)
    values = {name: getattr(given.limits, name) for name in rules.NAMES}
    values |= {"set_ms": given.set_ms, "log_index": given.log_index}
    if tx.execute(update(QUOTA).where(same).values(values)).rowcount == 0:
        tx.execute(insert(QUOTA).values(tenant_id=tenant, by_tenant_id=given.by, **values))


def said(connection: Connection) -> rules.Said:
    """Everything that those above have said; what was said by whom stands above no more is left."""
    found: dict[str, list[Given]] = {}
    above: dict[str, Sequence[str]] = {}
    for row in connection.execute(select(QUOTA).order_by(QUOTA.c.log_index)):
        if row.tenant_id not in above:
            above[row.tenant_id] = tenancy.ancestors(connection, row.tenant_id)
        given = _as_given(row)
        if given.by in above[row.tenant_id] and not given.limits.says_nothing:
            found.setdefault(row.tenant_id, []).append(given)
    return found


def last_said(connection: Connection) -> int:
    """Index of the act that said something last; -1: nothing was ever said."""
    found = connection.execute(select(func.max(QUOTA.c.log_index))).scalar()
    return -1 if found is None else int(found)


class QuotaBook:
    """Every tenant's budget, in memory; looks for what was said on other replicas."""

    def __init__(
        self,
        store: Store,
        province: str,
        *,
        usual: Budget | None = None,
        provinces: Budget = PROVINCE_BUDGET,
        address: Budget | None = None,
    ) -> None:
        self._store = store
        self._address = address or usual or Budget()
        self.usual: Mapping[str, Limits] = {
            "": limits_of(usual or Budget()),
            province: limits_of(provinces),
        }
        self._said: rules.Said = {}
        self._last = -2

    def budget_of(self, name: str) -> Budget:
        if name.startswith("@"):
            return self._address
        return budget_of(self.limits_of(name))

    def limits_of(self, tenant: str) -> Limits:
        """What holds for a tenant."""
        return rules.holding(tenant, self._said, self.usual)

    def given(self, tenant: str) -> Sequence[Given]:
        return self._said.get(tenant, ())

    def named(self) -> Sequence[str]:
        """The tenants about which something was said."""
        return tuple(self._said)

    async def look(self, *, whole: bool = False) -> bool:
        """Read what has been said since the last look; whether there was anything new."""
        last = await self._store.read(last_said)
        if last == self._last and not whole:
            return False
        now = await self._store.read(said)
        changed = now != self._said
        self._said, self._last = now, last
        return changed

    @contextlib.asynccontextmanager
    async def watching(self, admission: Admission) -> AsyncIterator[None]:
        """Tell admission of every change, wherever it was made, until the block ends."""

        async def keep_looking() -> None:
            looks = 0
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                looks += 1
                admission.sample()
                try:
                    if await self.look(whole=looks % WHOLE_LOOK == 0):
                        admission.rebudget()
                except Exception:
                    log.exception("quotas could not be read; tried again in a moment")

        await self.look()
        admission.rebudget()
        task = asyncio.create_task(keep_looking(), name="quotas")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def limits_of(budget: Budget) -> Limits:
    return Limits(
        reads=int(budget.reads),
        acts=int(budget.acts),
        bulk=int(budget.bulk),
        calls=budget.calls,
        streams=budget.streams,
        bulk_mib=int(budget.bulk_bytes / MIB),
    )


def budget_of(limits: Limits) -> Budget:
    return Budget(
        reads=limits.reads,
        acts=limits.acts,
        bulk=limits.bulk,
        calls=limits.calls,
        streams=limits.streams,
        bulk_bytes=float(limits.bulk_mib * MIB),
    )


def _as_given(row: Row[tuple[object, ...]]) -> Given:
    limits = Limits(**{name: getattr(row, name) for name in rules.NAMES})
    return Given(row.by_tenant_id, limits, row.set_ms, row.log_index)
