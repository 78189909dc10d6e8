"""Acts made durable in the log, over SQLite's own batch insert of the same bytes.

Ours: every act is a use case of its own, handed in with its key as the kernel does, by one of many
concurrent clients; its group is looked up by keys, appended, hashed into the tree, and acknowledged
once the signed head is on the disk. The rival: executemany of the same columns in groups as large,
WAL with synchronous=FULL, into a table without any index.

A second figure is how long an act waits from being handed in to a published checkpoint that counts
it, 99 of 100 times, in seconds, while acts come as fast as the log takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlmodel import SQLModel

from tests.bench.harness import Result, paired
from zongheng_hub.store import Entry, Store, Tx, open_store
from zongheng_hub.store.store import MAX_GROUP
from zongheng_hub.tlog import tables
from zongheng_hub.tlog.leaf import SALT_BYTES, make_leaf
from zongheng_hub.tlog.publisher import Publisher
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_tenants.act import new_nonce
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import SigningKey

FLOOR = 0.33
MOST_SECONDS = 1.0
ENTRIES = 20_000
CLIENTS = 2 * MAX_GROUP
ACTORS = [new_id("t") for _ in range(130)]  # a province's cities and counties
ENVELOPE_BYTES, REQUEST_BYTES, REPLY_BYTES = 300, 400, 60
TABLES = [
    SQLModel.metadata.tables[str(row.__tablename__)]
    for row in (
        tables.LogEntryRow,
        tables.LogActorRow,
        tables.LogActorEndRow,
        tables.LogTileRow,
        tables.LogHeadRow,
        tables.LogSuccessionRow,
    )
]
COLUMNS = Entry.__slots__  # in the order of the table below


def run() -> list[Result]:
    entries = [_entry(number) for number in range(ENTRIES)]
    with tempfile.TemporaryDirectory() as folder:
        ours, rival = paired(
            lambda: _log(Path(tempfile.mkdtemp(dir=folder)), entries),
            lambda: _raw(Path(tempfile.mkdtemp(dir=folder)), entries),
        )
        rate, waited = _published(Path(tempfile.mkdtemp(dir=folder)), entries)
    return [
        Result("log_append", ours / rival, FLOOR, ours, "entries/s"),
        Result("log_publish", waited, None, rate, "entries/s", ceiling=MOST_SECONDS),
    ]


def _entry(number: int) -> Entry:
    """An act with fields as large as a need's."""
    envelope, salt = secrets.token_bytes(ENVELOPE_BYTES), secrets.token_bytes(SALT_BYTES)
    actor, subject, time_ms = ACTORS[number % len(ACTORS)], new_id("n"), 1_767_225_600_000 + number
    leaf = make_leaf(
        act="need.filed",
        time_ms=time_ms,
        actor=actor,
        parties=[new_id("t"), new_id("t")],
        subject=subject,
        envelope=envelope,
        salt=salt,
    )
    return Entry(
        key=new_nonce() + b"k_0123456789abcdef",
        leaf=leaf,
        act="need.filed",
        actor=actor,
        subject=subject,
        time_ms=time_ms,
        salt=salt,
        envelope=envelope,
        request=secrets.token_bytes(REQUEST_BYTES),
        reply=secrets.token_bytes(REPLY_BYTES),
    )


def _log(folder: Path, entries: Sequence[Entry]) -> float:
    """Entries a second through store and sequencer."""
    with _opened(folder) as (store, _):
        rate = asyncio.run(_append_all(store, entries, [0.0] * len(entries)))
        size = store.write_now(lambda tx: tx.next_index())
    if size != len(entries):
        raise AssertionError(f"the log holds {size} of {len(entries)} entries")
    return rate


def _published(folder: Path, entries: Sequence[Entry]) -> tuple[float, float]:
    """Entries a second while all is published, and the seconds until 99 of 100 were."""
    handed_in = [0.0] * len(entries)
    seen: list[tuple[int, float]] = []

    async def append_and_publish() -> float:
        publisher = Publisher(store, sequencer, folder / "tlog")
        await publisher.start()

        async def watch() -> None:
            while not seen or seen[-1][0] < len(entries):
                await publisher.published(publisher.size + 1)
                seen.append((publisher.size, time.perf_counter()))

        watching = asyncio.create_task(watch())
        rate = await _append_all(store, entries, handed_in)
        await watching
        await publisher.stop()
        return rate

    with _opened(folder) as (store, sequencer):
        rate = asyncio.run(append_and_publish())
    waits, first = [], 0
    for size, at in seen:
        waits += [at - handed_in[index] for index in range(first, size)]
        first = size
    return rate, sorted(waits)[len(waits) * 99 // 100]


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[tuple[Store, Sequencer]]:
    sequencer = Sequencer(SigningKey.generate(), "zongheng.cn/140000/log")
    store = open_store(folder / "hub.sqlite3", journal=sequencer)
    try:
        SQLModel.metadata.create_all(store.writer, tables=TABLES)
        yield store, sequencer
    finally:
        store.close()


async def _append_all(store: Store, entries: Sequence[Entry], handed_in: list[float]) -> float:
    """Entries a second; handed_in gets the time at which each index's entry was handed in."""
    waiting = iter(entries)

    async def client() -> None:
        for entry in waiting:

            def work(tx: Tx, entry: Entry = entry) -> int:
                known = tx.recorded(entry.key)
                return tx.append(entry) if known is None else known.index

            began = time.perf_counter()
            handed_in[await store.write(work, key=entry.key)] = began

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(entries) / (time.perf_counter() - started)


def _raw(folder: Path, entries: Sequence[Entry]) -> float:
    """Rows a second through the driver alone."""
    rows = [
        (number, *(getattr(entry, column) for column in COLUMNS))
        for number, entry in enumerate(entries)
    ]
    connection = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE entry (idx INTEGER PRIMARY KEY, key BLOB, leaf BLOB, act TEXT, actor TEXT,"
        " subject TEXT, time_ms INTEGER, salt BLOB, envelope BLOB, request BLOB, reply BLOB)"
    )
    insert = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    started = time.perf_counter()
    for at in range(0, len(rows), MAX_GROUP):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows[at : at + MAX_GROUP])
        connection.execute("COMMIT")
    rate = len(rows) / (time.perf_counter() - started)
    connection.close()
    return rate
