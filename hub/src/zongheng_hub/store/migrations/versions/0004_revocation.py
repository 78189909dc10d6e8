"""What was revoked, the snapshots that say so, and the channel certificates that were issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    )
    op.create_index("ix_revocation_tenant_id", "revocation", ["tenant_id"])
    op.create_table(
        "revocation_snapshot",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "channel_certificate",
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    )
    op.create_index("ix_channel_certificate_tenant_id", "channel_certificate", ["tenant_id"])
    op.add_column(
        "data_grant", sa.Column("revoked_ms", sa.BigInteger(), nullable=False, server_default="0")
    )
