"""Deleted bytes that must be gone from the disk, not only from the tables."""

from __future__ import annotations

import asyncio
from typing import Any

from zongheng_hub.store.store import Store
from zongheng_protos.errors import Unavailable

TRIES = 10
PAUSE_SECONDS = 0.5


async def scrub(store: Store) -> None:
    """SQLite: put everything committed into the database's file and empty the WAL.

    The file itself overwrites what is deleted (PRAGMA secure_delete). PostgreSQL keeps dead rows
    until its own VACUUM FULL; see docs/howto/shred.md.

    Raises:
        Unavailable: readers kept the WAL in use; what was deleted is still in it.
    """
    if store.dialect != "sqlite":
        return
    for _ in range(TRIES):
        if await asyncio.to_thread(_empty_wal, store):
            return
        await asyncio.sleep(PAUSE_SECONDS)
    raise Unavailable("the database's WAL is in use: what was deleted leaves it a little later")


def _empty_wal(store: Store) -> bool:
    connection = store.writer.raw_connection()
    try:
        driver: Any = connection.driver_connection
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        connection.close()
