"""入网审批 in the console: who waits for this unit's signature, and how it is given."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, Pages, Visit, refusal, see
from zongheng_hub.web.doors import holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import Session
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_tenants.possession import keys_fingerprint

TENANCY = "/zongheng.tenancy.v1.TenancyService/"
_MINUTE_MS = 60_000


def enrolment_pages(console: Console) -> Pages:
    """/enrolments, and not signing for one of them. Signing needs the unit's key, not the hub's."""
    router = APIRouter()
    administers = holds(options.RIGHT_ADMINISTER)

    @router.get("/enrolments", dependencies=[administers])
    async def enrolments(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await page(visit, session, request, {}, 200)

    @router.post("/enrolments/{enrolment_id}/reject", dependencies=[administers])
    async def reject(enrolment_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.RejectEnrolmentRequest(
            tenant_id=fields.get("tenant", ""),
            enrolment_id=enrolment_id,
            reason=fields.get("reason", "").strip(),
        )
        try:
            await console.desk.call(
                session, f"{TENANCY}RejectEnrolment", wanted, nonce=nonce_of(fields)
            )
        except ZonghengError as error:
            fault = refusal(error, visit.words)
            return await page(visit, session, request, {enrolment_id: fault}, 422)
        return see("/enrolments")

    async def page(
        visit: Visit, session: Session, request: Request, faults: dict[str, str], status: int
    ) -> Response:
        reply = cast(
            pb.ListEnrolmentsReply,
            await console.desk.call(
                session,
                f"{TENANCY}ListEnrolments",
                pb.ListEnrolmentsRequest(with_settled=True),
            ),
        )
        waiting = [one for one in reply.enrolments if one.state == pb.ENROLMENT_STATE_WAITING]
        settled = [one for one in reply.enrolments if one.state != pb.ENROLMENT_STATE_WAITING]
        return console.page(
            visit,
            request,
            "enrolments.html",
            status,
            waiting=waiting,
            settled=settled[::-1],
            fingerprint=_fingerprint,
            minutes=lambda one: max(0, visit.now_ms - one.handed_in_ms) // _MINUTE_MS,
            issued=pb.ENROLMENT_STATE_ISSUED,
            faults=faults,
            nonce=new_nonce(),
        )

    return Pages(router)


def _fingerprint(one: pb.Enrolment) -> str:
    return keys_fingerprint(csr=one.csr, signing_key=one.signing_key, sealing_key=one.sealing_key)
