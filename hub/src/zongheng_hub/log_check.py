"""zongheng-hub log: the whole log checked against itself and its published files, on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from zongheng_hub.app import stored_settings
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.settings import Settings
from zongheng_hub.store import open_store
from zongheng_hub.tlog.fsck import verify_published, verify_store
from zongheng_hub.tlog.keys import recognise_all
from zongheng_hub.tlog.note import CheckpointSigner

app = typer.Typer(no_args_is_help=True, help="Look after the log. 存证日志的维护。")
Data = Annotated[Path, typer.Option(help="The data folder. 数据目录。")]
Database = Annotated[str | None, typer.Option(help="As for serve.")]


@app.callback()
def _log() -> None:
    pass


@app.command()
def fsck(data: Data, database: Database = None) -> None:
    """Recompute the log from its first entry and compare every published file with it.

    The hub may be running. Ends 1, naming each place, when something does not fit.
    """
    from rich.console import Console  # here: a hub that serves does not carry it
    from rich.progress import Progress

    with Progress(transient=True, console=Console(stderr=True)) as progress:
        bar = progress.add_task("log")
        found = check_log(
            stored_settings(data, database=database),
            told=lambda done, size: progress.update(bar, completed=done, total=size),
        )
    for fault in found.faults:
        print(fault)
    print(f"{found.size} entries, {found.published} published: {len(found.faults)} faults")
    if found.faults:
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What was found.

    Attributes:
        size: entries in the database.
        published: entries that the published checkpoint counts.
        faults: one line each, naming the entry, the tile or the file.
    """

    size: int
    published: int
    faults: tuple[str, ...]


def check_log(
    settings: Settings, *, told: Callable[[int, int], None] = lambda done, size: None
) -> LogCheck:
    """Read everything and compare; the hub may be running.

    Args:
        told: called now and then with entries checked and entries in all.

    Raises:
        DataFolderError: there is no hub.
        LogDamaged: the database holds no log at all.
    """
    folder = DataFolder(settings.data)
    signer = CheckpointSigner(folder.log_key(), folder.about().origin)
    store = open_store(settings.database or folder.database)
    try:
        store.read_now(lambda connection: recognise_all(connection, signer, None))
        stored = store.read_now(lambda c: verify_store(_still(c), signer, told=told))
        published = store.read_now(lambda c: verify_published(_still(c), signer, folder.tlog))
    finally:
        store.close()
    return LogCheck(stored.size, published.size, (*stored.faults, *published.faults))


def _still(connection: Connection) -> Connection:
    """The database as it is now, whatever a running hub adds; SQLite shows it so anyway."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ")
    return connection
