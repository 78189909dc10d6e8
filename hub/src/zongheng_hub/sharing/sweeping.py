"""Parcels that were begun and given up: their chunks are let go, rows first, then files."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial

from zongheng_hub.sharing import delivery
from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.store import Store

log = logging.getLogger("zongheng.sharing")
SWEEP_SECONDS = 3600.0


async def sweep(store: Store, blobs: Blobs, now_ms: int) -> int:
    """Let go of every abandoned parcel; how many."""
    swept = 0
    for parcel_id in await store.read(lambda c: delivery.abandoned(c, now_ms)):
        if not await store.write(partial(delivery.forget, parcel_id=parcel_id, now_ms=now_ms)):
            continue
        # Before anything else runs here: chunks of the same name may come in again.
        aside = blobs.set_aside(parcel_id)
        if aside is not None:
            await asyncio.to_thread(blobs.remove, aside)
        swept += 1
    return swept


@contextlib.asynccontextmanager
async def sweeping(store: Store, blobs: Blobs, clock: Callable[[], int]) -> AsyncIterator[None]:
    """Sweep now and every hour until the block ends."""

    async def keep_sweeping() -> None:
        while True:
            try:
                swept = await sweep(store, blobs, clock())
                if swept:
                    log.warning("%d parcels begun and given up were let go", swept)
            except Exception:
                log.exception("abandoned parcels could not be let go; tried again in an hour")
            await asyncio.sleep(SWEEP_SECONDS)

    task = asyncio.create_task(keep_sweeping(), name="sweep")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
