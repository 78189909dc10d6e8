"""Opening a database: a SQLite file, or PostgreSQL by its address."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from zongheng_hub.store.journal import Journal
from zongheng_hub.store.partial import name_for_postgresql
from zongheng_hub.store.store import Store

POSTGRESQL = "postgresql+psycopg"
CHECKPOINT_PAGES = 4_000
"""Written ahead before they move into the file: a page that many groups change moves once."""


def open_store(
    where: Path | str, *, schema: str | None = None, journal: Journal | None = None
) -> Store:
    """A store in a SQLite file (a Path) or a PostgreSQL database ("postgresql://…").

    Args:
        schema: PostgreSQL only: where unqualified tables are sought and made.
    """
    if isinstance(where, Path):
        return Store(_sqlite(where, writes=True), _sqlite(where, writes=False), journal=journal)
    return Store(
        _postgresql(where, schema, writes=True),
        _postgresql(where, schema, writes=False),
        journal=journal,
        readers=4,
    )


def _sqlite(path: Path, *, writes: bool) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=4,
        connect_args={
            "check_same_thread": False,
            "isolation_level": None,
            "timeout": 10,
            "cached_statements": 512,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-8000")
        connection.execute("PRAGMA secure_delete=ON")  # what is shredded leaves the file
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:  # the store's writer begins by itself
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(address: str, schema: str | None, *, writes: bool) -> Engine:
    scheme, _, rest = address.partition("://")
    if scheme not in ("postgresql", "postgres", POSTGRESQL):
        raise ValueError(f"{scheme}:// is no database known here; use postgresql://…")
    name_for_postgresql()
    options = "-c timezone=UTC"
    if schema:
        options += f" -c search_path={schema}"
    if not writes:
        options += " -c default_transaction_read_only=on"
    return create_engine(
        f"{POSTGRESQL}://{rest}",
        pool_pre_ping=True,
        pool_size=4,
        connect_args={"options": options},
    )
