"""Units have a USCC, a state, a successor and a history; a code is that of one living unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "tenant", sa.Column("uscc", sa.String(length=18), nullable=False, server_default="")
    )
    op.add_column("tenant", sa.Column("state", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tenant", sa.Column("successor_id", sa.String(length=64), nullable=True))
    for column in ("code", "uscc"):
        living = sa.text(f"{column} <> '' AND state <> 3")
        op.create_index(
            f"tenant_living_{column}",
            "tenant",
            [column],
            unique=True,
            sqlite_where=living,
            postgresql_where=living,
        )
    stopped = sa.text("state <> 1")
    op.create_index(
        "tenant_stopped", "tenant", ["id"], sqlite_where=stopped, postgresql_where=stopped
    )
    op.create_table(
        "tenant_history",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.String(length=10), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.String(length=64), nullable=True),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "log_index"),
    )
    op.create_index("tenant_history_code", "tenant_history", ["code", "log_index"], unique=False)
    op.create_index("tenant_history_uscc", "tenant_history", ["uscc", "log_index"], unique=False)
    op.create_index("tenant_history_log", "tenant_history", ["log_index"], unique=False)
    # The units that are there came with the log's first entry.
    op.execute(
        "INSERT INTO tenant_history (tenant_id, log_index, act, from_ms, to_ms, recorded_ms,"
        " effective_on, parent_id, level, name, code, uscc, kind, state, successor_id,"
        " legal_basis, note, actor_id, operator)"
        " SELECT id, 0, 'tenancy.rooted', created_ms, 0, created_ms, '', parent_id, level, name,"
        " code, '', kind, 1, NULL, '', '', COALESCE((SELECT MIN(id) FROM tenant"
        " WHERE parent_id IS NULL), ''), '' FROM tenant"
    )
