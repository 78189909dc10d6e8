"""Who acted is indexed in lots, behind the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "log_actor",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("actor", "idx"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_actor_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indexed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO log_actor (actor, idx) SELECT actor, idx FROM log_entry ORDER BY actor, idx"
    )
    op.execute(
        "INSERT INTO log_actor_end (id, indexed) SELECT 1, coalesce(max(idx) + 1, 0) FROM log_entry"
    )
    op.drop_index("log_entry_actor", table_name="log_entry")
