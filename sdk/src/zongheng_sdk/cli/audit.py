"""zongheng audit …: packages exported and verified, a log or an exchange checked, shredding."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from zongheng_protos.errors import ArgumentInvalid
from zongheng_sdk.audit import LogVerdict, revoked_in_log, verify_log
from zongheng_sdk.cli.app import hub
from zongheng_sdk.cli.files import new_file, read_bytes, read_text
from zongheng_sdk.cli.show import console, done, line
from zongheng_sdk.cli.witness_verdict import key_of_log, read_policy, show_witnesses
from zongheng_sdk.exchange import ExchangeEvidence, ExchangeVerdict, verify_exchange
from zongheng_sdk.log_keys import followed_key
from zongheng_sdk.package_times import BEIJING
from zongheng_sdk.package_verify import verify_package
from zongheng_sdk.reconcile import reconcile, settled
from zongheng_sdk.strict_zip import LARGEST
from zongheng_sdk.tiles import open_source
from zongheng_tenants.witness_policy import WitnessPolicy

_DAY_MS = 86_400_000

app = typer.Typer(no_args_is_help=True, help="Audit without trusting the hub 审计核验。")


@app.callback()
def audit() -> None:
    """Audit without trusting the hub 审计核验。"""


@app.command()
def verify(
    package: Annotated[
        Path | None, typer.Argument(help="An audit package 审计包, such as case.zip.")
    ] = None,
    vkey: Annotated[
        Path | None,
        typer.Option(
            help="File with the log's verifier key, for --log and --exchange 日志公钥文件."
        ),
    ] = None,
    log: Annotated[
        str, typer.Option(help="The log's folder or http(s) address 日志目录或网址.")
    ] = "",
    exchange: Annotated[
        Path | None, typer.Option(help="File of `zongheng data evidence` 交换证据文件.")
    ] = None,
    root: Annotated[
        str,
        typer.Option(
            help="The root's fingerprint: all that a package is verified with; with --log, a key "
            "that the province says follows is taken too 省级根指纹."
        ),
    ] = "",
    policy: Annotated[
        Path | None,
        typer.Option(help="Whose cosignatures the log must bear (C2SP tlog-policy) 见证策略文件."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="A checkpoint from elsewhere that must belong to the log, with --policy; may be "
            "given again 另行保存的检查点."
        ),
    ] = None,
) -> None:
    """Verify a package, the whole log, or an exchange; ends with 1 where anything fails 核验."""
    if package is None and not log and exchange is None:
        raise ArgumentInvalid("name what to verify: a package, --log or --exchange")
    holds = True
    watched = None if policy is None else read_policy(policy)
    if package is not None:
        holds &= _package_verdict(package, root, watched)
    if not log and exchange is None:
        if not holds:
            raise typer.Exit(1)
        return
    if watched is None and checkpoint:
        raise ArgumentInvalid("--checkpoint takes a --policy, which says who may vouch for it")
    key = key_of_log(log, watched) if vkey is None else read_text(vkey).strip()
    if root and log:
        key = _followed(log, key, root)
    revoked = None
    found = None if exchange is None else ExchangeEvidence.from_json(read_text(exchange))
    if log:
        verdict = _verified_log(log, key)
        holds &= _log_verdict(verdict)
        if watched is not None and verdict.ok and verdict.checkpoint is not None:
            holds &= show_witnesses(log, verdict.checkpoint, key, watched, checkpoint or ())
        if verdict.ok and found is not None and _reaches(verdict, found):
            revoked = revoked_in_log(log, verdict.size)
    if found is not None:
        holds &= _exchange_verdict(verify_exchange(found, key, revoked=revoked))
    if not holds:
        raise typer.Exit(1)


def _reaches(verdict: LogVerdict, evidence: ExchangeEvidence) -> bool:
    """Whether a log holds every entry of the evidence, so that it can say what was revoked."""
    return all(entry.index < verdict.size for entry in evidence.entries)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="New file to write 输出文件, such as case.zip.")],
    reason: Annotated[str, typer.Option(help="What for, such as the case's number 事由、案号.")],
    tenant: Annotated[
        str, typer.Option(help="Unit asked about, id or code 单位编号或区划代码; else this one.")
    ] = "",
    below: Annotated[bool, typer.Option("--below", help="And all units below 含下级.")] = False,
    since: Annotated[str, typer.Option(help="From this day on 起始日, 2026-03-01.")] = "",
    until: Annotated[str, typer.Option(help="Up to and with this day 截止日（含）.")] = "",
    act: Annotated[
        str, typer.Option(help="Kind of act, 'parcel.*' for several 行为种类; else all.")
    ] = "",
) -> None:
    """Export an audit package; that it was made stands in the log 导出审计包."""
    since_ms = _day_ms(since, "--since")
    until_ms = _day_ms(until, "--until")
    with new_file(out) as write:
        opened = hub(ctx)
        tenant_id = opened.tenancy.tenant(code=tenant).id if tenant.isdecimal() else tenant
        made = opened.audit.export(
            reason=reason,
            tenant_id=tenant_id,
            below=below,
            since_ms=since_ms,
            until_ms=until_ms + _DAY_MS if until_ms else 0,
            act=act,
        )
        write(made.data)
    line(f"  SHA-256 {hashlib.sha256(made.data).hexdigest()}")
    if not made.verdict.ok:
        for finding in made.verdict.failures:
            line(f"  ✗ {finding.zh} {finding.en}: {'; '.join(finding.reasons)}")
        console().print("[bold red]✗ 已导出，但核验不成立 exported, and it does not hold[/]")
        raise typer.Exit(1)
    done(f"{out}: {len(made.verdict.answer)} 条 acts, 存证 log entry {made.index}")


@app.command("reconcile")
def reconcile_(
    ctx: typer.Context,
    log: Annotated[
        str,
        typer.Option(
            help="The log's folder or http(s) address 日志目录或网址; else the hub's own."
        ),
    ] = "",
    look: Annotated[
        bool,
        typer.Option(help="First read what is new in the log; --no-look works without the hub."),
    ] = True,
) -> None:
    """Compare this unit's receipts with the log; ends with 1 where they differ 回执对账."""
    opened = hub(ctx)
    book = opened.receipts
    found = opened.audit.look() if look else 0
    note, _ = book.looked()
    identity = opened.identity
    source = open_source(log or f"{identity.web_address}/tlog")
    key = followed_key(source, identity.log_vkey, identity.root_fingerprint)
    outcome = settled(
        lambda: reconcile(book.kept(), source, key, tenant=identity.tenant, looked=note)
    )
    for difference in outcome.differences:
        line(f"  ✗ {difference}")
    if outcome.without_receipt:
        indices = ", ".join(map(str, outcome.without_receipt[:20]))
        line(f"  本单位名下无回执 in this unit's name without a receipt here: {indices}")
    if not outcome.ok:
        console().print(
            "[bold red]✗ 日志与回执不符 the log is not what was promised[/]: "
            "请保留回执并报告上级和审计 keep the receipts; tell the unit above and the auditors"
        )
        raise typer.Exit(1)
    done(f"{outcome.matched} 条相符 match, 新见 newly seen {found}, 日志 log {outcome.size}")


