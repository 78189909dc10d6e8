"""Keys that were handed in, with an invitation or to rotate, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from zongheng_hub.tenancy.rules import Allowed
from zongheng_hub.tenancy.tables import CREDENTIAL, ENROLMENT, INVITATION, TENANT, CredentialState
from zongheng_tenants.enrolment import Enrolment

SETTLED_MS = 7 * 24 * 3600 * 1000
"""How long what was signed or rejected is still listed."""
WAITS = and_(ENROLMENT.c.issued_ms == 0, ENROLMENT.c.rejected_ms == 0)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Keys that were handed in, and what became of them.

    Attributes:
        allowed: what the invitation says that their credential may grant.
        issued_ms, rejected_ms: 0 until then.
    """

    id: str
    enrolment: Enrolment
    allowed: Allowed
    handed_in_ms: int
    issued_ms: int
    rejected_ms: int
    reason: str


def handed_in(
    connection: Connection, parent_id: str, *, settled_since_ms: int | None = None
) -> list[HandedIn]:
    """Keys that a tenant's direct children handed in and that wait for it, oldest first.

    Args:
        settled_since_ms: those too that were signed or rejected since.
    """
    waits: ColumnElement[bool] = and_(
        WAITS,
        or_(
            ENROLMENT.c.invitation_id.is_(None),
            ~select(CREDENTIAL.c.id)
            .where(CREDENTIAL.c.tenant_id == ENROLMENT.c.tenant_id)
            .where(CREDENTIAL.c.state == int(CredentialState.ACTIVE))
            .exists(),
        ),
    )
    if settled_since_ms is not None:
        since = max(settled_since_ms, 1)
        waits = or_(waits, ENROLMENT.c.issued_ms >= since, ENROLMENT.c.rejected_ms >= since)
    query = (
        select(ENROLMENT, INVITATION.c.rights, INVITATION.c.depth, INVITATION.c.life_ms)
        .join(TENANT, TENANT.c.id == ENROLMENT.c.tenant_id)
        .outerjoin(INVITATION, INVITATION.c.id == ENROLMENT.c.invitation_id)
        .where(TENANT.c.parent_id == parent_id, waits)
        .order_by(ENROLMENT.c.created_ms, ENROLMENT.c.id)
    )
    return [_as_handed_in(row) for row in connection.execute(query)]


def enrolment_row(connection: Connection, enrolment_id: str) -> Row[Any] | None:
    return connection.execute(select(ENROLMENT).where(ENROLMENT.c.id == enrolment_id)).first()


def as_allowed(row: Row[Any]) -> Allowed:
    if row.rights is None:
        return Allowed()
    rights = frozenset(int(right) for right in row.rights.split(",") if right)
    return Allowed(rights, None if row.depth < 0 else row.depth, row.life_ms)


def _as_handed_in(row: Row[Any]) -> HandedIn:
    return HandedIn(
        id=row.id,
        enrolment=as_enrolment(row),
        allowed=as_allowed(row),
        handed_in_ms=row.created_ms,
        issued_ms=row.issued_ms,
        rejected_ms=row.rejected_ms,
        reason=row.reason,
    )


def as_enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(
        invitation_id=row.invitation_id or "",
        tenant_id=row.tenant_id,
        csr=row.csr,
        signing_key=row.signing_key,
        sealing_key=row.sealing_key,
        proof=row.proof,
        invitation_mac=row.invitation_mac,
        console_key=row.console_key,
        suite=row.suite,
        answer=row.answer,
        act=row.act,
        request=row.request,
    )
