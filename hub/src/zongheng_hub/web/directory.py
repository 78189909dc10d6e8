"""The units' names for the console, read from the tree and kept until it changes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from zongheng_hub.store import Store
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.web.ports import Unit


class StoredDirectory:
    """Directory over tenancy's tables, read anew whenever the tree has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._units: Mapping[str, Unit] = {}
        self._mark = -1

    async def units(self) -> Mapping[str, Unit]:
        mark = await self._store.read(tenancy.tree_mark)
        if mark != self._mark or not self._units:
            self._units = await self._store.read(_read)
            self._mark = mark
        return self._units


def _read(connection: Connection) -> Mapping[str, Unit]:
    return {
        each.id: Unit(each.id, each.name, each.level, each.code, each.parent_id)
        for each in tenancy.children(connection)
    }
