"""Of acts that are carried out together, those that fail take nothing from those that succeed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, select
from sqlalchemy.schema import CreateSchema

from tests.logs import Log, entry, opened
from zongheng_hub.hosting import outbox
from zongheng_hub.hosting.outbox import Outbox
from zongheng_hub.store import Entry, Store, Tx, open_store
from zongheng_hub.tlog.fsck import verify_store
from zongheng_protos.errors import Invalid

metadata = MetaData()
made = Table("attack_made", metadata, Column("id", Integer, primary_key=True))
ACTS = 1200
WAYS = ("well", "well", "well", "early", "late", "refused", "broken")


@dataclass(frozen=True, slots=True)
class Stores:
    """The hub's own store with its log, and a module's."""

    log: Log
    module: Store


@contextmanager
def both(database: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Stores]:
    core: Path | str = folder / "hub.sqlite3"
    own: Path | str = folder / "module.sqlite3"
    schema = None
    if database == "postgresql":
        core = own = request.getfixturevalue("postgresql_url")
        schema = "module_attacked"
    with opened(core, folder / "tlog") as log:
        metadata.create_all(log.store.writer)
        module = open_store(own, schema=schema, journal=Outbox())
        try:
            if schema:
                with module.writer.begin() as connection:
                    connection.execute(CreateSchema(schema))
            for tables in (metadata, outbox.metadata):
                tables.create_all(module.writer)
            yield Stores(log, module)
        finally:
            module.close()


def carry_out(tx: Tx, number: int, way: str) -> Entry:
    """One act's rows and entry, or what goes wrong with it; number 0 is taken already."""
    act = entry(number)
    if tx.recorded(act.key) is not None:
        return act
    if way == "early":
        raise Invalid("before anything was written")
    tx.insert(made, {"id": 0 if way == "refused" else number})
    if number % 5 == 0:
        tx.one(select(func.count()).select_from(made))  # has the group's rows written now
    tx.append(act)
    if way == "late":
        raise Invalid("after everything was written")
    if way == "broken":
        tx.one(select(func.no_such_function(made.c.id)))
    return act


async def attempt(stores: Stores, number: int) -> int | None:
    """The act's index in the log; None when it failed, as it was to."""
    way = WAYS[number % len(WAYS)]
    key = entry(number).key

    def core(tx: Tx) -> int:
        known = tx.recorded(key)
        index = tx.next_index()
        carry_out(tx, number, way)
        return known.index if known else index

    def log_it(tx: Tx) -> int:
        known = tx.recorded(key)
        return known.index if known else tx.append(entry(number))

    try:
        if number % 2:
            return await stores.log.store.write(core, key=key)
        return await stores.module.write_through(
            lambda tx: carry_out(tx, number, way), lambda _: (stores.log.store, log_it), key=key
        )
    except Exception:
        assert way != "well"
        return None


async def attack(stores: Stores) -> dict[int, int]:
    """The indices of the acts that succeeded; each was sent twice at once."""
    for store in (stores.log.store, stores.module):
        await store.write(lambda tx: tx.insert(made, {"id": 0}))
    numbers = [*range(1, ACTS), *range(1, ACTS)]
    indices = await asyncio.gather(*(attempt(stores, number) for number in numbers))
    done: dict[int, int] = {}
    for number, index in zip(numbers, indices, strict=True):
        assert (index is not None) == (WAYS[number % len(WAYS)] == "well")
        if index is not None:
            assert done.setdefault(number, index) == index
    return done


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_answered_stands_once_and_what_failed_left_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with both(database, tmp_path, request) as stores:
        done = asyncio.run(attack(stores))
        log = stores.log
        assert log.store.figures.largest > 1
        assert log.store.figures.undone > 0
        verdict = log.store.read_now(lambda c: verify_store(c, log.sequencer.signer))
        rows = log.store.read_now(lambda c: set(c.scalars(select(made.c.id))))
        module_rows = stores.module.read_now(lambda c: set(c.scalars(select(made.c.id))))

    assert (verdict.size, verdict.faults) == (len(done), ())
    assert sorted(done.values()) == list(range(len(done)))
    assert rows == {0} | {number for number in done if number % 2}
    assert module_rows == {0} | {number for number in done if not number % 2}
