"""Several credentials a tenant over time; keys handed in to rotate; what an invitation allows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_credential()
    else:
        op.drop_constraint("credential_tenant_id_key", "credential")
        op.add_column("credential", _state())
        op.add_column("credential", _big("retires_ms"))
    op.create_index("ix_credential_tenant_id", "credential", ["tenant_id"])
    op.create_index("ix_credential_issuer_id", "credential", ["issuer_id"])
    active = sa.text("state = 1")
    op.create_index(
        "credential_active",
        "credential",
        ["tenant_id"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_table(
        "credential_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO credential_version (id, version) VALUES (1, 0)")
    op.add_column("invitation", sa.Column("rights", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "invitation", sa.Column("depth", sa.Integer(), nullable=False, server_default="-1")
    )
    op.add_column("invitation", _big("life_ms"))
    with op.batch_alter_table("enrolment") as enrolment:
        enrolment.alter_column("invitation_id", existing_type=sa.String(64), nullable=True)
        for name in ("answer", "act", "request"):
            enrolment.add_column(_bytes(name))
        enrolment.add_column(_big("rejected_ms"))
        enrolment.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))


def _state() -> sa.Column[int]:
    return sa.Column("state", sa.Integer(), nullable=False, server_default="1")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")


def _bytes(name: str) -> sa.Column[bytes]:
    empty = "''::bytea" if op.get_bind().dialect.name == "postgresql" else "x''"
    return sa.Column(name, sa.LargeBinary(), nullable=False, server_default=sa.text(empty))


def _remake_credential() -> None:
    """SQLite drops no constraint, and no table that others name: both are made anew, then named."""
    op.create_table(
        "credential_made",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("issuer_id", sa.String(length=64), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        _state(),
        _big("retires_ms"),
        sa.ForeignKeyConstraint(["issuer_id"], ["credential_made.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "credential_key_made",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("credential_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["credential_id"], ["credential_made.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.execute(
        "INSERT INTO credential_made (id, tenant_id, issuer_id, envelope, expires_ms, issued_ms, "
        "log_index) SELECT id, tenant_id, issuer_id, envelope, expires_ms, issued_ms, log_index "
        "FROM credential ORDER BY log_index, id"
    )
    op.execute(
        "INSERT INTO credential_key_made (key_id, credential_id, tenant_id) "
        "SELECT key_id, credential_id, tenant_id FROM credential_key"
    )
    op.drop_table("credential_key")
    op.drop_table("credential")
    op.rename_table("credential_made", "credential")
    op.rename_table("credential_key_made", "credential_key")
    op.create_index("ix_credential_key_credential_id", "credential_key", ["credential_id"])
