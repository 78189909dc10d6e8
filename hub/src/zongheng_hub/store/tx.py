"""What a use case gets: one transaction, shared with the others of its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Row, Table

from zongheng_hub.store import fast
from zongheng_hub.store.journal import Entry, Journal, Recorded


class Inserts:
    """Rows that a group has inserted but the database has not been given yet."""

    __slots__ = ("_connection", "_rows")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}

    def add(self, table: str, row: dict[str, Any]) -> None:
        self._rows.setdefault((table, tuple(row)), []).append(tuple(row.values()))

    def flush(self) -> None:
        if self._rows:
            rows, self._rows = self._rows, {}
            for (table, columns), values in rows.items():
                fast.insert_rows(self._connection, table, columns, values)


class Tx:
    """A use case's transaction. Valid only while its function runs."""

    __slots__ = ("_connection", "_inserts", "journal", "wrote")

    def __init__(self, connection: Connection, journal: Journal, inserts: Inserts) -> None:
        self._connection = connection
        self._inserts = inserts
        self.journal = journal
        self.wrote = False

    @property
    def connection(self) -> Connection:
        """The database, with everything in it that was inserted so far."""
        self._inserts.flush()
        return self._connection

    def execute(
        self, statement: Executable, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; with a list of rows, once for each."""
        if not getattr(statement, "is_select", False):
            self.wrote = True
        return self.connection.execute(statement, rows)

    def insert(self, table: Table, row: dict[str, Any]) -> None:
        """Insert one row, together with others of the group: a tenth of what execute costs.

        row names its columns; values are as the driver takes them (str, int, bytes, bool, None).
        A row that the table refuses fails this use case once the group is written.
        """
        self.wrote = True
        self._inserts.add(table.name, row)

    def one(self, statement: Executable) -> Row[Any] | None:
        """The first row, or None."""
        return self.connection.execute(statement).first()

    def all(self, statement: Executable) -> Sequence[Row[Any]]:
        return self.connection.execute(statement).all()

    def recorded(self, key: bytes) -> Recorded | None:
        """The act recorded under key, if there is one."""
        return self.journal.find(self._connection, key)

    def kept(self, key: bytes) -> Entry:
        """The entry kept under key for the log. Raises KeyError when there is none."""
        entry = self.journal.kept(self._connection, key)
        if entry is None:
            raise KeyError(key)
        return entry

    def next_index(self) -> int:
        """The index in the log that the next act gets."""
        return self.journal.next_index(self._connection)

    def append(self, entry: Entry) -> int:
        """Record an act in this transaction; returns its index in the log."""
        self.wrote = True
        return self.journal.append(self._connection, entry)
