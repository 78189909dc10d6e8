"""A witness answers as C2SP tlog-witness says, over real sockets, and never cosigns a fork."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.logs import KEY
from tests.witnesses import Asking, Leaves, Listening, leaves, listening, request
from zongheng_protos.errors import FileInTheWay, FileUnusable, StateConflict
from zongheng_sdk.notes import verify_checkpoint
from zongheng_sdk.witness import Witness
from zongheng_sdk.witness_folder import WitnessFolder
from zongheng_tenants.cosignature import cosignatures
from zongheng_tenants.keys import SigningKey

LOG = leaves(300)
FORK = leaves(300, other_from=90)
OTHER_KEY = SigningKey(bytes([9] * 32))


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Listening]:
    with listening(tmp_path / "witness", LOG.vkey) as one:
        yield one


def text_of(checkpoint: bytes) -> bytes:
    return checkpoint.partition(b"\n\n")[0] + b"\n"


def test_it_cosigns_a_log_as_it_grows(witness: Listening) -> None:
    old = 0
    for size in (0, 1, 2, 3, 64, 65, 100, 100, 299, 300):
        note = LOG.checkpoint(size)
        answer = witness.add(old, LOG.proof(old, size), note)
        assert (answer.status, answer.kind) == (200, "text/plain; charset=utf-8")
        lines = answer.body.decode().splitlines(keepends=True)
        (found,) = cosignatures(lines, text_of(note), [witness.witness.folder.key])
        assert found.line == answer.body.decode()
        shown = witness.newest()
        assert shown.body == note + answer.body
        assert verify_checkpoint(shown.body, LOG.vkey).size == size
        old = size


@pytest.mark.parametrize(
    ("old", "proof", "checkpoint", "status"),
    [
        (101, (), LOG.checkpoint(100), 400),
        (120, LOG.proof(100, 120), LOG.checkpoint(120), 409),
        (0, (), LOG.checkpoint(120), 409),
        (99, LOG.proof(99, 120), LOG.checkpoint(120), 409),
        (50, LOG.proof(50, 60), LOG.checkpoint(60), 409),
        (100, LOG.proof(100, 120), FORK.checkpoint(120), 422),
        (100, FORK.proof(100, 120), FORK.checkpoint(120), 422),
        (100, (), FORK.checkpoint(100), 422),
        (100, (), LOG.checkpoint(120), 422),
        (100, (bytes(32),), LOG.checkpoint(100), 422),
        (100, (*LOG.proof(100, 120), bytes(32)), LOG.checkpoint(120), 422),
        (100, LOG.proof(100, 120), Leaves(LOG.leaves, KEY, "another/log").checkpoint(120), 404),
        (100, LOG.proof(100, 120), Leaves(LOG.leaves, OTHER_KEY).checkpoint(120), 403),
        (100, LOG.proof(100, 120), LOG.checkpoint(120).replace(b"\n120\n", b"\n121\n"), 403),
        (100, LOG.proof(100, 120), text_of(LOG.checkpoint(120)) + b"\n", 403),
        (100, LOG.proof(100, 120), b"", 403),
    ],
)
def test_each_fault_has_its_status_and_changes_nothing(
    witness: Listening, old: int, proof: tuple[bytes, ...], checkpoint: bytes, status: int
) -> None:
    assert witness.add(0, (), LOG.checkpoint(100)).status == 200
    before = witness.newest().body
    answer = witness.add(old, proof, checkpoint)
    assert answer.status == status
    if status == 409:
        assert (answer.kind, answer.body) == ("text/x.tlog.size", b"100\n")
    assert witness.newest().body == before
    assert witness.add(100, LOG.proof(100, 120), LOG.checkpoint(120)).status == 200


def test_from_nothing_nothing_is_to_be_proven(witness: Listening) -> None:
    assert witness.newest().status == 404
    assert witness.add(0, (bytes(32),), LOG.checkpoint(10)).status == 422
    assert witness.add(1, (), LOG.checkpoint(10)).body == b"0\n"
    assert witness.newest().status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old 0\n",
        b"old 00\n\n" + LOG.checkpoint(5),
        b"old -1\n\n" + LOG.checkpoint(5),
        b"old  0\n\n" + LOG.checkpoint(5),
        b"old 0 \n\n" + LOG.checkpoint(5),
        b"Old 0\n\n" + LOG.checkpoint(5),
        b"old 0\r\n\r\n" + LOG.checkpoint(5),
        b"old 99999999999999999999\n\n" + LOG.checkpoint(5),
        "old \u0660\n\n".encode() + LOG.checkpoint(5),
        b"old 0\nAAAA\n\n" + LOG.checkpoint(5),
        b"old 0\n!\n\n" + LOG.checkpoint(5),
        request(0, [bytes(32)] * 64, LOG.checkpoint(5)),
    ],
)
def test_a_malformed_request_is_refused(witness: Listening, body: bytes) -> None:
    assert witness.ask("/add-checkpoint", body).status == 400
    assert witness.newest().status == 404


def test_it_answers_below_any_prefix_and_nothing_else(witness: Listening) -> None:
    asked = request(0, (), LOG.checkpoint(5))
    assert witness.ask("/audit/w1/add-checkpoint", asked).status == 200
    assert witness.ask("/add-checkpoint", b"x" * 200_000).status == 400
    assert witness.ask("/other", asked).status == 404
    assert witness.ask("/").status == 404
    assert witness.ask("/../witness.json").status == 404
    assert witness.ask("/add-checkpoint", method="DELETE").status == 501


def test_a_checkpoint_of_both_keys_is_cosigned_while_keys_change(tmp_path: Path) -> None:
    old, new = LOG.checkpoint(50), Leaves(LOG.leaves, OTHER_KEY).checkpoint(60)
    both = LOG.checkpoint(60) + new.rpartition(b"\n\n")[2]
    with listening(tmp_path, LOG.vkey, Leaves((), OTHER_KEY).vkey) as one:
        assert one.add(0, (), old).status == 200
        assert one.add(50, LOG.proof(50, 60), both).status == 200
        assert one.newest().body.startswith(both)
        alone = Leaves(LOG.leaves, OTHER_KEY).checkpoint(70)
        assert one.add(60, LOG.proof(60, 70), alone).status == 200


def test_signatures_of_strangers_are_neither_minded_nor_kept(witness: Listening) -> None:
    stranger = Leaves(LOG.leaves, OTHER_KEY, "stranger").checkpoint(50).rpartition(b"\n\n")[2]
    assert witness.add(0, (), LOG.checkpoint(50) + stranger * 16).status == 200
    assert witness.newest().body.count(b"\n\xe2\x80\x94 ") == 2


def test_of_requests_that_race_for_two_histories_one_wins(witness: Listening) -> None:
    assert witness.add(0, (), LOG.checkpoint(100)).status == 200
    here, there = leaves(120), leaves(120, other_from=100)
    asked = [request(100, log.proof(100, 120), log.checkpoint(120)) for log in (here, there)] * 20
    random.shuffle(asked)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: witness.ask("/add-checkpoint", body), asked))
    won = {
        body.partition(b"\n\n")[2]
        for body, a in zip(asked, answers, strict=True)
        if a.status == 200
    }
    assert len(won) == 1
    assert {answer.status for answer in answers} == {200, 409}
    assert witness.newest().body.startswith(won.pop())


def test_a_smaller_checkpoint_never_takes_the_place_of_a_larger(witness: Listening) -> None:
    assert witness.add(0, (), LOG.checkpoint(10)).status == 200
    steps = [(10, size) for size in range(11, 120)]
    random.shuffle(steps)
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(
                lambda step: witness.add(step[0], LOG.proof(*step), LOG.checkpoint(step[1])), steps
            )
        )
    won = [size for (_, size), a in zip(steps, answers, strict=True) if a.status == 200]
    assert len(won) == 1
    assert verify_checkpoint(witness.newest().body, LOG.vkey).size == won[0]


def test_its_clock_never_goes_back_not_even_past_a_restart(tmp_path: Path) -> None:
    times: list[tuple[int, int]] = []
    for clock, size in ((2000, 10), (1000, 20), (1000, 30), (3000, 40)):
        with listening(tmp_path, LOG.vkey, clock=partial(float, clock)) as one:
            old = times[-1][1] if times else 0
            assert one.add(old, LOG.proof(old, size), LOG.checkpoint(size)).status == 200
            found = one.witness.newest(LOG.origin)
            assert found is not None
            times.append((found.time, size))
    assert times == [(2000, 10), (2000, 20), (2000, 30), (3000, 40)]


def test_two_processes_are_never_one_witness(tmp_path: Path) -> None:
    with listening(tmp_path, LOG.vkey), pytest.raises(StateConflict, match="another process"):
        Witness(WitnessFolder(tmp_path))
    Witness(WitnessFolder(tmp_path)).close()


def test_a_witness_that_does_not_know_what_it_cosigned_does_not_start(tmp_path: Path) -> None:
    with listening(tmp_path, LOG.vkey) as one:
        assert one.add(0, (), LOG.checkpoint(10)).status == 200
    (kept,) = tmp_path.glob("*.checkpoint")
    whole = kept.read_bytes()
    for spoilt in (b"", whole[:-20], whole.replace(b"\n10\n", b"\n11\n"), LOG.checkpoint(10)):
        kept.write_bytes(spoilt)
        with pytest.raises(FileUnusable, match="is damaged"):
            Witness(WitnessFolder(tmp_path))
    kept.write_bytes(whole)
    Witness(WitnessFolder(tmp_path)).close()
    with pytest.raises(FileInTheWay):
        WitnessFolder.make(tmp_path, "another")


def test_connections_that_say_nothing_keep_nobody_out(witness: Listening) -> None:
    host, _, port = witness.url.removeprefix("http://").partition(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(30)]
    try:
        assert witness.add(0, (), LOG.checkpoint(10)).status == 200
    finally:
        for each in silent:
            each.close()


DIES = """
import os, sys
from http.client import HTTPException
from pathlib import Path
from zongheng_sdk.witness import Witness
from zongheng_sdk.witness_folder import WitnessFolder
from zongheng_sdk.witness_server import WitnessServer
folder = WitnessFolder(Path(sys.argv[1]))
keep = folder.keep
def keep_and_die(origin, note):
    keep(origin, note)
    os.kill(os.getpid(), 9)
