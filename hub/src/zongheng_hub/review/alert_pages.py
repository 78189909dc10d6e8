"""Alerts in the console: the list, one alert's life, and the forms for its next step."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.review.pages import SERVICE, unit_named
from zongheng_hub.web.console import Console, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import Session
from zongheng_hub.web.words import ALERT_RULES, ALERT_STATES, ALERT_VERDICTS
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.review.v1 import review_pb2 as pb

ROWS = 50
_STATES = {"open": 1, "explained": 2, "closed": 3, "": 0}


def alert_pages(console: Console) -> Pages:
    """/review/alerts, one alert, and raising, explaining, closing one."""
    router = APIRouter()

    @router.get("/review/alerts", dependencies=[SIGNED_IN])
    async def listed(request: Request, state: str = "open", rule: str = "") -> Response:
        visit, session = await console.signed_in(request)
        return await _list(visit, session, request, state, rule, {}, "", 200)

    @router.post("/review/alerts", dependencies=[holds(options.RIGHT_AUDIT)])
    async def raise_alert(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        entries = [int(word) for word in fields.get("entries", "").split() if word.isdecimal()]
        wanted = pb.RaiseAlertRequest(
            tenant_id=unit_named(fields.get("unit", "").strip(), visit),
            subject=fields.get("subject", "").strip(),
            entries=[entry for entry in entries if entry < 2**63],
            text=fields.get("text", "").strip(),
        )
        try:
            reply = await console.desk.call(
                session, f"{SERVICE}RaiseAlert", wanted, nonce=nonce_of(fields)
            )
        except ZonghengError as error:
            fault = refusal(error, visit.words)
            return await _list(visit, session, request, "open", "", fields, fault, 422)
        return see(f"/review/alerts/{cast(pb.RaiseAlertReply, reply).alert.id}?done=1")

    @router.get("/review/alerts/{alert_id}", dependencies=[SIGNED_IN])
    async def one(alert_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await _one(visit, session, request, alert_id, {}, "", 200)

    @router.post("/review/alerts/{alert_id}/explain", dependencies=[SIGNED_IN])
    async def explain(alert_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.ExplainAlertRequest(alert_id=alert_id, text=fields.get("text", "").strip())
        return await _step(visit, session, request, "ExplainAlert", wanted, fields)

    @router.post("/review/alerts/{alert_id}/close", dependencies=[holds(options.RIGHT_AUDIT)])
    async def close(alert_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        chosen = fields.get("verdict", "")
        verdict = int(chosen) if chosen in ("1", "2", "3") else 0
        wanted = pb.CloseAlertRequest(
            alert_id=alert_id,
            verdict=verdict,  # type: ignore[arg-type]  # a number of the enum
            text=fields.get("text", "").strip(),
        )
        return await _step(visit, session, request, "CloseAlert", wanted, fields)

    async def _step(
        visit: Visit,
        session: Session,
        request: Request,
        method: str,
        wanted: pb.ExplainAlertRequest | pb.CloseAlertRequest,
        fields: dict[str, str],
    ) -> Response:
        try:
            await console.desk.call(session, SERVICE + method, wanted, nonce=nonce_of(fields))
        except ZonghengError as error:
            fault = refusal(error, visit.words)
            return await _one(visit, session, request, wanted.alert_id, fields, fault, 422)
        return see(f"/review/alerts/{wanted.alert_id}?done=1")

    async def _list(
        visit: Visit,
        session: Session,
        request: Request,
        state: str,
        rule: str,
        typed: dict[str, str],
        fault: str,
        status: int,
    ) -> Response:
        token = request.query_params.get("page", "")
        number = int(rule) if rule.isascii() and rule.isdecimal() and len(rule) < 3 else 0
        wanted = pb.ListAlertsRequest(
            state=_STATES.get(state, 0),  # type: ignore[arg-type]  # a number of the enum
            rule=number,  # type: ignore[arg-type]  # a number of the enum
            page_token=token if token.isascii() and token.isdecimal() else "",
            page_size=ROWS,
        )
        reply = cast(
            pb.ListAlertsReply, await console.desk.call(session, f"{SERVICE}ListAlerts", wanted)
        )
        return console.page(
            visit,
            request,
            "review_alerts.html",
            status,
            reply=reply,
            state=state if state in _STATES else "",
            rule=rule,
            rules=ALERT_RULES,
            states=ALERT_STATES,
            verdicts=ALERT_VERDICTS,
            may_raise=visit.may(options.RIGHT_AUDIT),
            typed=typed,
            fault=fault,
            nonce=new_nonce(),
        )

    async def _one(
        visit: Visit,
        session: Session,
        request: Request,
        alert_id: str,
        typed: dict[str, str],
        fault: str,
        status: int,
    ) -> Response:
        asked = pb.GetAlertRequest(alert_id=alert_id)
        reply = await console.desk.call(session, f"{SERVICE}GetAlert", asked)
        alert = cast(pb.GetAlertReply, reply).alert
        is_open = alert.state != pb.ALERT_STATE_CLOSED
        is_root = not visit.above(session.tenant)
        only_reads = visit.rights <= {options.RIGHT_AUDIT}
        return console.page(
            visit,
            request,
            "review_alert.html",
            status,
            alert=alert,
            rules=ALERT_RULES,
            states=ALERT_STATES,
            verdicts=ALERT_VERDICTS,
            may_explain=is_open and not only_reads,
            may_close=is_open
            and visit.may(options.RIGHT_AUDIT)
            and (session.tenant != alert.tenant_id or is_root),
            typed=typed,
            fault=fault,
            nonce=new_nonce(),
            is_done=request.query_params.get("done") == "1",
        )

    return Pages(router)
