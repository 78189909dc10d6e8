"""Verified credentials of tenants, kept once verified: a stored envelope never changes."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.tables import CREDENTIAL, CREDENTIAL_KEY
from zongheng_protos.errors import Exists, NotEnrolled
from zongheng_tenants.credential import Credential, verify_chain


class Credentials:
    """Looks up credentials and verifies their chains up to the province's root.

    What it keeps is immutable and the same on every replica. Dates are not checked here: the
    caller does, with Credential.check_time, on every call.
    """

    def __init__(self, store: Store, root_fingerprint: str) -> None:
        self._store = store
        self._root_fingerprint = root_fingerprint
        self._by_tenant: dict[str, Credential] = {}
        self._by_key: dict[str, Credential] = {}

    @property
    def root_fingerprint(self) -> str:
        return self._root_fingerprint

    async def credential_of(self, tenant: str) -> Credential:
        """The credential of a tenant.

        Raises:
            NotEnrolled: it has none.
            CredentialInvalid, CredentialForeign, SignatureInvalid: the stored chain does not
                hold.
        """
        known = self._by_tenant.get(tenant)
        if known is not None:
            return known
        return self._keep(await self._store.read(lambda c: self._verified(c, tenant)))

    async def credential_by_key(self, key_id: str) -> Credential:
        """The credential in which a key stands; raises as credential_of."""
        known = self._by_key.get(key_id)
        if known is not None:
            return known

        def look(connection: Connection) -> Credential:
            tenant_id = service.tenant_of_key(connection, key_id)
            if tenant_id is None:
                raise NotEnrolled(f"the key {key_id} belongs to no tenant of this hub")
            return self._verified(connection, tenant_id)

        return self._keep(await self._store.read(look))

    def _verified(self, connection: Connection, tenant_id: str) -> Credential:
        chain = service.chain(connection, tenant_id)
        if not chain:
            raise NotEnrolled(f"{tenant_id} holds no credential of this hub")
        return verify_chain(chain, root_fingerprint=self._root_fingerprint, at_ms=None)

    def _keep(self, credential: Credential) -> Credential:
        self._by_tenant[credential.tenant] = credential
        for key in credential.keys:
            self._by_key[key] = credential
        return credential


def store_credential(
    tx: Tx,
    credential: Credential,
    envelope: bytes,
    *,
    issuer_id: str | None,
    now_ms: int,
    log_index: int,
) -> None:
    """Write a verified credential and whose its keys are.

    Args:
        issuer_id: id of the credential above; None at the root.

    Raises:
        Exists: the tenant has a credential, or one of the keys is already someone's.
    """
    if service.links(tx.connection, credential.tenant):
        raise Exists(f"{credential.tenant} already holds a credential")
    for key_id in credential.keys:
        owner = service.tenant_of_key(tx.connection, key_id)
        if owner is not None:
            raise Exists(f"the key {key_id} is already that of {owner}: make new keys")
    tx.execute(
        insert(CREDENTIAL).values(
            id=credential.id,
            tenant_id=credential.tenant,
            issuer_id=issuer_id,
            envelope=envelope,
            expires_ms=credential.expires_ms,
            issued_ms=now_ms,
            log_index=log_index,
        )
    )
    tx.execute(
        insert(CREDENTIAL_KEY),
        [
            {"key_id": key, "credential_id": credential.id, "tenant_id": credential.tenant}
            for key in credential.keys
        ],
    )
