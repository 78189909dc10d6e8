"""Entries are found by who acted, whether their lot is indexed yet or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.logs import entry, opened, record
from zongheng_hub.tlog import by_actor
from zongheng_hub.tlog.by_actor import index_lot, indexed_end
from zongheng_hub.tlog.search import search

LOT = 50


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_actor, "LOT", LOT)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "sqlite":
        return tmp_path / "hub.sqlite3"
    return str(request.getfixturevalue("postgresql_url"))


def everything(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute(text("SELECT idx, actor FROM log_entry"))
    return [(row.idx, row.actor) for row in rows]


def test_entries_are_found_by_actor_before_and_after_their_lot_is_indexed(
    where: Path | str, tmp_path: Path
) -> None:
    mine = [number for number in range(120) if number % 7 == 3]
    with opened(where, tmp_path / "tlog") as log:
        log.append(*map(entry, range(120)))
        acted = log.store.read_now(everything)
        wanted = sorted((index for index, actor in acted if actor == "t_county3"), reverse=True)
        assert len(wanted) == len(mine)
        for indexed in (0, 50, 100, 100):
            assert log.store.read_now(indexed_end) == indexed
            found = log.store.read_now(lambda c: search(c, actor="t_county3", limit=99))
            assert [index for index, _ in found.rows] == wanted
            assert found.total == len(wanted)
            more = log.store.write_now(index_lot)
            assert more == (indexed < 100)


async def test_publishing_indexes_full_lots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zongheng_hub.tlog.publisher.LOT", LOT)
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        publisher = log.publisher()
        await publisher.start()
        for number in range(LOT + 1):
            await record(log.store, replace(entry(number), actor="t_one"))
        while await log.store.read(indexed_end) < LOT:
            await asyncio.sleep(0)
        await publisher.stop()
        assert log.store.read_now(indexed_end) == LOT
