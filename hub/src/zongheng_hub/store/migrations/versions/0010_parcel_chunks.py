"""When a parcel's chunk was handed in, so that what was abandoned can be let go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "parcel_chunk", sa.Column("put_ms", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_index(op.f("ix_parcel_chunk_put_ms"), "parcel_chunk", ["put_ms"], unique=False)
