"""The module's own tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

report = Table(
    "snap_report",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("source_id", String(64), nullable=False),
    Column("category", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("reported_ms", BigInteger, nullable=False),
    Column("filed_ms", BigInteger, nullable=False),
    Column("state", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Index("snap_report_by_tenant", "tenant", "id"),
)
