"""What the hub has to show of one exchange, for an auditor to prove it without the hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from zongheng_hub.sharing.delivery import parcel
from zongheng_hub.sharing.service import Tenancy
from zongheng_hub.sharing.tables import DATA_GRANT, DATA_REQUEST, PARCEL_CREDENTIAL, PARCEL_FETCH


@dataclass(frozen=True, slots=True)
class Exchange:
    """All evidence of one parcel.

    Attributes:
        entries: indices of its acts in the log, in order.
        owner_chain, grantee_chain: as they stood when each signed for the parcel.
        earlier_chains: both parties' other credentials from the request to the last act.
        credential_entries: under which all these credentials were issued.
        revocations: the newest signed list; empty before the first.
    """

    grant: bytes
    manifest: bytes
    sender_receipt: bytes
    recipient_receipt: bytes
    entries: tuple[int, ...]
    owner_chain: tuple[bytes, ...]
    grantee_chain: tuple[bytes, ...]
    earlier_chains: tuple[tuple[bytes, ...], ...]
    credential_entries: tuple[int, ...]
    revocations: bytes


def exchange(connection: Connection, parcel_id: str, tenancy: Tenancy) -> Exchange:
    """All evidence of one parcel. Raises NotFound."""
    of = parcel(connection, parcel_id)
    agreed = connection.execute(
        select(
            DATA_REQUEST.c.log_index,
            DATA_REQUEST.c.requested_ms,
            DATA_GRANT.c.log_index.label("granted_index"),
            DATA_GRANT.c.envelope,
        )
        .join_from(DATA_GRANT, DATA_REQUEST, DATA_REQUEST.c.id == DATA_GRANT.c.request_id)
        .where(DATA_GRANT.c.id == of.grant_id)
    ).one()
    fetched = connection.scalars(
        select(PARCEL_FETCH.c.log_index).where(PARCEL_FETCH.c.parcel_id == parcel_id)
    )
    entries = [agreed.log_index, agreed.granted_index, of.delivered_index, *fetched]
    if of.received_index is not None:
        entries.append(of.received_index)
    kept = connection.execute(
        select(PARCEL_CREDENTIAL)
        .where(PARCEL_CREDENTIAL.c.parcel_id == parcel_id)
        .order_by(PARCEL_CREDENTIAL.c.position)
    ).all()
    issued = {link.log_index for link in kept}
    earlier = []
    for tenant in (of.owner, of.grantee):
        newest = {link.position: link.envelope for link in kept if link.tenant_id == tenant}
        for stored in tenancy.credentials_of(connection, tenant):
            if stored.log_index > max(entries) or _was_over(stored, agreed.requested_ms):
                continue
            links = tenancy.links_of(connection, stored.id)
            chain = tuple(link.envelope for link in links)
            if chain != tuple(newest.values()):
                earlier.append(chain)
                issued.update(link.log_index for link in links)
    snapshot = tenancy.latest_snapshot(connection)
    return Exchange(
        grant=agreed.envelope,
        manifest=of.manifest,
        sender_receipt=of.sender_receipt,
        recipient_receipt=of.recipient_receipt,
        entries=tuple(sorted(entries)),
        owner_chain=tuple(link.envelope for link in kept if link.tenant_id == of.owner),
        grantee_chain=tuple(link.envelope for link in kept if link.tenant_id == of.grantee),
        earlier_chains=tuple(earlier),
        credential_entries=tuple(sorted(issued)),
        revocations=b"" if snapshot is None else snapshot.envelope,
    )


def _was_over(stored: Any, at_ms: int) -> bool:
    return bool(stored.expires_ms <= at_ms or 0 < stored.retires_ms <= at_ms)
