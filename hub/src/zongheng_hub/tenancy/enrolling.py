"""From an invitation to a credential: use cases, one transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.credentials import store_credential
from zongheng_hub.tenancy.rules import check_matches, check_token
from zongheng_hub.tenancy.tables import CREDENTIAL, ENROLMENT, INVITATION, TENANT
from zongheng_protos.errors import (
    Exists,
    InvitationInvalid,
    NotEnrolled,
    NotFound,
    StateConflict,
)
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.enrolment import Enrolment
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import key_id


@dataclass(frozen=True, slots=True)
class PendingEnrolment:
    """An enrolment that waits for the parent's signature."""

    id: str
    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class Collected:
    """What a child fetches once its parent has signed."""

    chain: tuple[bytes, ...]
    channel_pem: bytes


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
    tx: Tx, *, tenant_id: str, token_sha256: bytes, expires_ms: int, now_ms: int, log_index: int
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
    if earlier is not None and _as_enrolment(earlier) == enrolment:
        return str(earlier.id)
    for public in (enrolment.signing_key, enrolment.sealing_key):
        if service.tenant_of_key(tx.connection, key_id(public)) is not None:
            raise Exists(f"the key {key_id(public)} is already in use: make new keys")
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
    enrolment_id = new_id("e", now_ms=now_ms)
    tx.execute(
        insert(ENROLMENT).values(
            id=enrolment_id,
            invitation_id=invitation_id,
            tenant_id=enrolment.tenant_id,
            csr=enrolment.csr,
            signing_key=enrolment.signing_key,
            sealing_key=enrolment.sealing_key,
            proof=enrolment.proof,
            invitation_mac=enrolment.invitation_mac,
            console_key=enrolment.console_key,
            suite=enrolment.suite,
            created_ms=now_ms,
            issued_ms=0,
            channel_pem=b"",
        )
    )
    return enrolment_id


def pending_enrolments(connection: Connection, parent_id: str) -> list[PendingEnrolment]:
    """Keys that a tenant's direct children handed in and that wait for it, oldest first."""
    query = (
        select(ENROLMENT)
        .join(TENANT, TENANT.c.id == ENROLMENT.c.tenant_id)
        .where(
            TENANT.c.parent_id == parent_id,
            ENROLMENT.c.issued_ms == 0,
            ENROLMENT.c.rejected_ms == 0,
            or_(
                ENROLMENT.c.invitation_id.is_(None),
                ~select(CREDENTIAL.c.id)
                .where(CREDENTIAL.c.tenant_id == ENROLMENT.c.tenant_id, CREDENTIAL.c.state == 1)
                .exists(),
            ),
        )
        .order_by(ENROLMENT.c.created_ms, ENROLMENT.c.id)
    )
    return [PendingEnrolment(row.id, _as_enrolment(row)) for row in connection.execute(query)]


def verified_credential(
    connection: Connection,
    envelope: bytes,
    *,
    enrolment_id: str,
    tenant_id: str,
    issuer: str,
    root_fingerprint: str,
    now_ms: int,
) -> tuple[Credential, Enrolment]:
    """A credential handed in by issuer for an enrolment, once it narrows and matches.

    Raises:
        NotFound: tenant_id has no such enrolment.
        CredentialInvalid, CredentialExpired, SignatureInvalid: it does not hold under the
            issuer's chain, or differs from the enrolment.
    """
    row = _enrolment(connection, enrolment_id)
    if row is None or row.tenant_id != tenant_id:
        raise NotFound(f"{tenant_id} has no enrolment {enrolment_id}")
    above = service.chain(connection, issuer)
    if not above:
        raise NotEnrolled(f"{issuer} holds no credential of this hub")
    credential = verify_chain((*above, envelope), root_fingerprint=root_fingerprint, at_ms=now_ms)
    subject = tenant_in_tree(connection, tenant_id)
    enrolment = _as_enrolment(row)
    check_matches(credential, enrolment, issuer=issuer, name=subject.name, code=subject.code)
    return credential, enrolment


def issue(
    tx: Tx,
    credential: Credential,
    envelope: bytes,
    *,
    enrolment_id: str,
    channel_pem: bytes,
    now_ms: int,
    log_index: int,
) -> None:
    """Store a credential that verified_credential gave, with its first channel certificate.

    Raises:
        Exists: the tenant already holds a credential, or a key is already someone's.
    """
    row = _enrolment(tx.connection, enrolment_id)
    assert row is not None
    if row.invitation_id and tenant_in_tree(tx.connection, credential.tenant).enrolled:
        raise Exists(f"{credential.tenant} already holds a credential")
    signed = tx.execute(
        update(ENROLMENT)
        .where(
            ENROLMENT.c.id == enrolment_id,
            ENROLMENT.c.issued_ms == 0,
            ENROLMENT.c.rejected_ms == 0,
        )
        .values(issued_ms=now_ms, channel_pem=channel_pem)
    )
    if signed.rowcount != 1:
        raise Exists(f"the enrolment {enrolment_id} was signed or rejected meanwhile")
    above = service.links(tx.connection, credential.ancestors[-1])
    store_credential(
        tx,
        credential,
        envelope,
        issuer_id=above[-1].credential_id,
        now_ms=now_ms,
        log_index=log_index,
    )


def collect(connection: Connection, enrolment_id: str) -> Collected | None:
    """What the child gets; None while its parent has not signed.

    Raises:
        NotFound: there is no such enrolment.
        InvitationInvalid: the parent signed another enrolment of the tenant.
    """
    row = _enrolment(connection, enrolment_id)
    if row is None:
        raise NotFound(f"there is no enrolment {enrolment_id}")
    chain = service.chain(connection, row.tenant_id)
    if not chain:
        return None
    if not row.issued_ms:
        raise InvitationInvalid(
            f"{row.tenant_id} got its credential over another enrolment than {enrolment_id}"
        )
    return Collected(chain, row.channel_pem)


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


def _enrolment(connection: Connection, enrolment_id: str) -> Row[Any] | None:
    return connection.execute(select(ENROLMENT).where(ENROLMENT.c.id == enrolment_id)).first()


def _as_enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(
        invitation_id=row.invitation_id,
        tenant_id=row.tenant_id,
        csr=row.csr,
        signing_key=row.signing_key,
        sealing_key=row.sealing_key,
        proof=row.proof,
        invitation_mac=row.invitation_mac,
        console_key=row.console_key,
        suite=row.suite,
    )
