"""A process that appends to a log, publishes it and changes its key, until it dies as it was told.

Prints "index number" for every act once it is durable and "published size" now and then. How it
dies comes from a seed: before an SQL statement of the writer's, at an operation on the log's files
(with the power gone, or on a disk that was full before), or by the parent's hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.logs import ORIGIN, Log, entry, opened, record
from tests.torn_disk import TornDisk
from zongheng_hub.tlog.keys import keep_succession
from zongheng_hub.tlog.note import verifier_key
from zongheng_hub.tlog.publisher import Publisher
from zongheng_protos.tlog.v1.tlog_pb2 import LogKeySuccession
from zongheng_tenants.keys import SigningKey

CLIENTS = 40
WAYS = ("statement", "files", "full", "outside")


def read_keys(folder: Path) -> list[SigningKey]:
    """The key that signs, and the one that is to follow, if it was made."""
    return [SigningKey(bytes.fromhex(each)) for each in json.loads((folder / "keys").read_text())]


def write_keys(folder: Path, keys: list[SigningKey]) -> None:
    scratch = folder / "keys.new"
    scratch.write_text(json.dumps([key.private_bytes().hex() for key in keys]))
    scratch.replace(folder / "keys")


async def main(folder: Path, first: int, way: str, seed: int) -> None:
    dice = random.Random(seed)
    disk = TornDisk(dice)
    if way == "files":
        disk = TornDisk(dice, dies_at=dice.randint(1, 120))
    elif way == "full":
        begins = dice.randint(1, 60)
        ends = begins + dice.randint(1, 10)
        disk = TornDisk(dice, dies_at=ends + dice.randint(1, 60), full=range(begins, ends))
    keys = read_keys(folder)
    with opened(folder / "hub.sqlite3", folder / "tlog", key=keys[0]) as log:
        if way == "statement":
            die_before_statement(log, dice.randint(1, 300))
        publisher = Publisher(
            log.store,
            log.sequencer,
            log.folder,
            interval_ms=1,
            upcoming=keys[1] if len(keys) > 1 else None,
            disk=disk,
        )
        await started(publisher)
        numbers = itertools.count(first)
        changes_at = dice.randint(0, 400)

        async def client() -> None:
            for number in numbers:
                index = await record(log.store, entry(number))
                say(f"{index} {number}")
                if number - first == changes_at and len(keys) == 1:
                    await change_key(log, folder, keys[0])

        async def reporter() -> None:
            while True:
                await publisher.published(publisher.size + 1)
                say(f"published {publisher.size}")

        await asyncio.gather(reporter(), *(client() for _ in range(CLIENTS)))


async def started(publisher: Publisher) -> None:
    """Start as soon as the disk has room: a hub that finds it full does not start at all."""
    while True:
        with contextlib.suppress(OSError):
            return await publisher.start()


async def change_key(log: Log, folder: Path, key: SigningKey) -> None:
    """What an operator and the province do: make the next key, vouch for it, have both sign."""
    upcoming = SigningKey.generate()
    write_keys(folder, [key, upcoming])
    succession = LogKeySuccession(
        origin=ORIGIN,
        old_vkey=log.vkey,
        new_vkey=verifier_key(ORIGIN, upcoming.public),
    )
    await log.store.write(
        lambda tx: keep_succession(
            tx, succession, b"vouched", size=tx.next_index(), now_ms=int(time.time() * 1000)
        )
    )
    log.sequencer.signer.sign_also_with(upcoming)
    await log.store.write(lambda tx: log.sequencer.sign_head_anew(tx.connection))
    log.sequencer.announce()


def die_before_statement(log: Log, number: int) -> None:
    """SIGKILL before the writer runs its statement of this number."""
    counted = itertools.count(1)

    def watch(statement: str) -> None:
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    log.store.writer.dispose()

    @event.listens_for(log.store.writer, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(watch)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
