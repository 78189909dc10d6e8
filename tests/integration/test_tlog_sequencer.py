"""The sequencer keeps one log, on SQLite and on PostgreSQL, alone or beside others."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from tests.logs import TABLES, Log, entry, opened, record
from zongheng_hub.store import Entry, Store, Tx
from zongheng_hub.tlog.faults import HeadMoved, LogDamaged
from zongheng_hub.tlog.fsck import verify_store
from zongheng_hub.tlog.service import read_head
from zongheng_hub.tlog.tables import LogHeadRow, LogTileRow
from zongheng_protos.errors import StateConflict, StoreFull, TooLarge
from zongheng_sdk.notes import verify_checkpoint


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "sqlite":
        return tmp_path / "hub.sqlite3"
    address: str = request.getfixturevalue("postgresql_url")
    return address


@pytest.fixture
def log(where: Path | str, tmp_path: Path) -> Iterator[Log]:
    with opened(where, tmp_path / "tlog") as opened_log:
        yield opened_log


def sound(log: Log) -> int:
    """The log's size, once everything stored about it holds."""
    verdict = log.store.read_now(lambda connection: verify_store(connection, log.sequencer.signer))
    assert verdict.faults == ()
    return verdict.size


def test_an_empty_log_has_a_signed_head(log: Log) -> None:
    assert log.store.write_now(lambda tx: tx.next_index()) == 0
    head = log.store.read_now(read_head)
    assert verify_checkpoint(head.checkpoint, log.vkey).size == 0
    assert sound(log) == 0


def test_acts_that_come_together_get_one_place_each(log: Log) -> None:
    indices = log.append(*(entry(number) for number in range(700)))
    assert sorted(indices) == list(range(700))
    assert log.store.figures.groups < 100
    assert sound(log) == 700


def test_the_log_grows_the_same_in_any_grouping(log: Log) -> None:
    at = 0
    for group in (1, 2, 255, 256, 1, 257, 3):
        log.append(*(entry(number) for number in range(at, at + group)))
        at += group
    assert sound(log) == at
    head = log.store.read_now(read_head)
    assert verify_checkpoint(head.checkpoint, log.vkey).root == head.root


def test_an_act_sent_again_is_found_in_its_group_and_ever_after(log: Log) -> None:
    first = log.append(entry(1), entry(1), entry(2), entry(1))
    assert first == [0, 0, 1, 0]
    assert log.append(entry(2)) == [1]
    found = log.store.write_now(lambda tx: tx.recorded(entry(1).key))
    assert found is not None
    assert (found.index, found.leaf, found.reply) == (0, entry(1).leaf, entry(1).reply)
    assert (found.salt, found.envelope) == (entry(1).salt, entry(1).envelope)
    assert log.store.write_now(lambda tx: tx.recorded(b"another key")) is None
    assert sound(log) == 2


async def test_a_use_case_that_fails_takes_its_act_with_it(log: Log) -> None:
    def fails(tx: Tx) -> None:
        tx.append(entry(1000))
        raise StateConflict("no further")

    results = await asyncio.gather(
        *(record(log.store, entry(number)) for number in range(20)),
        log.store.write(fails),
        *(record(log.store, entry(number)) for number in range(20, 40)),
        return_exceptions=True,
    )
    assert isinstance(results[20], StateConflict)
    assert sorted(index for index in results if isinstance(index, int)) == list(range(40))
    assert await log.store.write(lambda tx: tx.recorded(entry(1000).key)) is None
    assert await asyncio.to_thread(sound, log) == 40


def test_a_leaf_that_no_bundle_can_hold_is_refused(log: Log) -> None:
    with pytest.raises(TooLarge, match="65536 bytes"):
        log.append(replace(entry(0), leaf=b"x" * 65_536))
    assert log.append(entry(1)) == [0]


def test_a_restarted_hub_goes_on_where_the_log_ended(where: Path | str, tmp_path: Path) -> None:
    for start in range(0, 600, 75):
        with opened(where, tmp_path / "tlog") as log:
            indices = log.append(*(entry(number) for number in range(start, start + 75)))
            assert sorted(indices) == list(range(start, start + 75))
    with opened(where, tmp_path / "tlog") as log:
        assert sound(log) == 600


