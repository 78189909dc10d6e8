"""zongheng-hub witness …: whom the log is witnessed by. Arguments only; tlog does the work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from zongheng_hub.app import stored_settings
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.store import Store, open_store
from zongheng_hub.store.migrate import migrate
from zongheng_hub.tlog import witnesses as book
from zongheng_hub.tlog.keys import successions
from zongheng_hub.tlog.note import verifier_key

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Whom the log is witnessed by. 存证日志的见证。")
Data = Annotated[Path, typer.Option(help="The data folder. 数据目录。")]
Database = Annotated[str | None, typer.Option(help="As for serve.")]


@app.command()
def add(
    data: Data,
    vkey: Annotated[str, typer.Argument(help="As zongheng witness keygen printed it.")],
    url: Annotated[
        str, typer.Option(help="Where it takes checkpoints; left out: it comes by itself.")
    ] = "",
    database: Database = None,
) -> None:
    """Take a witness; the hub may be running."""
    one = _written(
        data, database, lambda tx: book.add(tx, vkey, url, now_ms=int(time.time() * 1000))
    )
    print(f"{one.name} {'is asked at ' + one.url if one.url else 'comes by itself'}")


@app.command()
def remove(
    data: Data,
    name: Annotated[str, typer.Argument(help="As list shows it.")],
    database: Database = None,
) -> None:
    """Ask a witness no more; what it cosigned stays."""
    _written(data, database, lambda tx: book.remove(tx, name))
    print(f"{name} is no witness any more")


@app.command()
def quorum(
    data: Data,
    needed: Annotated[int, typer.Argument(help="How many; 0: more than half.")],
    database: Database = None,
) -> None:
    """Say how many witnesses a checkpoint needs before an alarm is due."""
    _written(data, database, lambda tx: book.set_needed(tx, needed))
    print(f"the quorum takes {needed or 'more than half'}")


@app.command("list")
def list_witnesses(data: Data, database: Database = None) -> None:
    """Show each witness, what it cosigned last and when, and what is wrong with it."""
    for one in _read(data, database, book.witnesses):
        when = datetime.fromtimestamp(one.cosigned_ms / 1000).astimezone()
        saw = f"{one.size} entries at {when:%Y-%m-%d %H:%M:%S}" if one.cosigned_ms else "nothing"
        trouble = f"  {one.trouble}: {one.detail}" if one.trouble else ""
        print(f"{one.name}  {one.url or 'comes by itself'}  saw {saw}{trouble}")


@app.command()
def policy(data: Data, database: Database = None) -> None:
    """Print the policy that auditors may hold the log to (C2SP tlog-policy)."""
    settings = stored_settings(data, database=database)
    folder = DataFolder(settings.data)
    own = verifier_key(folder.about().origin, folder.log_key().public)

    def read(connection: Any) -> str:
        known = successions(connection)
        others = (vkey for one in known for vkey in (one.old_vkey, one.new_vkey) if vkey)
        return book.policy_of(connection, dict.fromkeys([own, *others])).text()

    print(_read(data, database, read), end="")


def _opened(data: Path, database: str | None) -> Store:
    settings = stored_settings(data, database=database)
    return open_store(settings.database or DataFolder(settings.data).database)


def _written(data: Path, database: str | None, work: Callable[[Any], T]) -> T:
    store = _opened(data, database)
    try:
        migrate(store.writer)
        return asyncio.run(store.write(work))
    finally:
        store.close()


def _read(data: Path, database: str | None, work: Callable[[Any], T]) -> T:
    store = _opened(data, database)
    try:
        migrate(store.writer)
        return store.read_now(work)
    finally:
        store.close()
