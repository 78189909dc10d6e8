"""What other rooms may ask of tenancy: who is who, who stands above whom, whose chain is which.

Every function takes a connection (of a reader, or tx.connection inside a use case) and gives
values; none writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    literal,
    select,
    tuple_,
)

from zongheng_hub.tenancy.operators.people import is_same_person
from zongheng_hub.tenancy.revocation.reading import grant_revoked, latest_snapshot
from zongheng_hub.tenancy.tables import (
    CREDENTIAL,
    CREDENTIAL_KEY,
    CREDENTIAL_VERSION,
    ENROLMENT,
    TENANT,
    CredentialState,
)
from zongheng_hub.tenancy.tree.dealings import Dealings
from zongheng_hub.tenancy.tree.reading import refuse_old_code, stopped, tree_mark
from zongheng_hub.tenancy.tree.unit import ACTIVE, CLOSED, SUSPENDED, Stamp, Stop

__all__ = [
    "ACTIVE",
    "CLOSED",
    "MAX_TREE_DEPTH",
    "SUSPENDED",
    "CredentialState",
    "Dealings",
    "Link",
    "Stamp",
    "Stop",
    "StoredCredential",
    "Tenant",
    "ancestors",
    "chain",
    "children",
    "credential",
    "credential_entries",
    "credential_with_key",
    "credentials_of",
    "credentials_version",
    "descendants",
    "earlier_chains",
    "grant_revoked",
    "is_same_person",
    "itself",
    "itself_and_below",
    "latest_snapshot",
    "links",
    "links_of",
    "stopped",
    "suites_in_use",
    "tenant",
    "tenant_by_code",
    "tenant_of_key",
    "tree_mark",
]

MAX_TREE_DEPTH = 16
_ACTIVE = CREDENTIAL.c.state == CredentialState.ACTIVE
_STORED: Select[Any] = select(
    CREDENTIAL.c.id,
    CREDENTIAL.c.tenant_id,
    CREDENTIAL.c.state,
    CREDENTIAL.c.retires_ms,
    CREDENTIAL.c.issued_ms,
    CREDENTIAL.c.expires_ms,
    CREDENTIAL.c.log_index,
)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A unit of the administrative tree.

    Attributes:
        parent_id: empty for the province.
        level: number of tenancy.v1.Level.
        code: GB/T 2260, six or nine digits, or empty; never a path.
        enrolled: whether it holds an active credential.
        uscc: GB 32100-2015, or empty.
        kind: such as 县级市.
        state: number of tenancy.v1.TenantState.
        successor_id: who took over when it was merged; empty otherwise.
    """

    id: str
    parent_id: str
    level: int
    name: str
    code: str
    enrolled: bool
    uscc: str = ""
    kind: str = ""
    state: int = ACTIVE
    successor_id: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One stored credential of a chain."""

    credential_id: str
    envelope: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """One of a tenant's credentials over time.

    Attributes:
        state: ACTIVE, SUPERSEDED or REVOKED.
        retires_ms: when the keys of a superseded one stop signing; 0: it is not superseded.
    """

    id: str
    tenant: str
    state: CredentialState
    retires_ms: int
    issued_ms: int
    expires_ms: int
    log_index: int


def tenant(connection: Connection, tenant_id: str) -> Tenant | None:
    """The tenant with this id, or None."""
    row = connection.execute(_TENANT, {"of": tenant_id}).first()
    return None if row is None else _as_tenant(row)


def tenant_by_code(connection: Connection, code: str) -> Tenant | None:
    """The living tenant with this division code, or None; an empty code is nobody's.

    Raises:
        CodeSucceeded: it was the code of a unit that has another now, or was closed; says who
            succeeded it.
    """
    if not code:
        return None
    query = _tenants().where(TENANT.c.code == code, TENANT.c.state != CLOSED)
    row = connection.execute(query).first()
    if row is None:
        refuse_old_code(connection, code)
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
    with_closed: bool = True,
) -> list[Tenant]:
    """The direct children of a tenant (None: every tenant of the tree), ordered by code, then id.

    Args:
        level: only those of this level.
        after: code and id of the last tenant already seen.
        limit: how many at most.
        with_closed: those too that are closed.
    """
    query = _tenants().order_by(TENANT.c.code, TENANT.c.id)
    if tenant_id is not None:
        query = query.where(TENANT.c.parent_id == tenant_id)
    if level is not None:
        query = query.where(TENANT.c.level == level)
    if not with_closed:
        query = query.where(TENANT.c.state != CLOSED)
    if after[1]:
        query = query.where(tuple_(TENANT.c.code, TENANT.c.id) > tuple_(*after))
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


def earlier_chains(connection: Connection, tenant_id: str) -> tuple[tuple[bytes, ...], ...]:
    """The chains of a tenant's superseded credentials, newest first; revoked ones are left out."""
    return tuple(
        tuple(link.envelope for link in links_of(connection, stored.id))
        for stored in credentials_of(connection, tenant_id)
        if stored.state is CredentialState.SUPERSEDED
    )


