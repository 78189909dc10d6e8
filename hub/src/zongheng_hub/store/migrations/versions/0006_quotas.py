"""Quotas: what tenants have said that others below them may use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "quota",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("by_tenant_id", sa.String(length=64), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("bulk", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("bulk_mib", sa.Integer(), nullable=False),
        sa.Column("set_ms", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.ForeignKeyConstraint(["by_tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "by_tenant_id"),
    )
    op.create_index(op.f("ix_quota_log_index"), "quota", ["log_index"], unique=False)
