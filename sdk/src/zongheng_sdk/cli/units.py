"""zongheng enrol, invite, approve, reject, rotate, reissue, renew, whoami: units' credentials."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from zongheng_protos.errors import ArgumentInvalid
from zongheng_sdk.channel import certificate_dates
from zongheng_sdk.cli.app import Options, hub
from zongheng_sdk.cli.keys import NoPassphrase, PassphraseFile, chosen_passphrase
from zongheng_sdk.cli.show import done, line, moment, table, waiting
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.identity_file import IDENTITY, read_identity
from zongheng_sdk.words import word
from zongheng_tenants.identity import IN_FILE, Identity
from zongheng_tenants.invitation import Invitation
from zongheng_tenants.suites import NAMES, number_of

USUAL = "two years, within this unit's own 两年，不超过本单位凭证"
INVITED = "as the invitation says 按邀请码"


def register(app: typer.Typer) -> None:
    for command in (enrol, whoami, invite, approve, reject, rotate, reissue, renew):
        app.command()(command)


def enrol(
    ctx: typer.Context,
    invitation: Annotated[str, typer.Argument(help="zh1.…, from the parent unit 邀请码.")],
    folder: Annotated[Path, typer.Option(help="Where identity.json goes 存放目录.")] = Path(),
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for the parent 等待上级签发.")
    ] = 3600,
    suite: Annotated[
        str, typer.Option(help="INTL-1, or SM-1 for SM2, SM3 and SM4 国密套件.")
    ] = "INTL-1",
    token: Annotated[
        str, typer.Option(help="pkcs11:token=…?module-path=… makes keys in a token 密码设备.")
    ] = "",
    passphrase_file: PassphraseFile = None,
    no_passphrase: NoPassphrase = False,
) -> None:
    """Enrol this unit 入网: make keys here, get its credential from the parent.

    Interrupted, it goes on where it stood when called again.
    """
    Invitation.decode(invitation)  # before anyone thinks of a passphrase
    pending = begin_enrolment(
        invitation,
        folder,
        suite=number_of(suite),
        passphrase=chosen_passphrase(passphrase_file, no_passphrase),
        token=token,
    )
    if (folder / IDENTITY).exists():
        line(
            "本目录已有身份文件，新凭证到手后旧文件另存，不会覆盖 this folder holds an identity: "
            "it is kept aside once the new credential has come"
        )
    line("钥匙已生成，请把指纹读给上级核对 keys made; read this fingerprint to the parent unit:")
    line(f"  {pending.fingerprint}")
    line("核对无误后上级执行 when it is the same, the parent runs:")
    line(f"  zongheng approve {pending.enrolment_id}")
    with waiting("等待上级签发 waiting for the parent's signature") as progress:
        path = pending.wait(timeout=wait, progress=progress)
    identity = read_identity(path)
    done(f"已入网 enrolled: {identity.name} ({identity.tenant}) → {path}")
    if pending.replaced.exists():
        line(f"旧身份文件 the old identity: {pending.replaced}")


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
            ("省级根指纹 root", identity.root_fingerprint),
            ("权限 rights", ", ".join(rights)),
            ("套件 suite", NAMES[credential.suite]),
            ("密钥 keys", _custody(identity)),
            ("凭证有效至（北京时间）credential until", moment(credential.expires_ms)),
            ("通道有效至（北京时间）channel until", channel_until),
            ("经办人 operator", options.operator or "–"),
        ),
    )


def _custody(identity: Identity) -> str:
    if identity.custody != IN_FILE:
        return identity.custody
    return "口令保护 under a passphrase" if identity.vault else "未加口令 in the open"


def invite(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Division code or id 区划代码或单位编号.")],
    rights: Annotated[
        str, typer.Option(help="No more than these, by commas, such as call,file 只给这些权限.")
    ] = "",
    days: Annotated[
        int,
        typer.Option(help="Life of its credential 凭证有效天数.", show_default=USUAL),
    ] = 0,
    depth: Annotated[
        int,
        typer.Option(help="Levels below it 下级层数.", show_default="as many as may 按上级所余"),
    ] = -1,
) -> None:
    """Invite a unit directly below 邀请下级单位; hand the word over past the hub."""
    word_to_hand_over = hub(ctx).tenancy.invite(
        unit, rights=_named(rights), days=days, depth=None if depth < 0 else depth
    )
    line(word_to_hand_over)


def approve(
    ctx: typer.Context,
    enrolment: Annotated[str, typer.Argument(help="e_…; empty: list them 留空则列出待签发.")] = "",
    invitation: Annotated[
        str, typer.Option(help="The invitation, if made elsewhere 他处发出的邀请码.")
    ] = "",
    rights: Annotated[str, typer.Option(help="As for invite 同 invite.")] = "",
    days: Annotated[int, typer.Option(help="As for invite 同 invite.", show_default=INVITED)] = 0,
    depth: Annotated[int, typer.Option(help="As for invite 同 invite.", show_default=INVITED)] = -1,
) -> None:
    """Check a unit's keys and sign its credential here 签发下级凭证 (入网或换钥)."""
    tenancy = hub(ctx).tenancy
    if not enrolment:
        now_ms = time.time() * 1000
        rows = [
            (
                e.id,
                tenancy.tenant(e.tenant_id).name,
                "换钥 rotation" if e.rotates else "入网 enrolment",
                e.fingerprint,
                f"{max(0, int((now_ms - e.handed_in_ms) / 60_000))} min",
            )
            for e in tenancy.enrolments()
        ]
        columns = ("编号 id", "单位 unit", "事项 what", "指纹 fingerprint", "等待 waits")
        table("待签发 waiting", columns, rows)
        return
    issued = tenancy.approve(
        enrolment,
        invitation=invitation,
        rights=_named(rights),
        days=days,
        depth=None if depth < 0 else depth,
    )
    done(f"已签发 credential {issued.credential_id}: {issued.tenant.name}", issued.receipt)


