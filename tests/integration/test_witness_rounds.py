"""A witness that nobody can reach looks at the log itself, and names a log that went back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logs import ORIGIN, Log, entry, opened
from zongheng_protos.errors import Unavailable
from zongheng_sdk.notes import verify_checkpoint
from zongheng_sdk.proofs import ProofInvalid, verify_consistency
from zongheng_sdk.tile_proofs import TileTree
from zongheng_sdk.tiles import open_source
from zongheng_sdk.witness import LogWentBack, Witness
from zongheng_sdk.witness_folder import WitnessFolder
from zongheng_sdk.witness_rounds import Round, look


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as one:
        grow(one, 300)
        yield one


@pytest.fixture
def witness(tmp_path: Path, log: Log) -> Iterator[Witness]:
    folder = WitnessFolder.make(tmp_path / "witness", "county.example/w1")
    folder.trust(log.vkey)
    running = Witness(folder)
    yield running
    running.close()


def grow(log: Log, size: int, *, act: str = "need.filed") -> None:
    at = log.store.write_now(lambda tx: tx.next_index())
    log.append(*(entry(number, act=act) for number in range(at, size)))
    log.publish()


class Desk:
    """Where cosignatures are handed in."""

    def __init__(self) -> None:
        self.notes: list[bytes] = []

    def __call__(self, note: bytes) -> None:
        self.notes.append(note)


def looked(witness: Witness, folder: Path, desk: Desk | None = None) -> Round:
    return look(witness, open_source(folder), hand_in=desk or Desk())


def test_it_cosigns_what_the_tiles_prove(witness: Witness, log: Log) -> None:
    desk = Desk()
    for size in (300, 301, 512, 513, 700):
        grow(log, size)
        assert looked(witness, log.folder, desk).anew
        assert verify_checkpoint(desk.notes[-1], log.vkey).size == size
    assert not looked(witness, log.folder, desk).anew
    assert len(desk.notes) == 6


def test_proofs_from_tiles_hold_between_any_two_sizes(log: Log) -> None:
    read = open_source(log.folder)
    tree = TileTree(read, 300)
    roots = {size: tree.root(0, size) for size in range(1, 301)}
    for old in range(1, 301):
        for new in (old, min(old + 1, 300), 256, 257, 300):
            if new >= old and new == 300:
                proof = tree.consistency(old)
                verify_consistency(
                    old_size=old,
                    new_size=new,
                    old_root=roots[old],
                    new_root=roots[new],
                    proof=proof,
                )
    for impossible in (0, -1, 301):
        with pytest.raises(ProofInvalid, match="no proof leads"):
            tree.consistency(impossible)


def test_a_log_that_was_set_back_is_named_and_shown_what_it_had(
    witness: Witness, log: Log, tmp_path: Path
) -> None:
    shutil.copytree(log.folder, tmp_path / "older")
    grow(log, 400)
    newest = looked(witness, log.folder).cosigned.checkpoint
    desk = Desk()
    with pytest.raises(LogWentBack, match=rf"{ORIGIN} shows 300 entries, but 400 entries with"):
        looked(witness, tmp_path / "older", desk)
    assert desk.notes == [newest.note]


def test_a_fork_is_named_and_not_cosigned(witness: Witness, log: Log, tmp_path: Path) -> None:
    database = tmp_path / "hub.sqlite3"
    log.store.write_now(lambda tx: None)
    with opened(tmp_path / "second.sqlite3", tmp_path / "second") as second:
        grow(second, 300)
        grow(log, 350)
        looked(witness, log.folder)
        for size in (350, 400):
            grow(second, size, act="need.answered")
            with pytest.raises(LogWentBack, match=r"350 entries(, but|, with root| with root)"):
                looked(witness, second.folder)
        assert looked(witness, log.folder).cosigned.checkpoint.size == 350
    assert database.exists()


def test_missing_or_altered_tiles_are_no_proof_of_a_fork(
    witness: Witness, log: Log, tmp_path: Path
) -> None:
    looked(witness, log.folder)
    grow(log, 600)
    folder = Path(shutil.copytree(log.folder, tmp_path / "copy"))
    tile = folder / "tile/0/001"
    content = tile.read_bytes()
    tile.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ProofInvalid) as altered:
        looked(witness, folder)
    assert not isinstance(altered.value, LogWentBack)
    tile.unlink()
    with pytest.raises(ProofInvalid, match="tile/0/001 is missing"):
        looked(witness, folder)
    tile.write_bytes(content)
    assert looked(witness, folder).anew


def test_a_part_that_became_a_whole_tile_meanwhile_is_no_hindrance(
    witness: Witness, log: Log, tmp_path: Path
) -> None:
    note = (log.folder / "checkpoint").read_bytes()
    grow(log, 600)
    (log.folder / "offered").write_bytes(note)
    assert looked(witness, log.folder).cosigned.checkpoint.size == 300


def test_an_offer_older_than_what_was_cosigned_gives_way_to_the_newest(
    witness: Witness, log: Log
) -> None:
    (log.folder / "offered").write_bytes((log.folder / "checkpoint").read_bytes())
    looked(witness, log.folder)
    (log.folder / "offered").unlink()
    grow(log, 310)
    looked(witness, log.folder)
    with opened(log.folder.parent / "twin.sqlite3", log.folder.parent / "twin") as twin:
        grow(twin, 305)
        (log.folder / "offered").write_bytes((twin.folder / "checkpoint").read_bytes())
    assert looked(witness, log.folder).cosigned.checkpoint.size == 310


def test_no_log_is_not_an_empty_log(witness: Witness, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no checkpoint yet"):
        looked(witness, tmp_path / "nowhere")
