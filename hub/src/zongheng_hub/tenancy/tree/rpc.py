"""TreeService: wire messages in, wire messages out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.tree import changing, reading, wire
from zongheng_hub.tenancy.tree.dealings import Dealings
from zongheng_hub.tenancy.tree.importing import TreeImports
from zongheng_hub.tenancy.tree.unit import Stamp, Unit
from zongheng_hub.tenancy.tree.writing import write_changes
from zongheng_protos.errors import Invalid
from zongheng_protos.tenancy.v1 import tree_pb2 as pb

FIND_LIMIT = 50
MOST_PREVIEWED = 50
MOST_PARTIES = 40
"""Of an act's leaf, which has 2 kB: children of a merged unit beyond these stand in history."""


def room(store: Store, dealings: Dealings) -> Room:
    """The tree as the kernel serves it."""
    tree = _Tree(store, dealings)
    imports = TreeImports(store, dealings)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["TreeService"],
        handlers={
            "ListHistory": tree.list_history,
            "FindTenants": tree.find_tenants,
            "PreviewChange": tree.preview_change,
            "AddTenant": tree.add,
            "RenameTenant": tree.rename,
            "RecodeTenant": tree.recode,
            "MoveTenant": tree.move,
            "MergeTenant": tree.merge,
            "SuspendTenant": tree.suspend,
            "ResumeTenant": tree.resume,
            "CloseTenant": tree.close,
            "PreviewImport": imports.preview,
            "ImportTree": imports.carry_out,
        },
        subjects={"tenant_id": tree.subject, "parent_id": tree.subject},
    )


class _Tree:
    def __init__(self, store: Store, dealings: Dealings) -> None:
        self._store = store
        self._dealings = dealings

    async def subject(self, tenant_id: str) -> Subject:
        def look(connection: Connection) -> Subject:
            reading.unit(connection, tenant_id)
            return Subject(tenant_id, service.ancestors(connection, tenant_id))

        return await self._store.read(look)

    async def list_history(
        self, _call: Call, request: pb.ListHistoryRequest
    ) -> pb.ListHistoryReply:
        def look(connection: Connection) -> pb.ListHistoryReply:
            reading.unit(connection, request.tenant_id)
            found = reading.history(connection, request.tenant_id)
            return pb.ListHistoryReply(entries=[wire.entry(past) for past in found])

        return await self._store.read(look)

    async def find_tenants(
        self, _call: Call, request: pb.FindTenantsRequest
    ) -> pb.FindTenantsReply:
        text = request.text.strip()
        if not text:
            raise Invalid("text: nothing to look for")

        def look(connection: Connection) -> pb.FindTenantsReply:
            found, is_cut = reading.find(
                connection, text, state=request.state, limit=request.limit or FIND_LIMIT
            )
            enrolled = reading.enrolled_among(connection, [unit.id for unit in found])
            return pb.FindTenantsReply(
                tenants=[wire.tenant(unit, enrolled=unit.id in enrolled) for unit in found],
                is_cut=is_cut,
            )

        return await self._store.read(look)

    async def preview_change(
        self, call: Call, request: pb.PreviewChangeRequest
    ) -> pb.PreviewChangeReply:
        name = str(request.WhichOneof("change"))
        change = getattr(request, name)
        named = change.parent_id if name == "add" else change.tenant_id
        if named != request.tenant_id:
            raise Invalid(f"{name}: it is about {named}, the preview about {request.tenant_id}")

        def look(connection: Connection) -> pb.PreviewChangeReply:
            after = _planned(connection, name, change, call, self._dealings)
            effects = changing.effects(connection, request.tenant_id, self._dealings)
            return wire.preview(after[:MOST_PREVIEWED], effects)

        return await self._store.read(look)

    async def add(self, call: Call, request: pb.AddTenantRequest) -> bytes:
        return await self._change(call, "add", request, pb.AddTenantReply)

    async def rename(self, call: Call, request: pb.RenameTenantRequest) -> bytes:
        return await self._change(call, "rename", request, pb.RenameTenantReply)

    async def recode(self, call: Call, request: pb.RecodeTenantRequest) -> bytes:
        return await self._change(call, "recode", request, pb.RecodeTenantReply)

    async def move(self, call: Call, request: pb.MoveTenantRequest) -> bytes:
        return await self._change(call, "move", request, pb.MoveTenantReply)

    async def suspend(self, call: Call, request: pb.SuspendTenantRequest) -> bytes:
        return await self._change(call, "suspend", request, pb.SuspendTenantReply)

    async def resume(self, call: Call, request: pb.ResumeTenantRequest) -> bytes:
        return await self._change(call, "resume", request, pb.ResumeTenantReply)

    async def close(self, call: Call, request: pb.CloseTenantRequest) -> bytes:
        return await self._change(call, "close", request, pb.CloseTenantReply)

    async def merge(self, call: Call, request: pb.MergeTenantRequest) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            stamp = stamp_of(call, index, request.basis)
            closed, successor, heirs = changing.merged(
                tx.connection,
                request.tenant_id,
                successor_id=request.successor_id,
                actor_id=call.caller.tenant,
            )
            write_changes(tx, [*heirs, closed], stamp)
            needs = self._dealings.hand_over_needs(tx, closed.id, successor.id, stamp)
            self._dealings.end_adoptions(tx, closed.id)
            reply = pb.MergeTenantReply(
                tenant=wire.tenant(closed),
                successor=wire.tenant(successor),
                units=len(heirs),
                needs=needs,
            )
            parties = [closed.id, successor.id, *(heir.id for heir in heirs)]
            return Outcome(reply, subject=closed.id, parties=tuple(parties[:MOST_PARTIES]))

        return await call.record(work)

    async def _change(self, call: Call, name: str, request: Any, reply_class: Any) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            (after,) = _planned(tx.connection, name, request, call, self._dealings)
            before_parent = "" if name == "add" else reading.unit(tx.connection, after.id).parent_id
            write_changes(tx, [after], stamp_of(call, index, request.basis))
            if name == "close":
                self._dealings.end_adoptions(tx, after.id)
            parties = dict.fromkeys((after.id, after.parent_id, before_parent))
            return Outcome(
                reply_class(tenant=wire.tenant(after)),
                subject=after.id,
                parties=tuple(one for one in parties if one and one != call.caller.tenant),
            )

        return await call.record(work)


