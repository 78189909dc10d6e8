"""zongheng-hub: make a hub, run it, let an operator in. Arguments only; app.py does the work."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from zongheng_hub import channel_cas, log_check, log_key, witness_desk
from zongheng_hub import settings as defaults
from zongheng_hub.app import Hub, mint_sign_in, served_at, stored_settings
from zongheng_hub.data_folder import DataFolderError
from zongheng_hub.founding import found, shipped_table
from zongheng_hub.frugal import spare_memory
from zongheng_hub.kernel.grpc_server import PortInUse
from zongheng_hub.settings import Settings
from zongheng_hub.store.migrate import DataNewer
from zongheng_hub.tlog.faults import LogBehind
from zongheng_protos.errors import ZonghengError
from zongheng_protos.tenancy.v1 import operators_pb2
from zongheng_tenants.suites import number_of

app = typer.Typer(
    help="The provincial hub: service modules, needs, data sharing and the log. 省级枢纽。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ROLES = {
    name.removeprefix("ROLE_").lower(): number
    for name, number in operators_pb2.Role.items()
    if number
}
Data = Annotated[Path, typer.Option(help="The data folder. 数据目录。")]
Database = Annotated[
    str | None,
    typer.Option(
        help="postgresql://user@host/name; left out: as given to init, which takes SQLite then."
    ),
]


@app.command()
def init(
    data: Data,
    province: Annotated[str, typer.Option(help="Division code of the province.")] = "140000",
    divisions: Annotated[
        Path | None, typer.Option(help="Division table (CSV); left out: the one that ships.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    public_host: Annotated[
        str,
        typer.Option(help="Name under which counties reach the hub; stands in its certificate."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="gRPC port.")] = defaults.GRPC_PORT,
    web_port: Annotated[int, typer.Option(help="Port of console and Connect.")] = defaults.WEB_PORT,
    database: Database = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="File with the passphrase for the province's keys; left out: none."),
    ] = None,
) -> None:
    """Make a hub: its keys, its tables, the province's tree, root credential and identity."""
    settings = Settings(
        data=data,
        host=host,
        port=port,
        web_port=web_port,
        public_host=public_host,
        database=database,
    )
    _check_ports(settings)
    passphrase = None if passphrase_file is None else _first_line(passphrase_file)
    about = asyncio.run(
        found(settings, province=province, divisions=divisions, passphrase=passphrase)
    )
    print(f"Made hub {about.hub_id} for {about.province_code} in {data}.")
    print(f"Root fingerprint: {about.root_fingerprint}")
    print(f"Next: zongheng-hub serve --data {data}")


@app.command()
def divisions(
    province: Annotated[str, typer.Option(help="Division code of the province.")] = "140000",
) -> None:
    """Print the division table that ships, as CSV: a beginning for one of your own. 自带区划表。"""
    sys.stdout.buffer.write(shipped_table(province))


