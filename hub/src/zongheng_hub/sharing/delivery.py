"""Use cases of parcels: chunks handed in, delivered, fetched, received."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, distinct, func, insert, select, update

from zongheng_hub.sharing import rules
from zongheng_hub.sharing.rules import Granted
from zongheng_hub.sharing.service import Tenancy, granted, row_of
from zongheng_hub.sharing.tables import (
    DATA_GRANT,
    PARCEL,
    PARCEL_CHUNK,
    PARCEL_CREDENTIAL,
    PARCEL_FETCH,
)
from zongheng_hub.store import Tx
from zongheng_protos.errors import Exists, Quota, StateConflict

MOST_BEGUN = 4
"""How many parcels of one grant may be begun and not yet delivered."""
MOST_BEGUN_BYTES = 4 * 1024**3
"""How many bytes their chunks may have in all."""
ABANDONED_MS = 72 * 3_600_000
"""A parcel not delivered this long after its last chunk came in is let go."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A parcel whose manifest and receipt the hub has verified."""

    parcel_id: str
    grant_id: str
    manifest: bytes
    receipt: bytes
    chunk_sha256: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivered parcel; recipient_receipt is empty until it was received."""

    id: str
    grant_id: str
    owner: str
    grantee: str
    chunks: int
    manifest: bytes
    sender_receipt: bytes
    recipient_receipt: bytes
    readable: bool
    delivered_index: int
    received_index: int | None


def claim_chunk(
    tx: Tx, *, grant_id: str, parcel_id: str, position: int, sha256: bytes, size: int, now_ms: int
) -> None:
    """Note a chunk before its bytes are written: from then on only these bytes fit its place.

    Raises:
        GrantExceeded: outside the grant's dates.
        StateConflict: the parcel belongs to another grant, or is delivered.
        Exists: the place holds other bytes.
        Quota: too many parcels, or bytes, of this grant are begun and not delivered.
    """
    granted(tx.connection, grant_id).check_open(now_ms)
    of_parcel = select(PARCEL_CHUNK).where(PARCEL_CHUNK.c.parcel_id == parcel_id)
    any_chunk = tx.one(of_parcel.limit(1))
    if any_chunk is not None and any_chunk.grant_id != grant_id:
        raise StateConflict(f"parcel {parcel_id} belongs to another grant than {grant_id}")
    held = tx.one(of_parcel.where(PARCEL_CHUNK.c.position == position))
    if held is not None:
        if held.sha256 != sha256:
            raise Exists(f"chunk {position} of parcel {parcel_id} was handed in with other bytes")
        return
    if tx.one(select(PARCEL.c.id).where(PARCEL.c.id == parcel_id)) is not None:
        raise StateConflict(f"parcel {parcel_id} is delivered: nothing can be added to it")
    _check_begun(tx, grant_id, size, is_new=any_chunk is None)
    tx.execute(
        insert(PARCEL_CHUNK).values(
            parcel_id=parcel_id,
            position=position,
            grant_id=grant_id,
            sha256=sha256,
            size=size,
            put_ms=now_ms,
        )
    )


def _check_begun(tx: Tx, grant_id: str, size: int, *, is_new: bool) -> None:
    begun = select(
        func.count(distinct(PARCEL_CHUNK.c.parcel_id)),
        func.coalesce(func.sum(PARCEL_CHUNK.c.size), 0),
    ).where(PARCEL_CHUNK.c.grant_id == grant_id, PARCEL_CHUNK.c.parcel_id.not_in(_DELIVERED))
    parcels, held = tx.connection.execute(begun).one()
    if is_new and parcels >= MOST_BEGUN:
        raise Quota(
            f"{MOST_BEGUN} parcels under grant {grant_id} are begun and not delivered: "
            "deliver one of them first",
            limit=f"{MOST_BEGUN} parcels begun",
        )
    if held + size > MOST_BEGUN_BYTES:
        raise Quota(
            f"parcels under grant {grant_id} that are begun and not delivered hold {held:,} bytes: "
            "deliver one of them first",
            limit=f"{MOST_BEGUN_BYTES:,} bytes begun",
        )


def abandoned(connection: Connection, now_ms: int) -> list[str]:
    """Parcels begun, never delivered, and without a new chunk for ABANDONED_MS."""
    query = (
        select(PARCEL_CHUNK.c.parcel_id)
        .where(PARCEL_CHUNK.c.parcel_id.not_in(_DELIVERED))
        .group_by(PARCEL_CHUNK.c.parcel_id)
        .having(func.max(PARCEL_CHUNK.c.put_ms) < now_ms - ABANDONED_MS)
    )
    return list(connection.scalars(query))


def forget(tx: Tx, parcel_id: str, now_ms: int) -> bool:
    """Forget an abandoned parcel's chunks; False where it is abandoned no more."""
    newest = tx.connection.execute(
        select(func.max(PARCEL_CHUNK.c.put_ms)).where(PARCEL_CHUNK.c.parcel_id == parcel_id)
    ).scalar()
    is_delivered = tx.one(select(PARCEL.c.id).where(PARCEL.c.id == parcel_id)) is not None
    if newest is None or newest >= now_ms - ABANDONED_MS or is_delivered:
        return False
    tx.execute(delete(PARCEL_CHUNK).where(PARCEL_CHUNK.c.parcel_id == parcel_id))
    return True


