"""A hub killed at any moment loses no act it acknowledged and never forks its log."""

from __future__ import annotations

import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.logs import entry, opened
from zongheng_hub.tlog.fsck import verify_store
from zongheng_hub.tlog.service import prove_consistency
from zongheng_sdk.audit import load_entry, verify_growth, verify_log
from zongheng_sdk.notes import verify_checkpoint

ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = 6


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_loses_nothing_and_forks_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where: Path | str = tmp_path / "hub.sqlite3"
    if database == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    folder = tmp_path / "tlog"
    acknowledged: dict[int, int] = {}
    checkpoints: list[bytes] = []
    dice = random.Random(database)
    for turn in range(KILLS):
        lines = run_and_kill(where, folder, turn * 100_000, dice.randint(1, 2_000))
        for line in lines:
            index, _, number = line.partition(" ")
            if index != "published":
                assert acknowledged.setdefault(int(index), int(number)) == int(number)
        checkpoints.append((folder / "checkpoint").read_bytes())
        prove_everything(where, folder, acknowledged, checkpoints)


def run_and_kill(where: Path | str, folder: Path, first: int, after: int) -> list[str]:
    """Lines that an appending process said before SIGKILL, which comes after so many of them."""
    command = [sys.executable, "-m", "tests.integration.appending_hub", str(where), str(folder)]
    process = subprocess.Popen([*command, str(first)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(after)]
    process.kill()
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait() == -9
    whole = "".join(lines) + rest
    return whole[: whole.rfind("\n")].splitlines()


def prove_everything(
    where: Path | str, folder: Path, acknowledged: dict[int, int], checkpoints: list[bytes]
) -> None:
    with opened(where, folder) as log:
        log.publish()
        stored = log.store.read_now(lambda c: verify_store(c, log.sequencer.signer))
        verdict = verify_log(folder, log.vkey)
        assert (stored.faults, verdict.faults) == ((), ())
        assert stored.size == verdict.size > max(acknowledged)
        lost = [
            index
            for index, number in sorted(acknowledged.items())[-500:]
            if load_entry(folder, index, verdict.size) != entry(number).leaf
        ]
        assert lost == []
        newest = (folder / "checkpoint").read_bytes()
        for older in checkpoints:
            size = verify_checkpoint(older, log.vkey).size
            if size:
                hashes = log.store.read_now(partial(prove_consistency, old=size))
                verify_growth(older, newest, hashes, log.vkey)
