"""The tree's values as wire messages."""

from __future__ import annotations

from zongheng_hub.tenancy.tree.changing import Effects
from zongheng_hub.tenancy.tree.unit import Basis, Past, Unit
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb


def tenant(unit: Unit, *, enrolled: bool = False) -> tenancy.Tenant:
    return tenancy.Tenant(
        id=unit.id,
        parent_id=unit.parent_id,
        level=unit.level,  # type: ignore[arg-type]  # number of the enum
        name=unit.name,
        code=unit.code,
        enrolled=enrolled,
        uscc=unit.uscc,
        kind=unit.kind,
        state=unit.state,  # type: ignore[arg-type]  # number of the enum
        successor_id=unit.successor_id,
    )


def basis_of(message: pb.Basis) -> Basis:
    return Basis(message.legal_basis.strip(), message.effective_on, message.note.strip())


def entry(past: Past) -> pb.HistoryEntry:
    return pb.HistoryEntry(
        act=past.act,
        from_ms=past.from_ms,
        to_ms=past.to_ms,
        recorded_ms=past.recorded_ms,
        log_index=past.log_index,
        tenant=tenant(past.unit),
        basis=pb.Basis(
            legal_basis=past.basis.legal_basis,
            effective_on=past.basis.effective_on,
            note=past.basis.note,
        ),
        actor_id=past.actor_id,
        operator=past.operator,
    )


def preview(after: list[Unit], effects: Effects) -> pb.PreviewChangeReply:
    return pb.PreviewChangeReply(
        after=[tenant(unit) for unit in after],
        units=effects.units,
        enrolled=effects.enrolled,
        open_needs=effects.open_needs,
        adoptions=effects.adoptions,
        grants=effects.grants,
    )