async def test_two_hubs_on_one_database_share_one_log(where: Path | str, tmp_path: Path) -> None:
    with opened(where, tmp_path / "a") as one, opened(where, tmp_path / "b") as two:
        entries = [entry(number) for number in range(400)]
        results = await asyncio.gather(
            *(record(one.store, each) for each in entries[:250]),
            *(record(two.store, each) for each in entries[150:]),
        )
        # Acts 150 to 249 reached both hubs: each was recorded once and answered alike.
        assert results[150:250] == results[250:350]
        assert sorted(results[:150] + results[250:]) == list(range(400))
        for log in (one, two):
            assert await asyncio.to_thread(sound, log) == 400


def test_a_head_that_moved_meanwhile_lets_nothing_be_recorded(log: Log) -> None:
    log.append(entry(0))

    def moved(tx: Tx) -> None:
        tx.append(entry(1))
        statement = update(LogHeadRow).values(size=5)
        tx.connection.execute(statement)

    with pytest.raises(HeadMoved, match="grew past 1 entries from elsewhere"):
        log.store.write_now(moved)
    assert log.append(entry(2)) == [1]
    assert sound(log) == 2


def test_a_log_whose_tiles_were_lost_is_not_continued(where: Path | str, tmp_path: Path) -> None:
    with opened(where, tmp_path / "tlog") as log:
        log.append(*(entry(number) for number in range(3)))
        log.store.write_now(lambda tx: tx.execute(delete(LogTileRow)))
    with opened(where, tmp_path / "tlog") as log, pytest.raises(LogDamaged, match=r"000\.p/3"):
        log.append(entry(4))


def test_a_log_whose_tiles_were_altered_is_not_continued(where: Path | str, tmp_path: Path) -> None:
    with opened(where, tmp_path / "tlog") as log:
        log.append(entry(0))
        log.store.write_now(lambda tx: tx.execute(update(LogTileRow).values(hashes=bytes(32))))
    with opened(where, tmp_path / "tlog") as log, pytest.raises(LogDamaged, match="root"):
        log.append(entry(4))


async def test_hubs_that_take_turns_each_see_what_the_other_wrote(
    where: Path | str, tmp_path: Path
) -> None:
    with opened(where, tmp_path / "a") as one, opened(where, tmp_path / "b") as two:
        turns = [one, two, one, two, two, one]
        assert [await record(log.store, entry(at)) for at, log in enumerate(turns)] == [*range(6)]
        assert await asyncio.to_thread(sound, two) == 6


async def test_a_group_that_the_database_refuses_leaves_the_log_as_it_was(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        await record(log.store, entry(0))
        await limit_pages(log.store)
        huge = replace(entry(1), request=bytes(1_000_000))
        with pytest.raises(StoreFull, match="disk is full"):
            await record(log.store, huge)
        assert await record(log.store, entry(2)) == 1
        assert await asyncio.to_thread(sound, log) == 2


async def limit_pages(store: Store) -> None:
    """Leave the database no more than a few pages to grow by, as a full disk would."""

    def work(tx: Tx) -> None:
        pages = tx.connection.execute(text("PRAGMA page_count")).scalar_one()
        tx.connection.execute(text(f"PRAGMA max_page_count = {pages + 20}"))

    await store.write(work)


def test_the_entry_table_is_kept_in_the_order_of_the_log(tmp_path: Path) -> None:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        log.append(entry(0))
    connection = sqlite3.connect(tmp_path / "hub.sqlite3")
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'log_entry'").fetchone()
    connection.close()
    assert "idx INTEGER NOT NULL" in sql
    assert {table.name for table in TABLES} == {
        "log_entry",
        "log_tile",
        "log_head",
        "log_succession",
        "log_actor",
        "log_actor_end",
        "log_witness",
        "log_offer",
        "log_quorum",
    }


def test_entries_keep_what_they_were_given(log: Log) -> None:
    given: Entry = entry(3)
    log.append(given)
    row = log.store.read_now(
        lambda connection: connection.execute(text("SELECT * FROM log_entry")).mappings().one()
    )
    assert {name: row[name] for name in Entry.__slots__} == {
        name: getattr(given, name) for name in Entry.__slots__
    }
