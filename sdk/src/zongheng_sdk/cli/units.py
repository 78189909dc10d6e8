"""zongheng enrol, whoami, invite, approve, renew: units and their credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zongheng_sdk.channel import certificate_dates
from zongheng_sdk.cli.app import Options, hub
from zongheng_sdk.cli.show import done, line, moment, table
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.identity_file import read_identity
from zongheng_sdk.words import word


def register(app: typer.Typer) -> None:
    for command in (enrol, whoami, invite, approve, renew):
        app.command()(command)


def enrol(
    ctx: typer.Context,
    invitation: Annotated[str, typer.Argument(help="zh1.…, from the parent unit 邀请码.")],
    folder: Annotated[Path, typer.Option(help="Where identity.json goes 存放目录.")] = Path(),
    wait: Annotated[float, typer.Option(help="Seconds to wait for the parent 等待上级签发.")] = 600,
) -> None:
    """Enrol this unit 入网: make keys here, get its credential from the parent."""
    pending = begin_enrolment(invitation, folder)
    line(f"钥匙已生成，请上级核对指纹并签发 keys made, to be compared: {pending.fingerprint}")
    line(f"  zongheng approve {pending.enrolment_id}")
    path = pending.wait(timeout=wait)
    identity = read_identity(path)
    done(f"已入网 enrolled: {identity.name} ({identity.tenant}) → {path}")


def whoami(ctx: typer.Context) -> None:
    """Show this unit, its rights and dates 本单位信息."""
    from zongheng_protos.options.v1 import options_pb2
    from zongheng_tenants.credential import verify_chain

    options: Options = ctx.obj
    identity = read_identity(options.identity)
    credential = verify_chain(
        identity.chain, root_fingerprint=identity.root_fingerprint, at_ms=None
    )
    rights = sorted(word(options_pb2.Right.DESCRIPTOR, right) for right in credential.rights)
    channel_until = moment(int(certificate_dates(identity.channel_pem)[1] * 1000))
    table(
        f"{identity.name} {credential.code}",
        ("", ""),
        (
            ("单位 tenant", identity.tenant),
            ("枢纽 hub", f"{identity.hub_id} {identity.grpc_address}"),
            ("权限 rights", ", ".join(rights)),
            ("凭证有效至 credential until", moment(credential.expires_ms)),
            ("通道有效至 channel until", channel_until),
            ("经办人 operator", options.operator or "–"),
        ),
    )


def invite(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Division code or id 区划代码或单位编号.")],
) -> None:
    """Invite a unit directly below 邀请下级单位; hand the word over past the hub."""
    line(hub(ctx).tenancy.invite(unit))


def approve(
    ctx: typer.Context,
    enrolment: Annotated[str, typer.Argument(help="e_…; empty: list them 留空则列出待签发.")] = "",
    invitation: Annotated[
        str, typer.Option(help="The invitation, if made elsewhere 他处发出的邀请码.")
    ] = "",
) -> None:
    """Check a unit's keys and sign its credential here 签发下级凭证."""
    tenancy = hub(ctx).tenancy
    if not enrolment:
        waiting = tenancy.enrolments()
        rows = [(e.id, tenancy.tenant(e.tenant_id).name, e.fingerprint) for e in waiting]
        table("待签发 waiting", ("编号 id", "单位 unit", "指纹 fingerprint"), rows)
        return
    issued = tenancy.approve(enrolment, invitation=invitation)
    done(f"已签发 credential {issued.credential_id}: {issued.tenant.name}", issued.receipt)


def renew(ctx: typer.Context) -> None:
    """Renew the channel certificate 续签通道证书."""
    from zongheng_sdk.enrolment import renew as renew_channel

    options: Options = ctx.obj
    renewed = renew_channel(options.identity, operator=options.operator)
    until = moment(int(certificate_dates(renewed.channel_pem)[1] * 1000))
    done(f"通道证书有效至 {until} (channel certificate)")