def credential_entries(connection: Connection, tenant_id: str) -> tuple[int, ...]:
    """Indices in the log under which the chain's credentials were issued, root first."""
    return tuple(link.log_index for link in links(connection, tenant_id))


def links(connection: Connection, tenant_id: str) -> tuple[Link, ...]:
    """The chain of a tenant's active credential, root first; empty when it is not enrolled."""
    return _as_links(connection.execute(_LINKS, {"of": tenant_id}))


def links_of(connection: Connection, credential_id: str) -> tuple[Link, ...]:
    """The chain of one credential, whatever its state, root first; empty: there is none."""
    return _as_links(connection.execute(_LINKS_OF, {"of": credential_id}))


def credentials_of(connection: Connection, tenant_id: str) -> tuple[StoredCredential, ...]:
    """Every credential that a tenant ever had, newest first."""
    query = _STORED.where(CREDENTIAL.c.tenant_id == tenant_id).order_by(
        CREDENTIAL.c.issued_ms.desc(), CREDENTIAL.c.log_index.desc()
    )
    return tuple(_as_stored(row) for row in connection.execute(query))


def credential(connection: Connection, credential_id: str) -> StoredCredential | None:
    """One credential, whatever its state, or None."""
    row = connection.execute(_STORED.where(CREDENTIAL.c.id == credential_id)).first()
    return None if row is None else _as_stored(row)


def credential_with_key(connection: Connection, key_id: str) -> StoredCredential | None:
    """The newest credential in which a key stands, whatever its state."""
    query = _STORED.join(CREDENTIAL_KEY, CREDENTIAL_KEY.c.credential_id == CREDENTIAL.c.id).where(
        CREDENTIAL_KEY.c.key_id == key_id
    )
    row = connection.execute(query).first()
    return None if row is None else _as_stored(row)


def credentials_version(connection: Connection) -> int:
    """Grows with every change of any credential."""
    return int(connection.scalar(select(CREDENTIAL_VERSION.c.version)) or 0)


def tenant_of_key(connection: Connection, key_id: str) -> str | None:
    """The tenant in whose credential a key stands or stood, or None."""
    query = select(CREDENTIAL_KEY.c.tenant_id).where(CREDENTIAL_KEY.c.key_id == key_id)
    return connection.execute(query).scalar()


def _tenants() -> Select[Any]:
    return select(
        TENANT.c.id,
        TENANT.c.parent_id,
        TENANT.c.level,
        TENANT.c.name,
        TENANT.c.code,
        TENANT.c.uscc,
        TENANT.c.kind,
        TENANT.c.state,
        TENANT.c.successor_id,
        CREDENTIAL.c.id.label("credential_id"),
    ).select_from(
        TENANT.outerjoin(CREDENTIAL, and_(CREDENTIAL.c.tenant_id == TENANT.c.id, _ACTIVE))
    )


def _as_tenant(row: Row[Any]) -> Tenant:
    return Tenant(
        id=row.id,
        parent_id=row.parent_id or "",
        level=row.level,
        name=row.name,
        code=row.code,
        enrolled=row.credential_id is not None,
        uscc=row.uscc,
        kind=row.kind,
        state=row.state,
        successor_id=row.successor_id or "",
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


def _as_links(rows: Iterable[Row[Any]]) -> tuple[Link, ...]:
    return tuple(Link(row.id, row.envelope, row.log_index) for row in rows)


def _as_stored(row: Row[Any]) -> StoredCredential:
    return StoredCredential(
        id=row.id,
        tenant=row.tenant_id,
        state=CredentialState(row.state),
        retires_ms=row.retires_ms,
        issued_ms=row.issued_ms,
        expires_ms=row.expires_ms,
        log_index=row.log_index,
    )


def _links(*which: ColumnElement[bool]) -> Select[Any]:
    columns = (
        CREDENTIAL.c.id,
        CREDENTIAL.c.issuer_id,
        CREDENTIAL.c.envelope,
        CREDENTIAL.c.log_index,
    )
    up = select(*columns, literal(1).label("steps")).where(*which).cte("up", recursive=True)
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
_LINKS = _links(CREDENTIAL.c.tenant_id == bindparam("of"), _ACTIVE)
_LINKS_OF = _links(CREDENTIAL.c.id == bindparam("of"))


def suites_in_use(connection: Connection) -> frozenset[int]:
    """The suites of the keys that units have handed in (numbers of tenancy.v1.Suite)."""
    return frozenset(connection.scalars(select(ENROLMENT.c.suite).distinct()))
