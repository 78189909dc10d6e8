"""Review work in the console: finding entries, and what became of one dataset, grant or unit."""

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
from zongheng_hub.web.doors import SIGNED_IN
from zongheng_hub.web.log_pages import newest_checkpoint
from zongheng_hub.web.ports import Session
from zongheng_hub.web.words import ACT_FAMILIES, ACTS
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.tlog.v1 import leaf_pb2

SERVICE = "/zongheng.review.v1.ReviewService/"
FILTERS = ("party", "counterparty", "act", "about", "dataset", "purpose", "since", "until")
ROWS = 50
TIMELINE_ROWS = 200
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A found entry with what its leaf says; leaf_hash in hex, RFC 6962."""

    found: pb.FoundEntry
    leaf: leaf_pb2.Leaf
    leaf_hash: str


def review_pages(console: Console) -> Pages:
    """/review and /review/timeline."""
    router = APIRouter()

    async def search(session: Session, request: pb.SearchLogRequest) -> pb.SearchLogReply:
        reply = await console.desk.call(session, f"{SERVICE}SearchLog", request)
        return cast(pb.SearchLogReply, reply)

    @router.get("/review", dependencies=[SIGNED_IN])
    async def review(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        asked = asked_in(request)
        wanted = search_of(asked, visit)
        wanted.page_size = ROWS
        token = request.query_params.get("page", "")
        wanted.page_token = token if token.isascii() and token.isdecimal() else ""
        reply = await search(session, wanted)
        more = reply.next_page_token
        return console.page(
            visit,
            request,
            "review.html",
            asked=asked,
            rows=[_row(entry) for entry in reply.entries],
            more=urlencode({**_said(asked), "page": more}) if more else "",
            query=urlencode(_said(asked)),
            indexed=reply.indexed,
            size=reply.size,
            families=ACT_FAMILIES,
            acts=list(ACTS),
            is_auditor=visit.may(options.RIGHT_AUDIT),
            checkpoint=await newest_checkpoint(console, visit),
        )

    @router.get("/review/timeline", dependencies=[SIGNED_IN])
    async def timeline(request: Request, of: str = "") -> Response:
        visit, session = await console.signed_in(request)
        about = of.strip()[:64]
        is_unit = about in visit.units
        wanted = pb.SearchLogRequest(page_size=TIMELINE_ROWS)
        if is_unit:
            wanted.party = about
        else:
            wanted.about = about
        reply = await search(session, wanted) if about else pb.SearchLogReply()
        rows = [_row(entry) for entry in reply.entries]
        return console.page(
            visit,
            request,
            "review_timeline.html",
            of=about,
            is_unit=is_unit,
            title=_title(about, rows, visit),
            rows=rows,
            is_cut=bool(reply.next_page_token),
            checkpoint=await newest_checkpoint(console, visit),
        )

    return Pages(router, NavItem("review", "/review", "审计"))


def asked_in(request: Request) -> dict[str, str]:
    """The filters that an address carries."""
    return {key: request.query_params.get(key, "").strip()[:80] for key in FILTERS}


def search_of(asked: dict[str, str], visit: Visit) -> pb.SearchLogRequest:
    """What to ask of the log; a unit is named by its id, code or name."""
    since, until = parse_day(asked["since"]), parse_day(asked["until"])
    return pb.SearchLogRequest(
        party=_unit(asked["party"], visit),
        counterparty=_unit(asked["counterparty"], visit),
        act=asked["act"][:64],
        about=asked["about"][:64],
        dataset=asked["dataset"],
        purpose=asked["purpose"],
        since_ms=max(0, start_ms(since)) if since else 0,
        until_ms=max(0, start_ms(until + _ONE_DAY)) if until and until < date.max else 0,
    )


def _said(asked: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in asked.items() if value}


def _unit(word: str, visit: Visit) -> str:
    if not word or word in visit.units:
        return word
    for unit in visit.units.values():
        if word in (unit.code, unit.name, visit.path(unit.id)):
            return unit.id
    return word[:64]


def _row(found: pb.FoundEntry) -> Row:
    leaf = leaf_pb2.Leaf()
    try:
        leaf.ParseFromString(found.leaf)
    except DecodeError:
        leaf.Clear()
    return Row(found, leaf, hashlib.sha256(b"\0" + found.leaf).hexdigest())


def _title(about: str, rows: list[Row], visit: Visit) -> str:
    if about in visit.units:
        return visit.path(about)
    for row in rows:
        if row.found.dataset_title and about.startswith(("d_", "q_", "g_", "p_")):
            return row.found.dataset_title
    return about
