"""A log killed again and again at random points, and everything that must hold after each time."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.integration.dying_log import WAYS, read_keys, write_keys
from tests.logs import ORIGIN, Log, entry, opened
from zongheng_hub.tlog.fsck import verify_published, verify_store
from zongheng_hub.tlog.keys import successions
from zongheng_hub.tlog.note import verifier_key
from zongheng_hub.tlog.publisher import Publisher
from zongheng_hub.tlog.service import prove_consistency
from zongheng_sdk.audit import load_entry, verify_log
from zongheng_sdk.notes import Checkpoint
from zongheng_sdk.proofs import ProofInvalid, verify_consistency
from zongheng_tenants.keys import SigningKey

ROOT = Path(__file__).resolve().parent.parent
LIVES_APART = 100_000
PATIENCE_SECONDS = 120


@dataclass
class Crashes:
    """A log that dies often.

    Attributes:
        kills: how often it died, by the way in which it was told to.
        changes: how often its key changed hands for good.
        acknowledged: index to number of every act it said was durable.
    """

    folder: Path
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    acknowledged: dict[int, int] = field(default_factory=dict)
    _heads: list[Checkpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        write_keys(self.folder, [SigningKey.generate()])

    def die_once(self, *, thorough: bool) -> list[str]:
        """One life and death; returns everything that does not hold afterwards.

        Args:
            thorough: recompute the whole log too, not only what this life added.
        """
        way = self.dice.choice(WAYS)
        number = sum(self.kills.values())
        lines = self._run_and_kill(way, number * LIVES_APART)
        self.kills[way] += 1
        found, said = [], []
        for line in lines:
            index, _, told = line.partition(" ")
            if index != "published":
                said.append(int(index))
                if self.acknowledged.setdefault(int(index), int(told)) != int(told):
                    found.append(f"index {index} was given twice")
        found += self._what_readers_see()
        self._retire_key()
        return found + self._restart(said, thorough)

    def _run_and_kill(self, way: str, first: int) -> list[str]:
        command = [sys.executable, "-m", "tests.integration.dying_log", str(self.folder)]
        command += [str(first), way, str(self.dice.randrange(10**9))]
        with (self.folder / "stderr").open("w") as told:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=told, text=True, cwd=ROOT
            )
        assert process.stdout is not None
        lines: list[str] = []
        if way == "outside":
            lines = list(itertools.islice(process.stdout, self.dice.randint(1, 1_500)))
            process.kill()
        lines += process.stdout
        process.stdout.close()
        code = process.wait(PATIENCE_SECONDS)
        assert code == -signal.SIGKILL, (way, code, (self.folder / "stderr").read_text()[-2000:])
        return [line.rstrip("\n") for line in lines if line.endswith("\n")]

    def _what_readers_see(self) -> list[str]:
        """At no moment does the folder show anything but a whole log."""
        if not (self.folder / "tlog" / "checkpoint").exists():
            return []
        verdict = verify_log(self.folder / "tlog", self._vkey())
        return [f"readers saw {fault}" for fault in verdict.faults]

    def _vkey(self) -> str:
        return verifier_key(ORIGIN, read_keys(self.folder)[0].public)

    def _retire_key(self) -> None:
        keys = read_keys(self.folder)
        if len(keys) < 2:
            return
        following = verifier_key(ORIGIN, keys[1].public)
        with opened(self.folder / "hub.sqlite3", self.folder / "tlog", key=keys[0]) as log:
            vouched = [one.new_vkey for one in log.store.read_now(successions)]
        if following not in vouched:
            write_keys(self.folder, keys[:1])  # it was never vouched for: made anew later
        elif self.dice.random() < 0.5:
            write_keys(self.folder, keys[1:])
            self.changes += 1

    def _restart(self, said: list[int], thorough: bool) -> list[str]:
        keys = read_keys(self.folder)
        with opened(self.folder / "hub.sqlite3", self.folder / "tlog", key=keys[0]) as log:
            publisher = Publisher(
                log.store, log.sequencer, log.folder, upcoming=keys[1] if keys[1:] else None
            )
            asyncio.run(_started_and_stopped(publisher))
            return self._checked(log, said, thorough)

    def _checked(self, log: Log, said: list[int], thorough: bool) -> list[str]:
        verdict = verify_log(log.folder, log.vkey)
        found = [str(fault) for fault in verdict.faults]
        if thorough:
            signer = log.sequencer.signer
            found += log.store.read_now(lambda c: verify_store(c, signer)).faults
            found += log.store.read_now(lambda c: verify_published(c, signer, log.folder)).faults
            said = list(self.acknowledged)
        for index in said:
            if load_entry(log.folder, index, verdict.size) != entry(self.acknowledged[index]).leaf:
                found.append(f"entry {index} was lost or changed")
        head = verdict.checkpoint
        if head is None or head.size < len(self.acknowledged):
            return [*found, "the published log is smaller than what was acknowledged"]
        for older in self._heads:
            try:
                verify_consistency(
                    old_size=older.size,
                    new_size=head.size,
                    old_root=older.root,
                    new_root=head.root,
                    proof=log.store.read_now(partial(prove_consistency, old=older.size)),
                )
            except ProofInvalid as error:
                found.append(error.message)
        if head.size:
            self._heads.append(head)
        return found


async def _started_and_stopped(publisher: Publisher) -> None:
    await publisher.start()
    await publisher.stop()
