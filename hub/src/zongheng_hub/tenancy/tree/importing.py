"""Bringing the tree to what a division table says: shown first, then carried out as one act."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Outcome
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy.divisions import parse_divisions
from zongheng_hub.tenancy.tree import changing, reading, wire
from zongheng_hub.tenancy.tree.dealings import Dealings
from zongheng_hub.tenancy.tree.diff import MOST_OBSTACLES, Diff, Difference, compare
from zongheng_hub.tenancy.tree.unit import Stamp, Unit
from zongheng_hub.tenancy.tree.writing import write_changes
from zongheng_protos.errors import NotRelated, TreeChanged, UnitInUse
from zongheng_protos.tenancy.v1 import tree_pb2 as pb
from zongheng_tenants.ids import new_id

MOST_SHOWN = 5000


class TreeImports:
    """The two handlers; see TreeService."""

    def __init__(self, store: Store, dealings: Dealings) -> None:
        self._store = store
        self._dealings = dealings

    async def preview(self, call: Call, request: pb.PreviewImportRequest) -> pb.PreviewImportReply:
        _check_province(call)
        table_sha256 = hashlib.sha256(request.table).digest()

        def look(connection: Connection) -> pb.PreviewImportReply:
            diff, obstacles = self._diff(connection, request.table, call.now_ms)
            counts = diff.counts
            codes = _codes(connection, diff.differences)
            shown = [one for one in diff.differences if one.changes][:MOST_SHOWN]
            return pb.PreviewImportReply(
                differences=[_difference(one, codes) for one in shown],
                added=counts.get(pb.TREE_CHANGE_ADDED, 0),
                renamed=counts.get(pb.TREE_CHANGE_RENAMED, 0),
                recoded=counts.get(pb.TREE_CHANGE_RECODED, 0),
                moved=counts.get(pb.TREE_CHANGE_MOVED, 0),
                merged=counts.get(pb.TREE_CHANGE_MERGED, 0),
                gone=counts.get(pb.TREE_CHANGE_GONE, 0),
                unchanged=diff.unchanged,
                diff_sha256=diff.sha256(table_sha256),
                table_sha256=table_sha256,
                obstacles=obstacles,
            )

        return await self._store.read(look)

    async def carry_out(self, call: Call, request: pb.ImportTreeRequest) -> bytes:
        _check_province(call)
        table_sha256 = hashlib.sha256(request.table).digest()

        def work(tx: Tx, index: int) -> Outcome:
            diff, obstacles = self._diff(tx.connection, request.table, call.now_ms)
            if diff.sha256(table_sha256) != request.diff_sha256:
                raise TreeChanged("the tree or the table is not what the shown differences are of")
            if obstacles:
                more = f" (and {len(obstacles) - 1} more)" if len(obstacles) > 1 else ""
                raise UnitInUse(f"the table cannot be imported: {obstacles[0]}{more}")
            stamp = Stamp(
                act=call.kind,
                actor_id=call.caller.tenant,
                operator=call.caller.operator,
                now_ms=call.now_ms,
                log_index=index,
                basis=wire.basis_of(request.basis),
            )
            after = [one.after for one in diff.differences]
            write_changes(tx, after, stamp)
            for unit in after:
                if unit.successor_id and not unit.is_living:
                    self._dealings.hand_over_needs(tx, unit.id, unit.successor_id, stamp)
                    self._dealings.end_adoptions(tx, unit.id)
            counts = diff.counts
            reply = pb.ImportTreeReply(
                added=counts.get(pb.TREE_CHANGE_ADDED, 0),
                renamed=counts.get(pb.TREE_CHANGE_RENAMED, 0),
                recoded=counts.get(pb.TREE_CHANGE_RECODED, 0),
                moved=counts.get(pb.TREE_CHANGE_MOVED, 0),
                merged=counts.get(pb.TREE_CHANGE_MERGED, 0),
                gone=counts.get(pb.TREE_CHANGE_GONE, 0),
                table_sha256=table_sha256,
            )
            return Outcome(reply, subject=f"sha256:{table_sha256.hex()}")

        return await call.record(work)

    def _diff(
        self, connection: Connection, table: bytes, now_ms: int
    ) -> tuple[Diff, tuple[str, ...]]:
        diff = compare(
            parse_divisions(table),
            reading.living(connection),
            lambda: new_id("t", now_ms=now_ms),
        )
        obstacles = list(diff.obstacles)
        for one in diff.differences:
            if pb.TREE_CHANGE_GONE in one.changes and len(obstacles) < MOST_OBSTACLES:
                held = changing.held_by_rooms(
                    connection, one.after.id, end_adoptions=False, dealings=self._dealings
                )
                obstacles += [f"{one.after.called} is not in the table and has {h}" for h in held]
        return diff, tuple(obstacles)


def _check_province(call: Call) -> None:
    if call.caller.ancestors:
        raise NotRelated("a division table is of a whole province: the province imports it")


def _codes(connection: Connection, differences: Sequence[Difference]) -> dict[str, str]:
    """What every parent concerned is called by: its code, or its id where it has none."""
    wanted = {unit.parent_id for one in differences for unit in (one.before, one.after) if unit}
    codes = {
        found.id: found.code or found.id
        for found in reading.units(connection, sorted(wanted - {""})).values()
    }
    new = {one.after.id: one.after.code for one in differences if one.before is None}
    return {**codes, **new}


def _difference(one: Difference, codes: dict[str, str]) -> pb.TreeDifference:
    before: Unit = one.before or Unit("", "", one.after.level, "")
    return pb.TreeDifference(
        changes=one.changes,  # type: ignore[arg-type]  # numbers of the enum
        tenant_id=before.id,
        level=one.after.level,  # type: ignore[arg-type]  # number of the enum
        code=one.after.code,
        name=one.after.name,
        kind=one.after.kind,
        parent_code=codes.get(one.after.parent_id, ""),
        old_code=before.code,
        old_name=before.name,
        old_kind=before.kind,
        old_parent_code=codes.get(before.parent_id, ""),
    )
