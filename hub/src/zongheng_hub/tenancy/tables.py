"""The tables of tenancy: the tree, invitations, enrolments and the credentials they led to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Table
from sqlmodel import Field, SQLModel


class TenantRow(SQLModel, table=True):
    """A unit of the tree. The code is an attribute; only parent_id says where it stands."""

    __tablename__ = "tenant"

    id: str = Field(primary_key=True, max_length=64)
    parent_id: str | None = Field(default=None, foreign_key="tenant.id", index=True, max_length=64)
    level: int = Field(index=True)
    name: str
    code: str = Field(default="", index=True, max_length=12)
    kind: str = Field(default="")
    created_ms: int = Field(sa_type=BigInteger)


class InvitationRow(SQLModel, table=True):
    """An invitation; the hub knows only the SHA-256 of its token. used_ms is 0 until it is used."""

    __tablename__ = "invitation"

    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    token_sha256: bytes
    created_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)


class EnrolmentRow(SQLModel, table=True):
    """Keys that an invited unit handed in. issued_ms is 0 until its parent has signed."""

    __tablename__ = "enrolment"

    id: str = Field(primary_key=True, max_length=64)
    invitation_id: str = Field(foreign_key="invitation.id", unique=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    csr: bytes
    signing_key: bytes
    sealing_key: bytes
    proof: bytes
    invitation_mac: bytes
    console_key: bytes
    created_ms: int = Field(sa_type=BigInteger)
    issued_ms: int = Field(default=0, sa_type=BigInteger)
    channel_pem: bytes = b""


class CredentialRow(SQLModel, table=True):
    """A credential's envelope and the index in the log under which it was issued."""

    __tablename__ = "credential"

    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", unique=True, max_length=64)
    issuer_id: str | None = Field(default=None, foreign_key="credential.id", max_length=64)
    envelope: bytes
    expires_ms: int = Field(sa_type=BigInteger)
    issued_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)


class CredentialKeyRow(SQLModel, table=True):
    """Whose a key is. A key id belongs to one credential and to no other, ever."""

    __tablename__ = "credential_key"

    key_id: str = Field(primary_key=True, max_length=32)
    credential_id: str = Field(foreign_key="credential.id", index=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", max_length=64)


_TABLES = SQLModel.metadata.tables
TENANT: Table = _TABLES["tenant"]
INVITATION: Table = _TABLES["invitation"]
ENROLMENT: Table = _TABLES["enrolment"]
CREDENTIAL: Table = _TABLES["credential"]
CREDENTIAL_KEY: Table = _TABLES["credential_key"]
