"""Review work in the console: finding entries, and what became of one dataset, grant or unit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from urllib.parse import urlencode

from fastapi import APIRouter
from google.protobuf.message import DecodeError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from zongheng_hub.review.export import csv_lines, package_command
from zongheng_hub.web.console import Console, NavItem, Pages, Visit, refusal, see
from zongheng_hub.web.dates import moment, parse_day, start_ms
from zongheng_hub.web.doors import SIGNED_IN
from zongheng_hub.web.log_pages import newest_checkpoint
from zongheng_hub.web.ports import Session
from zongheng_hub.web.words import ACT_FAMILIES, ACTS, MASKS
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_protos.tlog.v1 import leaf_pb2
from zongheng_tenants.coverage import stated_grant

SERVICE = "/zongheng.review.v1.ReviewService/"
FILTERS = ("party", "counterparty", "act", "about", "dataset", "purpose", "since", "until")
ROWS = 50
EXPORT_ROWS = 500
OPERATORS = dict(statement_pb2.Operator.items())
TIMELINE_ROWS = 200
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A found entry with what its leaf says; leaf_hash in hex, RFC 6962."""

    found: pb.FoundEntry
    leaf: leaf_pb2.Leaf
    leaf_hash: str


def review_pages(console: Console) -> Pages:
    """/review, what is saved and exported of it, /review/timeline and /review/person."""
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
            package=package_command(asked, wanted.party, session.tenant),
            checkpoint=await newest_checkpoint(console, visit),
            saved=[(one.name, urlencode(asked_of(one.search))) for one in await _saved(session)],
            fault=request.query_params.get("fault", "")[:300],
        )

    async def _saved(session: Session) -> list[pb.SavedSearch]:
        asked = pb.ListSavedSearchesRequest()
        reply = await console.desk.call(session, f"{SERVICE}ListSavedSearches", asked)
        return list(cast(pb.ListSavedSearchesReply, reply).searches)

    @router.post("/review/saved", dependencies=[SIGNED_IN])
    async def save(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        asked = {key: fields.get(key, "").strip()[:80] for key in FILTERS}
        wanted = pb.SaveSearchRequest()
        wanted.search.name = fields.get("name", "").strip()
        if fields.get("forget") != "1":
            wanted.search.search.CopyFrom(search_of(asked, visit))
        wanted.search.search.SetInParent()
        fault = {}
        try:
            await console.desk.call(session, f"{SERVICE}SaveSearch", wanted)
        except ZonghengError as error:
            fault = {"fault": refusal(error, visit.words)}
        return see(f"/review?{urlencode({**_said(asked), **fault})}")

    @router.get("/review/export.csv", dependencies=[SIGNED_IN])
    async def export(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        wanted = search_of(asked_in(request), visit)
        wanted.page_size = EXPORT_ROWS
        first = await search(session, wanted)  # what is refused is refused before the first byte

        async def pages() -> AsyncIterator[pb.SearchLogReply]:
            reply = first
            yield reply
            while reply.next_page_token:
                wanted.page_token = reply.next_page_token
                reply = await search(session, wanted)
                yield reply

        return StreamingResponse(
            csv_lines(pages(), visit),
            media_type="text/csv; charset=utf-8",
            headers={
                "content-disposition": 'attachment; filename="review.csv"',
                "cache-control": "no-store",
            },
        )

    @router.get("/review/person", dependencies=[SIGNED_IN])
    async def person(request: Request, dataset: str = "") -> Response:
        visit, session = await console.signed_in(request)
        wanted = pb.ListDisclosuresRequest(dataset_id=dataset.strip()[:64])
        reply, found, fault = pb.ListDisclosuresReply(), [], ""
        try:
            while wanted.dataset_id:
                answer = await console.desk.call(session, f"{SERVICE}ListDisclosures", wanted)
                reply = cast(pb.ListDisclosuresReply, answer)
                found += [(each, stated_grant(each.grant)) for each in reply.disclosures]
                wanted.page_token = reply.next_page_token
                if not reply.next_page_token:
                    break
        except ZonghengError as error:
            fault = refusal(error, visit.words)
        return console.page(
            visit,
            request,
            "review_person.html",
            422 if fault else 200,
            dataset=wanted.dataset_id,
            reply=reply,
            found=found,
            conditions=[conditions_of(grant) for _, grant in found],
            asked=sorted({rule.field for _, grant in found for rule in grant.rows}),
            masks=MASKS,
            fault=fault,
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
        party=unit_named(asked["party"], visit),
        counterparty=unit_named(asked["counterparty"], visit),
        act=asked["act"][:64],
        about=asked["about"][:64],
        dataset=asked["dataset"],
        purpose=asked["purpose"],
        since_ms=max(0, start_ms(since)) if since else 0,
        until_ms=max(0, start_ms(until + _ONE_DAY)) if until and until < date.max else 0,
    )


def asked_of(search: pb.SearchLogRequest) -> dict[str, str]:
    """The filters of a saved search, as an address carries them."""
    asked = {name: getattr(search, name) for name in FILTERS[:6]}
    if search.since_ms:
        asked["since"] = moment(search.since_ms).date().isoformat()
    if search.until_ms:
        asked["until"] = (moment(search.until_ms).date() - _ONE_DAY).isoformat()
    return _said(asked)


def conditions_of(grant: statement_pb2.Grant) -> str:
    """A grant's conditions for the page's script, as JSON."""
    words = {number: name.removeprefix("OPERATOR_").lower() for name, number in OPERATORS.items()}
    return json.dumps(
        [[rule.field, words.get(rule.operator, ""), list(rule.values)] for rule in grant.rows]
    )


def _said(asked: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in asked.items() if value}


def unit_named(word: str, visit: Visit) -> str:
    """The id of a unit named by its id, code, name or path; what is none of these stays."""
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
