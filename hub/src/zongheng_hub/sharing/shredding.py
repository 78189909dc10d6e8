"""What sharing deletes where the content of an entry is shredded: a parcel, or a receipt."""

from __future__ import annotations

import asyncio

from sqlalchemy import delete, update

from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.sharing.tables import PARCEL, PARCEL_CHUNK
from zongheng_hub.store import Tx

_DELIVERED, _RECEIVED = "parcel.delivered", "parcel.received"


def shred(tx: Tx, _index: int, act: str, subject: str) -> tuple[str, ...]:
    """Delete what the room's tables hold of an entry; says what that was."""
    if act == _DELIVERED:
        tx.execute(
            update(PARCEL)
            .where(PARCEL.c.id == subject)
            .values(manifest=b"", sender_receipt=b"", recipient_receipt=b"", readable=False)
        )
        tx.execute(delete(PARCEL_CHUNK).where(PARCEL_CHUNK.c.parcel_id == subject))
        return ("parcel",)
    if act == _RECEIVED:
        tx.execute(update(PARCEL).where(PARCEL.c.id == subject).values(recipient_receipt=b""))
        return ("receipt",)
    return ()


async def remove_chunks(blobs: Blobs, act: str, subject: str) -> None:
    """Remove a shredded parcel's sealed chunks from the disk."""
    if act == _DELIVERED and (aside := blobs.set_aside(subject)) is not None:
        await asyncio.to_thread(blobs.remove, aside)
