"""The checks of the stored log find whatever was changed behind its back, and name it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, insert, update

from tests.logs import Log, entry, opened
from zongheng_hub.tlog.faults import LogDamaged
from zongheng_hub.tlog.fsck import check_head, verify_published, verify_store
from zongheng_hub.tlog.tables import LogEntryRow, LogHeadRow, LogTileRow

ENTRY, TILE, HEAD = LogEntryRow.__table__, LogTileRow.__table__, LogHeadRow.__table__  # type: ignore[attr-defined]
SIZE = 300


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as opened_log:
        opened_log.append(*(entry(number) for number in range(SIZE)))
        yield opened_log


def damage(log: Log, statement: Executable) -> None:
    log.store.write_now(lambda tx: tx.execute(statement))


def faults(log: Log) -> tuple[str, ...]:
    return log.store.read_now(lambda c: verify_store(c, log.sequencer.signer)).faults


def test_a_sound_log_passes_both_checks(log: Log) -> None:
    assert faults(log) == ()
    head = log.store.read_now(lambda c: check_head(c, log.sequencer.signer))
    assert head.size == SIZE


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (update(ENTRY).where(ENTRY.c.idx == 7).values(leaf=entry(999).leaf), "tile/0/000: other"),
        (update(ENTRY).where(ENTRY.c.idx == 7).values(leaf=b"x"), "entry 7: its leaf cannot be"),
        (update(ENTRY).where(ENTRY.c.idx == 7).values(actor="t_x"), "entry 7: its columns differ"),
        (update(ENTRY).where(ENTRY.c.idx == 7).values(envelope=b"x"), "entry 7: the envelope"),
        (update(ENTRY).where(ENTRY.c.idx == 7).values(salt=b"x"), "entry 7: the envelope"),
        (delete(ENTRY).where(ENTRY.c.idx == 7), "entry 7: missing"),
        (
            update(ENTRY).where(ENTRY.c.idx == SIZE - 1).values(idx=SIZE),
            f"entry {SIZE}: beyond the head",
        ),
        (update(TILE).where(TILE.c.level == 1).values(hashes=b"x" * 32), "tile/1/000.p/1: other"),
        (delete(TILE).where(TILE.c.level == 1), "tile/1/000.p/1: missing"),
        (insert(TILE).values(level=3, number=0, hashes=b""), "tiles: 4 stored, 3 expected"),
        (update(HEAD).values(checkpoint=b"x"), "head: not signed as"),
        (update(HEAD).values(root=bytes(32)), "head: its root is not that"),
    ],
)
def test_the_full_check_names_what_was_changed(log: Log, statement: Executable, fault: str) -> None:
    damage(log, statement)
    assert any(line.startswith(fault) for line in faults(log)), faults(log)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (update(HEAD).values(checkpoint=b"x"), "not signed as"),
        (delete(ENTRY).where(ENTRY.c.idx == SIZE - 1), "the last stored is number 298"),
        (update(TILE).where(TILE.c.level == 1).values(hashes=b"x" * 32), "do not give the head"),
        (delete(TILE).where(TILE.c.level == 0, TILE.c.number == 1), "tile/0/001 is missing"),
        (update(ENTRY).where(ENTRY.c.idx == 270).values(leaf=b"x"), "entry 270 is not what"),
        (delete(HEAD), "holds no head"),
    ],
)
def test_the_quick_check_sees_damage_at_the_end(
    log: Log, statement: Executable, fault: str
) -> None:
    damage(log, statement)
    with pytest.raises(LogDamaged, match=fault):
        log.store.read_now(lambda c: check_head(c, log.sequencer.signer))


def test_deleting_content_and_salt_leaves_the_log_sound(log: Log) -> None:
    emptied = update(ENTRY).where(ENTRY.c.idx == 7).values(salt=b"", envelope=b"", request=b"")
    damage(log, emptied)
    assert faults(log) == ()


def published_faults(log: Log) -> tuple[str, ...]:
    return log.store.read_now(
        lambda c: verify_published(c, log.sequencer.signer, log.folder)
    ).faults


def test_sound_files_of_several_publications_pass(log: Log) -> None:
    log.publish()
    log.append(*(entry(number) for number in range(SIZE, SIZE + 20)))
    log.publish()
    log.append(entry(SIZE + 20))
    assert published_faults(log) == ()


@pytest.mark.parametrize(
    "name", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"]
)
def test_a_published_file_that_was_changed_or_lost_is_named(log: Log, name: str) -> None:
    path = log.publish() / name
    content = bytearray(path.read_bytes())
    content[3] ^= 4
    path.write_bytes(content)
    assert published_faults(log) == (f"{name}: not what the database holds",)
    path.unlink()
    assert published_faults(log) == (f"{name}: missing",)


@pytest.mark.parametrize("name", ["tile/0/002.p/9", "tile/0/00", "tile/9/000", "tile/1/000"])
def test_a_file_that_is_none_of_the_logs_is_named(log: Log, name: str) -> None:
    path = log.publish() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert [fault.partition(":")[0] for fault in published_faults(log)] == [name]


def test_a_checkpoint_that_does_not_fit_the_database_is_named(log: Log) -> None:
    path = log.publish() / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n300\n", b"\n200\n"))
    assert "was not signed as" in published_faults(log)[0]
