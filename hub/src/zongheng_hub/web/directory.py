"""The units' names for the console, read from the tree and kept for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import Connection

from zongheng_hub.store import Store
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.web.ports import Unit

KEEP_SECONDS = 10.0


class StoredDirectory:
    """Directory over tenancy's tables; a new unit shows after KEEP_SECONDS at the latest."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._units: Mapping[str, Unit] = {}
        self._read_at = -KEEP_SECONDS

    async def units(self) -> Mapping[str, Unit]:
        if time.monotonic() - self._read_at >= KEEP_SECONDS:
            self._units = await self._store.read(_read)
            self._read_at = time.monotonic()
        return self._units


def _read(connection: Connection) -> Mapping[str, Unit]:
    return {
        each.id: Unit(each.id, each.name, each.level, each.code, each.parent_id)
        for each in tenancy.children(connection)
    }
