"""Revoking, and signing the next snapshot in the very same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert

from zongheng_hub.store import Tx
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.ca import channel_identity
from zongheng_hub.tenancy.credentials import revoke_credential
from zongheng_hub.tenancy.revocation import reading
from zongheng_hub.tenancy.revocation.tables import (
    CHANNEL_CERTIFICATE,
    REVOCATION,
    REVOCATION_SNAPSHOT,
)
from zongheng_hub.tenancy.tables import CredentialState
from zongheng_protos.errors import NotFound, StateConflict
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.keys import Signer
from zongheng_tenants.revocation import FRESH_MS, LIFE_MS, Revocation, sign_snapshot

SNAPSHOTS_KEPT = 256


@dataclass(frozen=True, slots=True)
class SnapshotSigner:
    """Signs snapshots of a hub with the key that it holds for the province."""

    hub_id: str
    key: Signer


def revoke_credential_of(
    tx: Tx, credential_id: str, *, reason: int, now_ms: int, log_index: int
) -> list[Revocation]:
    """Revoke a credential, and with the newest one whatever else its unit could still use.

    That is: earlier credentials that still sign, and every channel certificate issued so far. The
    unit may enrol again, and who holds the old keys then must not read in its name.

    Raises:
        NotFound: there is no such credential.
        StateConflict: it is the root, or was revoked already.
    """
    wanted = service.credential(tx.connection, credential_id)
    if wanted is None:
        raise NotFound(f"there is no credential {credential_id}")
    tenant = wanted.tenant
    if not service.ancestors(tx.connection, tenant):
        raise StateConflict(
            "the root stands for the whole province: nothing here can revoke it, a new province is "
            "founded instead (docs/guide/compromise-drill.zh.md)"
        )
    if wanted.state is CredentialState.REVOKED:
        raise StateConflict(f"the credential {credential_id} of {tenant} was revoked already")
    ended = [credential_id]
    if wanted.state is CredentialState.ACTIVE:
        stored = service.credentials_of(tx.connection, tenant)
        ended += [one.id for one in stored if one.state is CredentialState.SUPERSEDED]
        _revoke_channels(tx, tenant, reason=reason, now_ms=now_ms, log_index=log_index)
    for each in ended:
        revoke_credential(tx, each)
    kind = pb.REVOKED_KIND_CREDENTIAL
    made = [Revocation(kind, each, reason, now_ms, log_index, tenant) for each in ended]
    return _write(tx, made)


def _revoke_channels(tx: Tx, tenant: str, *, reason: int, now_ms: int, log_index: int) -> None:
    kind = pb.REVOKED_KIND_CHANNEL
    issued = reading.channel_certificates(tx.connection, tenant, now_ms)
    known = reading.revoked(tx.connection, kind, [one.serial for one in issued])
    for one in issued:
        if one.serial not in known:
            gone = Revocation(kind, one.serial, reason, now_ms, log_index, tenant)
            _write(tx, [gone], until_ms=one.expires_ms)


def revoke_key(
    tx: Tx, key_id: str, *, reason: int, now_ms: int, log_index: int
) -> list[Revocation]:
    """Revoke one key of a unit.

    Raises:
        NotFound: nobody has the key.
        StateConflict: it is the root's, or was revoked already.
    """
    tenant = service.tenant_of_key(tx.connection, key_id)
    if tenant is None:
        raise NotFound(f"there is no key {key_id}")
    if not service.ancestors(tx.connection, tenant):
        raise StateConflict("the root's keys are the province: nothing here can revoke them")
    return _write(tx, [Revocation(pb.REVOKED_KIND_KEY, key_id, reason, now_ms, log_index, tenant)])


def revoke_channel(
    tx: Tx, serial: str, *, reason: int, now_ms: int, log_index: int
) -> list[Revocation]:
    """Revoke one channel certificate.

    Raises:
        NotFound: this hub issued none with this serial number.
        StateConflict: it was revoked already.
    """
    found = reading.channel_certificate(tx.connection, serial)
    if found is None:
        raise NotFound(f"this hub issued no channel certificate with serial number {serial}")
    one = Revocation(pb.REVOKED_KIND_CHANNEL, serial, reason, now_ms, log_index, found.tenant)
    return _write(tx, [one], until_ms=found.expires_ms)


def revoke_grant(
    tx: Tx, grant_id: str, owner: str, *, reason: int, now_ms: int, log_index: int
) -> list[Revocation]:
    """Take a grant of owner's back. Raises StateConflict when it was already."""
    return _write(
        tx, [Revocation(pb.REVOKED_KIND_GRANT, grant_id, reason, now_ms, log_index, owner)]
    )


def sign_next(tx: Tx, signer: SnapshotSigner, now_ms: int) -> int:
    """Sign the next snapshot over everything revoked so far; returns its number."""
    tx.next_index()  # the log's head is locked: no other replica signs the same number
    before = reading.latest_snapshot(tx.connection)
    number = 1 if before is None else before.number + 1
    issued_ms = now_ms if before is None else max(now_ms, before.issued_ms)
    envelope = sign_snapshot(
        hub_id=signer.hub_id,
        revoked=reading.all_revoked(tx.connection, now_ms),
        previous=None if before is None else before.envelope,
        number=number,
        key=signer.key,
        now_ms=issued_ms,
    )
    tx.execute(
        insert(REVOCATION_SNAPSHOT).values(
            number=number, issued_ms=issued_ms, next_ms=issued_ms + LIFE_MS, envelope=envelope
        )
    )
    tx.execute(
        delete(REVOCATION_SNAPSHOT).where(REVOCATION_SNAPSHOT.c.number <= number - SNAPSHOTS_KEPT)
    )
    return number


def sign_if_due(tx: Tx, signer: SnapshotSigner, now_ms: int) -> None:
    """Sign the next snapshot when the newest has lived half its life, or there is none."""
    tx.next_index()
    newest = reading.latest_snapshot(tx.connection)
    if newest is None or now_ms >= newest.issued_ms + FRESH_MS:
        sign_next(tx, signer, now_ms)


def note_channel(tx: Tx, pem: bytes, *, now_ms: int) -> None:
    """Keep which channel certificate was issued to whom; those that have expired are forgotten."""
    issued = channel_identity(pem)
    tx.execute(delete(CHANNEL_CERTIFICATE).where(CHANNEL_CERTIFICATE.c.expires_ms <= now_ms))
    tx.execute(
        insert(CHANNEL_CERTIFICATE).values(
            serial=serial_hex(issued.serial),
            tenant_id=issued.tenant,
            issued_ms=now_ms,
            expires_ms=issued.not_after_ms,
        )
    )


def serial_hex(serial: int) -> str:
    """How a certificate's serial number is written in tables, messages and screens."""
    return f"{serial:x}"


def _write(tx: Tx, made: list[Revocation], *, until_ms: int = 0) -> list[Revocation]:
    known = reading.revoked(tx.connection, made[0].kind, [one.id for one in made])
    for one in made:
        if one.id in known:
            raise StateConflict(f"{one.id} was revoked already, at {known[one.id].at_ms}")
    tx.execute(
        insert(REVOCATION),
        [
            {
                "kind": one.kind,
                "id": one.id,
                "tenant_id": one.tenant,
                "reason": one.reason,
                "at_ms": one.at_ms,
                "until_ms": until_ms,
                "log_index": one.log_index,
            }
            for one in made
        ],
    )
    return made
