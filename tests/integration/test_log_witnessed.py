"""A real hub has its log witnessed over real sockets: by those it goes to and one that comes."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.witnesses import Listening, at_the_hub, listening
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.testing import RunningHub, start
from zongheng_hub.tlog.faults import LogBehind, LogDamaged
from zongheng_hub.tlog.note import verifier_key
from zongheng_sdk.client import Hub
from zongheng_sdk.notes import verify_checkpoint
from zongheng_sdk.witness import LogWentBack, Witness
from zongheng_sdk.witness_folder import WitnessFolder
from zongheng_sdk.witness_rounds import look
from zongheng_tenants.cosignature import cosignatures

Data = Path


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """A hub that was made, and has stopped."""
    start(tmp_path / "hub").stop()
    return tmp_path / "hub"


def log_key(data: Data) -> str:
    folder = DataFolder(data)
    return verifier_key(folder.about().origin, folder.log_key().public)


@contextlib.contextmanager
def served(data: Data) -> Iterator[RunningHub]:
    hub = start(data)
    try:
        yield hub
    finally:
        hub.stop()


@contextlib.contextmanager
def province(hub: RunningHub) -> Iterator[Hub]:
    with Hub.open(hub.province_identity, operator="王小明") as opened:
        yield opened


def act(hub: RunningHub, times: int = 1) -> int:
    """Write entries; the log's size then."""
    with province(hub) as opened:
        for _ in range(times):
            receipt = opened.needs.file(
                kind="training", title="网格员操作培训", place="北营街道", households=4
            ).receipt
        assert receipt is not None
        return receipt.index + 1


