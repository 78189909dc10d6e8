"""zongheng witness …: run a witness that cosigns the log, so that nobody is shown another one."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from zongheng_protos.errors import ArgumentInvalid, Unavailable, ZonghengError
from zongheng_sdk.cli.app import Options
from zongheng_sdk.cli.files import read_text
from zongheng_sdk.cli.show import console, done, line, moment, refused, table
from zongheng_sdk.witness import LogWentBack, Witness
from zongheng_sdk.witness_folder import WitnessFolder
from zongheng_tenants.identity import HubSeen

app = typer.Typer(no_args_is_help=True, help="Witness the log 见证存证日志。")
Folder = Annotated[Path, typer.Argument(help="Where the witness keeps its key 见证目录.")]
Name = Annotated[str, typer.Option(help="Name of a new witness, such as audit.shanxi/w1 见证名称.")]
LogKey = Annotated[
    Path | None,
    typer.Option(help="File with the log's verifier key 日志公钥文件; else that of --identity."),
]


@app.callback()
def witness() -> None:
    """Witness the log 见证存证日志。"""


@app.command()
def keygen(folder: Folder, name: Annotated[str, typer.Option(help="见证名称.")]) -> None:
    """Make a witness's key; prints what the province and auditors enter 生成见证密钥."""
    line(WitnessFolder.make(folder, name).key.vkey)


@app.command()
def trust(ctx: typer.Context, folder: Folder, log_vkey: LogKey = None) -> None:
    """Cosign this log, too; also its next key while keys change 登记要见证的日志."""
    vkey = _log_key(ctx, log_vkey)
    known = WitnessFolder(folder).trust(vkey)
    done(f"{'已登记 known from now on' if known else '早已登记 known already'}: {vkey}")


@app.command()
def serve(
    ctx: typer.Context,
    folder: Folder,
    listen: Annotated[str, typer.Option(help="Address and port 监听地址.")] = "127.0.0.1:7490",
    name: Name = "",
    log_vkey: LogKey = None,
) -> None:
    """Let logs come for cosignatures (C2SP tlog-witness); where the hub can reach it 对外服务."""
    from zongheng_sdk.witness_server import WitnessServer

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise ArgumentInvalid(f"--listen takes an address and a port, not {listen}")
    with _opened(ctx, folder, name, log_vkey) as running:
        try:
            server = WitnessServer(running, (host.strip("[]"), int(port)))
        except OSError as error:
            raise ArgumentInvalid(f"cannot listen on {listen}: {error.strerror}") from error
        with server:
            _until_told(server.shutdown)
            line(running.folder.key.vkey)
            done(f"见证在 a witness listens on http://{host}:{server.port}")
            server.serve_forever(poll_interval=0.2)


@app.command()
def follow(
    ctx: typer.Context,
    folder: Folder,
    name: Name = "",
    log: Annotated[
        str, typer.Option(help="The log's address …/tlog 日志网址; else that of --identity.")
    ] = "",
    log_vkey: LogKey = None,
    every: Annotated[float, typer.Option(min=1, help="Seconds between looks 间隔秒数.")] = 20,
    once: Annotated[bool, typer.Option(help="Look once, then end 只看一次.")] = False,
) -> None:
    """Go to the log and hand cosignatures in: works behind any firewall 主动见证."""
    identity = _identity(ctx)
    if not log and not (identity and identity.web_address):
        raise ArgumentInvalid("name the log's address: --log https://…/tlog, or give --identity")
    address = log or f"{identity.web_address if identity else ''}/tlog"
    root = identity.root_fingerprint if identity else ""
    stop = threading.Event()
    with _opened(ctx, folder, name, log_vkey) as running:
        if not once:
            line(running.folder.key.vkey)
            _until_told(stop.set)
        while True:
            went_well = _look(running, address, root, quiet=not once)
            if once and not went_well:
                raise typer.Exit(1)
            if once or stop.wait(every):
                return


@app.command()
def status(folder: Folder) -> None:
    """Show the key, the logs, and what was cosigned last of each 见证情况."""
    found = WitnessFolder(folder)
    line(found.key.vkey)
    rows = []
    for origin in found.origins():
        newest = found.newest(origin)
        seen = (newest.checkpoint.size, moment(newest.time * 1000)) if newest else ("–", "–")
        rows.append((origin, *seen, newest.checkpoint.root.hex()[:16] if newest else "–"))
    table("见证 witnessed", ("日志 log", "条数 entries", "时间 time", "根 root"), rows)


def _look(running: Witness, log: str, root: str, *, quiet: bool) -> bool:
    from zongheng_sdk.witness_rounds import look

    try:
        found = look(running, log, root_fingerprint=root)
    except LogWentBack as error:
        console().print(
            f"[bold red]✗ 日志被改回或分叉 the log went back[/] {escape(error.message)}"
        )
        return False
    except ZonghengError as error:
        refused(error) if not quiet or not isinstance(error, Unavailable) else line(error.message)
        return False
    if found.anew or not quiet:
        size = found.cosigned.checkpoint.size
        done(f"{time.strftime('%H:%M:%S')} 已见证 cosigned: {size} entries")
    return True


@contextmanager
def _opened(
    ctx: typer.Context, folder: Path, name: str, log_vkey: Path | None
) -> Iterator[Witness]:
    """The witness in folder; made there first where it is named and there is none."""
    if name and not (folder / "witness.json").exists():
        WitnessFolder.make(folder, name)
    kept = WitnessFolder(folder)
    if name and kept.key.name != name:
        raise ArgumentInvalid(f"the witness in {folder} is called {kept.key.name}, not {name}")
    if log_vkey is not None or not kept.origins():
        kept.trust(_log_key(ctx, log_vkey))
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    running = Witness(kept)
    try:
        yield running
    finally:
        running.close()


def _log_key(ctx: typer.Context, file: Path | None) -> str:
    if file is not None:
        return read_text(file).strip()
    identity = _identity(ctx)
    if identity is None or not identity.log_vkey:
        raise ArgumentInvalid("name the log's verifier key: --log-vkey FILE, or give --identity")
    return identity.log_vkey


def _identity(ctx: typer.Context) -> HubSeen | None:
    options: Options = ctx.obj
    if not options.identity.exists():
        return None
    return HubSeen.from_json(read_text(options.identity))


def _until_told(stop: Callable[[], object]) -> None:
    """On SIGTERM and Ctrl-C: stop."""

    def told(*_: object) -> None:
        threading.Thread(target=stop, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
