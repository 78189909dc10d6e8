"""The store commits many use cases at once and undoes only those that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select, text

from zongheng_hub.store import Store, Tx, open_store
from zongheng_protos.errors import StateConflict, StoreFull, Unavailable

metadata = MetaData()
note = Table("note", metadata, Column("id", Integer, primary_key=True), Column("text", Text))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "notes.sqlite3")
    metadata.create_all(opened.writer)
    yield opened
    opened.close()


def keep(number: int, words: str = "") -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        tx.execute(insert(note).values(id=number, text=words))
        return number

    return work


def count(store: Store) -> int:
    return store.read_now(
        lambda connection: connection.execute(select(func.count()).select_from(note)).scalar_one()
    )


async def test_many_use_cases_at_once_share_few_commits(store: Store) -> None:
    numbers = await asyncio.gather(*(store.write(keep(number)) for number in range(300)))
    assert numbers == list(range(300))
    assert count(store) == 300
    assert store.figures.groups < 100


async def test_a_use_case_that_fails_after_writing_leaves_nothing_and_harms_no_other(
    store: Store,
) -> None:
    def fails(tx: Tx) -> None:
        tx.execute(insert(note).values(id=1000, text="half"))
        raise StateConflict("no further")

    results = await asyncio.gather(
        *(store.write(keep(number)) for number in range(20)),
        store.write(fails),
        *(store.write(keep(number)) for number in range(20, 40)),
        return_exceptions=True,
    )
    assert isinstance(results[20], StateConflict)
    assert [r for r in results if not isinstance(r, Exception)] == list(range(40))
    assert count(store) == 40


async def test_a_use_case_that_is_refused_before_writing_undoes_no_group(store: Store) -> None:
    def refuses(tx: Tx) -> None:
        raise StateConflict("not now")

    results = await asyncio.gather(
        *(store.write(keep(number)) for number in range(10)),
        store.write(refuses),
        return_exceptions=True,
    )
    assert isinstance(results[-1], StateConflict)
    assert store.figures.undone == 0


async def test_a_later_use_case_sees_what_an_earlier_one_of_its_group_wrote(store: Store) -> None:
    def read(tx: Tx) -> str | None:
        row = tx.one(select(note.c.text).where(note.c.id == 7))
        return None if row is None else row.text

    _, seen = await asyncio.gather(store.write(keep(7, "written")), store.write(read))
    assert seen == "written"


async def test_a_double_key_fails_for_the_second_only(store: Store) -> None:
    results = await asyncio.gather(
        store.write(keep(1)), store.write(keep(1)), store.write(keep(2)), return_exceptions=True
    )
    assert results[0] == 1 and results[2] == 2
    assert "UNIQUE" in str(results[1])


async def test_a_full_disk_is_named_and_loses_nothing_written_before(store: Store) -> None:
    await store.write(keep(1, "before"))
    await store.write(lambda tx: tx.connection.execute(text("PRAGMA max_page_count=8")))
    with pytest.raises(StoreFull, match="disk is full"):
        await store.write(keep(2, "x" * 200_000))
    assert count(store) == 1
    await store.write(lambda tx: tx.connection.execute(text("PRAGMA max_page_count=100000")))
    await store.write(keep(2, "x" * 200_000))
    assert count(store) == 2


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match="readonly"):
        await store.read(lambda connection: connection.execute(insert(note).values(id=1)))


async def test_a_caller_who_goes_away_takes_nothing_along(store: Store) -> None:
    waiting = asyncio.create_task(store.write(keep(5)))
    await asyncio.sleep(0)
    waiting.cancel()
    await store.write(keep(6))
    assert count(store) == 2


async def test_a_closed_store_refuses(store: Store) -> None:
    store.close()
    with pytest.raises(Unavailable):
        await store.write(keep(1))
