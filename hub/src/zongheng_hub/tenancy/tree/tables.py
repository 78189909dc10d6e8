"""What every unit was, from one change to the next."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Table
from sqlmodel import Field, SQLModel


class TenantHistoryRow(SQLModel, table=True):
    """A unit as it was from from_ms to to_ms (0: it still is), and the act that made it so.

    from_ms follows the effective date; recorded_ms and log_index say when the hub learnt of it.
    """

    __tablename__ = "tenant_history"
    __table_args__ = (
        Index("tenant_history_code", "code", "log_index"),
        Index("tenant_history_uscc", "uscc", "log_index"),
        Index("tenant_history_log", "log_index"),
    )

    tenant_id: str = Field(primary_key=True, foreign_key="tenant.id", max_length=64)
    log_index: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    act: str = Field(max_length=40)
    from_ms: int = Field(sa_type=BigInteger)
    to_ms: int = Field(default=0, sa_type=BigInteger)
    recorded_ms: int = Field(sa_type=BigInteger)
    effective_on: str = Field(max_length=10)
    parent_id: str | None = Field(default=None, max_length=64)
    level: int
    name: str
    code: str = Field(max_length=12)
    uscc: str = Field(max_length=18)
    kind: str
    state: int
    successor_id: str | None = Field(default=None, max_length=64)
    legal_basis: str
    note: str
    actor_id: str = Field(max_length=64)
    operator: str


TENANT_HISTORY: Table = SQLModel.metadata.tables["tenant_history"]
