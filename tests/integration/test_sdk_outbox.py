"""The outbox against a real hub that goes away and comes back: everything once, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from zongheng_sdk import AsyncHub, Hub
from zongheng_sdk.outbox_store import Entry
from zongheng_sdk.testing import LocalHub

COUNTY = "140105"

Settle = Callable[[Iterable[Entry]], None]


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol(COUNTY).catalogue.adopt("snap")
        yield running


@pytest.fixture
def county(local: LocalHub) -> Hub:
    return local.enrol(COUNTY)


def test_a_filing_made_while_the_hub_is_away_is_sent_once(
    local: LocalHub, county: Hub, tmp_path: Path
) -> None:
    with Hub.open(county.identity, operator="王某某", timeout=1.0) as hub:
        outbox = hub.outbox(tmp_path / "outbox.sqlite3")
        snap = outbox.module("snap")
        before = hub.module("snap").list_reports(page_size=1).total
        with local.away():
            outbox.put("msg-1", snap.file_report, source_id="away-1", title="路灯不亮")
            assert outbox.flush().waiting == 1
        assert outbox.flush(patience=60).sent == 1
        assert outbox.flush().sent == 0
        assert hub.module("snap").list_reports(page_size=1).total == before + 1
        outbox.close()


def test_an_act_whose_answer_was_lost_gets_its_first_result(
    county: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, copy = tmp_path / "outbox.sqlite3", tmp_path / "copy.sqlite3"
    indices = []
    for file in (path, copy):
        outbox = county.outbox(file)
        outbox.put("need-1", county.needs.file, kind="data", title="需要低保比对数据")
        settle = outbox._store.settle

        def copied_first(entries: Iterable[Entry], settle: Settle = settle) -> None:
            """The file as it was when the answer came, and before it was kept."""
            for part in ("", "-wal") if not copy.exists() else ():
                Path(f"{copy}{part}").write_bytes(Path(f"{path}{part}").read_bytes())
            settle(entries)

        if file is path:
            monkeypatch.setattr(outbox._store, "settle", copied_first)
        assert outbox.flush().sent == 1
        entry = outbox.find("need-1")
        assert entry is not None
        assert entry.in_log is not None
        indices.append((entry.in_log.index, entry.in_log.replayed, entry.reply))
        outbox.close()
    assert indices[0][0] == indices[1][0]
    assert [replayed for _, replayed, _ in indices] == [False, True]
    assert indices[0][2] == indices[1][2]


async def test_the_async_outbox_keeps_many_under_way(county: Hub, tmp_path: Path) -> None:
    async with AsyncHub.open(county.identity, operator="王某某") as hub:
        outbox = hub.outbox(tmp_path / "outbox.sqlite3")
        snap = await outbox.module("snap")
        items = [(f"m-{n}", {"source_id": f"many-{n}", "title": f"第{n}条"}) for n in range(200)]
        await outbox.put_all(snap.file_report, items)
        await outbox.put_all(snap.file_report, items)
        flushed = await outbox.flush(concurrency=16, patience=30)
        assert (flushed.sent, flushed.refused, flushed.waiting) == (200, 0, 0)
        places = {entry.in_log.index for entry in await outbox.entries("sent") if entry.in_log}
        assert len(places) == 200
        outbox.close()
