"""Units in the order in which they are listed, so that a page of a large tree costs a page."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("tenant_in_order", "tenant", ["code", "id"])
    op.create_index("tenant_of_level", "tenant", ["level", "code", "id"])
