"""The table of quotas: what one tenant has said another below it may use."""

from __future__ import annotations

from sqlalchemy import BigInteger, Table
from sqlmodel import Field, SQLModel


class QuotaRow(SQLModel, table=True):
    """Bounds; 0 says nothing. A row whose bounds are all 0 stays: its log_index tells of change."""

    __tablename__ = "quota"

    tenant_id: str = Field(primary_key=True, foreign_key="tenant.id", max_length=64)
    by_tenant_id: str = Field(primary_key=True, foreign_key="tenant.id", max_length=64)
    reads: int
    acts: int
    bulk: int
    calls: int
    streams: int
    bulk_mib: int
    set_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger, index=True)


QUOTA: Table = SQLModel.metadata.tables["quota"]
