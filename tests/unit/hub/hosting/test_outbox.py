"""The outbox knows what the log may lack, group by group, until the log has every act of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from tests.logs import entry
from zongheng_hub.hosting import outbox
from zongheng_hub.hosting.outbox import Outbox
from zongheng_hub.store import Store, Tx, open_store

KEYS = [entry(number).key for number in range(3)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "module.sqlite3", journal=Outbox())
    outbox.metadata.create_all(opened.writer)
    yield opened
    opened.close()


async def keep_three(store: Store) -> None:
    acts = (entry(number) for number in range(3))
    await asyncio.gather(*(store.write(partial(Tx.append, entry=act)) for act in acts))


async def pass_by(store: Store) -> None:
    """A later group of the module."""
    await store.write(lambda tx: None)


def waiting(store: Store, until_ms: int | None = None) -> list[bytes]:
    return [kept.key for kept in store.read_now(lambda c: outbox.waiting(c, until_ms))]


def groups(store: Store) -> int:
    count = select(func.count()).select_from(outbox.group_table)
    return store.read_now(lambda c: c.execute(count).scalar_one())


async def test_acts_wait_until_the_log_has_every_one_of_their_group(store: Store) -> None:
    await keep_three(store)
    assert sorted(waiting(store)) == sorted(KEYS)
    for key in KEYS[:2]:
        store.journal.handed_on(key)
    await pass_by(store)
    assert KEYS[2] in waiting(store)
    store.journal.handed_on(KEYS[2])
    await pass_by(store)
    assert (waiting(store), groups(store)) == ([], 0)


async def test_an_act_handed_on_twice_counts_once(store: Store) -> None:
    await keep_three(store)
    for _ in range(3):
        store.journal.handed_on(KEYS[0])
    await pass_by(store)
    assert set(KEYS[1:]) <= set(waiting(store))


async def test_what_a_dead_replica_left_is_found_by_its_age_and_cleared(store: Store) -> None:
    await keep_three(store)
    first = min(entry(number).time_ms for number in range(3))
    assert waiting(store, first - 1) == []
    found = waiting(store, first + 60_000)
    assert sorted(found) == sorted(KEYS)
    await store.write(lambda tx: outbox.mark_logged(tx, found))
    assert (waiting(store), groups(store)) == ([], 0)


async def test_a_group_of_which_one_act_is_not_named_stays(store: Store) -> None:
    await keep_three(store)
    await store.write(lambda tx: outbox.mark_logged(tx, KEYS[:2]))
    assert KEYS[2] in waiting(store)


async def test_rows_that_version_0_1_marked_one_by_one_are_found_and_cleared(store: Store) -> None:
    kept = entry(7)
    row = {name: getattr(kept, name) for name in kept.__slots__} | {"logged": False}
    await store.write(lambda tx: tx.execute(insert(outbox.act_table).values(row)))
    assert waiting(store) == [kept.key]
    await store.write(lambda tx: outbox.mark_logged(tx, [kept.key]))
    assert waiting(store) == []


async def test_a_group_that_is_rolled_back_leaves_nothing_waiting(store: Store) -> None:
    await keep_three(store)
    for key in KEYS:
        store.journal.handed_on(key)

    def fails(tx: object) -> None:
        raise OSError("no further")

    with pytest.raises(OSError, match="no further"):
        await store.write(fails)
    await pass_by(store)
    assert groups(store) == 0
