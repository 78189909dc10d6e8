"""The tables of operators: accounts, what waits for approval, sessions, and how they come in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Table, UniqueConstraint
from sqlmodel import Field, SQLModel


class OperatorRow(SQLModel, table=True):
    """An account. password is a PHC string; totp_secret is sealed by the hub's vault.

    totp_step is the last time step whose code was taken, so that none is taken twice. log_index is
    that of the act that added it; None: whoever keeps the hub's machine did, and no one signed in.
    """

    __tablename__ = "operator_account"
    __table_args__ = (UniqueConstraint("tenant_id", "name", name="uq_operator_name"),)

    id: str = Field(primary_key=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    name: str = Field(max_length=40)
    login: str | None = Field(default=None, unique=True, max_length=64)
    staff_number: str = Field(default="", max_length=40)
    oidc_subject: str = Field(default="", index=True, max_length=255)
    roles: Any = Field(sa_type=JSON)
    disabled: bool = False
    must_set_up: bool = False
    password: str = Field(default="")
    totp_secret: bytes = b""
    totp_step: int = Field(default=0, sa_type=BigInteger)
    added_ms: int = Field(sa_type=BigInteger)
    signed_in_ms: int = Field(default=0, sa_type=BigInteger)
    log_index: int | None = Field(default=None, sa_type=BigInteger)


class RoleRequestRow(SQLModel, table=True):
    """Roles asked for. decided_ms is 0 while they wait for a second administrator."""

    __tablename__ = "operator_role_request"

    id: str = Field(primary_key=True, max_length=64)
    operator_id: str = Field(foreign_key="operator_account.id", index=True, max_length=64)
    tenant_id: str = Field(foreign_key="tenant.id", index=True, max_length=64)
    roles: Any = Field(sa_type=JSON)
    asked_by: str = Field(max_length=64)
    asked_name: str = Field(max_length=80)
    asked_ms: int = Field(sa_type=BigInteger)
    decided_by: str = Field(default="", max_length=64)
    decided_ms: int = Field(default=0, sa_type=BigInteger)
    approved: bool = False


class OperatorTenantRow(SQLModel, table=True):
    """A tenant's choice, and the version at which its operators changed last."""

    __tablename__ = "operator_tenant"

    tenant_id: str = Field(foreign_key="tenant.id", primary_key=True, max_length=64)
    required: bool = False
    version: int = Field(index=True, sa_type=BigInteger)


class OperatorVersionRow(SQLModel, table=True):
    """One row, counted up with every change: whoever changes operators holds it until commit."""

    __tablename__ = "operator_version"

    id: int = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)


class PasskeyRow(SQLModel, table=True):
    """A WebAuthn credential; public_key is COSE."""

    __tablename__ = "operator_passkey"

    credential_id: bytes = Field(primary_key=True)
    operator_id: str = Field(foreign_key="operator_account.id", index=True, max_length=64)
    rp_id: str = Field(max_length=255)
    public_key: bytes
    sign_count: int = Field(sa_type=BigInteger)
    name: str = Field(max_length=60)
    added_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)


class RecoveryCodeRow(SQLModel, table=True):
    """A code that stands in once for the second factor; only its keyed digest is kept."""

    __tablename__ = "operator_recovery_code"

    digest: bytes = Field(primary_key=True)
    operator_id: str = Field(foreign_key="operator_account.id", index=True, max_length=64)
    used_ms: int = Field(default=0, sa_type=BigInteger)


class SessionRow(SQLModel, table=True):
    """A session of the console; only the SHA-256 of its cookie is kept. ended_ms: 0 while open."""

    __tablename__ = "operator_session"

    digest: bytes = Field(primary_key=True)
    id: str = Field(unique=True, max_length=64)
    operator_id: str = Field(foreign_key="operator_account.id", index=True, max_length=64)
    way: str = Field(max_length=16)
    address: str = Field(default="", max_length=64)
    agent: str = Field(default="", max_length=120)
    opened_ms: int = Field(sa_type=BigInteger)
    seen_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(index=True, sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)


class SignInFailureRow(SQLModel, table=True):
    """How often signing in failed, by account or address; nobody gets in before until_ms."""

    __tablename__ = "sign_in_failure"

    key: str = Field(primary_key=True, max_length=80)
    failures: int
    last_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)


class SignInStepRow(SQLModel, table=True):
    """What a sign-in or a set-up under way has to remember until its next step; used once."""

    __tablename__ = "sign_in_step"

    digest: bytes = Field(primary_key=True)
    kind: str = Field(max_length=16)
    operator_id: str = Field(default="", max_length=64)
    sealed: bytes
    expires_ms: int = Field(index=True, sa_type=BigInteger)


_TABLES = SQLModel.metadata.tables
OPERATOR: Table = _TABLES["operator_account"]
ROLE_REQUEST: Table = _TABLES["operator_role_request"]
OPERATOR_TENANT: Table = _TABLES["operator_tenant"]
OPERATOR_VERSION: Table = _TABLES["operator_version"]
PASSKEY: Table = _TABLES["operator_passkey"]
RECOVERY_CODE: Table = _TABLES["operator_recovery_code"]
SESSION: Table = _TABLES["operator_session"]
SIGN_IN_FAILURE: Table = _TABLES["sign_in_failure"]
SIGN_IN_STEP: Table = _TABLES["sign_in_step"]
