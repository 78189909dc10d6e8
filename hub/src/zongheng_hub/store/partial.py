"""Indexes over some rows of a table only, on SQLite and on PostgreSQL.

SQLAlchemy loads PostgreSQL's dialect, 1.4 MB, for an index that names one of its options. A hub on
SQLite does without: the option is named once a PostgreSQL database is opened.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Index, TextClause

_PARTIAL: list[tuple[Index, ColumnElement[bool] | TextClause]] = []


def partial_index(
    name: str, *columns: Any, where: ColumnElement[bool] | TextClause, unique: bool = False
) -> Index:
    """An index over the rows for which where holds."""
    index = Index(name, *columns, unique=unique, sqlite_where=where)
    _PARTIAL.append((index, where))
    return index


def name_for_postgresql() -> None:
    """Have every partial index be one on PostgreSQL too; before tables are made there."""
    for index, where in _PARTIAL:
        index.dialect_options["postgresql"]["where"] = where
