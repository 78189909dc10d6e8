"""The tables of the catalogue: who has adopted what, and how much it is used."""

from __future__ import annotations

from sqlalchemy import BigInteger, Table
from sqlmodel import Field, SQLModel


class AdoptionRow(SQLModel, table=True):
    """A tenant's present choice for a module; earlier ones stand in the log."""

    __tablename__ = "adoption"

    tenant_id: str = Field(primary_key=True, max_length=64)
    module_id: str = Field(primary_key=True, index=True, max_length=42)
    track: int
    version: str
    settings: str
    adopted_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)


class UsageDayRow(SQLModel, table=True):
    """Calls of one tenant to one module on one day (Beijing)."""

    __tablename__ = "usage_day"

    module_id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(primary_key=True, max_length=64)
    day: str = Field(primary_key=True, index=True, max_length=10)
    calls: int = Field(sa_type=BigInteger)
    failures: int = Field(sa_type=BigInteger)


_TABLES = SQLModel.metadata.tables
ADOPTION: Table = _TABLES["adoption"]
USAGE_DAY: Table = _TABLES["usage_day"]
