"""What is taken away of a search: CSV that no spreadsheet runs, and a command for a package."""

from __future__ import annotations

import csv
import hashlib
import io
import shlex
from collections.abc import AsyncIterator

import pytest

from zongheng_hub.review.export import COLUMNS, csv_lines, package_command
from zongheng_hub.web.console import Visit
from zongheng_hub.web.ports import Unit
from zongheng_hub.web.words import Words
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

VISIT = Visit(
    session=None,
    words=Words("zh"),
    size="normal",
    now_ms=0,
    units={"t_a": Unit("t_a", "小店区", 3)},
)


def found(**fields: str) -> pb.FoundEntry:
    leaf = Leaf(version=1, act="parcel.fetched", time_ms=0, actor="t_a", parties=["t_b"])
    return pb.FoundEntry(index=7, leaf=leaf.SerializeToString(), **fields)


async def exported(*pages: list[pb.FoundEntry]) -> list[list[str]]:
    async def replies() -> AsyncIterator[pb.SearchLogReply]:
        for entries in pages:
            yield pb.SearchLogReply(entries=entries)

    written = b"".join([part async for part in csv_lines(replies(), VISIT)])
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))


async def test_every_page_is_written_under_one_heading() -> None:
    heading, *rows = await exported([found(), found()], [], [found(purpose="低保，复核")])
    assert tuple(heading) == COLUMNS and len(rows) == 3
    last = dict(zip(heading, rows[2], strict=True))
    assert last["purpose"] == "低保，复核"
    assert (last["index"], last["actor_name"], last["parties"]) == ("7", "小店区", "t_b")
    assert last["leaf_sha256"] == hashlib.sha256(b"\0" + found().leaf).hexdigest()
    assert last["time"] == "1970-01-01T08:00:00+08:00"


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
async def test_no_cell_is_a_formula(evil: str) -> None:
    _, cells = await exported([found(purpose=evil, operator=evil)])
    assert cells.count(f"'{evil}") == 2 and evil not in cells


def test_the_command_for_a_package_takes_unit_act_and_days_and_is_one_shell_line() -> None:
    asked = dict.fromkeys(("act", "since", "until"), "") | {"act": "parcel.*; rm -rf /"}
    words = shlex.split(package_command(asked | {"since": "2026-03-01"}, "t_b", "t_a"))
    assert words[:7] == [
        *("zongheng", "audit", "export", "--tenant", "t_b"),
        *("--act", "parcel.*; rm -rf /"),
    ]
    assert "--below" not in words and words[7:9] == ["--since", "2026-03-01"]
    assert "--below" in shlex.split(package_command(asked, "", "t_a"))