def reject(
    ctx: typer.Context,
    enrolment: Annotated[str, typer.Argument(help="e_…, as approve lists it 待签发编号.")],
    reason: Annotated[str, typer.Option(help="For whoever waits to read 原因.")],
) -> None:
    """Do not sign for keys that wait 不予签发."""
    receipt = hub(ctx).tenancy.reject(enrolment, reason=reason)
    done(f"未予签发 rejected: {enrolment}", receipt)


def rotate(
    ctx: typer.Context,
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for the parent 等待上级签发.")
    ] = 3600,
) -> None:
    """Change this unit's keys 换钥: new ones made here, both work until the change is over.

    Interrupted, it goes on where it stood when called again.
    """
    from zongheng_sdk.rotating import begin_rotation

    options: Options = ctx.obj
    pending = begin_rotation(options.identity, operator=options.named_operator())
    line("新钥匙已生成，请把指纹读给上级核对 new keys made; read this to the parent unit:")
    line(f"  {pending.fingerprint}")
    line("核对无误后上级执行 when it is the same, the parent runs:")
    line(f"  zongheng approve {pending.enrolment_id}")
    with waiting("等待上级签发，旧钥照常使用 waiting; the old keys go on working") as progress:
        pending.wait(timeout=wait, progress=progress)
    done(f"已换钥 keys changed → {pending.path}")


def reissue(
    ctx: typer.Context,
    unit: Annotated[str, typer.Argument(help="Division code or id 区划代码或单位编号.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Every enrolled unit directly below 全部直属下级.")
    ] = False,
) -> None:
    """Sign anew for a unit's same keys 重签下级凭证: after a rotation here, a move, a rename."""
    if bool(unit) == every:
        raise ArgumentInvalid("name a unit, or give --all")
    tenancy = hub(ctx).tenancy
    for issued in tenancy.reissue_all() if every else (tenancy.reissue(unit),):
        done(f"已重签 credential {issued.credential_id}: {issued.tenant.name}", issued.receipt)


def _named(rights: str) -> tuple[str, ...]:
    return tuple(filter(None, (right.strip() for right in rights.split(","))))


def renew(ctx: typer.Context) -> None:
    """Renew the channel certificate 续签通道证书."""
    from zongheng_sdk.enrolment import renew as renew_channel

    options: Options = ctx.obj
    renewed = renew_channel(options.identity, operator=options.operator)
    until = moment(int(certificate_dates(renewed.channel_pem)[1] * 1000))
    done(f"通道证书有效至 {until} (channel certificate)")
