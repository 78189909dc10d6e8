"""The tables of review: an inverted index over the log, alerts, and saved searches.

The index is kept behind the log and never on its way. A term is the id of a tenant, dataset or
request, or "act:" and an act type. No content stands in it, so there is nothing to delete where
content is deleted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, Table
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


class AlertRow(SQLModel, table=True):
    """Something that wants looking at. key: the same for the same finding, so it is raised once."""

    __tablename__ = "alert"

    id: str = Field(primary_key=True, max_length=64)
    key: str = Field(unique=True, max_length=256)
    rule: int
    state: int = Field(index=True)
    verdict: int = 0
    tenant_id: str = Field(index=True, max_length=64)
    subject: str = Field(max_length=64)
    entries: Any = Field(sa_type=JSON)
    figures: Any = Field(sa_type=JSON)
    raised_ms: int = Field(sa_type=BigInteger)
    raised_index: int = Field(sa_type=BigInteger, unique=True)


class AlertStepRow(SQLModel, table=True):
    """One act in the life of an alert."""

    __tablename__ = "alert_step"

    log_index: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    alert_id: str = Field(foreign_key="alert.id", index=True, max_length=64)
    act: str = Field(max_length=32)
    tenant_id: str = Field(max_length=64)
    operator: str = Field(max_length=80)
    text: str
    at_ms: int = Field(sa_type=BigInteger)


class SavedSearchRow(SQLModel, table=True):
    """A search that an operator of a unit has given a name; query: what its form held."""

    __tablename__ = "saved_search"

    tenant_id: str = Field(primary_key=True, max_length=64)
    operator: str = Field(primary_key=True, max_length=80)
    name: str = Field(primary_key=True, max_length=40)
    query: Any = Field(sa_type=JSON)
    saved_ms: int = Field(sa_type=BigInteger)


_TABLES = SQLModel.metadata.tables
REVIEW_TERM: Table = _TABLES["review_term"]
REVIEW_POSTING: Table = _TABLES["review_posting"]
REVIEW_CURSOR: Table = _TABLES["review_cursor"]
ALERT: Table = _TABLES["alert"]
ALERT_STEP: Table = _TABLES["alert_step"]
SAVED_SEARCH: Table = _TABLES["saved_search"]