def deliver(tx: Tx, index: int, delivery: Delivery, tenancy: Tenancy, now_ms: int) -> Granted:
    """Deliver a parcel whose chunks are all there; keeps both chains as they stand now.

    Raises:
        GrantExceeded: outside the grant's dates.
        StateConflict: chunks are missing, others, or too many; or it is delivered.
    """
    under = granted(tx.connection, delivery.grant_id)
    under.check_open(now_ms)
    if tx.one(select(PARCEL.c.id).where(PARCEL.c.id == delivery.parcel_id)) is not None:
        raise StateConflict(f"parcel {delivery.parcel_id} was delivered before")
    held = tx.all(
        select(PARCEL_CHUNK.c.position, PARCEL_CHUNK.c.sha256).where(
            PARCEL_CHUNK.c.parcel_id == delivery.parcel_id,
            PARCEL_CHUNK.c.grant_id == delivery.grant_id,
        )
    )
    rules.check_chunks(
        delivery.parcel_id, delivery.chunk_sha256, [(row.position, row.sha256) for row in held]
    )
    tx.execute(
        insert(PARCEL).values(
            id=delivery.parcel_id,
            grant_id=under.id,
            owner=under.owner,
            grantee=under.grantee,
            chunks=len(delivery.chunk_sha256),
            manifest=delivery.manifest,
            sender_receipt=delivery.receipt,
            recipient_receipt=b"",
            readable=False,
            delivered_ms=now_ms,
            delivered_index=index,
        )
    )
    for party in (under.owner, under.grantee):
        _keep_chain(tx, delivery.parcel_id, party, tenancy)
    return under


def fetch(tx: Tx, index: int, parcel_id: str, now_ms: int) -> tuple[Parcel, Granted]:
    """Take one use of the grant and open a parcel for reading.

    Raises:
        GrantExceeded: outside the grant's dates, or every use is taken.
        StateConflict: the parcel was shredded.
    """
    wanted = parcel(tx.connection, parcel_id)
    if not wanted.manifest:
        raise StateConflict(f"parcel {parcel_id} was shredded: ask its owner to deliver anew")
    under = granted(tx.connection, wanted.grant_id)
    under.check_open(now_ms)
    under.check_use_left()
    tx.execute(
        update(DATA_GRANT).where(DATA_GRANT.c.id == under.id).values(uses=DATA_GRANT.c.uses + 1)
    )
    tx.execute(insert(PARCEL_FETCH).values(log_index=index, parcel_id=parcel_id, fetched_ms=now_ms))
    tx.execute(update(PARCEL).where(PARCEL.c.id == parcel_id).values(readable=True))
    return wanted, under


def receive(
    tx: Tx, index: int, parcel_id: str, receipt: bytes, tenancy: Tenancy, now_ms: int
) -> Parcel:
    """Close an exchange with the recipient's verified receipt. Raises StateConflict."""
    got = parcel(tx.connection, parcel_id)
    if got.received_index is not None:
        raise StateConflict(f"parcel {parcel_id} has its recipient's receipt")
    if not got.readable:
        raise StateConflict(f"parcel {parcel_id} has not been fetched yet")
    tx.execute(
        update(PARCEL)
        .where(PARCEL.c.id == parcel_id)
        .values(recipient_receipt=receipt, received_ms=now_ms, received_index=index, readable=False)
    )
    _keep_chain(tx, parcel_id, got.grantee, tenancy)
    return got


def check_readable(connection: Connection, parcel_id: str, now_ms: int) -> Parcel:
    """A parcel whose chunks may be read now. Raises GrantExceeded, StateConflict."""
    wanted = parcel(connection, parcel_id)
    granted(connection, wanted.grant_id).check_open(now_ms)
    if not wanted.readable:
        raise StateConflict(f"fetch parcel {parcel_id} first: a fetch is open until its receipt")
    return wanted


def chunk_hashes(connection: Connection, parcel_id: str) -> tuple[bytes, ...]:
    """SHA-256 of a parcel's chunks, in order."""
    query = select(PARCEL_CHUNK.c.sha256).where(PARCEL_CHUNK.c.parcel_id == parcel_id)
    return tuple(connection.scalars(query.order_by(PARCEL_CHUNK.c.position)))


def parcel(connection: Connection, parcel_id: str) -> Parcel:
    """Raises NotFound."""
    row = row_of(connection, PARCEL, parcel_id, "parcel")
    return Parcel(
        id=row.id,
        grant_id=row.grant_id,
        owner=row.owner,
        grantee=row.grantee,
        chunks=row.chunks,
        manifest=row.manifest,
        sender_receipt=row.sender_receipt,
        recipient_receipt=row.recipient_receipt,
        readable=row.readable,
        delivered_index=row.delivered_index,
        received_index=row.received_index,
    )


def _keep_chain(tx: Tx, parcel_id: str, tenant: str, tenancy: Tenancy) -> None:
    links = zip(
        tenancy.chain(tx.connection, tenant),
        tenancy.credential_entries(tx.connection, tenant),
        strict=True,
    )
    tx.execute(
        delete(PARCEL_CREDENTIAL).where(
            PARCEL_CREDENTIAL.c.parcel_id == parcel_id, PARCEL_CREDENTIAL.c.tenant_id == tenant
        )
    )
    rows = [
        {
            "parcel_id": parcel_id,
            "tenant_id": tenant,
            "position": position,
            "envelope": envelope,
            "log_index": log_index,
        }
        for position, (envelope, log_index) in enumerate(links)
    ]
    if rows:
        tx.execute(insert(PARCEL_CREDENTIAL), rows)


_DELIVERED = select(PARCEL.c.id)
