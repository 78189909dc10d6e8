"""Shredding through the whole house: every room that holds content deletes its part."""

from __future__ import annotations

from zongheng_hub.audit import rpc
from zongheng_hub.kernel.call import Room
from zongheng_hub.needs import shredding as needs
from zongheng_hub.sharing import shredding as sharing
from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.store import Store
from zongheng_hub.store.scrubbing import scrub


def audit_room(store: Store, blobs: Blobs) -> Room:
    """The audit room, with what each other room deletes where content is shredded."""

    async def after_shredding(act: str, subject: str) -> None:
        await sharing.remove_chunks(blobs, act, subject)
        await scrub(store)

    return rpc.room(store, shredders=(sharing.shred, needs.shred), after_shredding=after_shredding)
