"""Whoever alters the log is caught: by its readers, by who kept a checkpoint, or by the hub itself.

`make soak ARGS=flips` flips 10,000 bits; the threat model says which party catches what.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.log_flips import SIZES, Evidence, Flips, evidence_of
from tests.logs import KEY, Log, entry, opened
from zongheng_hub.tlog.service import prove_consistency, prove_inclusion
from zongheng_sdk.audit import verify_entry, verify_growth, verify_log
from zongheng_sdk.proofs import ProofInvalid
from zongheng_sdk.tiles import split_bundle

BUNDLE = "tile/entries/001"
SIZE = 600
FLIPS = 400


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    folder = tmp_path_factory.mktemp("log")
    with opened(folder / "hub.sqlite3", folder / "tlog") as log:
        yield evidence_of(log)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as opened_log:
        opened_log.append(*map(entry, range(SIZE)))
        opened_log.publish()
        yield opened_log


def test_every_flipped_bit_is_noticed_and_its_file_named(evidence: Evidence) -> None:
    flips = Flips(evidence, random.Random(SIZES[1]))
    for _ in range(FLIPS):
        flips.flip_once()
    assert flips.missed == []
    assert len(flips.done) == 5


def deleted(entries: list[bytes]) -> list[bytes]:
    return [*entries[:7], *entries[8:], entry(SIZE).leaf]


def reordered(entries: list[bytes]) -> list[bytes]:
    return [*entries[:7], entries[8], entries[7], *entries[9:]]


def inserted(entries: list[bytes]) -> list[bytes]:
    return [*entries[:7], entry(SIZE).leaf, *entries[7:-1]]


@pytest.mark.parametrize("change", [deleted, reordered, inserted])
def test_readers_name_the_first_entry_of_a_bundle_that_was_changed(
    log: Log, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    path = log.folder / BUNDLE
    entries = change(list(split_bundle(path.read_bytes(), 256)))
    path.write_bytes(b"".join(len(each).to_bytes(2, "big") + each for each in entries))
    verdict = verify_log(log.folder, log.vkey)
    assert (verdict.faults[0].place, verdict.faults[0].index) == (BUNDLE, 256 + 7)


@pytest.mark.parametrize("numbers", [[0, 2, 3], [0, 2, 1, 3], [0, 9, 1, 2, 3]])
def test_a_history_made_anew_with_the_logs_own_key_contradicts_what_was_kept(
    tmp_path: Path, numbers: list[int]
) -> None:
    """A hub's operator who deletes, swaps or inserts an entry and signs all of it once more."""
    with opened(tmp_path / "true.sqlite3", tmp_path / "true") as true:
        true.append(*map(entry, range(4)))
        kept = (true.publish() / "checkpoint").read_bytes()
        receipt = true.store.read_now(partial(prove_inclusion, index=1))
    with opened(tmp_path / "false.sqlite3", tmp_path / "false") as false:
        for number in [*numbers, 100, 101]:
            false.append(entry(number))
        shown = (false.publish() / "checkpoint").read_bytes()
        assert verify_log(false.folder, false.vkey).ok, "alone, the new history looks sound"
        growth = false.store.read_now(partial(prove_consistency, old=4))
        with pytest.raises(ProofInvalid):
            verify_growth(kept, shown, growth, false.vkey)
        proof = false.store.read_now(partial(prove_inclusion, index=1))
        with pytest.raises(ProofInvalid):
            verify_entry(receipt.leaf, receipt.index, proof.hashes, shown, false.vkey)


def test_a_database_and_files_rolled_back_together_are_behind_what_was_kept(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        log.append(*map(entry, range(3)))
        log.publish()
        backup(tmp_path / "hub.sqlite3", tmp_path / "old.sqlite3")
        shutil.copytree(tmp_path / "tlog", tmp_path / "old")
        log.append(entry(3))
        kept = (log.publish() / "checkpoint").read_bytes()
    with opened(tmp_path / "old.sqlite3", tmp_path / "old") as log:
        back = (log.publish() / "checkpoint").read_bytes()
        with pytest.raises(ProofInvalid, match="from 4 entries to 3"):
            verify_growth(kept, back, (), log.vkey)
        log.append(entry(4), entry(5))
        forked = (log.publish() / "checkpoint").read_bytes()
        growth = log.store.read_now(partial(prove_consistency, old=4))
        with pytest.raises(ProofInvalid, match="does not continue"):
            verify_growth(kept, forked, growth, log.vkey)


def test_two_sequencers_on_copies_of_one_database_are_a_fork_for_who_sees_both(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "one.sqlite3", tmp_path / "one") as log:
        log.append(entry(0))
    backup(tmp_path / "one.sqlite3", tmp_path / "two.sqlite3")
    seen = []
    for name, number in (("one", 1), ("two", 2)):
        with opened(tmp_path / f"{name}.sqlite3", tmp_path / name, key=KEY) as log:
            log.append(entry(number))
            seen.append((log.publish() / "checkpoint").read_bytes())
    with pytest.raises(ProofInvalid, match="forked"):
        verify_growth(seen[0], seen[1], (), log.vkey)


def backup(database: Path, copy: Path) -> None:
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
