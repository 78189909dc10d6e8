"""The log, searched in the hub's store."""

from __future__ import annotations

from sqlalchemy import Connection

from zongheng_hub.store import Store
from zongheng_hub.tlog.search import search
from zongheng_hub.web.ports import LogPage, LogQuery, LogRow


class StoredLogBook:
    """LogBook over the log's entries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def search(self, query: LogQuery, *, limit: int) -> LogPage:
        def read(connection: Connection) -> LogPage:
            found = search(
                connection,
                act=query.act,
                actor=query.unit,
                subject=query.subject,
                since_ms=query.since_ms,
                until_ms=query.until_ms,
                below=query.below,
                limit=limit,
            )
            rows = [LogRow(index, leaf) for index, leaf in found.rows]
            return LogPage(rows, found.total, found.days)

        return await self._store.read(read)
