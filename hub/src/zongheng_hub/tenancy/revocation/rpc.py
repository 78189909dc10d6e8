"""RevocationService: wire messages in, wire messages out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Outcome, Room, Subject, SubjectReader
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.revocation import listing, reading, revoking
from zongheng_hub.tenancy.revocation.revoking import SnapshotSigner
from zongheng_hub.tenancy.revocation.watch import RevocationWatch
from zongheng_protos.errors import NotFound
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.revocation import Revocation, as_message


class Grants(Protocol):
    """What revocation asks of the room that keeps grants."""

    def owner(self, connection: Connection, grant_id: str) -> str:
        """Raises NotFound."""
        ...

    def end(self, tx: Tx, grant_id: str, now_ms: int) -> None: ...


class LiveCalls(Protocol):
    """The kernel's streams."""

    def of(self, tenants: frozenset[str]) -> int: ...


def room(
    *,
    store: Store,
    watch: RevocationWatch,
    signer: SnapshotSigner,
    live: LiveCalls,
    grants: Grants,
    forget: Callable[[], None],
) -> Room:
    """Revocation as the kernel serves it.

    Args:
        forget: called when credentials have changed.
    """
    revocations = _Revocations(store, watch, signer, live, grants, forget)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["RevocationService"],
        handlers={
            "RevokeCredential": revocations.revoke_credential,
            "RevokeKey": revocations.revoke_key,
            "RevokeChannel": revocations.revoke_channel,
            "RevokeGrant": revocations.revoke_grant,
            "PreviewRevocation": revocations.preview,
            "ListCredentials": revocations.list_credentials,
            "GetRevocations": revocations.get_revocations,
        },
        streams={"WatchRevocations": revocations.watch_revocations},
        subjects={
            "credential_id": revocations.subject(_credential_owner),
            "key_id": revocations.subject(_key_owner),
            "serial": revocations.subject(_channel_owner),
            "grant_id": revocations.subject(grants.owner),
            "tenant_id": revocations.subject(_tenant),
        },
    )


class _Revocations:
    def __init__(
        self,
        store: Store,
        watch: RevocationWatch,
        signer: SnapshotSigner,
        live: LiveCalls,
        grants: Grants,
        forget: Callable[[], None],
    ) -> None:
        self._store = store
        self._watch = watch
        self._signer = signer
        self._live = live
        self._grants = grants
        self._forget = forget

    def subject(self, owner: Callable[[Connection, str], str]) -> SubjectReader:
        async def read(identifier: str) -> Subject:
            def look(connection: Connection) -> Subject:
                tenant = owner(connection, identifier)
                return Subject(tenant, service.ancestors(connection, tenant))

            return await self._store.read(look)

        return read

    async def revoke_credential(self, call: Call, request: pb.RevokeCredentialRequest) -> bytes:
        return await self._revoke(
            call,
            request.credential_id,
            lambda tx, index: revoking.revoke_credential_of(
                tx,
                request.credential_id,
                reason=request.reason,
                now_ms=call.now_ms,
                log_index=index,
            ),
        )

    async def revoke_key(self, call: Call, request: pb.RevokeKeyRequest) -> bytes:
        return await self._revoke(
            call,
            request.key_id,
            lambda tx, index: revoking.revoke_key(
                tx, request.key_id, reason=request.reason, now_ms=call.now_ms, log_index=index
            ),
        )

    async def revoke_channel(self, call: Call, request: pb.RevokeChannelRequest) -> bytes:
        return await self._revoke(
            call,
            request.serial,
            lambda tx, index: revoking.revoke_channel(
                tx, request.serial, reason=request.reason, now_ms=call.now_ms, log_index=index
            ),
        )

    async def revoke_grant(self, call: Call, request: pb.RevokeGrantRequest) -> bytes:
        grant_id = request.grant_id

        def revoke(tx: Tx, index: int) -> list[Revocation]:
            made = revoking.revoke_grant(
                tx,
                grant_id,
                self._grants.owner(tx.connection, grant_id),
                reason=request.reason,
                now_ms=call.now_ms,
                log_index=index,
            )
            self._grants.end(tx, grant_id, call.now_ms)
            return made

        return await self._revoke(call, grant_id, revoke)

    async def _revoke(
        self, call: Call, subject: str, revoke: Callable[[Tx, int], list[Revocation]]
    ) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            made = revoke(tx, index)
            number = revoking.sign_next(tx, self._signer, call.now_ms)
            reply = pb.RevokeReply(revoked=map(as_message, made), number=number)
            parties = tuple({one.tenant for one in made} - {call.caller.tenant})
            return Outcome(reply, subject=subject, parties=parties)

        reply = await call.record(work)
        self._forget()
        await self._watch.refresh()
        return reply

    async def preview(
        self, _call: Call, request: pb.PreviewRevocationRequest
    ) -> pb.PreviewRevocationReply:
        def look(connection: Connection) -> tuple[str, frozenset[str]]:
            tenant = _credential_owner(connection, request.credential_id)
            return tenant, reading.enrolled_under(connection, request.credential_id)

        tenant, below = await self._store.read(look)
        return pb.PreviewRevocationReply(
            tenant_id=tenant,
            units_below=len(below - {tenant}),
            streams=self._live.of(below | {tenant}),
        )

    async def list_credentials(
        self, call: Call, request: pb.ListCredentialsRequest
    ) -> pb.ListCredentialsReply:
        return await self._store.read(
            lambda c: listing.list_credentials(c, request.tenant_id, call.now_ms)
        )

    async def get_revocations(
        self, _call: Call, request: pb.GetRevocationsRequest
    ) -> pb.GetRevocationsReply:
        return await self._since(request.since)

    async def watch_revocations(
        self, _call: Call, request: pb.GetRevocationsRequest
    ) -> AsyncIterator[pb.GetRevocationsReply]:
        since = request.since
        while True:
            newest = await self._watch.after(since)
            yield await self._since(since)
            since = newest.number

    async def _since(self, number: int) -> pb.GetRevocationsReply:
        newest = self._watch.latest
        if newest is not None and newest.number == number:
            return pb.GetRevocationsReply()
        found = await self._store.read(lambda c: reading.snapshots_since(c, number))
        return pb.GetRevocationsReply(snapshots=[one.envelope for one in found])


def _credential_owner(connection: Connection, credential_id: str) -> str:
    found = service.credential(connection, credential_id)
    if found is None:
        raise NotFound(f"there is no credential {credential_id}")
    return found.tenant


def _key_owner(connection: Connection, key_id: str) -> str:
    tenant = service.tenant_of_key(connection, key_id)
    if tenant is None:
        raise NotFound(f"there is no key {key_id}")
    return tenant


def _channel_owner(connection: Connection, serial: str) -> str:
    found = reading.channel_certificate(connection, serial)
    if found is None:
        raise NotFound(f"this hub issued no channel certificate with serial number {serial}")
    return found.tenant


def _tenant(connection: Connection, tenant_id: str) -> str:
    if service.tenant(connection, tenant_id) is None:
        raise NotFound(f"there is no tenant {tenant_id}")
    return tenant_id
