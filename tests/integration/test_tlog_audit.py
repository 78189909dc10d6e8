"""What the hub publishes satisfies an auditor, from a folder or over HTTP; nothing altered does."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logs import KEY, ORIGIN, entry, opened
from zongheng_hub.tlog.note import verifier_key
from zongheng_protos.errors import Unavailable
from zongheng_sdk.audit import check_commitment, load_entry, verify_log

VKEY = verifier_key(ORIGIN, KEY.public)


def published(tmp_path: Path, size: int) -> Path:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        log.append(*(entry(number) for number in range(size)))
        return log.publish()


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serves tmp_path/tlog on loopback."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    handler = functools.partial(Quiet, directory=str(tmp_path / "tlog"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_published_key_and_files_are_all_an_auditor_needs(tmp_path: Path) -> None:
    folder = published(tmp_path, 600)
    vkey = (folder / "vkey").read_text()
    verdict = verify_log(folder, vkey)
    assert (verdict.faults, verdict.size) == ((), 600)
    given = entry(17)
    leaf = load_entry(str(folder), 17, 600)
    assert check_commitment(leaf, given.salt, given.envelope).subject == "n_17"


def test_the_log_is_audited_over_http(tmp_path: Path, address: str) -> None:
    folder = published(tmp_path, 300)
    verdict = verify_log(address, VKEY)
    assert (verdict.faults, verdict.size) == ((), 300)
    (folder / "tile/0/000").unlink()
    assert [str(fault) for fault in verify_log(f"{address}/", VKEY).faults] == [
        "tile/0/000: missing"
    ]


def test_an_address_that_does_not_answer_is_named() -> None:
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:1 cannot be reached"):
        verify_log("http://127.0.0.1:1", VKEY)


def test_every_flipped_bit_of_a_published_log_is_rejected(tmp_path: Path) -> None:
    folder = published(tmp_path, 4)
    names = ["checkpoint", "tile/0/000.p/4", "tile/entries/000.p/4"]
    files = {name: (folder / name).read_bytes() for name in names}
    assert verify_log(files.get, VKEY).ok
    accepted = []
    for name, content in files.items():
        for at in range(len(content)):
            for bit in range(8):
                flipped = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
                if verify_log((files | {name: flipped}).get, VKEY).ok:
                    accepted.append((name, at, bit))
    assert accepted == []


def test_a_folder_without_a_log_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    verdict = verify_log(tmp_path, VKEY)
    assert [str(fault) for fault in verdict.faults] == ["checkpoint: missing"]
    folder = published(tmp_path, 4)
    shutil.rmtree(folder / "tile")
    assert {str(fault) for fault in verify_log(folder, VKEY).faults} >= {
        "tile/0/000.p/4: missing",
        "tile/entries/000.p/4: missing",
    }
