"""Verified credentials of tenants, kept until a credential changes, here or at another replica."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, update

from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.tables import (
    CREDENTIAL,
    CREDENTIAL_KEY,
    CREDENTIAL_VERSION,
    CredentialState,
)
from zongheng_protos.errors import CredentialRevoked, Exists, KeySuperseded, NotEnrolled
from zongheng_tenants.credential import Credential, verify_chain

OVERLAP_MS = 7 * 24 * 3600 * 1000
"""How long the keys of a superseded credential still sign."""
POLL_SECONDS = 0.5
MAX_KEPT = 20_000


class Credentials:
    """Looks up credentials and verifies their chains up to the province's root.

    What it keeps is dropped whenever any credential changes: at once in this process, within a
    second where another replica wrote. Dates are not checked here: the caller does, with
    Credential.check_time, on every call.
    """

    def __init__(
        self,
        store: Store,
        root_fingerprint: str,
        *,
        clock: Callable[[], int] = lambda: int(time.time() * 1000),
    ) -> None:
        self._store = store
        self._root_fingerprint = root_fingerprint
        self._clock = clock
        self._by_tenant: dict[str, Credential] = {}
        self._by_key: dict[str, tuple[Credential, int]] = {}
        self._version = -1
        self._polled = float("-inf")
        self._forgotten = 0

    @property
    def root_fingerprint(self) -> str:
        return self._root_fingerprint

    async def credential_of(self, tenant: str) -> Credential:
        """The active credential of a tenant; earlier ones that were not revoked stand in earlier.

        Raises:
            NotEnrolled: it has none.
            CredentialInvalid, CredentialForeign, SignatureInvalid: the stored chain does not
                hold.
        """
        await self._notice_changes()
        known = self._by_tenant.get(tenant)
        if known is not None:
            return known
        forgotten = self._forgotten
        found = await self._store.read(lambda c: self._active(c, tenant))
        if forgotten == self._forgotten:
            _make_room(self._by_tenant)
            self._by_tenant[tenant] = found
        return found

    async def credential_by_key(self, key_id: str) -> Credential:
        """The newest credential in which a key stands; raises as credential_of.

        Raises:
            KeySuperseded: a newer key took its place, and the days in which both sign are over.
            CredentialRevoked: the credential was revoked.
        """
        await self._notice_changes()
        known = self._by_key.get(key_id)
        if known is None:
            forgotten = self._forgotten
            known = await self._store.read(lambda c: self._holding(c, key_id))
            if forgotten == self._forgotten:
                _make_room(self._by_key)
                self._by_key[key_id] = known
        credential, retires_ms = known
        if retires_ms and self._clock() >= retires_ms:
            raise KeySuperseded(
                f"the key {key_id} of {credential.tenant} was followed by a newer one"
            )
        return credential

    def forget(self) -> None:
        """Credentials have changed in this process."""
        self._forgotten += 1
        self._by_tenant.clear()
        self._by_key.clear()

    async def _notice_changes(self) -> None:
        now = time.monotonic()
        if now - self._polled < POLL_SECONDS:
            return
        self._polled = now
        try:
            version = await self._store.read(service.credentials_version)
        except BaseException:
            self._polled = float("-inf")
            raise
        if version != self._version:
            self._version = version
            self.forget()

    def _active(self, connection: Connection, tenant_id: str) -> Credential:
        chain = service.chain(connection, tenant_id)
        if not chain:
            if service.credentials_of(connection, tenant_id):
                raise CredentialRevoked(f"the credential of {tenant_id} was revoked")
            raise NotEnrolled(f"{tenant_id} holds no credential of this hub")
        earlier = service.earlier_chains(connection, tenant_id)
        return replace(self._verified(chain), earlier=tuple(map(self._verified, earlier)))

    def _holding(self, connection: Connection, key_id: str) -> tuple[Credential, int]:
        stored = service.credential_with_key(connection, key_id)
        if stored is None:
            raise NotEnrolled(f"the key {key_id} belongs to no tenant of this hub")
        if stored.state is CredentialState.REVOKED:
            raise CredentialRevoked(f"the credential of {stored.tenant} was revoked")
        chain = tuple(link.envelope for link in service.links_of(connection, stored.id))
        return self._verified(chain), stored.retires_ms

    def _verified(self, chain: tuple[bytes, ...]) -> Credential:
        return verify_chain(chain, root_fingerprint=self._root_fingerprint, at_ms=None)


def _make_room(kept: dict[str, Any]) -> None:
    if len(kept) >= MAX_KEPT:
        kept.clear()


def store_credential(
    tx: Tx,
    credential: Credential,
    envelope: bytes,
    *,
    issuer_id: str | None,
    now_ms: int,
    log_index: int,
) -> None:
    """Write a verified credential and whose its keys are; the one before it is superseded.

    Args:
        issuer_id: id of the credential above; None at the root.

    Raises:
        Exists: one of the keys is already another tenant's.
    """
    for key_id in credential.keys:
        owner = service.tenant_of_key(tx.connection, key_id)
        if owner not in (None, credential.tenant):
            raise Exists(f"the key {key_id} is already that of {owner}: make new keys")
    active = (CREDENTIAL.c.tenant_id == credential.tenant, _ACTIVE)
    superseded = {
        "state": int(CredentialState.SUPERSEDED),
        "retires_ms": min(now_ms + OVERLAP_MS, credential.expires_ms),
    }
    tx.execute(update(CREDENTIAL).where(*active).values(superseded))
    tx.execute(
        insert(CREDENTIAL).values(
            id=credential.id,
            tenant_id=credential.tenant,
            issuer_id=issuer_id,
            envelope=envelope,
            expires_ms=credential.expires_ms,
            issued_ms=now_ms,
            log_index=log_index,
            state=int(CredentialState.ACTIVE),
            retires_ms=0,
        )
    )
    for key_id in credential.keys:
        place = {"credential_id": credential.id, "tenant_id": credential.tenant}
        moved = tx.execute(
            update(CREDENTIAL_KEY).where(CREDENTIAL_KEY.c.key_id == key_id).values(place)
        )
        if not moved.rowcount:
            tx.execute(insert(CREDENTIAL_KEY).values(key_id=key_id, **place))
    note_change(tx)


def revoke_credential(tx: Tx, credential_id: str) -> None:
    """A credential and its keys count no more, from this moment on."""
    tx.execute(
        update(CREDENTIAL)
        .where(CREDENTIAL.c.id == credential_id)
        .values(state=int(CredentialState.REVOKED))
    )
    note_change(tx)


def note_change(tx: Tx) -> None:
    """Replicas notice, within a second, that credentials have changed."""
    tx.execute(update(CREDENTIAL_VERSION).values(version=CREDENTIAL_VERSION.c.version + 1))


_ACTIVE = CREDENTIAL.c.state == int(CredentialState.ACTIVE)
