"""Files of the command line: a name is taken only by what was written whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from zongheng_protos.errors import FileInTheWay, Invalid, NotFound
from zongheng_sdk.cli.files import new_file, read_text


def test_a_file_bears_its_name_once_it_is_written_and_is_for_its_owner_alone(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out.csv"
    with new_file(out) as write:
        write(b"name\n")
        assert not out.exists()
    assert out.read_bytes() == b"name\n"
    assert out.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [out]


def test_nothing_is_left_where_there_was_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(NotFound), new_file(tmp_path / "out.csv"):
        raise NotFound("no such parcel")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(FileInTheWay, match="choose another name"), new_file(out):
        raise AssertionError("the block must not begin")
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_file_that_came_meanwhile_stays_and_so_does_what_was_written(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    came = pytest.raises(FileInTheWay, match="what was written is")
    with came as refused, new_file(out) as write:
        out.write_text("theirs", encoding="utf-8")
        write(b"ours")
    assert out.read_text(encoding="utf-8") == "theirs"
    (kept,) = set(tmp_path.iterdir()) - {out}
    assert kept.read_bytes() == b"ours"
    assert str(kept) in refused.value.message


@pytest.mark.parametrize("folder", ["nowhere", "a_file"])
def test_a_folder_that_is_none_is_named_before_the_block_begins(
    tmp_path: Path, folder: str
) -> None:
    (tmp_path / "a_file").touch()
    with (
        pytest.raises(Invalid, match=f"there is no folder {tmp_path / folder}"),
        new_file(tmp_path / folder / "out.csv"),
    ):
        raise AssertionError("the block must not begin")


def test_a_file_that_cannot_be_read_is_named_once_in_words(tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing", tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path, words in (
        (missing, "there is no file"),
        (tmp_path, "is a folder"),
        (binary, "is not text"),
    ):
        with pytest.raises(Invalid, match=words) as refused:
            read_text(path)
        assert refused.value.message.count(str(path)) == 1
        assert "Errno" not in refused.value.message
