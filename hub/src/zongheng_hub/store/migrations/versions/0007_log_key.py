"""Keys of the log that follow one another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "log_succession",
        sa.Column("new_vkey", sa.String(length=512), nullable=False),
        sa.Column("old_vkey", sa.String(length=512), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("new_vkey"),
        sa.UniqueConstraint("old_vkey"),
    )
