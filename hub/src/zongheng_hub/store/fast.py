"""Statements that run once for every act, asked of the driver itself.

SQLAlchemy's Core builds, caches and checks a statement anew on each call, which costs several
times what the database does. Errors are raised in SQLAlchemy's form, which the store knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

MOST_ROWS = 64


def insert_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, many with one statement: each statement is a turn on the interpreter's lock."""
    for start in range(0, len(rows), MOST_ROWS):
        some = rows[start : start + MOST_ROWS]
        values = [value for row in some for value in row]
        run(connection, _insert(table, tuple(columns), len(some)), values)


def rows_by_key(
    connection: Connection, table: str, columns: Sequence[str], keys: Iterable[bytes]
) -> dict[bytes, tuple[Any, ...]]:
    """The columns of every row whose column key is one of keys, by key."""
    wanted = list(keys)
    found: dict[bytes, tuple[Any, ...]] = {}
    for start in range(0, len(wanted), MOST_ROWS):
        some = wanted[start : start + MOST_ROWS]
        statement = _select(table, tuple(columns), len(some))
        for key, *values in _ask(connection, statement, some).fetchall():
            found[bytes(key)] = tuple(values)
    return found


def first(connection: Connection, statement: str, values: Sequence[Any]) -> Any:
    """The first row that statement ("?" for each value) gives, as a tuple, or None."""
    return _ask(connection, statement, values).fetchone()


def run(connection: Connection, statement: str, values: Sequence[Any]) -> int:
    """Run statement ("?" for each value) once; how many rows it touched."""
    touched: int = _ask(connection, statement, values).rowcount
    return touched


def begin(connection: Connection) -> None:
    """Begin to write; a driver that begins by itself, as PostgreSQL's does, is left to do so.

    SQLAlchemy takes note of the transaction once it is asked for something itself.
    """
    if connection.dialect.name == "sqlite":
        _ask(connection, "BEGIN IMMEDIATE", ())


def commit(connection: Connection) -> None:
    """Commit what begin began, durably, whether SQLAlchemy took note of it or not."""
    if connection.in_transaction():
        connection.commit()
    else:
        driver: Any = connection.connection.driver_connection
        _checked(connection, "COMMIT", (), driver.commit)


def rollback(connection: Connection) -> None:
    """Undo what begin began."""
    if connection.in_transaction():
        connection.rollback()
    else:
        driver: Any = connection.connection.driver_connection
        _checked(connection, "ROLLBACK", (), driver.rollback)


def _ask(connection: Connection, statement: str, values: Sequence[Any]) -> Any:
    statement = _in_dialect(statement, connection.dialect)
    driver: Any = connection.connection.driver_connection
    return _checked(connection, statement, values, partial(driver.execute, statement, values))


def _checked(
    connection: Connection, statement: str, values: Sequence[Any], step: Callable[[], Any]
) -> Any:
    dialect = connection.dialect
    failed = dialect.loaded_dbapi.Error
    try:
        return step()
    except failed as error:
        driver: Any = connection.connection.driver_connection
        raise DBAPIError.instance(
            statement,
            tuple(values),
            error,
            failed,
            connection_invalidated=dialect.is_disconnect(error, driver, None),
            dialect=dialect,
        ) from error


@lru_cache(maxsize=1024)
def _insert(table: str, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"


@lru_cache(maxsize=256)
def _select(table: str, columns: tuple[str, ...], count: int) -> str:
    wanted = ", ".join(("key", *columns))
    return f"SELECT {wanted} FROM {table} WHERE key IN ({', '.join('?' * count)})"


@lru_cache(maxsize=1024)
def _in_dialect(statement: str, dialect: Dialect) -> str:
    return statement if dialect.paramstyle == "qmark" else statement.replace("?", "%s")