folder.keep = keep_and_die
server = WitnessServer(Witness(folder), ("127.0.0.1", 0))
print(server.port, flush=True)
server.serve_forever()
"""


def test_killed_between_remembering_and_answering_it_signs_no_other_history(
    tmp_path: Path,
) -> None:
    here, there = leaves(120), leaves(120, other_from=100)
    with listening(tmp_path, LOG.vkey) as one:
        assert one.add(0, (), LOG.checkpoint(100)).status == 200
    with subprocess.Popen(
        [sys.executable, "-c", DIES, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        dying = Asking(f"http://127.0.0.1:{port}")
        with pytest.raises(OSError):
            dying.add(100, here.proof(100, 120), here.checkpoint(120))
        assert process.wait(10) == -signal.SIGKILL
    with listening(tmp_path) as one:
        answer = one.add(100, there.proof(100, 120), there.checkpoint(120))
        assert (answer.status, answer.body) == (409, b"120\n")
        assert one.add(120, (), there.checkpoint(120)).status == 422
        assert one.add(120, (), here.checkpoint(120)).status == 200


def test_killed_at_random_it_never_answers_for_two_histories(tmp_path: Path) -> None:
    """Whatever got a cosignature before a kill is what the witness goes on from."""
    folder = tmp_path / "witness"
    WitnessFolder.make(folder, "w").trust(LOG.vkey)
    at, size = 0, 0
    for _ in range(8):
        zongheng = str(Path(sys.executable).with_name("zongheng"))
        command = [zongheng, "witness", "serve", str(folder), "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        vkey, listens = process.stdout.readline(), process.stdout.readline()
        assert vkey.startswith("w+"), vkey
        one = Asking("http://" + listens.rpartition("http://")[2].strip())
        timer = threading.Timer(random.uniform(0, 0.05), process.kill)
        known = verify_checkpoint(one.newest().body, LOG.vkey).size if at else 0
        assert known >= at
        size = known
        timer.start()
        try:
            while size < 299:
                answer = one.add(size, LOG.proof(size, size + 1), LOG.checkpoint(size + 1))
                assert answer.status == 200
                size = at = size + 1
        except (OSError, HTTPException):  # refused, reset, or cut off in the middle of an answer
            pass
        timer.join()
        process.wait()
        process.stdout.close()
    found = WitnessFolder(folder).newest(LOG.origin)
    assert found is not None
    assert found.checkpoint.size >= at > 0
    assert found.checkpoint.root == LOG.root(found.checkpoint.size)
