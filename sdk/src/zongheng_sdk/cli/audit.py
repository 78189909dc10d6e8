"""zongheng audit verify: check a log, and an exchange, with nothing but the log's key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from zongheng_protos.errors import ArgumentInvalid
from zongheng_sdk.audit import LogVerdict, revoked_in_log, verify_log
from zongheng_sdk.cli.files import read_text
from zongheng_sdk.cli.show import console, line
from zongheng_sdk.exchange import ExchangeEvidence, ExchangeVerdict, verify_exchange
from zongheng_sdk.log_keys import followed_key
from zongheng_sdk.tiles import open_source

app = typer.Typer(no_args_is_help=True, help="Audit without trusting the hub 审计核验。")


@app.callback()
def audit() -> None:
    """Audit without trusting the hub 审计核验。"""


@app.command()
def verify(
    vkey: Annotated[Path, typer.Option(help="File with the log's verifier key 日志公钥文件.")],
    log: Annotated[
        str, typer.Option(help="The log's folder or http(s) address 日志目录或网址.")
    ] = "",
    exchange: Annotated[
        Path | None, typer.Option(help="File of `zongheng data evidence` 交换证据文件.")
    ] = None,
    root: Annotated[
        str,
        typer.Option(
            help="The root's fingerprint: then a key that the province says follows is taken too "
            "省级根指纹."
        ),
    ] = "",
) -> None:
    """Verify the whole log, one exchange, or both; ends with 1 where anything fails 核验."""
    if not log and exchange is None:
        raise ArgumentInvalid("name what to verify: --log, --exchange or both")
    key = read_text(vkey).strip()
    if root and log:
        key = _followed(log, key, root)
    holds = True
    revoked = None
    found = None if exchange is None else ExchangeEvidence.from_json(read_text(exchange))
    if log:
        verdict = _verified_log(log, key)
        holds &= _log_verdict(verdict)
        if verdict.ok and found is not None and _reaches(verdict, found):
            revoked = revoked_in_log(log, verdict.size)
    if found is not None:
        holds &= _exchange_verdict(verify_exchange(found, key, revoked=revoked))
    if not holds:
        raise typer.Exit(1)


def _reaches(verdict: LogVerdict, evidence: ExchangeEvidence) -> bool:
    """Whether a log holds every entry of the evidence, so that it can say what was revoked."""
    return all(entry.index < verdict.size for entry in evidence.entries)


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
