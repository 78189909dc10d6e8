"""Letting an operator into the console by a one-time link, at the word of the hub's keeper."""

from __future__ import annotations

import time
from collections.abc import Collection

from zongheng_hub.data_folder import DataFolder
from zongheng_hub.settings import Settings
from zongheng_hub.store import Tx, open_store
from zongheng_hub.store.migrate import migrate
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tenancy.operators import login, registering
from zongheng_hub.tenancy.operators.people import Operator
from zongheng_hub.web.sign_ins import StoredSignIns
from zongheng_protos.errors import DivisionUnknown


async def mint_sign_in(
    settings: Settings,
    *,
    tenant: str,
    operator: str,
    roles: Collection[int] | None = None,
    reset: bool = False,
) -> str:
    """The path of a one-time sign-in link for an operator of a tenant (by id or division code).

    An operator whom the tenant has not registered is registered first.

    Args:
        roles: what a new operator holds (tenancy.v1.Role); None: every business role.
        reset: take away their password, second factor and passkeys; the link sets up new ones.

    Raises:
        DivisionUnknown: there is no such tenant.
        OperatorDisabled, Exists, DutiesConflict: see registering.let_in.
    """

    def clock() -> int:
        return int(time.time() * 1000)

    folder = DataFolder(settings.data)
    store = open_store(settings.database or folder.database)
    try:
        migrate(store.writer)
        found = await store.read(
            lambda c: tenancy.tenant(c, tenant) or tenancy.tenant_by_code(c, tenant)
        )
        if found is None:
            raise DivisionUnknown(f"no unit has the code or id {tenant}")
        tenant_id = found.id
        now_ms = clock()

        def admit(tx: Tx) -> Operator:
            one = registering.let_in(tx, tenant_id, operator, roles, now_ms=now_ms)
            if reset:
                login.reset(tx, one.account.id, now_ms)
            return one

        let_in = await store.write(admit)
        token = await StoredSignIns(store, clock).mint(tenant_id, let_in.account.name)
    finally:
        store.close()
    return f"/sign-in?t={token}"
