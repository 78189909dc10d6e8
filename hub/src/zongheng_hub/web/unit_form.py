"""The form for a change of a unit: what was typed, what is wrong with it, and the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from zongheng_hub.web.dates import parse_day
from zongheng_hub.web.need_form import new_nonce
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb


class Change(StrEnum):
    """What may be done to a unit; the last part of the page's address."""

    ADD = "add"
    RENAME = "rename"
    RECODE = "recode"
    MOVE = "move"
    MERGE = "merge"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"


# What each is called, what it is called once done, and what follows from it.
CHANGES: Mapping[Change, tuple[str, str, str]] = {
    Change.ADD: ("新增下级单位", "已新增", "新增后可以邀请它入网。"),
    Change.RENAME: ("更名", "已更名", "编号、沿革和单位凭证不变，原名查得到。"),
    Change.RECODE: (
        "变更代码",
        "已变更代码",
        "编号、沿革和单位凭证不变。查原代码时，会告知现在的代码。",
    ),
    Change.MOVE: (
        "变更上级",
        "已变更上级",
        "下级一并过去，从此由新的上级管理。单位凭证继续有效。",
    ),
    Change.MERGE: (
        "并入其他单位",
        "已并入",
        "下级单位和未办结的需求转给承继单位，时限接着算。它的接入和授权随之停止，不能恢复。",
    ),
    Change.SUSPEND: (
        "停用",
        "已停用",
        "它和全部下级都不能再报送、调用和取数，正在进行的也会中断。恢复后照旧。",
    ),
    Change.RESUME: ("恢复", "已恢复", "它和下级可以重新报送、调用和取数。"),
    Change.CLOSE: ("撤销", "已撤销", "撤销后不能恢复。沿革和存证保留，代码可以给别的单位。"),
}
DANGEROUS = frozenset({Change.MERGE, Change.SUSPEND, Change.CLOSE})
LEVELS: Mapping[int, str] = {
    tenancy.LEVEL_PROVINCE: "省",
    tenancy.LEVEL_CITY: "市",
    tenancy.LEVEL_COUNTY: "县",
    tenancy.LEVEL_TOWNSHIP: "乡镇街道",
    tenancy.LEVEL_DEPARTMENT: "部门",
    tenancy.LEVEL_EXTRA: "开发区等",
}
STATES: Mapping[int, tuple[str, str]] = {
    tenancy.TENANT_STATE_ACTIVE: ("在用", "done"),
    tenancy.TENANT_STATE_SUSPENDED: ("停用", "late"),
    tenancy.TENANT_STATE_CLOSED: ("已撤销", "off"),
}
FIELDS: Mapping[Change, tuple[str, ...]] = {
    Change.ADD: ("level", "name", "code", "uscc", "kind"),
    Change.RENAME: ("name", "kind"),
    Change.RECODE: ("code", "uscc", "name", "kind"),
    Change.MOVE: ("target",),
    Change.MERGE: ("target",),
    Change.SUSPEND: (),
    Change.RESUME: (),
    Change.CLOSE: ("end_adoptions",),
}
COMMON = ("legal_basis", "effective_on", "note", "nonce")
NAME_LEAST, BASIS_LEAST = 2, 2


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, and for each field that needs work what to do (Chinese, a key of words)."""

    values: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)


def blank(change: Change, unit: tenancy.Tenant) -> Filled:
    """The empty form; a unit's own attributes where they are what is changed."""
    values = dict.fromkeys((*FIELDS[change], *COMMON), "")
    if change in (Change.RENAME, Change.RECODE):
        values |= {"name": unit.name, "kind": unit.kind}
    if change == Change.RECODE:
        values |= {"code": unit.code, "uscc": unit.uscc}
    if change == Change.ADD:
        values["level"] = str(int(tenancy.LEVEL_DEPARTMENT))
    return Filled(values | {"nonce": new_nonce()})


def read_change(change: Change, fields: Mapping[str, str], today: date) -> Filled:
    """Check a filled form, in the order of its questions."""
    values = {name: fields.get(name, "").strip() for name in (*FIELDS[change], *COMMON)}
    faults: dict[str, str] = {}
    if "level" in values and values["level"] not in map(str, LEVELS):
        faults["level"] = "选一个级别"
    if "name" in values and len(values["name"]) < NAME_LEAST:
        faults["name"] = "名称至少写2个字"
    if "target" in values and not values["target"]:
        faults["target"] = "写区划代码或单位编号，或从列表里选"
    if len(values["legal_basis"]) < BASIS_LEAST:
        faults["legal_basis"] = "写依据，例如“民函〔2026〕12号”"
    if values["effective_on"]:
        day = parse_day(values["effective_on"])
        if day is None:
            faults["effective_on"] = "日期写成2026-11-01这样"
        elif day > today:
            faults["effective_on"] = "还没到生效的日子，到那天再办"
    return Filled(values, faults)


def change_request(change: Change, unit: tenancy.Tenant, filled: Filled, target_id: str) -> Any:
    """The request of a form without faults; target_id is the other unit's, if there is one."""
    value = filled.values
    basis = pb.Basis(
        legal_basis=value["legal_basis"],
        effective_on=value["effective_on"],
        note=value["note"],
    )
    match change:
        case Change.ADD:
            return pb.AddTenantRequest(
                parent_id=unit.id,
                level=int(value["level"]),  # type: ignore[arg-type]  # number of the enum
                name=value["name"],
                code=value["code"],
                uscc=value["uscc"],
                kind=value["kind"],
                basis=basis,
            )
        case Change.RENAME:
            return pb.RenameTenantRequest(
                tenant_id=unit.id, name=value["name"], kind=value["kind"], basis=basis
            )
        case Change.RECODE:
            return pb.RecodeTenantRequest(
                tenant_id=unit.id,
                code=value["code"],
                uscc=value["uscc"],
                name=value["name"],
                kind=value["kind"],
                basis=basis,
            )
        case Change.MOVE:
            return pb.MoveTenantRequest(tenant_id=unit.id, parent_id=target_id, basis=basis)
        case Change.MERGE:
            return pb.MergeTenantRequest(tenant_id=unit.id, successor_id=target_id, basis=basis)
        case Change.SUSPEND:
            return pb.SuspendTenantRequest(tenant_id=unit.id, basis=basis)
        case Change.RESUME:
            return pb.ResumeTenantRequest(tenant_id=unit.id, basis=basis)
        case Change.CLOSE:
            return pb.CloseTenantRequest(
                tenant_id=unit.id, end_adoptions=value["end_adoptions"] == "1", basis=basis
            )


def offered(unit: tenancy.Tenant, *, is_above: bool, is_own: bool) -> list[Change]:
    """What whoever stands above, or the unit itself, may do to it."""
    if unit.state == tenancy.TENANT_STATE_CLOSED:
        return []
    found = [Change.ADD] if is_above or is_own else []
    if is_above:
        stop = Change.RESUME if unit.state == tenancy.TENANT_STATE_SUSPENDED else Change.SUSPEND
        found += [Change.RENAME, Change.RECODE, Change.MOVE, Change.MERGE, stop, Change.CLOSE]
    return found
