"""What the tables say of revocations: values out, nothing written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from zongheng_hub.tenancy.revocation.tables import (
    CHANNEL_CERTIFICATE,
    REVOCATION,
    REVOCATION_SNAPSHOT,
)
from zongheng_hub.tenancy.tables import CREDENTIAL, CredentialState
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.revocation import Revocation

MOST_BETWEEN = 32
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A signed snapshot as it is kept."""

    number: int
    issued_ms: int
    next_ms: int
    envelope: bytes


@dataclass(frozen=True, slots=True)
class ChannelCertificate:
    """A channel certificate that the hub has issued; serial in hex."""

    serial: str
    tenant: str
    issued_ms: int
    expires_ms: int


def latest_number(connection: Connection) -> int:
    """The number of the newest snapshot; 0 before the first."""
    query = select(REVOCATION_SNAPSHOT.c.number).order_by(REVOCATION_SNAPSHOT.c.number.desc())
    return int(connection.scalar(query.limit(1)) or 0)


def latest_snapshot(connection: Connection) -> StoredSnapshot | None:
    """The newest snapshot; None before the first."""
    query = select(REVOCATION_SNAPSHOT).order_by(REVOCATION_SNAPSHOT.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _as_snapshot(row)


def snapshots_since(connection: Connection, number: int) -> list[StoredSnapshot]:
    """Snapshots after a number, oldest first; only the newest where they are many or large."""
    query = (
        select(REVOCATION_SNAPSHOT)
        .where(REVOCATION_SNAPSHOT.c.number > number)
        .order_by(REVOCATION_SNAPSHOT.c.number.desc())
        .limit(MOST_BETWEEN)
    )
    newest = [_as_snapshot(row) for row in connection.execute(query)]
    if not newest:
        return []
    few = newest[-1].number == number + 1
    small = sum(len(one.envelope) for one in newest) <= MOST_BYTES
    return newest[::-1] if few and small else newest[:1]


def all_revoked(connection: Connection, now_ms: int) -> list[Revocation]:
    """Everything revoked that has not run out by itself."""
    lasting = or_(REVOCATION.c.until_ms == 0, REVOCATION.c.until_ms > now_ms)
    return [_as_revocation(row) for row in connection.execute(select(REVOCATION).where(lasting))]


def revoked(connection: Connection, kind: int, ids: Iterable[str]) -> dict[str, Revocation]:
    """Those of these ids that were revoked."""
    query = select(REVOCATION).where(REVOCATION.c.kind == kind, REVOCATION.c.id.in_(list(ids)))
    return {row.id: _as_revocation(row) for row in connection.execute(query)}


def grant_revoked(connection: Connection, grant_id: str) -> Revocation | None:
    """The revocation of a grant, where its owner took it back."""
    return revoked(connection, pb.REVOKED_KIND_GRANT, (grant_id,)).get(grant_id)


def channel_certificate(connection: Connection, serial: str) -> ChannelCertificate | None:
    """The channel certificate with this serial number (hex), or None."""
    query = select(CHANNEL_CERTIFICATE).where(CHANNEL_CERTIFICATE.c.serial == serial)
    row = connection.execute(query).first()
    return None if row is None else _as_certificate(row)


def channel_certificates(
    connection: Connection, tenant_id: str, now_ms: int
) -> list[ChannelCertificate]:
    """A tenant's channel certificates that have not expired, newest first."""
    query = (
        select(CHANNEL_CERTIFICATE)
        .where(
            and_(
                CHANNEL_CERTIFICATE.c.tenant_id == tenant_id,
                CHANNEL_CERTIFICATE.c.expires_ms > now_ms,
            )
        )
        .order_by(CHANNEL_CERTIFICATE.c.issued_ms.desc(), CHANNEL_CERTIFICATE.c.serial)
    )
    return [_as_certificate(row) for row in connection.execute(query)]


def enrolled_under(connection: Connection, credential_id: str) -> frozenset[str]:
    """Tenants with a credential that counts and that stands on this one, its own tenant too."""
    down: Any = (
        select(CREDENTIAL.c.id, CREDENTIAL.c.tenant_id, CREDENTIAL.c.state)
        .where(CREDENTIAL.c.id == credential_id)
        .cte("under", recursive=True)
    )
    down = down.union_all(
        select(CREDENTIAL.c.id, CREDENTIAL.c.tenant_id, CREDENTIAL.c.state).where(
            CREDENTIAL.c.issuer_id == down.c.id
        )
    )
    counts = select(down.c.tenant_id).where(down.c.state != CredentialState.REVOKED)
    return frozenset(connection.scalars(counts))


def _as_snapshot(row: Row[Any]) -> StoredSnapshot:
    return StoredSnapshot(row.number, row.issued_ms, row.next_ms, row.envelope)


def _as_revocation(row: Row[Any]) -> Revocation:
    return Revocation(row.kind, row.id, row.reason, row.at_ms, row.log_index, row.tenant_id)


def _as_certificate(row: Row[Any]) -> ChannelCertificate:
    return ChannelCertificate(row.serial, row.tenant_id, row.issued_ms, row.expires_ms)
