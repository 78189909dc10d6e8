"""Statements that run once for every act, asked of the driver itself.

SQLAlchemy's Core builds, caches and checks a statement anew on each call, which costs several
times what the database does. Errors are raised in SQLAlchemy's form, which the store knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError


def insert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert one row; it names its columns."""
    run(connection, _insert(table, tuple(row)), tuple(row.values()))


def first(connection: Connection, statement: str, values: Sequence[Any]) -> Any:
    """The first row that statement ("?" for each value) gives, as a tuple, or None."""
    return _ask(connection, statement, values).fetchone()


def run(connection: Connection, statement: str, values: Sequence[Any]) -> None:
    """Run statement ("?" for each value) once."""
    _ask(connection, statement, values)


def _ask(connection: Connection, statement: str, values: Sequence[Any]) -> Any:
    dialect = connection.dialect
    statement = _in_dialect(statement, dialect)
    driver: Any = connection.connection.driver_connection
    failed = dialect.loaded_dbapi.Error
    try:
        return driver.execute(statement, values)
    except failed as error:
        raise DBAPIError.instance(
            statement,
            tuple(values),
            error,
            failed,
            connection_invalidated=dialect.is_disconnect(error, driver, None),
            dialect=dialect,
        ) from error


@lru_cache(maxsize=256)
def _insert(table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(table.c[name].name for name in columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"


@lru_cache(maxsize=256)
def _in_dialect(statement: str, dialect: Dialect) -> str:
    return statement if dialect.paramstyle == "qmark" else statement.replace("?", "%s")
