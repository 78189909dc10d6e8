"""What the web keeps and finds in the store, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import SQLModel

from zongheng_hub.store import Store, Tx, open_store
from zongheng_hub.tlog.search import search
from zongheng_hub.tlog.tables import LogEntryRow
from zongheng_hub.web.sign_ins import LIFETIME_MS, StoredSignIns

DAY_MS = 86_400_000
START_MS = 1_795_104_000_000  # 2026-11-20 00:00 in Beijing


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    is_file = request.param == "sqlite"
    opened = open_store(
        tmp_path / "hub.sqlite3" if is_file else request.getfixturevalue("postgresql_url")
    )
    SQLModel.metadata.create_all(opened.writer)
    yield opened
    opened.close()


async def test_a_link_is_good_for_15_minutes_and_once(store: Store) -> None:
    clock = Clock()
    here, there = StoredSignIns(store, clock), StoredSignIns(store, clock)
    token, late = await here.mint("t_1", "王小明"), await here.mint("t_2", "李某某")

    clock.now_ms += LIFETIME_MS - 1
    assert await there.consume(token) == ("t_1", "王小明")
    assert await here.consume(token) is None
    clock.now_ms += 1
    assert await here.consume(late) is None
    assert await here.consume("nothing") is None


async def test_the_store_never_sees_a_token(store: Store, tmp_path: Path) -> None:
    token = await StoredSignIns(store, Clock()).mint("t_1", "王小明")

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert token.encode() not in kept


def fill(tx: Tx) -> None:
    """Twelve entries, two a day, by two units in turn."""
    for index in range(12):
        tx.execute(
            insert(LogEntryRow).values(
                idx=index,
                key=str(index).encode(),
                leaf=f"leaf {index}".encode(),
                act="need.filed" if index % 3 else "data.granted",
                actor=f"t_{index % 2}",
                subject=f"n_{index // 2}",
                time_ms=START_MS + index * DAY_MS // 2,
                salt=b"",
                envelope=b"",
                request=b"",
                reply=b"",
            )
        )


async def test_the_log_is_searched_newest_first(store: Store) -> None:
    await store.write(fill)

    found = await store.read(lambda c: search(c, limit=5))

    assert [index for index, _ in found.rows] == [11, 10, 9, 8, 7]
    assert found.rows[0][1] == b"leaf 11"
    assert found.total == 12
    assert found.days[0] == (date(2026, 11, 20), 2)


async def test_the_log_is_narrowed_by_act_unit_subject_and_time(store: Store) -> None:
    await store.write(fill)

    async def indices(**query: object) -> list[int]:
        found = await store.read(lambda c: search(c, **query))  # type: ignore[arg-type]
        assert found.total >= len(found.rows)
        return [index for index, _ in found.rows]

    assert await indices(act="data.granted") == [9, 6, 3, 0]
    assert await indices(act="need.*", actor="t_1") == [11, 7, 5, 1]
    assert await indices(subject="n_2") == [5, 4]
    assert await indices(since_ms=START_MS + DAY_MS, until_ms=START_MS + 2 * DAY_MS) == [3, 2]
    assert await indices(below=2) == [1, 0]
    assert await indices(act="%*") == []


async def test_an_empty_log_is_empty(store: Store) -> None:
    found = await store.read(lambda c: search(c))

    assert (list(found.rows), found.total, list(found.days)) == ([], 0, [])
