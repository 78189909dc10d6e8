"""A replay of reports while the hub is killed at random moments: everything once, nothing lost.

The hub is a real process and gets SIGKILL. The SDK's outboxes are told nothing about it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from shanxi.hub import HubProcess, start_hub
from shanxi.messages import Message
from shanxi.reports import dealt

from zongheng_sdk import AsyncHub, Hub
from zongheng_sdk.audit import LogVerdict, load_entry, read_leaf, verify_log
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.tenancy import Tenant

CITY = "140100"
COUNTIES = ("140105", "140106", "140107", "140108")
OPERATOR = "王某某"
FILED = "snap.report.filed"
CALLS_AT_ONCE = 8
PATIENCE_SECONDS = 300.0
MOST_ACTS_IN_A_LIFE = 60


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was found afterwards.

    Attributes:
        kills: how often the hub was killed while reports were on their way.
        read_back: how often each message's report was found, by message id.
        logged: how many reports the log holds.
        verdict: of the whole log, from the first entry.
    """

    kills: int
    read_back: Counter[str]
    logged: int
    verdict: LogVerdict


class Unit:
    """An enrolled unit, as shanxi.reports.dealt wants it."""

    def __init__(self, tenant: Tenant, identity: Path) -> None:
        self.tenant = tenant
        self.identity = identity


def replay(
    folder: Path,
    messages: Sequence[Message],
    *,
    kills: int,
    seed: int,
    told: Callable[[int], None] = lambda kills: None,
) -> Replayed:
    """File messages through the counties' outboxes while killing the hub.

    Args:
        folder: empty; gets hub and units.
        kills: how many are wanted; fewer happen when all is filed before.
        told: called after each kill with how many there have been.
    """
    hub = start_hub(folder / "hub", port=0, web_port=0, database=None)
    try:
        units = _enrolled(hub, folder)
        dealing = [(Path(unit.identity), its) for unit, its in dealt(units, messages)]
        filing = _Filing(dealing)
        dice, done = random.Random(seed), 0
        filing.start()
        while done < kills and _killed_in_time(hub, filing, dice.randint(0, MOST_ACTS_IN_A_LIFE)):
            done += 1
            told(done)
            hub = _served_again(hub)
        filing.join()
        if filing.failure:
            raise filing.failure
        read_back = Counter(
            source for identity, _ in dealing for source in _source_ids(identity)
        )
    finally:
        hub.stop()
    verdict = verify_log(str(hub.log), (hub.log / "vkey").read_text().strip())
    leaves = (load_entry(str(hub.log), index, verdict.size) for index in range(verdict.size))
    return Replayed(done, read_back, sum(read_leaf(leaf).act == FILED for leaf in leaves), verdict)


class _Filing(threading.Thread):
    """All counties' outboxes, flushed until nothing waits; keeps what stopped it."""

    def __init__(self, dealing: Sequence[tuple[Path, Sequence[Message]]]) -> None:
        super().__init__(name="filing")
        self._dealing = dealing
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:
            self.failure = error

    async def _all(self) -> None:
        await asyncio.gather(*(self._file(identity, its) for identity, its in self._dealing))

    async def _file(self, identity: Path, its: Sequence[Message]) -> None:
        async with AsyncHub.open(identity, operator=OPERATOR, timeout=5.0) as hub:
            outbox = hub.outbox(identity.with_name("outbox.sqlite3"))
            try:
                snap = await outbox.module("snap")
                await outbox.put_all(snap.file_report, [(m.id, _fields(m)) for m in its])
                flushed = await outbox.flush(concurrency=CALLS_AT_ONCE, patience=PATIENCE_SECONDS)
                assert (flushed.refused, flushed.waiting) == (0, 0), flushed
            finally:
                outbox.close()


def _fields(message: Message) -> dict[str, object]:
    return {"source_id": message.id, "title": message.title, "detail": message.detail}


def _killed_in_time(hub: HubProcess, filing: _Filing, acts: int) -> bool:
    """Kill the hub once it has taken so many more acts; False when all was filed before that."""
    store = hub.folder / "modules/snap/store.sqlite3"
    goal = _reports(store) + acts
    while _reports(store) < goal:
        if not filing.is_alive():
            return False
        time.sleep(0.002)  # paces the watching; what is waited for is the count
    hub.process.kill()
    hub.process.wait()
    if hub.process.stdout:
        hub.process.stdout.close()
    return True


def _reports(store: Path) -> int:
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as database:
        (count,) = database.execute("SELECT count(*) FROM report").fetchone()
        return int(count)


def _enrolled(hub: HubProcess, folder: Path) -> list[Unit]:
    city = _enrol(hub.province_identity, CITY, folder)
    units = [_enrol(city.identity, code, folder) for code in COUNTIES]
    for unit in units:
        with Hub.open(unit.identity, operator=OPERATOR) as opened:
            opened.catalogue.adopt("snap")
            # Its first call makes the module's store, which is watched from here on.
            opened.module("snap").list_reports(page_size=1)
    return units
