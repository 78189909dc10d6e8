"""The kernel's OperatorBook: who acts for whom, kept in memory and read anew when it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from zongheng_hub.store import Store
from zongheng_hub.tenancy.operators import people, rules
from zongheng_protos.errors import OperatorDisabled, OperatorUnknown

LOOK_MS = 400
"""How long it answers from memory before it asks whether another replica changed anything."""
MAX_KEPT = 20_000
_DISABLED: frozenset[int] = frozenset({-1})


@dataclass(frozen=True, slots=True)
class _Staff:
    """A tenant's people: rights by name and by id."""

    rights: Mapping[str, frozenset[int]]
    required: bool


class StoredOperators:
    """OperatorBook over the tables. A change made elsewhere is noticed within LOOK_MS of a call."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._staff: dict[str, _Staff] = {}
        self._version = -1
        self._looked_ms = 0
        self._changes = 0

    async def rights_of(self, tenant: str, operator: str, now_ms: int) -> frozenset[int] | None:
        """The rights that an operator's roles allow; None: the tenant has not registered them.

        Raises:
            OperatorDisabled: they are, and must not act.
            OperatorUnknown: they are not, and the tenant wants all to be.
        """
        if abs(now_ms - self._looked_ms) >= LOOK_MS:
            await self._look(now_ms)
        staff = self._staff.get(tenant)
        if staff is None:
            staff = await self._read(tenant)
        rights = staff.rights.get(operator)
        if rights is None:
            if staff.required:
                raise OperatorUnknown(f"{tenant} has registered no operator {operator}")
            return None
        if rights is _DISABLED:
            raise OperatorDisabled(f"the operator {operator} of {tenant} is disabled")
        return rights

    def forget(self, tenant: str) -> None:
        """Read a tenant's operators anew at the next call: they have just changed."""
        self._changes += 1
        self._staff.pop(tenant, None)

    async def _look(self, now_ms: int) -> None:
        self._looked_ms = now_ms
        seen = self._version

        def read(connection: Connection) -> tuple[int, tuple[str, ...]]:
            version = people.version(connection)
            changed = people.changed_since(connection, seen) if version != seen else ()
            return version, tuple(changed)

        try:
            version, changed = await self._store.read(read)
        except BaseException:
            self._looked_ms = 0  # nobody is answered from memory that cannot be confirmed
            raise
        for tenant in changed:
            self.forget(tenant)
        self._version = max(version, self._version)

    async def _read(self, tenant: str) -> _Staff:
        def read(connection: Connection) -> _Staff:
            rights: dict[str, frozenset[int]] = {}
            for each in people.operators(connection, tenant):
                account = each.account
                allowed = _DISABLED if account.disabled else rules.rights_of(account.roles)
                rights[account.name] = rights[account.id] = allowed
            return _Staff(rights, people.operators_required(connection, tenant))

        changes_before = self._changes
        staff = await self._store.read(read)
        if len(self._staff) >= MAX_KEPT:
            self._staff.clear()
        if self._changes == changes_before:  # else it may be older than what was just noticed
            self._staff[tenant] = staff
        return staff