def stamp_of(call: Call, index: int, basis: pb.Basis) -> Stamp:
    """The act under which a call's changes are written down."""
    return Stamp(
        act=call.kind,
        actor_id=call.caller.tenant,
        operator=call.caller.operator,
        now_ms=call.now_ms,
        log_index=index,
        basis=wire.basis_of(basis),
    )


def _planned(
    connection: Connection, name: str, change: Any, call: Call, dealings: Dealings
) -> list[Unit]:
    """The units as a change would make them; raises where it would be refused."""
    match name:
        case "add":
            unit = changing.added(
                connection,
                parent_id=change.parent_id,
                level=change.level,
                name=change.name,
                code=change.code,
                uscc=change.uscc,
                kind=change.kind,
                now_ms=call.now_ms,
            )
        case "rename":
            unit = changing.renamed(
                connection, change.tenant_id, name=change.name, kind=_given(change, "kind")
            )
        case "recode":
            unit = changing.recoded(
                connection,
                change.tenant_id,
                code=_given(change, "code"),
                uscc=_given(change, "uscc"),
                name=_given(change, "name"),
                kind=_given(change, "kind"),
            )
        case "move":
            unit = changing.moved(
                connection,
                change.tenant_id,
                parent_id=change.parent_id,
                actor_id=call.caller.tenant,
            )
        case "merge":
            closed, _, heirs = changing.merged(
                connection,
                change.tenant_id,
                successor_id=change.successor_id,
                actor_id=call.caller.tenant,
            )
            return [closed, *heirs]
        case "suspend":
            unit = changing.suspended(connection, change.tenant_id)
        case "resume":
            unit = changing.resumed(connection, change.tenant_id)
        case _:
            unit = changing.closed(
                connection,
                change.tenant_id,
                end_adoptions=change.end_adoptions,
                dealings=dealings,
            )
    return [unit]


def _given(change: Any, field: str) -> str | None:
    return getattr(change, field) if change.HasField(field) else None
