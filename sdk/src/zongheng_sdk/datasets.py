"""Reading what is to be shared: a CSV file (RFC 4180, UTF-8) or a table of an SQLite database."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from zongheng_protos.errors import FileUnusable

_SQLITE_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from; nothing is read before it is asked for.

    Attributes:
        path: a CSV file or an SQLite database.
        table: the table of a database; empty for a CSV file.
    """

    path: Path
    table: str = ""

    def columns(self) -> tuple[str, ...]:
        """The names of the fields, in order. Raises as rows."""
        if self.table:
            with closing(_connect(self.path)) as database:
                return _table_columns(database, self.path, self.table)
        with closing(self._csv()) as lines:
            return tuple(next(lines))

    def rows(self) -> Iterator[dict[str, str]]:
        """The rows by field name, all values as text; what a database has not is empty.

        Raises:
            FileUnusable: a row lacks a column, or the content is no UTF-8 CSV; names the line;
                or there is no such file or table.
        """
        return self._table_rows() if self.table else self._csv_rows()

    def count(self) -> int:
        """How many rows there are. Raises as rows."""
        return sum(1 for _ in self.rows())

    def _csv(self) -> Generator[list[str], None, None]:
        try:
            file = self.path.open(encoding="utf-8-sig", newline="")
        except OSError as error:
            raise FileUnusable(f"{self.path} cannot be read: {error.strerror}") from error
        with file:
            reader = csv.reader(file, strict=True)
            try:
                heading = next(reader, [])
                _check_heading(heading, self.path)
                yield heading
                for values in reader:
                    if len(values) != len(heading):
                        raise FileUnusable(
                            f"{self.path}, line {reader.line_num}: "
                            f"{len(values)} columns, the heading has {len(heading)}"
                        )
                    yield values
            except UnicodeDecodeError as error:
                raise FileUnusable(
                    f"{self.path} is not UTF-8 after line {reader.line_num}: save it as UTF-8"
                ) from error
            except csv.Error as error:
                raise FileUnusable(f"{self.path}, line {reader.line_num}: {error}") from error

    def _csv_rows(self) -> Iterator[dict[str, str]]:
        lines = self._csv()
        heading = next(lines)
        for values in lines:
            yield dict(zip(heading, values, strict=True))

    def _table_rows(self) -> Iterator[dict[str, str]]:
        with closing(_connect(self.path)) as database:
            columns = _table_columns(database, self.path, self.table)
            query = f"SELECT * FROM {_quoted(self.table)}"  # a name cannot be a parameter
            try:
                for number, values in enumerate(database.execute(query), start=1):
                    yield {
                        name: _text(value, name, number)
                        for name, value in zip(columns, values, strict=True)
                    }
            except sqlite3.DatabaseError as error:
                raise FileUnusable(f"{self.path} cannot be read: {error}") from error


def open_source(path: str | Path, table: str = "") -> Source:
    """A CSV file, or with table an SQLite database.

    Raises:
        FileUnusable: there is no such file or table; a database without a table's name;
            or a table of what is no database.
    """
    where = Path(path)
    try:
        with where.open("rb") as file:
            is_database = file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError as error:
        raise FileUnusable(f"{where} cannot be read: {error.strerror}") from error
    if is_database and not table:
        raise FileUnusable(f"{where} is a database: name the table to share")
    if table and not is_database:
        raise FileUnusable(f"{where} is no SQLite database: leave the table away for a CSV file")
    source = Source(where, table)
    source.columns()
    return source


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise FileUnusable(f"{path} cannot be opened: {error}") from error


def _table_columns(database: sqlite3.Connection, path: Path, table: str) -> tuple[str, ...]:
    try:
        found = database.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
    except sqlite3.DatabaseError as error:
        raise FileUnusable(f"{path} cannot be read: {error}") from error
    if not found:
        raise FileUnusable(f"{path} has no table {table}")
    return tuple(name for (name,) in found)


def _check_heading(heading: list[str], path: Path) -> None:
    if not heading or not all(heading):
        raise FileUnusable(f"{path} has no heading, or a column of it has no name")
    twice = sorted({name for name in heading if heading.count(name) > 1})
    if twice:
        raise FileUnusable(f"{path} has column {', '.join(twice)} more than once")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object, field: str, number: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        raise FileUnusable(
            f"row {number} has bytes in field {field}: only text and numbers are shared"
        )
    return str(value)
