"""The tables of revocation: what was revoked, signed snapshots, channel certificates issued."""

from __future__ import annotations

from sqlalchemy import BigInteger, Table
from sqlmodel import Field, SQLModel


class RevocationRow(SQLModel, table=True):
    """One thing that was revoked. until_ms: when it runs out anyway; 0: it never does."""

    __tablename__ = "revocation"

    kind: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    reason: int
    at_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)


class RevocationSnapshotRow(SQLModel, table=True):
    """A signed snapshot; the newest few are kept."""

    __tablename__ = "revocation_snapshot"

    number: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    issued_ms: int = Field(sa_type=BigInteger)
    next_ms: int = Field(sa_type=BigInteger)
    envelope: bytes


class ChannelCertificateRow(SQLModel, table=True):
    """A channel certificate that the hub has issued; serial in hex."""

    __tablename__ = "channel_certificate"

    serial: str = Field(primary_key=True, max_length=40)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    issued_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)


_TABLES = SQLModel.metadata.tables
REVOCATION: Table = _TABLES["revocation"]
REVOCATION_SNAPSHOT: Table = _TABLES["revocation_snapshot"]
CHANNEL_CERTIFICATE: Table = _TABLES["channel_certificate"]
