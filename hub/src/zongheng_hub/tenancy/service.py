"""What other rooms may ask of tenancy: who is who, who stands above whom, whose chain is which.

Every function takes a connection (of a reader, or tx.connection inside a use case) and gives
values; none writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, literal, or_, select

from zongheng_hub.tenancy.operators.people import is_same_person
from zongheng_hub.tenancy.tables import CREDENTIAL, CREDENTIAL_KEY, TENANT

__all__ = [
    "Link",
    "Tenant",
    "ancestors",
    "chain",
    "children",
    "credential_entries",
    "descendants",
    "is_same_person",
    "itself",
    "itself_and_below",
    "links",
    "tenant",
    "tenant_by_code",
    "tenant_of_key",
]

MAX_TREE_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Tenant:
    """A unit of the administrative tree.

    Attributes:
        parent_id: empty for the province.
        level: number of tenancy.v1.Level.
        code: GB/T 2260, six or nine digits, or empty; never a path.
        enrolled: whether it holds a credential.
    """

    id: str
    parent_id: str
    level: int
    name: str
    code: str
    enrolled: bool


@dataclass(frozen=True, slots=True)
class Link:
    """One stored credential of a chain."""

    credential_id: str
    envelope: bytes
    log_index: int


def tenant(connection: Connection, tenant_id: str) -> Tenant | None:
    """The tenant with this id, or None."""
    row = connection.execute(_TENANT, {"of": tenant_id}).first()
    return None if row is None else _as_tenant(row)


def tenant_by_code(connection: Connection, code: str) -> Tenant | None:
    """The tenant with this division code, or None; an empty code is nobody's."""
    if not code:
        return None
    row = connection.execute(_tenants().where(TENANT.c.code == code)).first()
    return None if row is None else _as_tenant(row)


def ancestors(connection: Connection, tenant_id: str) -> tuple[str, ...]:
    """Ids of the tenants above, root first, without itself; empty for the root or a stranger."""
    return tuple(connection.scalars(_ANCESTORS, {"of": tenant_id}))


def children(
    connection: Connection,
    tenant_id: str | None = None,
    level: int | None = None,
    *,
    after: tuple[str, str] = ("", ""),
    limit: int | None = None,
) -> list[Tenant]:
    """The direct children of a tenant (None: every tenant of the tree), ordered by code, then id.

    Args:
        level: only those of this level.
        after: code and id of the last tenant already seen.
        limit: how many at most.
    """
    query = _tenants().order_by(TENANT.c.code, TENANT.c.id)
    if tenant_id is not None:
        query = query.where(TENANT.c.parent_id == tenant_id)
    if level is not None:
        query = query.where(TENANT.c.level == level)
    if after[1]:
        code, last = after
        query = query.where(
            or_(TENANT.c.code > code, and_(TENANT.c.code == code, TENANT.c.id > last))
        )
    if limit is not None:
        query = query.limit(limit)
    return [_as_tenant(row) for row in connection.execute(query)]


def descendants(connection: Connection, tenant_id: str) -> list[str]:
    """Ids of all tenants below, without itself, nearest first."""
    return list(connection.scalars(_DESCENDANTS, {"of": tenant_id}))


def itself(tenant_id: str) -> Select[Any]:
    """Selects id and level of one tenant, for other rooms to join with."""
    return select(TENANT.c.id, TENANT.c.level).where(TENANT.c.id == tenant_id)


def itself_and_below(tenant_id: str) -> Select[Any]:
    """Selects id and level of a tenant and of all below it, for other rooms to join with."""
    down = itself(tenant_id).add_columns(literal(0).label("steps")).cte("below", recursive=True)
    down = down.union_all(
        select(TENANT.c.id, TENANT.c.level, down.c.steps + 1).where(
            TENANT.c.parent_id == down.c.id, down.c.steps < MAX_TREE_DEPTH
        )
    )
    return select(down.c.id, down.c.level)


def chain(connection: Connection, tenant_id: str) -> tuple[bytes, ...]:
    """The credential envelopes of a tenant, root first; empty when it is not enrolled."""
    return tuple(link.envelope for link in links(connection, tenant_id))


def credential_entries(connection: Connection, tenant_id: str) -> tuple[int, ...]:
    """Indices in the log under which the chain's credentials were issued, root first."""
    return tuple(link.log_index for link in links(connection, tenant_id))


def links(connection: Connection, tenant_id: str) -> tuple[Link, ...]:
    """The stored chain of a tenant, root first; empty when it is not enrolled."""
    rows = connection.execute(_LINKS, {"of": tenant_id})
    return tuple(Link(row.id, row.envelope, row.log_index) for row in rows)


def tenant_of_key(connection: Connection, key_id: str) -> str | None:
    """The tenant in whose credential a key stands, or None."""
    query = select(CREDENTIAL_KEY.c.tenant_id).where(CREDENTIAL_KEY.c.key_id == key_id)
    return connection.execute(query).scalar()


def _tenants() -> Select[Any]:
    return select(
        TENANT.c.id,
        TENANT.c.parent_id,
        TENANT.c.level,
        TENANT.c.name,
        TENANT.c.code,
        CREDENTIAL.c.id.label("credential_id"),
    ).select_from(TENANT.outerjoin(CREDENTIAL, CREDENTIAL.c.tenant_id == TENANT.c.id))


def _as_tenant(row: Row[Any]) -> Tenant:
    return Tenant(
        id=row.id,
        parent_id=row.parent_id or "",
        level=row.level,
        name=row.name,
        code=row.code,
        enrolled=row.credential_id is not None,
    )


def _ancestors() -> Select[Any]:
    up = (
        select(TENANT.c.parent_id.label("id"), literal(1).label("steps"))
        .where(TENANT.c.id == bindparam("of"), TENANT.c.parent_id.is_not(None))
        .cte("up", recursive=True)
    )
    up = up.union_all(
        select(TENANT.c.parent_id, up.c.steps + 1).where(
            TENANT.c.id == up.c.id,
            TENANT.c.parent_id.is_not(None),
            up.c.steps < MAX_TREE_DEPTH,
        )
    )
    return select(up.c.id).order_by(up.c.steps.desc())


def _descendants() -> Select[Any]:
    down = (
        select(TENANT.c.id, literal(1).label("steps"))
        .where(TENANT.c.parent_id == bindparam("of"))
        .cte("down", recursive=True)
    )
    down = down.union_all(
        select(TENANT.c.id, down.c.steps + 1).where(
            TENANT.c.parent_id == down.c.id, down.c.steps < MAX_TREE_DEPTH
        )
    )
    return select(down.c.id).order_by(down.c.steps, down.c.id)


def _links() -> Select[Any]:
    columns = (
        CREDENTIAL.c.id,
        CREDENTIAL.c.issuer_id,
        CREDENTIAL.c.envelope,
        CREDENTIAL.c.log_index,
    )
    up = (
        select(*columns, literal(1).label("steps"))
        .where(CREDENTIAL.c.tenant_id == bindparam("of"))
        .cte("up", recursive=True)
    )
    up = up.union_all(
        select(*columns, up.c.steps + 1).where(
            CREDENTIAL.c.id == up.c.issuer_id, up.c.steps < MAX_TREE_DEPTH
        )
    )
    return select(up.c.id, up.c.envelope, up.c.log_index).order_by(up.c.steps.desc())


# Asked on every call: built once, since building costs several times what running does.
_TENANT = _tenants().where(TENANT.c.id == bindparam("of"))
_ANCESTORS = _ancestors()
_DESCENDANTS = _descendants()
_LINKS = _links()
