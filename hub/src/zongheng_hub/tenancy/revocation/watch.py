"""Keeps one replica's standing up to date: at once after its own acts, by asking for others'."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection

from zongheng_hub.store import Store
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.revocation import reading
from zongheng_hub.tenancy.revocation.reading import StoredSnapshot
from zongheng_hub.tenancy.revocation.revoking import SnapshotSigner, sign_if_due
from zongheng_hub.tenancy.revocation.standing import InMemoryStanding, Known
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.revocation import FRESH_MS, Revocation

log = logging.getLogger("zongheng.revocation")

POLL_SECONDS = 0.25
MAX_BLIND_SECONDS = 15.0
"""How long a replica answers by what it last knew when it cannot ask."""


class LiveCalls(Protocol):
    """The kernel's streams."""

    def end(self, now_ms: int, *, changed: bool) -> int: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    snapshot: StoredSnapshot | None
    mark: tuple[int, int]
    known: Known


class RevocationWatch:
    """What this replica knows of revocations.

    Attributes:
        latest: the newest snapshot; None before the first was signed.
    """

    def __init__(
        self,
        store: Store,
        standing: InMemoryStanding,
        live: LiveCalls,
        signer: SnapshotSigner,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._standing = standing
        self._live = live
        self._signer = signer
        self._clock = clock
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._mark = (0, 0)
        self.latest: StoredSnapshot | None = None

    async def start(self) -> None:
        """Sign a snapshot where one is due, and know what is revoked before anyone calls."""
        await self._sign_if_due()
        await self.refresh()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask, sign and end streams until left."""
        task = asyncio.create_task(self._run(), name="revocations")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def refresh(self) -> None:
        """Know what is revoked now; streams of whoever no longer stands end before this returns."""
        async with self._turn:
            seen = await self._store.read(self._look)
            self._standing.seen(time.monotonic() + MAX_BLIND_SECONDS)
            if seen is None:
                return
            self.latest, self._mark = seen.snapshot, seen.mark
            if self._standing.become(seen.known):
                ended = self._live.end(self._clock(), changed=True)
                if ended:
                    log.warning("%d streams ended: their callers no longer stand", ended)
            self._news.set()
            self._news = asyncio.Event()

    async def after(self, number: int) -> StoredSnapshot:
        """The newest snapshot, once it is newer than number."""
        while self.latest is None or self.latest.number <= number:
            await self._news.wait()
        return self.latest

    def _look(self, connection: Connection) -> _Seen | None:
        mark = (reading.latest_number(connection), service.tree_mark(connection))
        if mark == self._mark:
            return None
        revoked = reading.all_revoked(connection, self._clock())
        known = _known(revoked, service.stopped(connection))
        return _Seen(reading.latest_snapshot(connection), mark, known)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
                self._live.end(self._clock(), changed=False)
                if self.latest is None or self._clock() >= self.latest.issued_ms + FRESH_MS:
                    await self._sign_if_due()
            except Exception:
                log.exception("revocations could not be read or signed; trying again")

    async def _sign_if_due(self) -> None:
        await self._store.write(lambda tx: sign_if_due(tx, self._signer, self._clock()))


def _known(revoked: list[Revocation], stopped: Mapping[str, service.Stop]) -> Known:
    said: dict[int, dict[str, str]] = {kind: {} for kind in pb.RevokedKind.values()}
    for one in revoked:
        at = datetime.fromtimestamp(one.at_ms / 1000, UTC)
        said[one.kind][one.id] = f"was revoked ({one.reason_name}) on {at:%Y-%m-%d at %H:%M:%S} UTC"
    return Known(
        credentials=said[pb.REVOKED_KIND_CREDENTIAL],
        keys=said[pb.REVOKED_KIND_KEY],
        channels={int(s, 16): why for s, why in said[pb.REVOKED_KIND_CHANNEL].items()},
        suspended={
            tenant: f"stands still: {stop.by_name} ({stop.by_id}) was suspended"
            for tenant, stop in stopped.items()
            if stop.state != service.CLOSED
        },
        closed={
            tenant: f"acts no more: {stop.by_name} ({stop.by_id}) was closed"
            for tenant, stop in stopped.items()
            if stop.state == service.CLOSED
        },
    )
