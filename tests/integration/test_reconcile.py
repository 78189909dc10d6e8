"""Receipts hold the log to what was promised: each way of breaking it is found by who holds one."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from zongheng_hub.data_folder import DataFolder
from zongheng_hub.store import Entry, open_store
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_hub.tlog.tables import LogEntryRow, LogHeadRow, LogTileRow
from zongheng_sdk import AsyncHub, Hub
from zongheng_sdk.proofs import ProofInvalid
from zongheng_sdk.receipt_book import ReceiptBook
from zongheng_sdk.reconcile import Reconciliation, reconcile, settled
from zongheng_sdk.testing import LocalHub
from zongheng_sdk.tiles import open_source
from zongheng_tenants.keys import SigningKey

_entry: Any = LogEntryRow


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path) as running:
        yield running


def reconciled(county: Hub, local: LocalHub) -> Reconciliation:
    identity = county.identity
    source = open_source(local.folder / "hub/tlog")
    note, _ = county.receipts.looked()
    return settled(
        lambda: reconcile(
            county.receipts.kept(),
            source,
            identity.log_vkey,
            tenant=identity.tenant,
            looked=note,
        ),
        tries=4,
    )


def rewrite(data: Path, change: Callable[[list[Entry]], list[Entry]]) -> None:
    """What an operator with the log's own key can do: another history, signed all the same."""
    folder = DataFolder(data)
    sequencer = Sequencer(SigningKey(folder.secret("log.key")), folder.about().origin)
    store = open_store(folder.database, journal=sequencer)
    names = ["key", "leaf", "act", "actor", "subject", "time_ms", "salt"]
    names += ["envelope", "request", "reply"]
    columns = [getattr(_entry, name) for name in names]
    rows = store.read_now(lambda c: c.execute(select(*columns).order_by(_entry.idx)).all())
    kept = change([Entry(*row) for row in rows])

    async def write() -> None:
        def empty(tx: Any) -> None:
            for table in (LogEntryRow, LogTileRow, LogHeadRow):
                tx.execute(delete(table))

        await store.write(empty)
        await store.write(lambda tx: [tx.append(one) for one in kept])

    asyncio.run(write())
    store.close()
    shutil.rmtree(folder.tlog)


def test_what_was_promised_stands_in_the_log(local: LocalHub) -> None:
    county = local.enrol("140105")
    for number in range(3):
        county.needs.file(kind="training", title=f"培训第 {number} 期")
    assert county.audit.look() > 0
    outcome = reconciled(county, local)
    assert outcome.ok, outcome.differences
    kept = county.receipts.kept()
    assert outcome.matched == len(kept)
    assert [one.own for one in kept].count(True) == 3
    assert all(one.envelope and one.salt for one in kept if one.own)


def test_a_party_keeps_entries_that_concern_it_though_others_made_them(local: LocalHub) -> None:
    county, city = local.enrol("140105"), local.enrol("140100")
    county.audit.look()
    acts = {one.index for one in county.receipts.kept()}
    need = county.needs.file(kind="training", title="网格员操作培训")
    local.province.needs.accept(need.id)
    assert county.audit.look() == 1
    new = {one.index for one in county.receipts.kept()} - acts
    assert len(new) == 2
    assert county.audit.look() == 0
    assert city.audit.look() > 0


def test_an_act_dropped_before_it_is_sequenced_is_missed(local: LocalHub) -> None:
    county = local.enrol("140105")
    need = county.needs.file(kind="training", title="网格员操作培训")
    assert need.receipt is not None
    with local.away():
        rewrite(local.folder / "hub", lambda entries: entries[:-1])
    (found,) = reconciled(county, local).differences
    assert (found.kind, found.index) == ("missing", need.receipt.index)
    assert "need.filed" in str(found)


def test_an_entry_left_out_so_that_others_move_up_is_named(local: LocalHub) -> None:
    county = local.enrol("140105")
    first = county.needs.file(kind="training", title="第一件需求")
    second = county.needs.file(kind="training", title="第二件需求")
    assert first.receipt is not None
    assert second.receipt is not None
    dropped = first.receipt.index
    with local.away():
        rewrite(local.folder / "hub", lambda entries: entries[:dropped] + entries[dropped + 1 :])
    outcome = reconciled(county, local)
    assert [(one.kind, one.index) for one in outcome.differences] == [
        ("differs", dropped),
        ("missing", second.receipt.index),
    ]


