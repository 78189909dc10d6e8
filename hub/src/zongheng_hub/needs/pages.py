"""Needs in the console: the board, one need with its clock, the form, and each role's step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.needs.calendar import WorkingDays
from zongheng_hub.needs.clocks import Stage, Urgency, reading_on, start
from zongheng_hub.web.console import Console, NavItem, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_board import BoardFilter, board_rows, closed_count, list_needs
from zongheng_hub.web.need_form import blank, need_request, new_nonce, nonce_of, read_need
from zongheng_hub.web.need_steps import Step, read_step
from zongheng_hub.web.need_view import need_view
from zongheng_hub.web.ports import Session
from zongheng_hub.web.words import KINDS, STATES
from zongheng_protos.errors import ZonghengError
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.options.v1 import options_pb2 as options

SERVICE = "/zongheng.needs.v1.NeedsService/"
CalendarReader = Callable[[], Awaitable[WorkingDays]]


def need_pages(console: Console, calendar: CalendarReader) -> Pages:
    """/needs, /needs/new and /needs/{id} with its steps."""
    router = APIRouter()

    @router.get("/needs", dependencies=[SIGNED_IN])
    async def board(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        wanted = BoardFilter.of(request.query_params)
        found = await list_needs(console.desk, session, wanted.states)
        rows = board_rows(found.needs, wanted, visit)
        is_bare = not rows and not wanted.narrows
        closed = await closed_count(console.desk, session) if is_bare else 0
        return console.page(
            visit,
            request,
            "needs.html",
            rows=rows,
            wanted=wanted,
            states=STATES,
            kinds=KINDS,
            seen=len(found.needs),
            is_cut=found.is_cut,
            may_file=_may_file(visit),
            closed=closed,
        )

    @router.get("/needs/new", dependencies=[holds(options.RIGHT_FILE)])
    async def ask(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        filled = blank(visit.name(session.tenant))
        return await form_page(visit, request, filled, 200)

    @router.post("/needs/new", dependencies=[holds(options.RIGHT_FILE)])
    async def file_need(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        filled = read_need(fields, visit.today)
        if filled.faults:
            return await form_page(visit, request, filled, 422)
        try:
            reply = await console.desk.call(
                session, f"{SERVICE}FileNeed", need_request(filled), nonce=nonce_of(fields)
            )
        except ZonghengError as error:
            return await form_page(visit, request, filled, 422, refusal(error, visit.words))
        return see(f"/needs/{cast(needs.FileNeedReply, reply).need.id}/filed")

    @router.get("/needs/{need_id}/filed", dependencies=[SIGNED_IN])
    async def filed(need_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        need = await get_need(session, need_id)
        view = need_view(need, visit, session, await calendar())
        return console.page(visit, request, "need_filed.html", view=view, need=need)

    @router.get("/needs/{need_id}", dependencies=[SIGNED_IN])
    async def show(need_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await need_page(visit, session, request, need_id, None, 200)

    @router.post("/needs/{need_id}/{step}", dependencies=[SIGNED_IN])
    async def act(need_id: str, step: Step, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        taken = read_step(step, need_id, fields)
        if taken.message is not None:
            try:
                await console.desk.call(
                    session, f"{SERVICE}{taken.method}", taken.message, nonce=nonce_of(fields)
                )
                return see(f"/needs/{need_id}?done={step.value}")
            except ZonghengError as error:
                taken.faults["step"] = refusal(error, visit.words)
        return await need_page(visit, session, request, need_id, (step, taken), 422)

    async def need_page(
        visit: Visit, session: Session, request: Request, need_id: str, tried: object, status: int
    ) -> Response:
        need = await get_need(session, need_id)
        view = need_view(need, visit, session, await calendar())
        done = request.query_params.get("done", "") if status == 200 else ""
        return console.page(
            visit,
            request,
            "need.html",
            status,
            view=view,
            need=need,
            tried=tried,
            done=done if done in [each.value for each in Step] else "",
            nonce=new_nonce(),
            kinds=KINDS,
        )

    async def get_need(session: Session, need_id: str) -> needs.Need:
        reply = await console.desk.call(
            session, f"{SERVICE}GetNeed", needs.GetNeedRequest(need_id=need_id)
        )
        return cast(needs.GetNeedReply, reply).need

    async def form_page(
        visit: Visit, request: Request, filled: object, status: int, refused: str = ""
    ) -> Response:
        days = await calendar()
        promises = {
            urgency.value: _promise(visit, urgency, days) for urgency in (Urgency(1), Urgency(2))
        }
        return console.page(
            visit,
            request,
            "need_form.html",
            status,
            filled=filled,
            kinds=KINDS,
            refused=refused,
            promises=promises,
        )

    return Pages(router, NavItem("needs", "/needs", "需求"))


def _may_file(visit: Visit) -> bool:
    """Whoever may file, and has a unit above to file to."""
    has_above = visit.unit is not None and bool(visit.unit.parent_id)
    return has_above and visit.may(options.RIGHT_FILE)


def _promise(visit: Visit, urgency: Urgency, days: WorkingDays) -> tuple[str, str]:
    """By which days it will be accepted and, if accepted on the last of them, answered."""
    accept = reading_on(start(Stage.ACCEPT, urgency, visit.now_ms), days, visit.today).due
    first = days.nth(accept, 1)
    answer = start(Stage.ANSWER, urgency, visit.now_ms)
    limit = answer.limit_days
    answered = days.nth(first.fromordinal(first.toordinal() + 1), limit)
    return visit.dates.weekday(accept), visit.dates.weekday(answered)