@app.command()
def shred(
    ctx: typer.Context,
    index: Annotated[int, typer.Argument(min=0, help="Entry of the log 存证序号.")],
    basis: Annotated[
        str, typer.Option(help="Law, order or decision by which it is deleted 法律依据.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask 不再询问.")] = False,
) -> None:
    """Delete what lies behind an entry, for good; the log goes on to verify 依法销毁内容."""
    if not yes:
        typer.confirm(f"销毁第 {index} 条的内容，不能恢复 shred entry {index} for good", abort=True)
    shredded = hub(ctx).audit.shred(index, basis=basis)
    done(f"已销毁 shredded: {', '.join(shredded.emptied)}", shredded.receipt)


def _day_ms(day: str, option: str) -> int:
    """The begin of a day in Beijing, Unix milliseconds; 0 for none."""
    if not day:
        return 0
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=BEIJING).timestamp() * 1000)
    except ValueError:
        raise ArgumentInvalid(f"{option} takes a day such as 2026-03-01, not {day!r}") from None


def _package_verdict(package: Path, root: str, policy: WitnessPolicy | None) -> bool:
    if not root:
        raise ArgumentInvalid("a package is verified with the root's fingerprint: give --root")
    verdict = verify_package(read_bytes(package, most=LARGEST), root, policy)
    line(str(verdict).rstrip())
    return verdict.ok


def _followed(log: str, key: str, root: str) -> str:
    newest = followed_key(open_source(log), key, root)
    if newest != key:
        line(f"省级已更换日志密钥 the province has changed the log's key: {newest}")
    return newest


def _verified_log(log: str, key: str) -> LogVerdict:
    if not log.startswith(("http://", "https://")) and not Path(log).is_dir():
        raise ArgumentInvalid(
            f"there is no folder {log}: --log takes the log's folder or its address"
        )
    out = console()
    with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("核验日志 log", total=None)
        return verify_log(
            log,
            key,
            progress=lambda checked, size: progress.update(task, completed=checked, total=size),
        )


def _log_verdict(verdict: LogVerdict) -> bool:
    out = console()
    if verdict.ok and verdict.checkpoint is not None:
        out.print(
            f"[bold green]✓ 日志完整未改 the log holds[/]: {verdict.size} entries, "
            f"{escape(verdict.checkpoint.origin)}",
            soft_wrap=True,
        )
        line(f"  root {verdict.checkpoint.root.hex()}")
        return True
    out.print("[bold red]✗ 日志有误 the log does not hold[/]")
    for fault in verdict.faults:
        line(f"  {fault}")
    return False


def _exchange_verdict(verdict: ExchangeVerdict) -> bool:
    out = console()
    if verdict.ok:
        out.print("[bold green]✓ 交换属实 the exchange is proven[/]")
    else:
        out.print("[bold red]✗ 交换不实 the exchange is not proven[/]")
    for check in verdict.checks:
        line(f"  {check}")
    return verdict.ok
