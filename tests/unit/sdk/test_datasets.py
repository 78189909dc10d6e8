"""Rows come out of a CSV file or a table as they are, or the line that is wrong is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from zongheng_protos.errors import FileUnusable, Invalid
from zongheng_sdk.datasets import open_source

CSV = 'name,income\r\n王小明,4200\r\n"李,雷",""\r\n'


def written(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def database(folder: Path) -> Path:
    path = folder / "rows.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('CREATE TABLE "户 ""表" (name TEXT, income INTEGER, share REAL, x)')
        connection.execute("""INSERT INTO "户 ""表" VALUES ('王小明', 4200, 0.5, NULL)""")
    return path


def test_a_csv_file_is_read_row_by_row(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, CSV))
    assert source.columns() == ("name", "income")
    assert list(source.rows()) == [
        {"name": "王小明", "income": "4200"},
        {"name": "李,雷", "income": ""},
    ]
    assert source.count() == 2


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert open_source(written(tmp_path, b"\xef\xbb\xbf" + CSV.encode())).columns()[0] == "name"


def test_a_table_is_read_as_text(tmp_path: Path) -> None:
    source = open_source(database(tmp_path), '户 "表')
    assert source.columns() == ("name", "income", "share", "x")
    assert list(source.rows()) == [{"name": "王小明", "income": "4200", "share": "0.5", "x": ""}]
    assert source.count() == 1


def test_a_row_that_lacks_a_column_is_named_by_its_line(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, 'a,b\r\n1,"2\r\n3"\r\n4\r\n'))
    with pytest.raises(Invalid, match="line 4: 1 columns, the heading has 2"):
        list(source.rows())


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "no heading"),
        (b"a,,b\r\n", "no name"),
        (b"a,b,a\r\n", "column a more than once"),
        ("姓名\r\n".encode("gb18030"), "not UTF-8"),
        (b'a\r\n"open', "line"),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused(tmp_path: Path, content: bytes, named: str) -> None:
    with pytest.raises(Invalid, match=named):
        list(open_source(written(tmp_path, content)).rows())


def test_bytes_in_a_table_are_refused(tmp_path: Path) -> None:
    path = database(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE photos (photo BLOB)")
        connection.execute("INSERT INTO photos VALUES (x'00')")
    with pytest.raises(Invalid, match="row 1 has bytes in field photo"):
        list(open_source(path, "photos").rows())


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match=r"nothing\.csv"):
        open_source(tmp_path / "nothing.csv")
    with pytest.raises(FileUnusable, match="no table other"):
        open_source(database(tmp_path), "other")


def test_a_database_needs_a_table_and_a_csv_file_has_none(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="name the table"):
        open_source(database(tmp_path))
    with pytest.raises(Invalid, match="no SQLite database"):
        open_source(written(tmp_path, CSV), "rows")


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"SQLite format 3\0" + b"\xff" * 200, "broken.sqlite3")
    with pytest.raises(Invalid, match="cannot be read"):
        open_source(path, "rows")


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = database(tmp_path)
    before = path.read_bytes()
    list(open_source(path, '户 "表').rows())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
