"""Units over time: adding, renaming, recoding, moving, merging, stopping, closing, importing."""

from __future__ import annotations

from typing import Any, Literal, cast

from google.protobuf.message import Message

from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.tenancy import Level, Tenant, TenantState, as_tenant, tenant_of
from zongheng_sdk.unit_values import (
    Changed,
    Difference,
    Effects,
    Imported,
    Past,
    TableDiff,
    TreeChange,
)
from zongheng_sdk.words import number, word

_METHODS = pb.DESCRIPTOR.services_by_name["TreeService"].methods_by_name
_KINDS: tuple[TreeChange, ...] = ("added", "renamed", "recoded", "moved", "merged", "gone")


class Units(Area[Mode]):
    """hub.units. A unit is named by its code or its id.

    Every change needs its legal basis (批复文号), holds from effective_on ("2026-11-01", today when
    empty) and is refused or carried out as a whole. With dry_run nothing is changed: the hub says
    what would be, what it concerns, or why it would refuse.
    """

    @operation
    def find(
        self, text: str, *, state: TenantState | Literal[""] = "", limit: int = 50
    ) -> Flow[tuple[Tenant, ...]]:
        """Units by part of a name or the beginning of a code or USCC, of now or of before."""
        request = pb.FindTenantsRequest(
            text=text,
            state=cast(Any, number(tenancy.TenantState.DESCRIPTOR, state, field="state")),
            limit=limit,
        )
        reply, _ = yield from self._session.unary(
            _METHODS["FindTenants"], request, pb.FindTenantsReply
        )
        return tuple(as_tenant(found) for found in reply.tenants)

    @operation
    def history(self, unit: str) -> Flow[tuple[Past, ...]]:
        """Everything a unit was, newest first."""
        tenant = yield from tenant_of(self._session, unit)
        request = pb.ListHistoryRequest(tenant_id=tenant.id)
        reply, _ = yield from self._session.unary(
            _METHODS["ListHistory"], request, pb.ListHistoryReply
        )
        return tuple(_past(entry) for entry in reply.entries)

    @operation
    def add(
        self,
        parent: str,
        *,
        level: Level,
        name: str,
        legal_basis: str,
        code: str = "",
        uscc: str = "",
        kind: str = "",
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Add a unit below parent: a department, a township, a 开发区.

        Raises:
            TreeRule: such a unit does not stand there.
            CodeInvalid, CodeTaken: the code or USCC has a wrong shape, or is another unit's.
        """
        above = yield from tenant_of(self._session, parent)
        request = pb.AddTenantRequest(
            parent_id=above.id,
            level=cast(Any, number(tenancy.Level.DESCRIPTOR, level, field="level")),
            name=name,
            code=code,
            uscc=uscc,
            kind=kind,
            basis=_basis(legal_basis, effective_on, note),
        )
        return (yield from self._change("add", above.id, request, dry_run=dry_run))

    @operation
    def rename(
        self,
        unit: str,
        *,
        name: str,
        legal_basis: str,
        kind: str | None = None,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Give a unit another name, and another kind where one is given."""
        tenant = yield from tenant_of(self._session, unit)
        request = pb.RenameTenantRequest(
            tenant_id=tenant.id,
            name=name,
            kind=kind,
            basis=_basis(legal_basis, effective_on, note),
        )
        return (yield from self._change("rename", tenant.id, request, dry_run=dry_run))

    @operation
    def recode(
        self,
        unit: str,
        *,
        legal_basis: str,
        code: str | None = None,
        uscc: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Give a unit another code or USCC: a county becomes a district and stays the same unit.

        Raises:
            CodeInvalid, CodeTaken: as add.
        """
        tenant = yield from tenant_of(self._session, unit)
        request = pb.RecodeTenantRequest(
            tenant_id=tenant.id,
            code=code,
            uscc=uscc,
            name=name,
            kind=kind,
            basis=_basis(legal_basis, effective_on, note),
        )
        return (yield from self._change("recode", tenant.id, request, dry_run=dry_run))

    @operation
    def move(
        self,
        unit: str,
        *,
        parent: str,
        legal_basis: str,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Put a unit, with all below it, below another parent.

        Raises:
            TreeRule: the tree would not allow it: a circle, the province, the level, the depth.
        """
        tenant = yield from tenant_of(self._session, unit)
        above = yield from tenant_of(self._session, parent)
        request = pb.MoveTenantRequest(
            tenant_id=tenant.id,
            parent_id=above.id,
            basis=_basis(legal_basis, effective_on, note),
        )
        return (yield from self._change("move", tenant.id, request, dry_run=dry_run))

    @operation
    def merge(
        self,
        unit: str,
        *,
        into: str,
        legal_basis: str,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Close a unit; what stands below it, and its open needs, go to its successor."""
        tenant = yield from tenant_of(self._session, unit)
        successor = yield from tenant_of(self._session, into)
        request = pb.MergeTenantRequest(
            tenant_id=tenant.id,
            successor_id=successor.id,
            basis=_basis(legal_basis, effective_on, note),
        )
        return (yield from self._change("merge", tenant.id, request, dry_run=dry_run))

    @operation
    def suspend(
        self,
        unit: str,
        *,
        legal_basis: str,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Stop a unit and everything below it from calling, until it is resumed."""
        tenant = yield from tenant_of(self._session, unit)
        request = pb.SuspendTenantRequest(
            tenant_id=tenant.id, basis=_basis(legal_basis, effective_on, note)
        )
        return (yield from self._change("suspend", tenant.id, request, dry_run=dry_run))

    @operation
    def resume(
        self,
        unit: str,
        *,
        legal_basis: str,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Let a suspended unit call again."""
        tenant = yield from tenant_of(self._session, unit)
        request = pb.ResumeTenantRequest(
            tenant_id=tenant.id, basis=_basis(legal_basis, effective_on, note)
        )
        return (yield from self._change("resume", tenant.id, request, dry_run=dry_run))

    @operation
    def close(
        self,
        unit: str,
        *,
        legal_basis: str,
        end_adoptions: bool = False,
        effective_on: str = "",
        note: str = "",
        dry_run: bool = False,
    ) -> Flow[Changed]:
        """Close a unit for good, with no successor.

        Raises:
            UnitInUse: units live below it, or it has open needs or adoptions; says which.
        """
        tenant = yield from tenant_of(self._session, unit)
        request = pb.CloseTenantRequest(
            tenant_id=tenant.id,
            end_adoptions=end_adoptions,
            basis=_basis(legal_basis, effective_on, note),
        )
        return (yield from self._change("close", tenant.id, request, dry_run=dry_run))

    @operation
    def compare_table(self, table: bytes) -> Flow[TableDiff]:
        """What a division table (CSV) would change; for the province. Changes nothing.

        Rows are matched by code, then by the optional column old_code.

        Raises:
            Invalid, DivisionUnknown: the table is malformed; names the row.
        """
        reply, _ = yield from self._session.unary(
            _METHODS["PreviewImport"], pb.PreviewImportRequest(table=table), pb.PreviewImportReply
        )
        return TableDiff(
            differences=tuple(_difference(one) for one in reply.differences),
            counts=_counts(reply),
            unchanged=reply.unchanged,
            obstacles=tuple(reply.obstacles),
            sha256=reply.diff_sha256,
            table_sha256=reply.table_sha256,
        )

    @operation
    def import_table(
        self,
        table: bytes,
        *,
        diff_sha256: bytes,
        legal_basis: str,
        effective_on: str = "",
        note: str = "",
    ) -> Flow[Imported]:
        """Change the tree to what a division table says, in one act.

        Args:
            diff_sha256: as compare_table gave it for this table.

        Raises:
            TreeChanged: the tree is not any more what was compared.
            UnitInUse: something stands in the way; names the first.
        """
        request = pb.ImportTreeRequest(
            table=table,
            diff_sha256=diff_sha256,
            basis=_basis(legal_basis, effective_on, note),
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["ImportTree"], request, pb.ImportTreeReply
        )
        return Imported(reply.table_sha256, receipt, _counts(reply))

    def _change(
        self, name: str, tenant_id: str, request: Message, *, dry_run: bool
    ) -> Flow[Changed]:
        if dry_run:
            preview = pb.PreviewChangeRequest(tenant_id=tenant_id)
            getattr(preview, name).CopyFrom(request)
            reply, _ = yield from self._session.unary(
                _METHODS["PreviewChange"], preview, pb.PreviewChangeReply
            )
            first, *also = [as_tenant(one) for one in reply.after]
            concerns = Effects(
                units=reply.units,
                enrolled=reply.enrolled,
                open_needs=reply.open_needs,
                adoptions=reply.adoptions,
                grants=reply.grants,
            )
            return Changed(first, tuple(also), effects=concerns)
        method = f"{name.title()}Tenant"
        reply, receipt = yield from self._session.unary(
            _METHODS[method], request, getattr(pb, f"{method}Reply")
        )
        return Changed(as_tenant(reply.tenant), receipt=receipt)


def _basis(legal_basis: str, effective_on: str, note: str) -> pb.Basis:
    return pb.Basis(legal_basis=legal_basis, effective_on=effective_on, note=note)


def _counts(reply: pb.PreviewImportReply | pb.ImportTreeReply) -> dict[TreeChange, int]:
    return {kind: int(getattr(reply, kind)) for kind in _KINDS}


def _past(entry: pb.HistoryEntry) -> Past:
    return Past(
        tenant=as_tenant(entry.tenant),
        act=entry.act,
        from_ms=entry.from_ms,
        to_ms=entry.to_ms,
        recorded_ms=entry.recorded_ms,
        log_index=entry.log_index,
        legal_basis=entry.basis.legal_basis,
        effective_on=entry.basis.effective_on,
        note=entry.basis.note,
        actor_id=entry.actor_id,
        operator=entry.operator,
    )


def _difference(one: pb.TreeDifference) -> Difference:
    changes = (word(pb.TreeChange.DESCRIPTOR, change) for change in one.changes)
    return Difference(
        changes=cast("tuple[TreeChange, ...]", tuple(changes)),
        tenant_id=one.tenant_id,
        level=cast(Level, word(tenancy.Level.DESCRIPTOR, one.level)),
        code=one.code,
        name=one.name,
        kind=one.kind,
        parent_code=one.parent_code,
        old_code=one.old_code,
        old_name=one.old_name,
        old_kind=one.old_kind,
        old_parent_code=one.old_parent_code,
    )
