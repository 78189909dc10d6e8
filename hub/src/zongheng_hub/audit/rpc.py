"""AuditService: wire messages in, wire messages out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from zongheng_hub.audit import rules, service
from zongheng_hub.audit.service import Shredder
from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tlog import stretches
from zongheng_hub.tlog.service import parties_of, read_entry
from zongheng_protos.audit.v1 import audit_pb2 as pb
from zongheng_protos.errors import NotFound


def room(
    store: Store,
    *,
    shredders: Sequence[Shredder] = (),
    after_shredding: Callable[[str, str], Awaitable[None]],
) -> Room:
    """
    Args:
        shredders: what each room deletes of an entry, in the act's transaction.
        after_shredding: told the act type and subject of what was shredded, once that is durable.
    """

    async def begin_export(call: Call, request: pb.BeginExportRequest) -> Any:
        rules.check_period(request.since_ms, request.until_ms)

        def work(tx: Tx, index: int) -> Outcome:
            tenants = service.scope(tx.connection, request.tenant_id, below=request.below)
            reply = pb.BeginExportReply(index=index, tenant_ids=tenants)
            parties = {request.tenant_id} - {call.caller.tenant}
            return Outcome(reply, subject=request.tenant_id, parties=tuple(parties))

        return await call.record(work)

    async def read_export(_call: Call, request: pb.ReadExportRequest) -> Any:
        found = await store.read(
            lambda connection: service.read(
                connection, request.export_index, request.indices, request.size
            )
        )
        return pb.ReadExportReply(
            entries=[
                pb.ExportedEntry(
                    entry=pb.PackagedEntry(
                        index=one.entry.index,
                        leaf=one.entry.leaf,
                        salt=one.entry.salt,
                        envelope=one.entry.envelope,
                        request=one.entry.request,
                    ),
                    hashes=one.hashes,
                )
                for one in found
            ]
        )

    async def read_credentials(_call: Call, request: pb.ReadCredentialsRequest) -> Any:
        envelopes, entries = await store.read(
            lambda connection: service.credentials(connection, request.key_ids)
        )
        return pb.ReadCredentialsReply(credentials=envelopes, entries=entries)

    async def prove_stretch(_call: Call, request: pb.ProveStretchRequest) -> Any:
        hashes = await store.read(
            lambda connection: stretches.stretch_hashes(
                connection, request.first, request.end, request.size
            )
        )
        return pb.ProveStretchReply(hashes=hashes)

    async def shred_content(call: Call, request: pb.ShredContentRequest) -> Any:
        shredded: list[tuple[str, str]] = []

        def work(tx: Tx, _index: int) -> Outcome:
            entry, emptied = service.shred(tx, request.index, shredders)
            shredded[:] = [(entry.act, entry.subject)]
            concerned = {entry.actor, *parties_of(entry.leaf)} - {call.caller.tenant}
            return Outcome(
                pb.ShredContentReply(emptied=emptied),
                subject=str(request.index),
                parties=tuple(sorted(concerned)),
            )

        reply = await call.record(work)
        for act, subject in shredded:
            await after_shredding(act, subject)
        return reply

    def subject_of(read: Callable[[Connection, Any], str]) -> Any:
        async def look(value: Any) -> Subject:
            def of(connection: Connection) -> Subject:
                owner = read(connection, value)
                return Subject(owner=owner, owner_ancestors=tenancy.ancestors(connection, owner))

            return await store.read(of)

        return look

    return Room(
        service=pb.DESCRIPTOR.services_by_name["AuditService"],
        handlers={
            "BeginExport": begin_export,
            "ReadExport": read_export,
            "ReadCredentials": read_credentials,
            "ProveStretch": prove_stretch,
            "ShredContent": shred_content,
        },
        subjects={
            "tenant_id": subject_of(_tenant),
            "export_index": subject_of(lambda c, index: service.begun(c, int(index)).actor),
            "index": subject_of(lambda c, index: read_entry(c, int(index)).actor),
        },
    )


def _tenant(connection: Connection, tenant_id: str) -> str:
    if tenancy.tenant(connection, tenant_id) is None:
        raise NotFound(f"there is no tenant {tenant_id}")
    return tenant_id
