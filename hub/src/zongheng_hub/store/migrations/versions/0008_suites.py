"""Of which suite the keys are that a unit handed in; those of before are of INTL-1."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("enrolment", sa.Column("suite", sa.Integer(), nullable=False, server_default="1"))
