"""The log explorer: open to all; what it calls verified the reader's own browser computed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from urllib.parse import urlencode

from fastapi import APIRouter
from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, NavItem, Pages, Visit
from zongheng_hub.web.dates import parse_day, start_ms
from zongheng_hub.web.doors import ANYONE
from zongheng_hub.web.ports import LogBook, LogQuery, LogRow
from zongheng_hub.web.proofs import Checkpoint, draw, read_checkpoint, steps, tlog_proof
from zongheng_hub.web.words import ACT_FAMILIES, ACTS
from zongheng_protos.errors import NotFound
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tlog.v1 import leaf_pb2, tlog_pb2

SERVICE = "/zongheng.tlog.v1.LogService/"
SHREDDED = "content.shredded"
ROWS = 50
BARS = 32
TROUBLES = {
    "silent": "没有应答",
    "strange": "应答有误",
    "refuses": "拒绝见证",
    "claims": "声称更多，未出示",
    "behind": "持有更多条的检查点",
    "forked": "持有另一份日志",
}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the explorer shows it; leaf_hash in hex, RFC 6962."""

    index: int
    leaf: leaf_pb2.Leaf
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the histogram; height in SVG units of 100."""

    day: date
    entries: int
    height: float


def log_pages(console: Console, book: LogBook) -> Pages:
    """/log, /log/{index} and /log/{index}.tlog-proof."""
    router = APIRouter()

    @router.get("/log", dependencies=[ANYONE])
    async def explorer(request: Request) -> Response:
        visit = await console.visit(request)
        asked = {key: request.query_params.get(key, "").strip() for key in _FILTERS}
        page = await book.search(_query(asked), limit=ROWS)
        rows = [_entry(row) for row in page.rows]
        more = (
            urlencode({**{k: v for k, v in asked.items() if v}, "below": rows[-1].index})
            if (len(rows) == ROWS)
            else ""
        )
        return console.page(
            visit,
            request,
            "log.html",
            asked=asked,
            rows=rows,
            total=page.total,
            bars=_bars(page.days),
            more=more,
            families=ACT_FAMILIES,
            acts=sorted(ACTS, key=list(ACTS).index),
            units=_acting_units(visit),
            checkpoint=await newest_checkpoint(console, visit),
            watched=await _witnesses(console, visit),
            troubles=TROUBLES,
        )

    @router.get("/log/{index}.tlog-proof", dependencies=[ANYONE])
    async def proof_file(index: int, request: Request) -> Response:
        _check_index(index)
        visit = await console.visit(request)
        found = await _inclusion(console, visit, index)
        return Response(
            tlog_proof(index, found.hashes, found.checkpoint),
            media_type="text/plain; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{index}.tlog-proof"'},
        )

    @router.get("/log/{index}", dependencies=[ANYONE])
    async def entry(index: int, request: Request) -> Response:
        _check_index(index)
        visit = await console.visit(request)
        row = await book.search(LogQuery(below=index + 1), limit=1)
        if not row.rows or row.rows[0].index != index:
            raise NotFound(f"the log has no entry {index}")
        shown = _entry(row.rows[0])
        checkpoint = await newest_checkpoint(console, visit)
        published = checkpoint is not None and index < checkpoint.size
        inclusion = await _inclusion(console, visit, index) if published else None
        way = steps(index, inclusion.size, inclusion.hashes) if inclusion else []
        template = "log_detail.html" if "hx-request" in request.headers else "log_entry.html"
        shredding = await book.search(LogQuery(act=SHREDDED, subject=str(index)), limit=1)
        response = console.page(
            visit,
            request,
            template,
            shredding=_entry(shredding.rows[0]) if shredding.rows else None,
            may_shred=visit.may(options.RIGHT_ADMINISTER),
            entry=shown,
            checkpoint=read_checkpoint(inclusion.checkpoint) if inclusion else checkpoint,
            way=way,
            drawing=draw(way) if inclusion else None,
        )
        response.headers["vary"] = "cookie, hx-request"
        return response

    return Pages(router, NavItem("log", "/log", "存证日志"))


_FILTERS = ("q", "act", "unit", "since", "until", "below")


def _query(asked: dict[str, str]) -> LogQuery:
    since, until = parse_day(asked["since"]), parse_day(asked["until"])
    below = int(asked["below"]) if _is_index(asked["below"]) else None
    word = asked["q"].replace(",", "")
    if _is_index(word):
        top = int(word) + 1
        below = min(top, below) if below is not None else top
        word = ""
    return LogQuery(
        act=asked["act"],
        unit=asked["unit"],
        subject=word,
        since_ms=start_ms(since) if since else 0,
        until_ms=start_ms(until + _ONE_DAY) if until and until < date.max else 0,
        below=below,
    )


def _check_index(index: int) -> None:
    """Raises NotFound for what no database or message takes as an index."""
    if not 0 <= index < 10**18:
        raise NotFound(f"the log has no entry {index}")


def _is_index(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _entry(row: LogRow) -> Entry:
    leaf = leaf_pb2.Leaf()
    try:
        leaf.ParseFromString(row.leaf)
    except DecodeError:
        leaf = leaf_pb2.Leaf()
    return Entry(row.index, leaf, hashlib.sha256(b"\0" + row.leaf).hexdigest())


def _bars(days: object) -> list[Bar]:
    counted = dict(cast("list[tuple[date, int]]", days))
    if not counted:
        return []
    last = max(counted)
    first = max(min(counted), last - _ONE_DAY * (BARS - 1))
    first = min(first, last - _ONE_DAY * 13)
    most = max(counted.values())
    shown = []
    day = first
    while day <= last:
        entries = counted.get(day, 0)
        shown.append(Bar(day, entries, max(4.0, 100 * entries / most) if entries else 0.0))
        day += _ONE_DAY
    return shown


def _acting_units(visit: Visit) -> list[tuple[str, str]]:
    """Units for the filter, in the tree's order, without townships."""
    return [
        (unit.id, visit.path(unit.id))
        for unit in sorted(visit.units.values(), key=lambda unit: (unit.code, unit.id))
        if unit.level != 4
    ]


async def newest_checkpoint(console: Console, visit: Visit) -> Checkpoint | None:
    """What the newest checkpoint says, unverified."""
    reply = cast(
        tlog_pb2.GetCheckpointReply,
        await console.desk.call(
            visit.session, f"{SERVICE}GetCheckpoint", tlog_pb2.GetCheckpointRequest()
        ),
    )
    return read_checkpoint(reply.checkpoint)


async def _witnesses(console: Console, visit: Visit) -> tlog_pb2.ListWitnessesReply:
    reply = await console.desk.call(
        visit.session, f"{SERVICE}ListWitnesses", tlog_pb2.ListWitnessesRequest()
    )
    return cast(tlog_pb2.ListWitnessesReply, reply)


async def _inclusion(console: Console, visit: Visit, index: int) -> tlog_pb2.GetInclusionReply:
    reply = await console.desk.call(
        visit.session, f"{SERVICE}GetInclusion", tlog_pb2.GetInclusionRequest(index=index)
    )
    return cast(tlog_pb2.GetInclusionReply, reply)
