"""A replay of reports while the hub is killed at random moments: everything once, nothing lost.

The hub is a real process and gets SIGKILL. The SDK's outboxes are told nothing about it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from shanxi.enrolment import Unit
from shanxi.hub import HubProcess, serve_again, start_hub
from shanxi.messages import Message
from shanxi.reports import dealt
from zongheng_sdk import AsyncHub, Hub
from zongheng_sdk.audit import LogVerdict, load_entry, read_leaf, verify_log
from zongheng_sdk.enrolling import begin_enrolment

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
        dealing = [(unit.identity, its) for unit, its in dealt(units, messages)]
        filing = _Filing(dealing)
        dice, done = random.Random(seed), 0
        filing.start()
        while done < kills and _killed_in_time(hub, filing, dice.randint(0, MOST_ACTS_IN_A_LIFE)):
            done += 1
            told(done)
            hub = serve_again(hub)
        filing.join()
        if filing.failure:
            raise filing.failure
        read_back = Counter(source for identity, _ in dealing for source in _source_ids(identity))
    finally:
        hub.stop()
    verdict = verify_log(str(hub.log), (hub.log / "vkey").read_text().strip())
    leaves = (load_entry(str(hub.log), index, verdict.size) for index in range(verdict.size))
    return Replayed(done, read_back, sum(read_leaf(leaf).act == FILED for leaf in leaves), verdict)


def generated(kills: int) -> list[Message]:
    """More messages than the kills leave time to file."""
    count = 2 * MOST_ACTS_IN_A_LIFE * max(kills, 1)
    return [Message(f"m{n}", f"第{n}条群众反映", "路灯不亮" * (n % 50), 0) for n in range(count)]


def faults_of(replayed: Replayed, messages: Sequence[Message]) -> list[str]:
    """Everything wrong with a replay; empty when each report is there exactly once."""
    once = {message.id: 1 for message in messages}
    faults = [str(fault) for fault in replayed.verdict.faults]
    faults += [f"message {one} was never found" for one in once.keys() - replayed.read_back.keys()]
    faults += [f"message {m} was found {n} times" for m, n in replayed.read_back.items() if n > 1]
    if replayed.logged != len(messages):
        faults.append(f"the log holds {replayed.logged} reports of {len(messages)}")
    return faults


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
        (count,) = database.execute("SELECT count(*) FROM snap_report").fetchone()
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


def _enrol(parent: Path, code: str, folder: Path) -> Unit:
    with Hub.open(parent, operator=OPERATOR) as above:
        pending = begin_enrolment(above.tenancy.invite(code), folder / code)
        above.tenancy.approve(pending.enrolment_id)
        identity = pending.collect()
        assert identity is not None
        return Unit(above.tenancy.tenant(code=code), identity)


def _source_ids(identity: Path) -> list[str]:
    """The ids of the messages whose reports a county reads back, one by one."""
    with Hub.open(identity, operator=OPERATOR) as hub:
        snap = hub.module("snap")
        ids, token = [], ""
        while True:
            page = snap.list_reports(page_size=500, page_token=token)
            ids += [report.id for report in page.reports]
            token = page.next_page_token
            if not token:
                break
        return [snap.get_report(report_id=one).report.source_id for one in ids]
