"""The published files are whole at every size, follow the log, and never contradict it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.logs import Log, entry, opened, record
from zongheng_hub.tlog.faults import LogBehind, LogDamaged
from zongheng_hub.tlog.service import prove_consistency, prove_inclusion
from zongheng_sdk.audit import verify_entry, verify_growth, verify_log
from zongheng_sdk.proofs import leaf_hash, merkle_root, verify_inclusion
from zongheng_tenants.keys import SigningKey


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as opened_log:
        yield opened_log


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_every_size_to_600_is_published_and_proven(log: Log) -> None:
    log.store.write_now(lambda tx: tx.next_index())
    publisher = log.publisher()
    publisher.open()
    publisher.publish()
    checkpoints: dict[int, bytes] = {}
    for size in range(1, 601):
        log.append(entry(size - 1))
        assert publisher.publish() == size
        checkpoints[size] = (log.folder / "checkpoint").read_bytes()
        verdict = verify_log(log.folder, log.vkey)
        assert verdict.faults == ()
        assert verdict.size == size
        prove_samples(log, size, checkpoints)


def prove_samples(log: Log, size: int, checkpoints: dict[int, bytes]) -> None:
    """First, middle and last entry are in; the log goes on from some smaller sizes."""
    for index in {0, size // 2, size - 1}:
        proof = log.store.read_now(partial(prove_inclusion, index=index))
        assert proof.checkpoint == checkpoints[size]
        verify_entry(proof.leaf, index, proof.hashes, checkpoints[size], log.vkey)
    for old in {1, size // 3 + 1, size}:
        hashes = log.store.read_now(partial(prove_consistency, old=old))
        verify_growth(checkpoints[old], checkpoints[size], hashes, log.vkey)


def test_every_entry_is_proven_at_every_small_size(log: Log) -> None:
    log.append(*(entry(number) for number in range(70)))
    hashes = [leaf_hash(entry(number).leaf) for number in range(70)]
    for size in range(1, 71):
        root = merkle_root(hashes[:size])
        for index in range(size):
            proof = log.store.read_now(partial(prove_inclusion, index=index, size=size))
            verify_inclusion(
                index=index, size=size, leaf=hashes[index], proof=proof.hashes, root=root
            )


def test_superseded_partial_tiles_go_once_the_full_tile_is_there(log: Log) -> None:
    log.append(*(entry(number) for number in range(200)))
    log.publish()
    assert "tile/0/000.p/200" in files(log.folder)
    log.append(*(entry(number) for number in range(200, 300)))
    log.publish()
    assert files(log.folder) == {
        "checkpoint",
        "vkey",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    }


async def test_what_is_committed_is_published_soon(log: Log) -> None:
    publisher = log.publisher()
    await publisher.start()
    assert verify_log(log.folder, log.vkey).size == 0
    await asyncio.gather(*(record(log.store, entry(number)) for number in range(300)))
    await publisher.published(300)
    await record(log.store, entry(300))
    await publisher.published(301)
    assert verify_log(log.folder, log.vkey).ok
    await publisher.stop()
    assert publisher.size == 301


async def test_stopping_publishes_what_is_left(tmp_path: Path) -> None:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        publisher = log.publisher()
        await publisher.start()
        await record(log.store, entry(0))
        await publisher.stop()
        assert verify_log(log.folder, log.vkey).size == 1


async def test_publishing_goes_on_once_the_folder_can_be_written_again(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = log.publisher()
    await publisher.start()
    blocked = log.folder / "tile" / "entries"
    log.folder.joinpath("tile").mkdir()
    blocked.write_text("a file where a folder should be")
    await record(log.store, entry(0))
    while not caplog.records:
        await asyncio.sleep(0)
    assert "could not be published" in caplog.text
    assert verify_log(log.folder, log.vkey).size == 0
    blocked.unlink()
    await publisher.published(1)
    assert verify_log(log.folder, log.vkey).ok
    await publisher.stop()


async def test_acts_of_another_hub_on_the_same_postgresql_are_published(
    postgresql_url: str, tmp_path: Path
) -> None:
    with (
        opened(postgresql_url, tmp_path / "a") as one,
        opened(postgresql_url, tmp_path / "b") as two,
    ):
        publisher = one.publisher()
        await publisher.start()
        await asyncio.gather(*(record(two.store, entry(number)) for number in range(5)))
        await publisher.published(5)
        await publisher.stop()
        assert verify_log(one.folder, one.vkey).ok


def test_lost_files_are_published_again_at_the_next_start(log: Log) -> None:
    log.append(*(entry(number) for number in range(600)))
    log.publish()
    whole = {name: (log.folder / name).read_bytes() for name in files(log.folder)}
    (log.folder / "tile/0/001").unlink()
    log.publish()
    assert {name: (log.folder / name).read_bytes() for name in files(log.folder)} == whole
    shutil.rmtree(log.folder)
    log.publish()
    assert {name: (log.folder / name).read_bytes() for name in files(log.folder)} == whole


def test_a_database_older_than_what_was_published_is_refused(tmp_path: Path) -> None:
    database, copy = tmp_path / "hub.sqlite3", tmp_path / "backup.sqlite3"
    with opened(database, tmp_path / "tlog") as log:
        log.append(entry(0))
        backup(database, copy)
        log.append(entry(1))
        log.publish()
    with (
        opened(copy, tmp_path / "tlog") as log,
        pytest.raises(LogBehind, match="published at 2 entries but the database holds 1"),
    ):
        log.publish()


def test_a_database_of_another_history_is_refused(tmp_path: Path) -> None:
    database, copy = tmp_path / "hub.sqlite3", tmp_path / "backup.sqlite3"
    with opened(database, tmp_path / "tlog") as log:
        log.append(entry(0))
        backup(database, copy)
        log.append(entry(1))
        log.publish()
    with opened(copy, tmp_path / "tlog") as log:
        log.append(entry(2), entry(3))
        with pytest.raises(LogDamaged, match="different histories of 2 entries"):
            log.publish()


def test_files_of_another_log_are_refused(log: Log, tmp_path: Path) -> None:
    log.append(entry(0))
    log.publish()
    other_key = SigningKey.generate()
    with opened(tmp_path / "other.sqlite3", log.folder, key=other_key) as other:
        with pytest.raises(LogDamaged, match="vkey names another key"):
            other.publish()
        (log.folder / "vkey").unlink()
        with pytest.raises(LogDamaged, match="was not signed as"):
            other.publish()


def test_a_database_signed_with_another_key_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        log.append(entry(0))
    key = SigningKey.generate()
    with (
        opened(tmp_path / "hub.sqlite3", tmp_path / "tlog", key=key) as log,
        pytest.raises(LogDamaged, match="head at 1 entries was not signed as"),
    ):
        log.publish()


def test_a_published_checkpoint_that_cannot_be_read_is_refused(log: Log) -> None:
    log.append(entry(0))
    log.publish()
    (log.folder / "checkpoint").write_bytes(b"no checkpoint")
    with pytest.raises(LogDamaged, match="cannot be read as a checkpoint"):
        log.publish()


def backup(database: Path, copy: Path) -> None:
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
