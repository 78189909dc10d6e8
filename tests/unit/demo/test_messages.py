"""A message file is read whole or refused with the row, the reason and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from shanxi.enrolment import Unit
from shanxi.failure import DemoFailed
from shanxi.messages import Message, read_messages
from shanxi.reports import dealt
from zongheng_sdk.tenancy import Tenant

HEADING = "id,title,time,detail\n"
GOOD = "1,路灯不亮,2026-03-01T08:00:00,三盏\n"


def read(tmp_path: Path, text: str | bytes) -> list[Message]:
    path = tmp_path / "messages.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_messages(path)


def test_messages_are_read_in_order_with_their_time_in_beijing(tmp_path: Path) -> None:
    messages = read(tmp_path, HEADING + GOOD + '2,供暖,2026-03-01,"第一行\n第二行"\n')

    assert [message.id for message in messages] == ["1", "2"]
    assert messages[0].reported_ms == 1_772_323_200_000
    assert messages[1].detail == "第一行\n第二行"


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    (message,) = read(tmp_path, "user,detail,time,id,title\nx,三盏,2026-03-01T08:00:00,1,路灯\n")

    assert (message.id, message.title, message.detail) == ("1", "路灯", "三盏")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,title,time\n", "lacks the column detail"),
        ("", "heading is empty"),
        (HEADING, "holds no message"),
        (
            HEADING + GOOD + "2,供暖,2026-03-01T08:00:00\n",
            r"row 2 \(line 3\) lacks a value for detail",
        ),
        (HEADING + "1,a,2026-03-01,b,c\n", "more values than the heading"),
        (HEADING + "1,,2026-03-01,b\n", "empty title"),
        (HEADING + ",a,2026-03-01,b\n", "empty id"),
        (HEADING + "1,a,yesterday,b\n", "time is 'yesterday'"),
        (HEADING + GOOD + GOOD, "id 1 is that of row 1 too"),
        (HEADING + f"1,{'长' * 201},2026-03-01,b\n", "title has 201 characters, at most 200"),
        (HEADING + '1,a,2026-03-01,"b', "row 1: unexpected end of data"),
        (b"id,title,time,detail\n1,\xff\xfe,2026-03-01,b\n", "is not UTF-8"),
    ],
)
def test_what_cannot_be_filed_is_named(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(DemoFailed, match=said):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="No such file"):
        read_messages(tmp_path / "none.csv")


def test_every_message_is_dealt_to_exactly_one_county() -> None:
    counties = [
        Unit(Tenant(f"t_{n}", "t", "county", f"县{n}", f"14010{n}", True), Path()) for n in range(3)
    ]
    messages = [Message(str(n), "t", "d", 0) for n in range(7)]

    dealing = dealt(counties, messages)

    assert [len(its) for _, its in dealing] == [3, 2, 2]
    assert sorted(m.id for _, its in dealing for m in its) == sorted(m.id for m in messages)