@app.command()
def serve(
    data: Data,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    public_host: Annotated[
        str | None, typer.Option(help="Name under which counties reach the hub.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="gRPC port; 0 takes a free one.")] = None,
    web_port: Annotated[
        int | None, typer.Option(help="Port of console and Connect; 0 takes a free one.")
    ] = None,
    database: Database = None,
    sign_in: Annotated[
        Path | None,
        typer.Option(help="How people come into the console: a TOML file (docs/howto/operators)."),
    ] = None,
    suite: Annotated[
        list[str] | None,
        typer.Option(help="Suite that units may enrol with, such as SM-1: tested at start."),
    ] = None,
    limits: Annotated[
        Path | None,
        typer.Option(help="What units may use of this process: a TOML file (docs/howto/limits)."),
    ] = None,
    metrics: Annotated[
        str,
        typer.Option(help="HOST:PORT for Prometheus, such as 127.0.0.1:9480; left out: none."),
    ] = "",
    verbose: Annotated[bool, typer.Option(help="Log every refused call.")] = False,
) -> None:
    """Run the hub until it is told to stop; prints one JSON line when it serves.

    What is left out is as it was given to init.
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    settings = stored_settings(
        data,
        host=host,
        public_host=public_host,
        port=port,
        web_port=web_port,
        database=database,
        sign_in=sign_in,
        suites=tuple(number_of(name) for name in suite or ()),
        limits=limits,
    )
    _check_ports(settings)
    spare_memory()
    sys.setswitchinterval(0.001)  # the writer's thread waits for the loop's at most this long
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_serve(replace(settings, metrics=metrics)))


@app.command(name="sign-in")
def sign_in(
    data: Data,
    tenant: Annotated[str, typer.Option(help="Division code or id of the unit.")],
    operator: Annotated[str, typer.Option(help="Who signs in, by name.")],
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="A role of an operator who is new; may be given again. Left out: every business "
            f"role. {', '.join(ROLES)}."
        ),
    ] = None,
    reset: Annotated[
        bool, typer.Option(help="Take away password, second factor and passkeys first.")
    ] = False,
    web: Annotated[
        str | None, typer.Option(help="Address of the console; left out: where it is served.")
    ] = None,
    database: Database = None,
) -> None:
    """Print a link with which one operator signs in once, within 15 minutes.

    An operator whom the unit has not registered is registered first.
    """
    role = [name.replace("-", "_") for name in role or ()]
    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        raise ValueError(f"--role {unknown[0]} is none of: {', '.join(ROLES)}")
    settings = stored_settings(data, database=database)
    roles = [ROLES[name] for name in role] if role else None
    path = asyncio.run(
        mint_sign_in(settings, tenant=tenant, operator=operator, roles=roles, reset=reset)
    )
    address = web or served_at(settings)
    print(address.rstrip("/") + path)


cas = typer.Typer(no_args_is_help=True, help="Change the channel CA. 更换通道CA。")
app.add_typer(cas, name="ca")
WEEK = channel_cas.RENEWED.days
AfterDays = Annotated[int, typer.Option(min=0, help="How long the step before must have held.")]


@cas.command("status")
def ca_status(data: Data) -> None:
    """Show how far a change has come, and when the CA ends."""
    state = channel_cas.ca_state(stored_settings(data))
    print(f"{state.step} since {state.since.astimezone():%Y-%m-%d %H:%M}")
    print(f"the hub's CA ends on {state.ends:%Y-%m-%d}")


@cas.command("rotate")
def rotate_ca(data: Data) -> None:
    """Make the next CA; from the next start on both are trusted."""
    channel_cas.rotate(stored_settings(data))
    print("Restart the hub now. In seven days: zongheng-hub ca switch")


@cas.command("switch")
def switch_ca(data: Data, after_days: AfterDays = WEEK) -> None:
    """Let the next CA issue the hub's own certificate too."""
    channel_cas.switch(stored_settings(data), after=timedelta(days=after_days))
    print("Restart the hub now. In seven days: zongheng-hub ca retire")


@cas.command("retire")
def retire_ca(data: Data, after_days: AfterDays = WEEK) -> None:
    """Trust no certificate of the old CA any more."""
    channel_cas.retire(stored_settings(data), after=timedelta(days=after_days))
    print("Restart the hub now.")


app.add_typer(witness_desk.app, name="witness")
app.add_typer(log_check.app, name="log")
log_keys = typer.Typer(no_args_is_help=True, help="Change the log's key. 更换存证日志密钥。")
app.add_typer(log_keys, name="log-key")


@log_keys.command("new")
def new_log_key(data: Data) -> None:
    """Make the key that is to follow; the hub may be running."""
    made = log_key.make_next(stored_settings(data))
    print(made)
    print(f"Next, as the province: zongheng --operator NAME log rotate {made}")


@log_keys.command("status")
def log_key_status(data: Data, database: Database = None) -> None:
    """Show which keys sign."""
    state = log_key.key_state(stored_settings(data, database=database))
    print(f"signs:  {state.vkey}")
    if state.next_vkey:
        since = datetime.fromtimestamp(state.both_since_ms / 1000, UTC)
        shown = f"signs too since {since:%Y-%m-%d %H:%M} UTC" if state.both_since_ms else "made"
        print(f"next:   {state.next_vkey} ({shown})")


@log_keys.command("retire")
def retire_log_key(
    data: Data,
    overlap_days: Annotated[
        int, typer.Option(min=0, help="How long both must have signed.")
    ] = log_key.OVERLAP_DAYS,
    database: Database = None,
) -> None:
    """Delete the old key; the hub must not be running. The next one signs alone then."""
    settings = stored_settings(data, database=database)
    print(f"signs:  {log_key.retire(settings, overlap_days=overlap_days)}")


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise DataFolderError(f"{path} cannot be read: {error.strerror}") from error


def _check_ports(settings: Settings) -> None:
    if settings.port and settings.port == settings.web_port:
        raise ValueError(f"--port and --web-port are both {settings.port}: they must differ")


def _version(asked: bool) -> None:
    if asked:
        print(f"zongheng-hub {version('zongheng-hub')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    pass


async def _serve(settings: Settings) -> None:
    hub = await Hub.open(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await hub.start()
        ready = {
            "ready": True,
            "grpc": hub.grpc_address,
            "web": hub.web_address,
            "hub_id": hub.about.hub_id,
        }
        _spare_the_collector()
        print(json.dumps(ready), flush=True)
        await stop.wait()
    finally:
        await hub.stop()


def _spare_the_collector() -> None:
    """Leave what start built out of garbage collection: it lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:  # not made for this platform
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def main() -> None:
    try:
        app()
    except ZonghengError as error:
        _fail(error.message)
    except (DataFolderError, PortInUse, DataNewer, LogBehind, ValueError) as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(f"the database refused: {error.orig}")


def _fail(message: str) -> None:
    print(f"zongheng-hub: {message}", file=sys.stderr)
    raise SystemExit(1)
