"""Accounts as they stand in the tables, and what the rest of the hub may ask about people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.operators.rules import Account, same_person
from zongheng_hub.tenancy.operators.tables import (
    OPERATOR,
    OPERATOR_TENANT,
    OPERATOR_VERSION,
    ROLE_REQUEST,
)
from zongheng_protos.errors import NotFound

PAGE = 200


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, as the unit's own people see them.

    Attributes:
        account: who they are and what they may do.
        login: empty until they have one.
        signed_in_ms: 0: never.
    """

    account: Account
    login: str
    must_set_up: bool
    added_ms: int
    signed_in_ms: int


@dataclass(frozen=True, slots=True)
class RoleRequest:
    """Roles that wait for a second administrator; asked_by is an operator's id or empty."""

    id: str
    operator_id: str
    roles: frozenset[int]
    asked_by: str
    asked_name: str
    asked_ms: int


def operator(connection: Connection, operator_id: str) -> Operator:
    """Raises NotFound."""
    row = connection.execute(select(OPERATOR).where(OPERATOR.c.id == operator_id)).first()
    if row is None:
        raise NotFound(f"there is no operator {operator_id}")
    return _as_operator(row)


def operator_named(connection: Connection, tenant: str, name: str) -> Operator | None:
    """The operator whom a tenant's acts call name (or by id), or None."""
    query = select(OPERATOR).where(
        OPERATOR.c.tenant_id == tenant, or_(OPERATOR.c.name == name, OPERATOR.c.id == name)
    )
    row = connection.execute(query).first()
    return None if row is None else _as_operator(row)


def operators(
    connection: Connection, tenant: str, *, after: str = "", limit: int | None = None
) -> list[Operator]:
    """A tenant's operators, by id, which is the order in which they came."""
    query = select(OPERATOR).where(OPERATOR.c.tenant_id == tenant, OPERATOR.c.id > after)
    query = query.order_by(OPERATOR.c.id)
    if limit is not None:
        query = query.limit(limit)
    return [_as_operator(row) for row in connection.execute(query)]


def accounts_of_person(connection: Connection, account: Account) -> list[Account]:
    """Other accounts of the same person, as far as anyone has said."""
    either = []
    if account.oidc_subject:
        either.append(OPERATOR.c.oidc_subject == account.oidc_subject)
    if account.staff_number:
        either.append(
            and_(
                OPERATOR.c.tenant_id == account.tenant,
                OPERATOR.c.staff_number == account.staff_number,
            )
        )
    if not either:
        return []
    query = select(OPERATOR).where(or_(*either), OPERATOR.c.id != account.id)
    return [as_account(row) for row in connection.execute(query)]


def administrators(connection: Connection, tenant: str) -> list[Account]:
    """Active administrators of a tenant."""
    found = (each.account for each in operators(connection, tenant))
    return [account for account in found if account.administers]


def is_same_person(connection: Connection, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether (tenant, operator) and (tenant, operator), as acts name them, are one person.

    Names that no tenant has registered are the same only when tenant and name are.
    """
    if one == other:
        return True
    first = operator_named(connection, *one)
    second = operator_named(connection, *other)
    return bool(first and second and same_person(first.account, second.account))


def waiting_requests(connection: Connection, tenant: str) -> list[RoleRequest]:
    """What waits for a second administrator, oldest first."""
    query = _requests().where(ROLE_REQUEST.c.tenant_id == tenant, ROLE_REQUEST.c.decided_ms == 0)
    return [_as_request(row) for row in connection.execute(query)]


def waiting_request(connection: Connection, request_id: str, operator_id: str) -> RoleRequest:
    """Raises NotFound where it does not wait, or is about someone else."""
    query = _requests().where(ROLE_REQUEST.c.id == request_id, ROLE_REQUEST.c.decided_ms == 0)
    row = connection.execute(query).first()
    if row is None or row.operator_id != operator_id:
        raise NotFound(f"no request {request_id} waits for {operator_id}")
    return _as_request(row)


def operators_required(connection: Connection, tenant: str) -> bool:
    query = select(OPERATOR_TENANT.c.required).where(OPERATOR_TENANT.c.tenant_id == tenant)
    return bool(connection.execute(query).scalar())


def note_change(tx: Tx, tenant: str, *, required: bool | None = None) -> None:
    """Count the version up, so that every replica reads this tenant's operators anew."""
    tx.execute(update(OPERATOR_VERSION).values(value=OPERATOR_VERSION.c.value + 1))
    version = tx.one(select(OPERATOR_VERSION.c.value))
    if version is None:
        tx.execute(OPERATOR_VERSION.insert().values(id=1, value=1))
    values: dict[str, Any] = {"version": version.value if version else 1}
    if required is not None:
        values["required"] = required
    changed = tx.execute(
        update(OPERATOR_TENANT).where(OPERATOR_TENANT.c.tenant_id == tenant).values(**values)
    )
    if changed.rowcount == 0:
        row = {"tenant_id": tenant, "required": False} | values
        tx.execute(OPERATOR_TENANT.insert().values(**row))


def version(connection: Connection) -> int:
    return connection.execute(select(func.max(OPERATOR_VERSION.c.value))).scalar() or 0


def changed_since(connection: Connection, seen: int) -> Sequence[str]:
    """Tenants whose operators changed after a version."""
    query = select(OPERATOR_TENANT.c.tenant_id).where(OPERATOR_TENANT.c.version > seen)
    return connection.scalars(query).all()


def as_account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        tenant=row.tenant_id,
        name=row.name,
        roles=frozenset(row.roles),
        staff_number=row.staff_number,
        oidc_subject=row.oidc_subject,
        disabled=row.disabled,
    )


def _as_operator(row: Row[Any]) -> Operator:
    return Operator(
        account=as_account(row),
        login=row.login or "",
        must_set_up=row.must_set_up,
        added_ms=row.added_ms,
        signed_in_ms=row.signed_in_ms,
    )


def _requests() -> Select[Any]:
    return select(ROLE_REQUEST).order_by(ROLE_REQUEST.c.asked_ms, ROLE_REQUEST.c.id)


def _as_request(row: Row[Any]) -> RoleRequest:
    return RoleRequest(
        id=row.id,
        operator_id=row.operator_id,
        roles=frozenset(row.roles),
        asked_by=row.asked_by,
        asked_name=row.asked_name,
        asked_ms=row.asked_ms,
    )
