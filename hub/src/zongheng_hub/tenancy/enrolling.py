"""Invitations, and keys handed in with one or to rotate: use cases, one transaction each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.handed_in import WAITS, as_enrolment, enrolment_row
from zongheng_hub.tenancy.rules import Allowed, check_token
from zongheng_hub.tenancy.tables import ENROLMENT, INVITATION
from zongheng_protos.errors import Exists, InvitationInvalid, NotFound, StateConflict
from zongheng_tenants.enrolment import Enrolment
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import key_id

FOLLOWED = "a later request took its place"


def tenant_in_tree(connection: Connection, tenant_id: str) -> service.Tenant:
    """The tenant.

    Raises:
        NotFound: there is none.
    """
    found = service.tenant(connection, tenant_id)
    if found is None:
        raise NotFound(f"there is no tenant {tenant_id}")
    return found


def invite(
    tx: Tx,
    *,
    tenant_id: str,
    token_sha256: bytes,
    expires_ms: int,
    allowed: Allowed,
    now_ms: int,
    log_index: int,
) -> str:
    """Invite a tenant that has no credential; earlier invitations of it end. Returns the id.

    Raises:
        NotFound: there is no such tenant.
        Exists: it already holds a credential.
        StateConflict: it is suspended or closed.
    """
    invited = tenant_in_tree(tx.connection, tenant_id)
    if invited.state != service.ACTIVE:
        raise StateConflict(
            f"{invited.name} ({tenant_id}) is suspended or closed: nobody enrols it"
        )
    if invited.enrolled:
        raise Exists(f"{invited.name} ({tenant_id}) already holds a credential")
    still_open = (INVITATION.c.tenant_id == tenant_id, INVITATION.c.expires_ms > now_ms)
    tx.execute(update(INVITATION).where(*still_open).values(expires_ms=now_ms))
    invitation_id = new_id("i", now_ms=now_ms)
    tx.execute(
        insert(INVITATION).values(
            id=invitation_id,
            tenant_id=tenant_id,
            token_sha256=token_sha256,
            created_ms=now_ms,
            expires_ms=expires_ms,
            used_ms=0,
            log_index=log_index,
            rights=",".join(map(str, sorted(allowed.rights))),
            depth=-1 if allowed.depth is None else allowed.depth,
            life_ms=allowed.life_ms,
        )
    )
    return invitation_id


def invited_tenant(connection: Connection, *, invitation_id: str, token: bytes, now_ms: int) -> str:
    """The tenant that an invitation is for, once its token and date are checked.

    Raises:
        InvitationInvalid: no such invitation, wrong token, or expired.
    """
    return str(_invitation(connection, invitation_id, token, now_ms).tenant_id)


def enrol(tx: Tx, enrolment: Enrolment, *, token: bytes, now_ms: int) -> str:
    """Use up an invitation and keep the keys handed in; returns the enrolment's id.

    The very same keys handed in again, because the first answer was lost, give the same id.

    Raises:
        InvitationInvalid: no such invitation, wrong token, expired, or used by others.
        Exists: a key is already someone's.
    """
    invitation_id = enrolment.invitation_id
    _invitation(tx.connection, invitation_id, token, now_ms)
    earlier = tx.one(select(ENROLMENT).where(ENROLMENT.c.invitation_id == invitation_id))
    if earlier is not None and _same_keys(earlier, enrolment):
        return str(earlier.id)
    _check_new(tx.connection, enrolment)
    used = tx.execute(
        update(INVITATION)
        .where(INVITATION.c.id == invitation_id, INVITATION.c.used_ms == 0)
        .values(used_ms=now_ms)
    )
    if used.rowcount != 1:
        raise InvitationInvalid(
            f"invitation {invitation_id} has been used: ask for a new one, and tell "
            "whoever gave it to you if it was not you"
        )
    return _keep(tx, enrolment, now_ms)


def request_rotation(tx: Tx, enrolment: Enrolment, *, now_ms: int) -> str:
    """Keep new keys of an enrolled tenant until its parent signs; returns the enrolment's id.

    The same keys handed in again give the same id; other ones take the place of those that wait.

    Raises:
        StateConflict: the tenant stands at the top: no unit signs for it.
        Exists: a key is already someone's.
    """
    tenant_id = enrolment.tenant_id
    if not tenant_in_tree(tx.connection, tenant_id).parent_id:
        raise StateConflict(
            f"{tenant_id} stands at the top of the tree: no unit signs for its keys"
        )
    waits = and_(ENROLMENT.c.tenant_id == tenant_id, ENROLMENT.c.invitation_id.is_(None), WAITS)
    for row in tx.all(select(ENROLMENT).where(waits)):
        if _same_keys(row, enrolment):
            return str(row.id)
    _check_new(tx.connection, enrolment)
    tx.execute(update(ENROLMENT).where(waits).values(rejected_ms=now_ms, reason=FOLLOWED))
    return _keep(tx, enrolment, now_ms)


def reject(tx: Tx, *, tenant_id: str, enrolment_id: str, reason: str, now_ms: int) -> None:
    """The parent does not sign for what waits.

    Raises:
        NotFound: the tenant has no such enrolment.
        StateConflict: it was signed or rejected before.
    """
    row = enrolment_row(tx.connection, enrolment_id)
    if row is None or row.tenant_id != tenant_id:
        raise NotFound(f"{tenant_id} has no enrolment {enrolment_id}")
    changed = tx.execute(
        update(ENROLMENT)
        .where(ENROLMENT.c.id == enrolment_id, WAITS)
        .values(rejected_ms=now_ms, reason=reason)
    )
    if changed.rowcount != 1:
        raise StateConflict(f"enrolment {enrolment_id} was signed or rejected before")


def _check_new(connection: Connection, enrolment: Enrolment) -> None:
    for public in (enrolment.signing_key, enrolment.sealing_key):
        if service.tenant_of_key(connection, key_id(public)) is not None:
            raise Exists(f"the key {key_id(public)} is already in use: make new keys")


def _keep(tx: Tx, enrolment: Enrolment, now_ms: int) -> str:
    enrolment_id = new_id("e", now_ms=now_ms)
    tx.execute(
        insert(ENROLMENT).values(
            id=enrolment_id,
            invitation_id=enrolment.invitation_id or None,
            tenant_id=enrolment.tenant_id,
            csr=enrolment.csr,
            signing_key=enrolment.signing_key,
            sealing_key=enrolment.sealing_key,
            proof=enrolment.proof,
            invitation_mac=enrolment.invitation_mac,
            console_key=enrolment.console_key,
            suite=enrolment.suite,
            answer=enrolment.answer,
            act=enrolment.act,
            request=enrolment.request,
            created_ms=now_ms,
            issued_ms=0,
            rejected_ms=0,
            reason="",
            channel_pem=b"",
        )
    )
    return enrolment_id


def _invitation(connection: Connection, invitation_id: str, token: bytes, now_ms: int) -> Row[Any]:
    query = select(INVITATION).where(INVITATION.c.id == invitation_id)
    row = connection.execute(query).first()
    if row is None:
        raise InvitationInvalid(f"there is no invitation {invitation_id} at this hub")
    check_token(
        token=token,
        token_sha256=row.token_sha256,
        expires_ms=row.expires_ms,
        invitation_id=invitation_id,
        now_ms=now_ms,
    )
    return row


def _same_keys(row: Row[Any], enrolment: Enrolment) -> bool:
    kept = as_enrolment(row)
    return (kept.csr, kept.signing_key, kept.sealing_key) == (
        enrolment.csr,
        enrolment.signing_key,
        enrolment.sealing_key,
    )
