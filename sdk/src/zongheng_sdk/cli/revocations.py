"""zongheng revoke, credentials, revocations: what no longer counts, and ending what should not."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from zongheng_protos.errors import ArgumentInvalid
from zongheng_protos.tenancy.v1 import revocation_pb2
from zongheng_sdk.cli.app import hub, unit_id
from zongheng_sdk.cli.show import done, line, moment, table
from zongheng_sdk.client import Hub
from zongheng_sdk.words import word


class Reason(StrEnum):
    superseded = "superseded"
    lost = "lost"
    compromised = "compromised"
    closed = "closed"
    policy = "policy"


WORDS = {
    "superseded": "已被取代 superseded",
    "lost": "遗失 lost",
    "compromised": "失陷 compromised",
    "closed": "单位撤销 closed",
    "policy": "管理决定 policy",
}


_ALONE = (
    "只停这把钥匙，本单位的通道照常能读 this key alone ends; the unit's channel goes on reading"
)
_END = (
    "身份文件可能外泄的，连凭证一起作废 where the identity file may be in strange hands: "
    "zongheng revoke {unit} --reason {reason}"
)


def register(app: typer.Typer) -> None:
    for command in (revoke, credentials, revocations):
        app.command()(command)


def revoke(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help="Unit (code or t_…), credential (c_…), key (k_…), grant (g_…) or certificate "
            "(serial in hex) 单位、凭证、密钥、授权或证书编号."
        ),
    ],
    reason: Annotated[Reason, typer.Option(help="Why 撤销原因.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask 不再确认.")] = False,
    channel: Annotated[
        bool, typer.Option("--channel", help="WHAT is a certificate's serial 证书序列号.")
    ] = False,
) -> None:
    """Revoke 撤销: a unit's credential, one key, one channel certificate or one grant."""
    opened = hub(ctx)
    ended, also = opened.revocations, ""
    if channel:
        result = ended.revoke_channel(what, reason=reason.value)
    elif what.startswith("k_"):
        if sys.stdin.isatty() and not yes:
            line(_ALONE)
            typer.confirm("确认撤销 revoke", abort=True)
        result = ended.revoke_key(what, reason=reason.value)
        also = _END
    elif what.startswith("g_"):
        result = ended.revoke_grant(what, reason=reason.value)
    else:
        credential = what if what.startswith("c_") else _active(opened, what)
        shown = ended.preview(credential)
        line(f"将影响下级单位 units below that lose access: {shown.units_below}")
        line(f"将中断的连接 streams that end: {shown.streams}")
        if not yes:
            typer.confirm("确认撤销 revoke", abort=True)
        result = ended.revoke_credential(credential, reason=reason.value)
    for one in result.revoked:
        line(f"  {one.id} ({one.tenant})")
    done(f"已撤销，名单第 {result.number} 号 revoked, list number {result.number}", result.receipt)
    if also:
        line(_ALONE)
        line(also.format(unit=result.revoked[0].tenant, reason=reason.value))


def credentials(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Code or id; left out: this unit 区划代码.")] = "",
) -> None:
    """Credentials, keys and channel certificates of a unit 单位凭证."""
    opened = hub(ctx)
    held = opened.revocations.credentials(unit_id(opened, unit) if unit else "")
    rows = []
    for one in held.credentials:
        rows.append((one.id, "凭证 credential", one.standing, moment(one.expires_ms)))
        rows += [
            (key.id, f"密钥 {key.use}", "revoked" if key.revoked else one.standing, "")
            for key in one.keys
        ]
    for channel in held.channels:
        state = "revoked" if channel.revoked else "active"
        rows.append((channel.serial, "通道证书 channel", state, moment(channel.expires_ms)))
    table(
        "单位凭证 credentials", ("id", "种类 kind", "状态 state", "有效至（北京时间）until"), rows
    )


def revocations(ctx: typer.Context) -> None:
    """The newest list of revocations, verified here 撤销名单."""
    latest = hub(ctx).revocations.latest()
    kinds = revocation_pb2.RevokedKind.DESCRIPTOR
    table(
        f"撤销名单第 {latest.number} 号 list {latest.number}, {moment(latest.issued_ms)} → "
        f"{moment(latest.next_ms)}",
        ("id", "种类 kind", "原因 reason", "时间 time", "存证 log"),
        [
            (
                one.id,
                word(kinds, one.kind),
                WORDS.get(one.reason_name, one.reason_name),
                moment(one.at_ms),
                one.log_index,
            )
            for one in latest.revoked.values()
        ],
    )


def _active(opened: Hub, unit: str) -> str:
    held = opened.revocations.credentials(unit_id(opened, unit))
    for one in held.credentials:
        if one.standing == "active":
            return one.id
    raise ArgumentInvalid(f"{unit} holds no credential that could be revoked")
