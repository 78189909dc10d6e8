"""The room's tables. Days are ISO dates in Beijing; moments are epoch milliseconds."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Index, Table
from sqlmodel import Field, SQLModel


class NeedRow(SQLModel, table=True):
    __tablename__ = "need"
    __table_args__ = (
        Index("need_by_filer", "filer_id", "id"),
        Index("need_by_handler", "handler_id", "id"),
    )

    id: str = Field(primary_key=True)
    filer_id: str
    handler_id: str
    kind: int
    title: str
    detail: str
    urgency: int
    households: int
    wanted_by: str
    place: str
    state: int
    filed_ms: int = Field(sa_type=BigInteger)


class NeedClockRow(SQLModel, table=True):
    """The key allows one clock a stage: none is ever started anew."""

    __tablename__ = "need_clock"

    need_id: str = Field(primary_key=True, foreign_key="need.id")
    stage: int = Field(primary_key=True)
    started_ms: int = Field(sa_type=BigInteger)
    stopped_ms: int = Field(sa_type=BigInteger)
    counts_from: str
    limit_days: int
    legal_basis: str


class NeedResourceRow(SQLModel, table=True):
    """number counts a need's resources from 1, in the order they were named."""

    __tablename__ = "need_resource"

    need_id: str = Field(primary_key=True, foreign_key="need.id")
    number: int = Field(primary_key=True)
    id: str = Field(unique=True)
    kind: int
    title: str
    detail: str
    reference: str
    log_index: int = Field(sa_type=BigInteger)


class NeedEventRow(SQLModel, table=True):
    """number counts a need's events from 1. The operator's name stands here, not in the log."""

    __tablename__ = "need_event"

    need_id: str = Field(primary_key=True, foreign_key="need.id")
    number: int = Field(primary_key=True)
    act: str
    tenant_id: str
    operator: str
    time_ms: int = Field(sa_type=BigInteger)
    text: str
    log_index: int = Field(sa_type=BigInteger)


class WorkingDayRow(SQLModel, table=True):
    """A day off on a weekday, or a day worked on a weekend; the province may edit it."""

    __tablename__ = "working_day"

    day: str = Field(primary_key=True)
    is_working: bool
    name: str


class WorkingYearRow(SQLModel, table=True):
    """A year whose adjusted days are published, and where they were taken from."""

    __tablename__ = "working_year"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


NEED: Final = _table("need")
CLOCK: Final = _table("need_clock")
RESOURCE: Final = _table("need_resource")
EVENT: Final = _table("need_event")
WORKING_DAY: Final = _table("working_day")
WORKING_YEAR: Final = _table("working_year")
