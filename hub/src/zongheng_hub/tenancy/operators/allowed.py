"""What a signed-in operator may do, so that the console shows nothing else."""

from __future__ import annotations

from collections.abc import Callable

from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.operators.book import StoredOperators
from zongheng_hub.web.ports import Session
from zongheng_protos.errors import ZonghengError


class OperatorRights:
    """The web's Allowed: the operator's roles within the unit's credential, as in the kernel.

    Args:
        clock: gives Unix milliseconds.
    """

    def __init__(
        self, credentials: Credentials, operators: StoredOperators, clock: Callable[[], int]
    ) -> None:
        self._credentials = credentials
        self._operators = operators
        self._clock = clock

    def forget(self, tenant: str) -> None:
        self._operators.forget(tenant)

    async def __call__(self, session: Session) -> frozenset[int]:
        now_ms = self._clock()
        try:
            credential = await self._credentials.credential_of(session.tenant)
            allowed = await self._operators.rights_of(session.tenant, session.operator, now_ms)
        except ZonghengError:  # the page itself is refused, and says why
            return frozenset()
        return credential.rights & (allowed or frozenset())
