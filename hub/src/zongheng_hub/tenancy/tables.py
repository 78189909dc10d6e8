"""The tables of tenancy: the tree, invitations, enrolments and the credentials they led to."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import BigInteger, Index, Table, text
from sqlmodel import Field, SQLModel

from zongheng_hub.store.partial import partial_index

_STOPPED = text("state <> 1")


def _living(column: str) -> Index:
    living = text(f"{column} <> '' AND state <> 3")
    return partial_index(f"tenant_living_{column}", column, unique=True, where=living)


class TenantRow(SQLModel, table=True):
    """A unit of the tree. The code is an attribute; only parent_id says where it stands.

    state is a number of tenancy.v1.TenantState. A code, and a USCC, is that of one living unit.
    """

    __tablename__ = "tenant"
    __table_args__ = (
        _living("code"),
        _living("uscc"),
        Index("tenant_in_order", "code", "id"),
        Index("tenant_of_level", "level", "code", "id"),
        partial_index("tenant_stopped", "id", where=_STOPPED),
    )

    id: str = Field(primary_key=True, max_length=64)
    parent_id: str | None = Field(default=None, foreign_key="tenant.id", index=True, max_length=64)
    level: int = Field(index=True)
    name: str
    code: str = Field(default="", index=True, max_length=12)
    kind: str = Field(default="")
    created_ms: int = Field(sa_type=BigInteger)
    uscc: str = Field(default="", max_length=18, sa_column_kwargs={"server_default": ""})
    state: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    successor_id: str | None = Field(default=None, max_length=64)


class CredentialState(IntEnum):
    """ACTIVE is the newest one, at most one a tenant; SUPERSEDED ones sign until retires_ms."""

    ACTIVE = 1
    SUPERSEDED = 2
    REVOKED = 3


_ACTIVE = text("state = 1")


class InvitationRow(SQLModel, table=True):
    """An invitation; the hub knows only the SHA-256 of its token. used_ms is 0 until it is used.

    rights (numbers, by commas), depth and life_ms are the most that its credential may have;
    empty, -1 and 0 leave it to the parent.
    """

    __tablename__ = "invitation"

    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    token_sha256: bytes
    created_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)
    rights: str = Field(default="", sa_column_kwargs={"server_default": ""})
    depth: int = Field(default=-1, sa_column_kwargs={"server_default": "-1"})
    life_ms: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class EnrolmentRow(SQLModel, table=True):
    """Keys handed in: with an invitation, or (invitation_id None) to rotate, by a signed act.

    issued_ms is 0 until the parent has signed, rejected_ms until it has refused. act and request
    are those of a rotation, signed with a key that was in use.
    """

    __tablename__ = "enrolment"

    id: str = Field(primary_key=True, max_length=64)
    invitation_id: str | None = Field(
        default=None, foreign_key="invitation.id", unique=True, max_length=64
    )
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    csr: bytes
    signing_key: bytes
    sealing_key: bytes
    proof: bytes
    invitation_mac: bytes
    console_key: bytes
    suite: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    created_ms: int = Field(sa_type=BigInteger)
    issued_ms: int = Field(default=0, sa_type=BigInteger)
    channel_pem: bytes = b""
    answer: bytes = b""
    act: bytes = b""
    request: bytes = b""
    rejected_ms: int = Field(
        default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"}
    )
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})


class CredentialRow(SQLModel, table=True):
    """A credential's envelope and the index in the log under which it was issued.

    A tenant has several over time. state is a number of CredentialState; retires_ms says when
    the keys of a superseded one stop signing, 0 for one that is not superseded.
    """

    __tablename__ = "credential"
    __table_args__ = (partial_index("credential_active", "tenant_id", unique=True, where=_ACTIVE),)

    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    issuer_id: str | None = Field(
        default=None, foreign_key="credential.id", index=True, max_length=64
    )
    envelope: bytes
    expires_ms: int = Field(sa_type=BigInteger)
    issued_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)
    state: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    retires_ms: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class CredentialKeyRow(SQLModel, table=True):
    """Whose a key is, for ever, and the newest credential in which it stands."""

    __tablename__ = "credential_key"

    key_id: str = Field(primary_key=True, max_length=32)
    credential_id: str = Field(foreign_key="credential.id", index=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", max_length=64)


class CredentialVersionRow(SQLModel, table=True):
    """One row: counts the changes of credentials, so that replicas notice them."""

    __tablename__ = "credential_version"

    id: int = Field(primary_key=True)
    version: int = Field(default=0, sa_type=BigInteger)


_TABLES = SQLModel.metadata.tables
TENANT: Table = _TABLES["tenant"]
INVITATION: Table = _TABLES["invitation"]
ENROLMENT: Table = _TABLES["enrolment"]
CREDENTIAL: Table = _TABLES["credential"]
CREDENTIAL_KEY: Table = _TABLES["credential_key"]
CREDENTIAL_VERSION: Table = _TABLES["credential_version"]
