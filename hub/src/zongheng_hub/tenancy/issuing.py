"""Credentials that parents sign: checked, stored, collected; use cases, one transaction each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.credentials import store_credential
from zongheng_hub.tenancy.enrolling import tenant_in_tree
from zongheng_hub.tenancy.handed_in import WAITS, as_allowed, as_enrolment, enrolment_row
from zongheng_hub.tenancy.rules import check_allowed, check_keys, check_place, handed_in_keys
from zongheng_hub.tenancy.tables import ENROLMENT, INVITATION, CredentialState
from zongheng_protos.errors import (
    EnrolmentRejected,
    Exists,
    InvitationInvalid,
    NotEnrolled,
    NotFound,
)
from zongheng_tenants.credential import Credential, issuer_sha256, verify_chain
from zongheng_tenants.enrolment import Enrolment


@dataclass(frozen=True, slots=True)
class Verified:
    """A credential handed in, once it holds; issuer_id is that of the credential above it."""

    credential: Credential
    issuer_id: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What a child fetches once its parent has signed."""

    chain: tuple[bytes, ...]
    channel_pem: bytes


def verified_credential(
    connection: Connection,
    envelope: bytes,
    *,
    enrolment_id: str,
    tenant_id: str,
    issuer: str,
    root_fingerprint: str,
    now_ms: int,
) -> tuple[Verified, Enrolment]:
    """A credential handed in by issuer for an enrolment, once it narrows and matches.

    Raises:
        NotFound: tenant_id has no such enrolment.
        CredentialInvalid, CredentialExpired, SignatureInvalid: it does not hold under the
            issuer's chain, or differs from the enrolment.
    """
    row = enrolment_row(connection, enrolment_id)
    if row is None or row.tenant_id != tenant_id:
        raise NotFound(f"{tenant_id} has no enrolment {enrolment_id}")
    found = _verified(connection, envelope, tenant_id, issuer, root_fingerprint, now_ms)
    enrolment = as_enrolment(row)
    check_keys(found.credential, handed_in_keys(enrolment), enrolment.suite)
    query = select(INVITATION).where(INVITATION.c.id == row.invitation_id)
    invitation = connection.execute(query).first()
    if invitation is not None:
        check_allowed(found.credential, as_allowed(invitation))
    return found, enrolment


def verified_reissue(
    connection: Connection,
    envelope: bytes,
    *,
    tenant_id: str,
    issuer: str,
    root_fingerprint: str,
    now_ms: int,
) -> Verified:
    """A credential handed in by issuer for the keys that a tenant has, once it narrows.

    Raises:
        NotEnrolled: the tenant has no credential that this one could follow.
        CredentialInvalid, CredentialExpired, SignatureInvalid: it does not hold under the
            issuer's chain, or names other keys.
    """
    links = service.links(connection, tenant_id)
    if not links:
        raise NotEnrolled(f"{tenant_id} holds no credential: invite it")
    found = _verified(connection, envelope, tenant_id, issuer, root_fingerprint, now_ms)
    held = verify_chain(
        [link.envelope for link in links], root_fingerprint=root_fingerprint, at_ms=None
    )
    keys = [(key.use, key.public) for key in held.keys.values()]
    check_keys(found.credential, keys, held.suite)
    return found


def issue(
    tx: Tx,
    verified: Verified,
    envelope: bytes,
    *,
    enrolment_id: str,
    channel_pem: bytes,
    now_ms: int,
    log_index: int,
) -> None:
    """Store a credential that verified_credential gave, with its first channel certificate.

    Raises:
        Exists: the enrolment was signed for or rejected; the tenant, invited, already holds a
            credential; or a key is already someone's.
    """
    row = enrolment_row(tx.connection, enrolment_id)
    tenant_id = verified.credential.tenant
    if row is not None and row.invitation_id and service.links(tx.connection, tenant_id):
        raise Exists(f"{tenant_id} already holds a credential")
    signed = tx.execute(
        update(ENROLMENT)
        .where(ENROLMENT.c.id == enrolment_id, WAITS)
        .values(issued_ms=now_ms, channel_pem=channel_pem)
    )
    if signed.rowcount != 1:
        raise Exists(f"enrolment {enrolment_id} was signed or rejected meanwhile")
    reissue(tx, verified, envelope, now_ms=now_ms, log_index=log_index)


def reissue(tx: Tx, verified: Verified, envelope: bytes, *, now_ms: int, log_index: int) -> None:
    """Store a credential that verified_reissue gave. Raises Exists: a key is someone else's."""
    store_credential(
        tx,
        verified.credential,
        envelope,
        issuer_id=verified.issuer_id,
        now_ms=now_ms,
        log_index=log_index,
    )


def collect(connection: Connection, enrolment_id: str) -> Collected | None:
    """What the child gets; None while its parent has not signed.

    Raises:
        NotFound: there is no such enrolment.
        EnrolmentRejected: the parent does not sign; says why.
        InvitationInvalid: the parent signed another enrolment of the tenant.
    """
    row = enrolment_row(connection, enrolment_id)
    if row is None:
        raise NotFound(f"there is no enrolment {enrolment_id}")
    if row.rejected_ms:
        raise EnrolmentRejected(f"enrolment {enrolment_id} was rejected: {row.reason}")
    chain = service.chain(connection, row.tenant_id)
    if not row.issued_ms:
        if chain and row.invitation_id:
            raise InvitationInvalid(
                f"{row.tenant_id} got its credential over another enrolment than {enrolment_id}"
            )
        return None
    return Collected(chain, row.channel_pem)


def _verified(
    connection: Connection,
    envelope: bytes,
    tenant_id: str,
    issuer: str,
    root_fingerprint: str,
    now_ms: int,
) -> Verified:
    above = _issuing_links(connection, envelope, issuer, now_ms)
    chain = (*(link.envelope for link in above), envelope)
    credential = verify_chain(chain, root_fingerprint=root_fingerprint, at_ms=now_ms)
    subject = tenant_in_tree(connection, tenant_id)
    check_place(credential, subject=tenant_id, issuer=issuer, name=subject.name, code=subject.code)
    return Verified(credential, above[-1].credential_id)


def _issuing_links(
    connection: Connection, envelope: bytes, issuer: str, now_ms: int
) -> Sequence[service.Link]:
    """The chain of that credential of the issuer under which envelope says it was issued.

    The active one, or one whose keys still sign; raises NotEnrolled when there is none at all.
    """
    newest = service.links(connection, issuer)
    if not newest:
        raise NotEnrolled(f"{issuer} holds no credential of this hub")
    wanted = issuer_sha256(envelope)
    for stored in service.credentials_of(connection, issuer):
        if stored.state is CredentialState.SUPERSEDED and now_ms < stored.retires_ms:
            links = service.links_of(connection, stored.id)
            if hashlib.sha256(links[-1].envelope).digest() == wanted:
                return links
    return newest
