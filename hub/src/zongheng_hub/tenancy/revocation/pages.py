"""Credentials in the console: how a unit's stand, and revoking one after seeing what that does."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import Session
from zongheng_protos.errors import NotFound, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb

SERVICE = "/zongheng.tenancy.v1.RevocationService/"
STANDINGS = {
    pb.CREDENTIAL_STANDING_ACTIVE: ("有效", "done"),
    pb.CREDENTIAL_STANDING_SUPERSEDED: ("已换新", "soon"),
    pb.CREDENTIAL_STANDING_REVOKED: ("已作废", "late"),
    pb.CREDENTIAL_STANDING_EXPIRED: ("已过有效期", ""),
}
USES = {
    credential_pb2.KEY_USE_SIGNING: "签名密钥",
    credential_pb2.KEY_USE_SEALING: "收件密钥",
    credential_pb2.KEY_USE_CONSOLE: "枢纽代签密钥",
}
REASONS = {
    pb.REVOCATION_REASON_COMPROMISED: ("失陷", "别人可能拿到了密钥"),
    pb.REVOCATION_REASON_LOST: ("遗失", "本单位自己也用不了了"),
    pb.REVOCATION_REASON_SUPERSEDED: ("已换新", "新的凭证已经在用"),
    pb.REVOCATION_REASON_CLOSED: ("单位已撤并", "这个单位不再办事"),
    pb.REVOCATION_REASON_POLICY: ("管理决定", "按规定停止使用"),
}
_ACTIVE = pb.CREDENTIAL_STANDING_ACTIVE
KINDS = {"credential": "单位凭证", "key": "密钥", "channel": "通道证书"}


def credential_pages(console: Console) -> Pages:
    """/credentials, /credentials/{unit}, and the form with which one is revoked."""
    router = APIRouter()

    @router.get("/credentials", dependencies=[SIGNED_IN])
    async def own(request: Request) -> Response:
        _, session = await console.signed_in(request)
        return see(f"/credentials/{session.tenant}")

    @router.get("/credentials/{unit_id}", dependencies=[SIGNED_IN])
    async def show(unit_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        held = await listed(session, unit_id)
        return console.page(
            visit,
            request,
            "credentials.html",
            unit_id=unit_id,
            held=held,
            may=await may_revoke(visit, session, unit_id, request),
            standings=STANDINGS,
            uses=USES,
            reasons=REASONS,
            done=request.query_params.get("done", "") == "1",
        )

    @router.get("/credentials/{unit_id}/revoke", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def ask(unit_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        kind, what = request.query_params.get("kind", ""), request.query_params.get("what", "")
        return await form_page(visit, session, request, unit_id, kind, what)

    @router.post("/credentials/{unit_id}/revoke", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def act(unit_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        kind, what = fields.get("kind", ""), fields.get("what", "")
        reason = fields.get("reason", "")
        if reason not in map(str, REASONS):
            fault = "选一个原因"
            return await form_page(visit, session, request, unit_id, kind, what, fault=fault)
        method, message = _request(kind, what, int(reason))
        try:
            await console.desk.call(session, method, message, nonce=nonce_of(fields))
        except ZonghengError as error:
            refused = (refusal(error, visit.words), error.message)
            return await form_page(visit, session, request, unit_id, kind, what, refused=refused)
        return see(f"/credentials/{unit_id}?done=1")

    async def form_page(
        visit: Visit,
        session: Session,
        request: Request,
        unit_id: str,
        kind: str,
        what: str,
        *,
        fault: str = "",
        refused: tuple[str, str] | None = None,
    ) -> Response:
        if kind not in KINDS:
            raise NotFound(f"nothing of kind {kind!r} can be revoked here")
        shown, whole = None, ""
        if kind == "key":
            held = await listed(session, unit_id)
            standing = (one for one in held.credentials if one.standing == _ACTIVE)
            whole = next((one.id for one in standing), "")
        if kind == "credential":
            wanted = pb.PreviewRevocationRequest(credential_id=what)
            reply = await console.desk.call(session, f"{SERVICE}PreviewRevocation", wanted)
            shown = cast(pb.PreviewRevocationReply, reply)
        return console.page(
            visit,
            request,
            "revoke.html",
            422 if fault or refused else 200,
            unit_id=unit_id,
            kind=kind,
            kinds=KINDS,
            what=what,
            shown=shown,
            whole=whole,
            reasons=REASONS,
            nonce=new_nonce(),
            fault=fault,
            refused=refused,
        )

    async def listed(session: Session, unit_id: str) -> pb.ListCredentialsReply:
        wanted = pb.ListCredentialsRequest(tenant_id=unit_id)
        reply = await console.desk.call(session, f"{SERVICE}ListCredentials", wanted)
        return cast(pb.ListCredentialsReply, reply)

    async def may_revoke(visit: Visit, session: Session, unit_id: str, request: Request) -> bool:
        unit = visit.units.get(unit_id)
        if unit is None or not unit.parent_id:
            return False  # the root is not revoked here
        try:
            await console.desk.check_right(session, options.RIGHT_ADMINISTER, request.url.path)
        except ZonghengError:  # the unit has not the right, or the operator not the role
            return False
        return True

    return Pages(router)


def _request(kind: str, what: str, reason: int) -> tuple[str, Any]:
    given: Any = reason
    if kind == "credential":
        return f"{SERVICE}RevokeCredential", pb.RevokeCredentialRequest(
            credential_id=what, reason=given
        )
    if kind == "key":
        return f"{SERVICE}RevokeKey", pb.RevokeKeyRequest(key_id=what, reason=given)
    if kind == "channel":
        return f"{SERVICE}RevokeChannel", pb.RevokeChannelRequest(serial=what, reason=given)
    raise NotFound(f"nothing of kind {kind!r} can be revoked here")