def until(happened: Callable[[], Any], seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it has not happened")


def published(data: Data, name: str = "checkpoint") -> bytes:
    try:
        return (data / "tlog" / name).read_bytes()
    except FileNotFoundError:
        return b""


def cosigners(note: bytes, *witnesses: Listening) -> set[str]:
    """Who of witnesses has cosigned it."""
    text, _, lines = note.partition(b"\n\n")
    keys = [one.witness.folder.key for one in witnesses]
    found = cosignatures(lines.decode().splitlines(), text + b"\n", keys)
    return {each.witness.name for each in found}


def witnessed(data: Data, size: int, witnesses: list[Listening]) -> bytes:
    """The checkpoint of size entries or more that all of witnesses cosigned, once it is there."""
    note = published(data, "witnessed")
    if len(cosigners(note, *witnesses)) < len(witnesses):
        return b""
    return note if verify_checkpoint(note, log_key(data)).size >= size else b""


def is_newest(data: Data, note: bytes) -> bool:
    return published(data) == note


def has_grown(data: Data, size: int) -> bool:
    """Whether at least size entries are published."""
    return verify_checkpoint(published(data), log_key(data)).size >= size


@contextlib.contextmanager
def three(tmp_path: Path, data: Data) -> Iterator[list[Listening]]:
    with contextlib.ExitStack() as stack:
        names = ("audit", "finance", "justice")
        found = [
            stack.enter_context(listening(tmp_path / name, log_key(data), name=name))
            for name in names
        ]
        for one in found:
            at_the_hub(data, "add", one.vkey, "--url", one.url)
        yield found


def test_every_witness_is_on_the_newest_checkpoint(tmp_path: Path, data: Data) -> None:
    with three(tmp_path, data) as witnesses, served(data) as hub:
        for _ in range(3):
            size = act(hub)
            note = until(partial(witnessed, data, size, witnesses))
            until(partial(is_newest, data, note))
        for one in witnesses:
            assert verify_checkpoint(one.newest(hub.hub.about.origin).body, log_key(data)).size
        with province(hub) as opened:
            seen = opened.log.witnesses()
        assert [one.name for one in seen.witnesses] == ["audit", "finance", "justice"]
        assert (seen.needed, seen.alarm) == (2, "")
        assert seen.witnessed_size == seen.size
        assert all(one.size == seen.size and not one.trouble for one in seen.witnesses)


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Something that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_silent_witness_holds_up_neither_the_log_nor_the_others(
    tmp_path: Path, data: Data
) -> None:
    with three(tmp_path, data) as witnesses, silent() as nowhere:
        at_the_hub(data, "remove", "justice")
        at_the_hub(data, "add", witnesses[2].vkey, "--url", nowhere)
        with served(data) as hub:
            for _ in range(3):
                size = act(hub)
                begun = time.monotonic()
                until(partial(has_grown, data, size))
                assert time.monotonic() - begun < 2
            until(lambda: cosigners(published(data), *witnesses) == {"audit", "finance"})
            shown = until(lambda: "silent" in at_the_hub(data, "list") and at_the_hub(data, "list"))
            assert "justice" in shown
            assert "no answer within 3 s" in shown
            with province(hub) as opened:
                assert opened.log.witnesses().alarm == ""


class Liar(http.server.BaseHTTPRequestHandler):
    """Says that it has cosigned a billion entries."""

    def do_POST(self) -> None:
        self._answer(409, b"1000000000\n")

    def do_GET(self) -> None:
        self._answer(200, b"zongheng.cn/140000/log\n1000000000\nAAAA\n\n\xe2\x80\x94 x AAAAAAA=\n")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def test_a_liar_stops_nothing_and_is_named(tmp_path: Path, data: Data) -> None:
    key = WitnessFolder.make(tmp_path / "liar", "liar").key
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        at_the_hub(data, "add", key.vkey, "--url", f"http://127.0.0.1:{server.server_port}")
        with served(data) as hub:
            act(hub)
            shown = until(lambda: "claims" in at_the_hub(data, "list") and at_the_hub(data, "list"))
            assert "shows no checkpoint that this log signed" in shown
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def copy_of(data: Data, where: Path) -> Data:
    shutil.copytree(data, where)
    return where


def test_a_database_set_back_is_caught_at_start(tmp_path: Path, data: Data) -> None:
    """Its published files are set back with it: only the witness still knows."""
    with three(tmp_path, data) as witnesses:
        with served(data) as hub:
            act(hub)
            until(lambda: len(cosigners(published(data), *witnesses)) == 3)
        older = copy_of(data, tmp_path / "older")
        with served(data) as hub:
            size = act(hub)
            until(lambda: size == cosigned_by(witnesses[0], data))
        shutil.rmtree(data)
        shutil.move(older, data)
        with pytest.raises(
            LogBehind, match=f"the witness (audit|finance|justice) holds .* {size} "
        ):
            start(data)


def cosigned_by(one: Listening, data: Data) -> int:
    return verify_checkpoint(one.newest(DataFolder(data).about().origin).body, log_key(data)).size


def test_a_second_sequencer_with_the_same_key_is_caught(tmp_path: Path, data: Data) -> None:
    with three(tmp_path, data) as witnesses:
        with served(data) as hub:
            act(hub)
            until(lambda: len(cosigners(published(data), *witnesses)) == 3)
        twin = copy_of(data, tmp_path / "twin")
        with served(data) as hub:
            size = act(hub)
            until(lambda: size == cosigned_by(witnesses[0], data))
            with sqlite3.connect(twin / "hub.sqlite3") as database:
                database.execute("UPDATE log_witness SET url = 'http://127.0.0.1:9'")
            with served(twin) as second:
                act(second, times=3)
                for one in witnesses:
                    at_the_hub(twin, "remove", one.witness.folder.key.name)
                    at_the_hub(twin, "add", one.vkey, "--url", one.url)
                until(lambda: at_the_hub(twin, "list").count("forked:") == 3)
                shown = at_the_hub(twin, "list")
                assert f"another history of {size} entries was cosigned" in shown
                assert not cosigners(published(twin, "witnessed"), *witnesses) or (
                    verify_checkpoint(published(twin, "witnessed"), log_key(data)).size < size
                )
                with province(second) as opened:
                    assert opened.log.witnesses().alarm == "went_back"
        with pytest.raises(LogDamaged, match="another history"):
            start(twin)


def test_a_witness_behind_a_firewall_comes_by_itself(tmp_path: Path, data: Data) -> None:
    folder = WitnessFolder.make(tmp_path / "county", "county.example/w1")
    folder.trust(log_key(data))
    at_the_hub(data, "add", folder.key.vkey)
    county = Witness(folder)
    with served(data) as hub:
        for _ in range(2):
            size = act(hub)
            until(partial(has_grown, data, size))
            until(lambda: published(data, "offered"))
            look(county, f"{hub.web_address}/tlog")
        until(lambda: look(county, f"{hub.web_address}/tlog").cosigned.checkpoint.size >= size)
        until(lambda: b"county.example/w1" in published(data))
        until(lambda: b"county.example/w1" in published(data, "witnessed"))
        stranger = Witness(WitnessFolder.make(tmp_path / "stranger", "stranger"))
        stranger.folder.trust(log_key(data))
        with pytest.raises(Exception, match="no witness that this log knows"):
            look(stranger, f"{hub.web_address}/tlog")
        stranger.close()
    older = copy_of(data, tmp_path / "older")
    with served(data) as hub:
        act(hub)
        until(lambda: look(county, f"{hub.web_address}/tlog").cosigned.checkpoint.size > size)
    shutil.rmtree(data)
    shutil.move(older, data)
    with served(data) as hub:
        with pytest.raises(LogWentBack, match="was set back or forked"):
            look(county, f"{hub.web_address}/tlog")
        with province(hub) as opened:
            assert opened.log.witnesses().alarm == "went_back"
    with pytest.raises(LogBehind, match=r"county.example/w1 holds"):
        start(data)
    county.close()
