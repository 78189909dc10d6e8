"""A module's rows and the log are two stores: no attack and no crash makes them disagree."""

from __future__ import annotations

import base64
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from tests.integration.running_hub import RawClient, as_zongheng, client_of, running_hub
from tests.integration.web_client import WebClient
from zongheng_hub.tlog.leaf import commitment
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_module_snap.v1 import snap_pb2 as snap
from zongheng_protos import errors
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.tlog.v1 import tlog_pb2
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.act import METADATA_KEY, RECEIPT_KEY
from zongheng_tenants.identity import Identity

ROOT = Path(__file__).resolve().parent.parent.parent
FILE_NEED = "/zongheng.needs.v1.NeedsService/FileNeed"
FILE = "/zongheng.snap.v1.SnapService/FileReport"
LIST = "/zongheng.snap.v1.SnapService/ListReports"
LOG = "/zongheng.tlog.v1.LogService/"
REPORT = snap.FileReportRequest(title="路灯不亮").SerializeToString()
OTHER_REPORT = snap.FileReportRequest(title="井盖丢失").SerializeToString()
NEED = needs.FileNeedRequest(
    kind=needs.NEED_KIND_DATA, title="没有户表数据", urgency=needs.URGENCY_NORMAL
).SerializeToString()

KILLED_BETWEEN = """
import os, signal, sys, time
from pathlib import Path
from zongheng_hub.store.store import Store
from zongheng_hub.testing import start

whole = Store._carry_out

def carry_out(self, group):
    if any(job.source is not None for job in group):
        os.kill(os.getpid(), signal.SIGKILL)
    whole(self, group)

hub = start(Path(sys.argv[1]))
Store._carry_out = carry_out
print(hub.grpc_address, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol("140105").catalogue.adopt("snap")
        yield running


@pytest.fixture
def county(local: LocalHub) -> Iterator[RawClient]:
    with client_of(local.enrol("140105").identity) as client:
        yield client


def send(client: RawClient, method: str, body: bytes, act: bytes) -> tuple[bytes, tlog_pb2.Receipt]:
    """The reply and its receipt."""
    stub: Any = client.channel.unary_unary(method)
    try:
        reply, call = stub.with_call(body, metadata=[(METADATA_KEY, act)], timeout=20)
    except grpc.RpcError as error:
        raise as_zongheng(error) from None
    receipt = dict(call.trailing_metadata())[RECEIPT_KEY]
    return reply, tlog_pb2.Receipt.FromString(receipt)


def reports(client: RawClient) -> int:
    return snap.ListReportsReply.FromString(client.call(LIST, snap.ListReportsRequest())).total


def size(client: RawClient) -> int:
    asked = tlog_pb2.ListEntriesRequest(limit=1)
    return tlog_pb2.ListEntriesReply.FromString(
        client.call(LOG + "ListEntries", asked, signed=False)
    ).size


def check_receipt(client: RawClient, receipt: tlog_pb2.Receipt, act: bytes) -> None:
    """The log holds at this index this very leaf, which commits to this very envelope."""
    content = tlog_pb2.GetContentReply.FromString(
        client.call(LOG + "GetContent", tlog_pb2.GetContentRequest(index=receipt.index))
    )
    assert (content.leaf, content.salt) == (receipt.leaf, receipt.salt)
    assert content.envelope == act
    assert commitment(receipt.salt, act) == Leaf.FromString(receipt.leaf).commitment


def test_a_nonce_of_a_core_act_used_through_a_module_hides_nothing_from_the_log(
    county: RawClient,
) -> None:
    nonce = secrets.token_bytes(16)
    need, report = (
        county.act(method, body, nonce=nonce)
        for method, body in ((FILE_NEED, NEED), (FILE, REPORT))
    )
    reply, first = send(county, FILE_NEED, NEED, need)
    before, entries = reports(county), size(county)

    filed, second = send(county, FILE, REPORT, report)

    assert snap.FileReportReply.FromString(filed).report_id.startswith("r_")
    assert (reports(county), size(county)) == (before + 1, entries + 1)
    assert Leaf.FromString(second.leaf).act == "snap.report.filed"
    for act, receipt in ((need, first), (report, second)):
        check_receipt(county, receipt, act)

    again = send(county, FILE, REPORT, county.act(FILE, REPORT, nonce=nonce))
    assert again[0] == filed
    assert (again[1].index, again[1].leaf, again[1].replayed) == (second.index, second.leaf, True)
    assert send(county, FILE_NEED, NEED, need)[0] == reply
    assert (reports(county), size(county)) == (before + 1, entries + 1)


def test_a_nonce_of_a_modules_act_is_refused_for_any_other_request(county: RawClient) -> None:
    nonce = secrets.token_bytes(16)
    send(county, FILE, REPORT, county.act(FILE, REPORT, nonce=nonce))
    before, entries = reports(county), size(county)
    for method, body in ((FILE_NEED, NEED), (FILE, OTHER_REPORT)):
        with pytest.raises(errors.NonceReused):
            send(county, method, body, county.act(method, body, nonce=nonce))
    assert (reports(county), size(county)) == (before, entries)


@pytest.mark.parametrize(("method", "body"), [(FILE, REPORT), (FILE_NEED, NEED)])
def test_one_act_sent_at_once_over_grpc_and_connect_acts_once(
    local: LocalHub, county: RawClient, method: str, body: bytes
) -> None:
    nonce = secrets.token_bytes(16)
    acts = [county.act(method, body, nonce=nonce, now_ms=now_ms()) for _ in range(20)]
    entries = size(county)

    def over_grpc(act: bytes) -> tuple[bytes, tlog_pb2.Receipt]:
        return send(county, method, body, act)

    def over_connect(act: bytes) -> tuple[bytes, tlog_pb2.Receipt]:
        answer = WebClient(local.web_address).post(
            method,
            body,
            headers={
                "content-type": "application/proto",
                METADATA_KEY: base64.b64encode(act).decode(),
            },
        )
        assert answer.status == 200, answer.text
        receipt = base64.b64decode(answer.headers[RECEIPT_KEY] + "==")
        return answer.content, tlog_pb2.Receipt.FromString(receipt)

    with ThreadPoolExecutor(20) as pool:
        futures = [
            pool.submit((over_grpc, over_connect)[number % 2], act)
            for number, act in enumerate(acts)
        ]
        answers = [future.result() for future in futures]

    assert size(county) == entries + 1
    assert len({reply for reply, _ in answers}) == 1
    assert len({(receipt.index, receipt.leaf, receipt.salt) for _, receipt in answers}) == 1
    assert [receipt.replayed for _, receipt in answers].count(False) == 1
    winner = next(act for act, (_, got) in zip(acts, answers, strict=True) if not got.replayed)
    check_receipt(county, answers[0][1], winner)


def test_rows_that_the_log_could_not_take_reach_it_without_another_call(
    county: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = Sequencer.flush
    monkeypatch.setattr("zongheng_hub.hosting.tidying.STALE_MS", 500)
    before, entries, act = reports(county), size(county), county.act(FILE, REPORT)

    def full(self: Sequencer, connection: Connection) -> None:
        if self.pending():
            raise OperationalError("", (), sqlite3.OperationalError("database or disk is full"))
        flush(self, connection)

    with monkeypatch.context() as patched:
        patched.setattr(Sequencer, "flush", full)
        with pytest.raises(errors.StoreFull):
            send(county, FILE, REPORT, act)
    assert reports(county) == before + 1

    deadline = time.monotonic() + 10
    while size(county) == entries and time.monotonic() < deadline:
        time.sleep(0.1)
    assert size(county) == entries + 1

    _, receipt = send(county, FILE, REPORT, act)
    assert receipt.replayed
    check_receipt(county, receipt, act)
    assert (reports(county), size(county)) == (before + 1, entries + 1)


def test_an_act_that_is_done_is_answered_though_the_outbox_cannot_be_settled(
    county: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise errors.StoreFull("the hub's database could not grow: its disk is full")

    before, entries = reports(county), size(county)
    monkeypatch.setattr("zongheng_hub.hosting.host.HostedModule.settle", full)
    for number in (1, 2):
        act = county.act(FILE, REPORT)
        _, receipt = send(county, FILE, REPORT, act)
        check_receipt(county, receipt, act)
        assert (reports(county), size(county)) == (before + number, entries + number)


def test_a_hub_killed_between_a_modules_store_and_the_log_carries_the_act_over(
    tmp_path: Path,
) -> None:
    with LocalHub(tmp_path) as running:
        county = running.enrol("140105")
        county.catalogue.adopt("snap")
        identity = county.identity
    nonce = secrets.token_bytes(16)
    act = file_at_a_hub_that_dies(tmp_path / "hub", identity, nonce)

    with (
        running_hub(tmp_path / "hub") as hub,
        client_of(replace(identity, grpc_address=hub.grpc_address)) as client,
    ):
        assert reports(client) == 1
        entries = size(client)
        resigned = client.act(FILE, REPORT, nonce=nonce, now_ms=now_ms() + 1)
        assert resigned != act
        reply, receipt = send(client, FILE, REPORT, resigned)
        assert receipt.replayed
        assert receipt.index == entries - 1
        check_receipt(client, receipt, act)
        assert send(client, FILE, REPORT, act)[0] == reply
        assert (reports(client), size(client)) == (1, entries)


def file_at_a_hub_that_dies(folder: Path, identity: Identity, nonce: bytes) -> bytes:
    """File a report at a hub that is killed once the module's store has it; the act's envelope."""
    command = [sys.executable, "-c", KILLED_BETWEEN, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    with client_of(replace(identity, grpc_address=address)) as client:
        act = client.act(FILE, REPORT, nonce=nonce)
        with pytest.raises(errors.ZonghengError):
            client.call(FILE, REPORT, act=act)
    process.stdout.close()
    assert process.wait(timeout=30) == -signal.SIGKILL
    return act


def now_ms() -> int:
    return int(time.time() * 1000)
