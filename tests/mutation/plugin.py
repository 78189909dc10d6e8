"""A pytest plugin that runs the tests once, and then those that reach it for every mutant.

Each mutant lives in a fork of this process, where the tests are collected and imported already.
No test of this run may leave a thread or a gRPC channel behind: forks do not keep them.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant
from tests.mutation.patching import NotPatchable, patch, unwatch, watch

KILLED, SURVIVED, UNREACHED, UNPATCHED = "killed", "survived", "unreached", "unpatched"
SLOWER = 12.0
GRACE = 20.0


class Mutating:
    """Runs mutants instead of reporting tests.

    Attributes:
        verdicts: what became of each mutant, in order.
    """

    def __init__(self, mutants: list[Mutant], root: Path, jobs: int) -> None:
        self._mutants = mutants
        self._files = {root / one.path: (one.path, one.module) for one in mutants}
        self._jobs = jobs
        self._reached: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._seconds: dict[str, float] = {}
        self._now = ""
        self.verdicts: list[tuple[Mutant, str]] = []
        self.broken: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from hypothesis import settings  # pytest wants to load it before anyone else does

        items = session.items
        settings.register_profile("mutation", deadline=None, max_examples=15, derandomize=True)
        settings.load_profile("mutation")
        began = time.monotonic()
        self._run_once(items)
        print(f"\n{len(items)} tests once in {time.monotonic() - began:.0f} s", flush=True)
        if self.broken:
            return True
        self._run_mutants({item.nodeid: item for item in items})
        return True

    def _run_once(self, items: list[pytest.Item]) -> None:
        watched = [
            watch(path, module, self._seen, named) for path, (named, module) in self._files.items()
        ]
        for number, item in enumerate(items):
            self._now, began = item.nodeid, time.monotonic()
            following = items[number + 1] if number + 1 < len(items) else None
            reports = runtestprotocol(item, nextitem=following, log=False)
            self._seconds[item.nodeid] = time.monotonic() - began
            self.broken += [item.nodeid for report in reports if report.failed]
        for before in watched:
            unwatch(before)

    def _seen(self, path: str, where: str) -> None:
        self._reached[path, where].add(self._now)

    def _tests_for(self, mutant: Mutant, items: dict[str, pytest.Item]) -> list[str]:
        """Tests that reach what was changed; of a constant, those that import it too."""
        found: set[str] = set()
        if mutant.is_constant:
            found = {nodeid for nodeid, item in items.items() if _imports(item, mutant)}
        for (path, where), tests in self._reached.items():
            if path == mutant.path and (mutant.is_constant or where == mutant.where):
                found |= tests
        return sorted(found, key=lambda nodeid: self._seconds[nodeid])

    def _run_mutants(self, items: dict[str, pytest.Item]) -> None:
        running: dict[int, Mutant] = {}
        gc.freeze()  # forks need not look through what was there before them
        for mutant in self._mutants:
            tests = self._tests_for(mutant, items)
            if not tests:
                self.verdicts.append((mutant, UNREACHED))
                continue
            while len(running) >= self._jobs:
                self._reap(running)
            timed = [(items[nodeid], GRACE + SLOWER * self._seconds[nodeid]) for nodeid in tests]
            running[_fork(mutant, timed)] = mutant
        while running:
            self._reap(running)

    def _reap(self, running: dict[int, Mutant]) -> None:
        """Wait until one has ended; one that was ended by its alarm, or crashed, was noticed."""
        pid, status = os.wait()
        while pid not in running:  # what a test has left behind
            pid, status = os.wait()
        verdict = {0: SURVIVED, 77: UNPATCHED}.get(os.waitstatus_to_exitcode(status), KILLED)
        self.verdicts.append((running.pop(pid), verdict))
        if len(self.verdicts) % 25 == 0:
            print(f"{len(self.verdicts)} mutants tried", flush=True)


def _imports(item: pytest.Item, mutant: Mutant) -> bool:
    """Whether a test's file has a constant, or the module that it stands in."""
    names = vars(getattr(item, "module", None) or object)
    return mutant.where in names or any(
        value is sys.modules[mutant.module] for value in names.values()
    )


def _fork(mutant: Mutant, timed: list[tuple[pytest.Item, float]]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        random.seed(1)
        patch(mutant)
        code = _failed(timed)
    except NotPatchable:
        code = 77
    except BaseException:
        code = 1
    finally:
        os._exit(code)


def _failed(timed: list[tuple[pytest.Item, float]]) -> int:
    """1 when a test fails. One that takes longer than its seconds ends the process (SIGALRM)."""
    for number, (item, seconds) in enumerate(timed):
        following = timed[number + 1][0] if number + 1 < len(timed) else None
        signal.setitimer(signal.ITIMER_REAL, seconds)
        if any(report.failed for report in runtestprotocol(item, nextitem=following, log=False)):
            return 1
    return 0


def write(verdicts: list[tuple[Mutant, str]], where: Path) -> None:
    """The verdicts as JSON, for whoever wants to look at them later."""
    found = [
        {"verdict": verdict, "key": mutant.key, "line": mutant.line} for mutant, verdict in verdicts
    ]
    where.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
