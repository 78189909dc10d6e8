"""Publishing the log as files (C2SP tlog-tiles): whole, in order, the checkpoint last."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from zongheng_hub.store import Store
from zongheng_hub.tlog.by_actor import LOT, index_lot, indexed_end
from zongheng_hub.tlog.faults import LogDamaged
from zongheng_hub.tlog.files import Disk, LogFiles
from zongheng_hub.tlog.fsck import check_head, check_published
from zongheng_hub.tlog.keys import recognise_all, succession_text, successions
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_hub.tlog.service import read_head, tile_bytes
from zongheng_hub.tlog.tiles import WIDTH, Tile, new_tiles
from zongheng_tenants.keys import SigningKey

_log = logging.getLogger(__name__)
_TILES_AT_ONCE = 64
_RETRY_INTERVALS = 10
_POLL_SECONDS = 1
LOADED_SECONDS = 0.4
"""From one publication that fills more than a bundle to the next: each costs files of its own."""


class Publisher:
    """Brings what the sequencer commits into a folder, soon and in the order that readers need.

    Tiles and bundles are durable before the checkpoint that counts them replaces the one before.
    Publishing is idempotent: what a crash left undone is done again at the next start.

    Attributes:
        size: how many entries the published checkpoint counts.
        failures: how many publications failed and were tried again.
        newest: size and checkpoint of what is published, as the log signed it.
        cosigned: gives the witnesses' lines, if any, that go below a checkpoint.
    """

    def __init__(
        self,
        store: Store,
        sequencer: Sequencer,
        folder: Path,
        *,
        interval_ms: int = 200,
        upcoming: SigningKey | None = None,
        root: bytes = b"",
        disk: Disk | None = None,
    ) -> None:
        """
        Args:
            upcoming: the key made to follow the log's own; signs too once it was vouched for.
            root: the root credential's envelope, published with what it vouches for.
            folder: made if it is missing; holds checkpoint, vkey and tile/.
            interval_ms: how long commits are collected before they are published together.
            disk: how files are written; left out: as the operating system does.
        """
        self.folder = folder
        self.size = 0
        self.failures = 0
        self._indexed = 0
        self.newest = (0, b"")
        self.cosigned: Callable[[bytes], bytes] = lambda checkpoint: b""
        self._files = LogFiles(folder, disk)
        self._store = store
        self._sequencer = sequencer
        self._signer = sequencer.signer
        self._upcoming = upcoming
        self._root = root
        self._interval = interval_ms / 1000
        self._publishing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = asyncio.Event()
        self._woken = False
        self._moved = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        sequencer.on_commit(self._wake)

    async def start(self) -> None:
        """Check database and files against each other, publish what is missing, then keep on.

        Raises:
            LogBehind: the database is older than the files.
            LogDamaged: database or files do not fit together.
        """
        await self._store.write(lambda tx: tx.next_index())  # begins the log where there is none
        await asyncio.to_thread(self._recognise_keys)
        await asyncio.to_thread(self.open)
        await self._store.write(lambda tx: self._sequencer.sign_head_anew(tx.connection))
        self._loop = asyncio.get_running_loop()
        self._indexed = await self._store.read(indexed_end)
        await asyncio.to_thread(self.publish)
        self._task = asyncio.create_task(self._keep_publishing(), name="tlog-publish")

    async def stop(self) -> None:
        """Publish the rest, then rest. MUST be called before the store is closed."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._publish_now()

    async def published(self, size: int) -> None:
        """Returns once the published checkpoint counts at least size entries."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.size >= size)

    def publish_again(self) -> None:
        """Publish soon: what goes below the checkpoint has changed."""
        self._wake()

    def publish_beside(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Publish further files beside the log's own, on this thread; durable when this returns."""
        self._files.put(files)

    def open(self) -> None:
        """Check the database and the folder; raises as start does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        named = (self._files.read("vkey") or b"").decode().strip()
        if named and not self._signer.recognises(named):
            raise LogDamaged(
                f"{self.folder / 'vkey'} names another key than this hub's {self._signer.vkey}"
            )

        def check(connection: Connection) -> int:
            head = check_head(connection, self._signer)
            return check_published(connection, head, self._signer, self.folder)

        size = self._store.read_now(check)
        whole = all(self._files.exists(tile.path) for tile in new_tiles(0, size))
        self.size = size if whole else 0
        if named != self._signer.vkey:
            self._files.put([("vkey", f"{self._signer.vkey}\n".encode())])

    def publish(self) -> int:
        """Publish up to the database's head, on this thread; returns the published size."""
        with self._publishing:
            head = self._store.read_now(read_head)
            wanted = head.checkpoint + self.cosigned(head.checkpoint)
            if head.size == self.size and self._files.read("checkpoint") == wanted:
                self.newest = (head.size, head.checkpoint)
                return self.size
            tiles = list(new_tiles(self.size, head.size))
            for at in range(0, len(tiles), _TILES_AT_ONCE):
                batch = tiles[at : at + _TILES_AT_ONCE]
                contents = self._store.read_now(partial(_contents, tiles=batch))
                self._files.put(
                    (tile.path, content) for tile, content in zip(batch, contents, strict=True)
                )
            self._publish_successions()
            self._files.put([("checkpoint", wanted)])
            self.size = head.size
            self.newest = (head.size, head.checkpoint)
            self._files.remove(f"{tile.path}.p" for tile in tiles if tile.width == WIDTH)
            return self.size

    def _recognise_keys(self) -> None:
        self._store.read_now(
            lambda connection: recognise_all(connection, self._signer, self._upcoming)
        )

    def _publish_successions(self) -> None:
        """How keys of the log followed one another, for auditors who hold an older one."""
        found = self._store.read_now(successions)
        if found:
            text = succession_text(self._root, [one.envelope for one in found])
            if self._files.read("succession") != text:
                self._files.put([("succession", text)])

    def _wake(self) -> None:
        """Have the loop publish; it is woken once for all that is committed until it does."""
        if self._loop is not None and not self._woken and not self._loop.is_closed():
            self._woken = True
            self._loop.call_soon_threadsafe(self._due.set)

    async def _keep_publishing(self) -> None:
        while True:
            await self._commit_or_poll()
            self._due.clear()
            self._woken = False
            before, started = self.size, time.monotonic()
            try:
                await self._publish_now()
            except Exception:  # a full disk, a lost database: the log itself is safe; try again
                self.failures += 1
                _log.exception("the log could not be published to %s; trying again", self.folder)
                self._due.set()
                await asyncio.sleep(self._interval * _RETRY_INTERVALS)
            await self._index_lots()
            under_load = self.size - before >= WIDTH
            pause = max(self._interval, LOADED_SECONDS) if under_load else self._interval
            await asyncio.sleep(max(0.0, pause - (time.monotonic() - started)))

    async def _index_lots(self) -> None:
        """Have the entries published so far found by who acted, a lot in a transaction."""
        try:
            while self.size - self._indexed >= LOT:
                self._indexed += LOT
                await self._store.write(index_lot)
        except Exception:  # searching looks through what is not indexed; the next lot is near
            _log.exception("entries could not be indexed by actor")

    async def _commit_or_poll(self) -> None:
        """Wait for a commit of this process; on PostgreSQL another replica's counts as well."""
        if self._store.dialect == "sqlite":
            await self._due.wait()
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._due.wait(), timeout=_POLL_SECONDS)

    async def _publish_now(self) -> None:
        before = self.size
        await asyncio.to_thread(self.publish)
        if self.size != before:
            async with self._moved:
                self._moved.notify_all()


def _contents(connection: Connection, *, tiles: list[Tile]) -> list[bytes]:
    return [tile_bytes(connection, tile) for tile in tiles]
