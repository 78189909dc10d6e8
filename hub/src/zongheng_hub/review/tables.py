"""The tables of review: an inverted index over the log, kept behind it and never on its way.

A term is the id of a tenant, dataset or request, or "act:" and an act type. No content stands
here, so there is nothing to delete where content is deleted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table
from sqlmodel import Field, SQLModel

# SQLite keeps a table in the order of an INTEGER key.
_KEY = BigInteger().with_variant(Integer(), "sqlite")


class ReviewTermRow(SQLModel, table=True):
    """A term, and how many entries have it."""

    __tablename__ = "review_term"

    id: int = Field(sa_column=Column(_KEY, primary_key=True, autoincrement=False))
    term: str = Field(unique=True, max_length=160)
    entries: int = Field(sa_type=BigInteger)


class ReviewPostingRow(SQLModel, table=True):
    """That an entry of the log has a term."""

    __tablename__ = "review_posting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class ReviewCursorRow(SQLModel, table=True):
    """How far the log is indexed; always the one row with id 1."""

    __tablename__ = "review_cursor"

    id: int = Field(default=1, primary_key=True)
    indexed: int = Field(sa_type=BigInteger)


_TABLES = SQLModel.metadata.tables
REVIEW_TERM: Table = _TABLES["review_term"]
REVIEW_POSTING: Table = _TABLES["review_posting"]
REVIEW_CURSOR: Table = _TABLES["review_cursor"]