def test_a_rewritten_log_does_not_continue_what_a_unit_has_looked_at(local: LocalHub) -> None:
    county, neighbour = local.enrol("140105"), local.enrol("140106")
    need = county.needs.file(kind="training", title="网格员操作培训")
    assert need.receipt is not None
    neighbour.audit.look()
    dropped = need.receipt.index
    with local.away():
        rewrite(local.folder / "hub", lambda entries: entries[:dropped] + entries[dropped + 1 :])
    for number in range(3):  # it grows past what was seen
        county.needs.file(kind="training", title=f"之后第 {number} 件")
    outcome = reconciled(neighbour, local)  # whom the dropped entry never concerned
    assert "rewritten" in {one.kind for one in outcome.differences}
    with pytest.raises(ProofInvalid):
        neighbour.audit.look()


def test_an_older_copy_of_the_log_put_back_is_noticed(local: LocalHub, tmp_path: Path) -> None:
    county = local.enrol("140105")
    county.needs.file(kind="training", title="备份之前")
    data = local.folder / "hub"
    with local.away():
        shutil.copytree(data, tmp_path / "backup")
    after = county.needs.file(kind="training", title="备份之后")
    assert after.receipt is not None
    county.audit.look()
    with local.away():
        for file in data.glob("hub.sqlite3*"):
            file.unlink()
        shutil.copy(tmp_path / "backup/hub.sqlite3", data / "hub.sqlite3")
        shutil.rmtree(data / "tlog")
    kinds = [(one.kind, one.index) for one in reconciled(county, local).differences]
    assert kinds == [("behind", None), ("missing", after.receipt.index)]


def test_receipts_of_many_at_once_are_all_kept(local: LocalHub) -> None:
    county = local.enrol("140105")

    async def file_many() -> None:
        path = local.folder / "units/140105"
        async with AsyncHub.open(path, operator="测试员") as hub:
            await asyncio.gather(
                *(hub.needs.file(kind="training", title=f"同时第 {n} 件") for n in range(40))
            )

    asyncio.run(file_many())
    assert len([one for one in county.receipts.kept() if one.own]) == 40
    assert reconciled(county, local).ok


def test_what_opens_shredded_content_is_let_go_here_too(local: LocalHub) -> None:
    county = local.enrol("140105")
    need = county.needs.file(kind="training", title="网格员操作培训")
    assert need.receipt is not None
    county.audit.shred(need.receipt.index, basis="当事人申请〔2026〕12号")
    county.audit.look()
    kept = {one.index: one for one in county.receipts.kept()}
    assert kept[need.receipt.index].envelope == b""
    assert kept[need.receipt.index].leaf == need.receipt.leaf
    assert reconciled(county, local).ok


def test_the_command_line_reconciles_and_ends_with_1_where_something_is_missing(
    local: LocalHub,
) -> None:
    county = local.enrol("140105")
    county.needs.file(kind="training", title="网格员操作培训")
    zongheng = str(Path(sys.executable).with_name("zongheng"))
    identity = str(local.folder / "units/140105/identity.json")
    command = [zongheng, "-i", identity, "audit", "reconcile"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    with local.away():
        rewrite(local.folder / "hub", lambda entries: entries[:-1])
    log = str(local.folder / "hub/tlog")
    told = subprocess.run(
        [*command, "--no-look", "--log", log], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert "缺失 missing" in told.stdout


def test_a_receipt_that_cannot_be_kept_fails_no_act(
    local: LocalHub, caplog: pytest.LogCaptureFixture
) -> None:
    county = local.enrol("140105")
    county.close()
    book = local.folder / "units/140105/receipts.sqlite3"
    book.write_bytes(b"no database" * 100)
    with Hub.open(local.folder / "units/140105", operator="测试员") as again:
        again.needs.file(kind="training", title="网格员操作培训")
    assert "could not be kept" in caplog.text
    ReceiptBook(local.folder).close()
