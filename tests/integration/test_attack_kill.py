"""A hub killed under load keeps what it acknowledged, and its modules' rows agree with its log."""

from __future__ import annotations

import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from tests.integration.running_hub import RawClient, client_of, running_hub
from tests.integration.test_attack_two_stores import (
    FILE,
    FILE_NEED,
    LIST,
    LOG,
    NEED,
    REPORT,
    check_receipt,
    now_ms,
    send,
)
from zongheng_module_snap.v1 import snap_pb2 as snap
from zongheng_protos import errors
from zongheng_protos.tlog.v1 import tlog_pb2
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.audit import verify_log
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.identity import Identity

ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = 3
CLIENTS = 6
SERVE = """
import sys, time
from pathlib import Path
from zongheng_hub.testing import start
print(start(Path(sys.argv[1])).grpc_address, flush=True)
time.sleep(120)
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """An act that was sent; answer is None when the hub died before it answered."""

    method: str
    body: bytes
    nonce: bytes
    act: bytes
    answer: tuple[bytes, tlog_pb2.Receipt] | None


def test_a_hub_killed_under_load_keeps_every_act_once_in_both_stores(tmp_path: Path) -> None:
    with LocalHub(tmp_path) as running:
        county = running.enrol("140105")
        county.catalogue.adopt("snap")
        identity = county.identity
    dice = random.Random(9)
    for _ in range(KILLS):
        sent = load_and_kill(tmp_path / "hub", identity, dice.uniform(0.2, 1.5))
        assert any(each.answer for each in sent)
        with (
            running_hub(tmp_path / "hub") as hub,
            client_of(replace(identity, grpc_address=hub.grpc_address)) as client,
        ):
            for each in sent:
                check_kept(client, each)
            check_stores_agree(client)
    vkey = (tmp_path / "hub" / "tlog" / "vkey").read_text().strip()
    assert verify_log(tmp_path / "hub" / "tlog", vkey).faults == ()


def load_and_kill(folder: Path, identity: Identity, after: float) -> list[Sent]:
    """What was sent to a hub until SIGKILL came, so long after its first answer."""
    command = [sys.executable, "-c", SERVE, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    here = replace(identity, grpc_address=process.stdout.readline().strip())
    sent: list[Sent] = []
    answered = threading.Event()

    def client(number: int) -> None:
        with client_of(here) as caller:
            while process.poll() is None:
                method, body = ((FILE, REPORT), (FILE_NEED, NEED))[number % 2]
                nonce = secrets.token_bytes(16)
                act = caller.act(method, body, nonce=nonce)
                try:
                    answer = send(caller, method, body, act)
                except errors.ZonghengError:
                    sent.append(Sent(method, body, nonce, act, None))
                    return
                sent.append(Sent(method, body, nonce, act, answer))
                answered.set()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    assert answered.wait(timeout=30)
    time.sleep(after)
    process.kill()
    for thread in threads:
        thread.join()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return sent


def check_kept(client: RawClient, sent: Sent) -> None:
    """Sending it again, signed anew, gives the first answer where there was one."""
    again = client.act(sent.method, sent.body, nonce=sent.nonce, now_ms=now_ms() + 1)
    reply, receipt = send(client, sent.method, sent.body, again)
    if sent.answer is not None:
        first, proof = sent.answer
        assert receipt.replayed
        assert (reply, receipt.index, receipt.leaf) == (first, proof.index, proof.leaf)
    check_receipt(client, receipt, sent.act if receipt.replayed else again)


def check_stores_agree(client: RawClient) -> None:
    """The log holds one entry for each report, and no other."""
    asked = tlog_pb2.ListEntriesRequest(limit=1000)
    logged: Counter[str] = Counter()
    while entries := read(client, asked):
        leaves = [Leaf.FromString(entry.leaf) for entry in entries]
        logged.update(leaf.subject for leaf in leaves if leaf.act == "snap.report.filed")
        asked.start = entries[-1].index + 1
    assert set(logged.values()) == {1}
    assert set(logged) == set(reports(client))


def read(client: RawClient, asked: tlog_pb2.ListEntriesRequest) -> list[tlog_pb2.LogEntry]:
    answer = client.call(LOG + "ListEntries", asked, signed=False)
    return list(tlog_pb2.ListEntriesReply.FromString(answer).entries)


def reports(client: RawClient) -> list[str]:
    found: list[str] = []
    asked = snap.ListReportsRequest(page_size=500)
    while True:
        page = snap.ListReportsReply.FromString(client.call(LIST, asked))
        found += [each.id for each in page.reports]
        if not page.next_page_token:
            return found
        asked.page_token = page.next_page_token
