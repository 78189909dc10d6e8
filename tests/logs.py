"""Logs for tests: a real store with a real sequencer, entries to append, and a folder published."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import SQLModel

from zongheng_hub.store import Entry, Store, Tx, open_store
from zongheng_hub.tlog import tables
from zongheng_hub.tlog.files import Disk
from zongheng_hub.tlog.leaf import make_leaf
from zongheng_hub.tlog.publisher import Publisher
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_tenants.keys import SigningKey

ORIGIN = "zongheng.cn/140000/log"
KEY = SigningKey(hashlib.sha256(b"the key of the logs in tests").digest())
TABLES = [
    SQLModel.metadata.tables[name]
    for row in (
        tables.LogEntryRow,
        tables.LogActorRow,
        tables.LogActorEndRow,
        tables.LogTileRow,
        tables.LogHeadRow,
        tables.LogSuccessionRow,
        tables.LogWitnessRow,
        tables.LogOfferRow,
        tables.LogQuorumRow,
    )
    for name in [str(row.__tablename__)]
]


@dataclass(slots=True)
class Log:
    """A log under test; folder is where publish puts it."""

    store: Store
    sequencer: Sequencer
    folder: Path

    @property
    def vkey(self) -> str:
        return self.sequencer.vkey

    def publisher(self, disk: Disk | None = None) -> Publisher:
        return Publisher(self.store, self.sequencer, self.folder, interval_ms=1, disk=disk)

    def append(self, *entries: Entry) -> list[int]:
        """Append as many concurrent use cases do; returns their indices."""

        async def together() -> list[int]:
            return await asyncio.gather(*(record(self.store, entry) for entry in entries))

        return asyncio.run(together())

    def publish(self) -> Path:
        """Everything so far, as a restarted hub would publish it."""
        self.store.write_now(lambda tx: tx.next_index())
        publisher = self.publisher()
        publisher.open()
        publisher.publish()
        return self.folder


@contextlib.contextmanager
def opened(where: Path | str, folder: Path, *, key: SigningKey = KEY) -> Iterator[Log]:
    """A log in a SQLite file or a PostgreSQL database, begun where there is none."""
    sequencer = Sequencer(key, ORIGIN)
    store = open_store(where, journal=sequencer)
    try:
        SQLModel.metadata.create_all(store.writer, tables=TABLES)
        yield Log(store, sequencer, folder)
    finally:
        store.close()


def entry(number: int, *, parties: tuple[str, ...] = ("t_city",), act: str = "need.filed") -> Entry:
    """The entry with this number: always the same bytes."""
    salt = hashlib.sha256(b"salt %d" % number).digest()
    envelope = b"envelope %d" % number
    actor, subject, time_ms = f"t_county{number % 7}", f"n_{number}", 1_767_225_600_000 + number
    leaf = make_leaf(
        act=act,
        time_ms=time_ms,
        actor=actor,
        parties=parties,
        subject=subject,
        envelope=envelope,
        salt=salt,
    )
    return Entry(
        key=b"key %d" % number,
        leaf=leaf,
        act=act,
        actor=actor,
        subject=subject,
        time_ms=time_ms,
        salt=salt,
        envelope=envelope,
        request=b"request %d" % number,
        reply=b"reply %d" % number,
    )


async def record(store: Store, entry: Entry) -> int:
    """Record entry once; the index of its first record, whether it is this one or not."""

    def work(tx: Tx) -> int:
        known = tx.recorded(entry.key)
        return tx.append(entry) if known is None else known.index

    return await store.write(work, key=entry.key)
