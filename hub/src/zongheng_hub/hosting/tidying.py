"""What is done beside the calls, every second: counts are kept, outboxes settled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from zongheng_hub.catalogue import service as catalogue
from zongheng_hub.hosting.host import STALE_MS, HostedModule
from zongheng_hub.kernel.metering import Count, Meter
from zongheng_hub.store import Store, Tx

log = logging.getLogger("zongheng")
TIDY_SECONDS = 1.0


@contextlib.asynccontextmanager
async def tidying(
    meter: Meter, store: Store, hosted: Sequence[HostedModule], clock: Callable[[], int]
) -> AsyncIterator[None]:
    """Hand over counts and settle outboxes every second, and once more at the end."""

    meters = {host.module.manifest.id for host in hosted}

    async def keep_counts(counts: Sequence[Count]) -> None:
        def work(tx: Tx) -> None:
            for count in counts:
                if count.meter in meters and count.tenant:
                    catalogue.add_usage(
                        tx, count.meter, count.tenant, count.day, count.calls, count.failures
                    )

        await store.write(work)

    async def tidy() -> None:
        await meter.flush(keep_counts)
        for host in hosted:
            await host.settle()
            left = await host.catch_up(clock() - STALE_MS)
            if left:
                log.warning(
                    "module %s: %d acts carried into the log", host.module.manifest.id, left
                )

    async def keep_tidying() -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            try:
                await tidy()
            except Exception:
                log.exception("counts or acts could not be handed over; tried again in a second")

    task = asyncio.create_task(keep_tidying(), name="tidy")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await tidy()
