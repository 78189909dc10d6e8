"""The unit's operators 经办人: who there is, adding, roles, disabling, approving, a new link."""

from __future__ import annotations

import hashlib
import secrets
from typing import cast

from fastapi import APIRouter
from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.tenancy.operators.rules import BUSINESS_ROLES, ROLE_NAMES
from zongheng_hub.web.console import Console, NavItem, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import Session
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import operators_pb2 as pb

SERVICE = "/zongheng.tenancy.v1.OperatorService/"
KEEPERS = holds(options.RIGHT_ADMINISTER)
READERS = frozenset({options.RIGHT_ADMINISTER, options.RIGHT_AUDIT})


def staff_pages(console: Console) -> Pages:
    """/staff and what an administrator does there."""
    router = APIRouter()

    @router.get("/staff", dependencies=[SIGNED_IN])
    async def staff(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await staff_page(visit, session, request)

    @router.get("/staff/new", dependencies=[KEEPERS])
    async def ask(request: Request) -> Response:
        visit, _session = await console.signed_in(request)
        return form_page(visit, request, {}, [])

    @router.post("/staff/new", dependencies=[KEEPERS])
    async def add(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        token = secrets.token_urlsafe(16)
        roles = roles_of(fields)
        wanted = pb.AddOperatorRequest(
            tenant_id=session.tenant,
            name=fields.get("name", "").strip(),
            login=fields.get("login", "").strip().lower(),
            staff_number=fields.get("staff_number", "").strip(),
            oidc_subject=fields.get("oidc_subject", "").strip(),
            roles=roles,  # type: ignore[arg-type]  # numbers of the enum
            link_sha256=hashlib.sha256(token.encode()).digest(),
        )
        try:
            reply = cast(
                pb.AddOperatorReply,
                await console.desk.call(
                    session, f"{SERVICE}AddOperator", wanted, nonce=nonce_of(fields)
                ),
            )
        except ZonghengError as error:
            return form_page(visit, request, fields, roles, refusal(error, visit.words), 422)
        return link_page(visit, request, reply.operator, token, reply.HasField("waiting"))

    @router.post("/staff/{operator_id}/roles", dependencies=[KEEPERS])
    async def change_roles(operator_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.ChangeRolesRequest(
            operator_id=operator_id,
            roles=roles_of(fields),  # type: ignore[arg-type]  # numbers of the enum
        )
        return await act(visit, session, request, fields, "ChangeRoles", wanted, operator_id)

    @router.post("/staff/{operator_id}/approve", dependencies=[KEEPERS])
    async def approve(operator_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.ApproveRolesRequest(
            operator_id=operator_id,
            request_id=fields.get("request", ""),
            refused=fields.get("decision") == "refuse",
        )
        return await act(visit, session, request, fields, "ApproveRoles", wanted, operator_id)

    @router.post("/staff/{operator_id}/disable", dependencies=[KEEPERS])
    async def disable(operator_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.DisableOperatorRequest(operator_id=operator_id)
        return await act(visit, session, request, fields, "DisableOperator", wanted, operator_id)

    @router.post("/staff/{operator_id}/enable", dependencies=[KEEPERS])
    async def enable(operator_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.EnableOperatorRequest(operator_id=operator_id)
        return await act(visit, session, request, fields, "EnableOperator", wanted, operator_id)

    @router.post("/staff/{operator_id}/reset", dependencies=[KEEPERS])
    async def reset(operator_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        token = secrets.token_urlsafe(16)
        wanted = pb.ResetLoginRequest(
            operator_id=operator_id, link_sha256=hashlib.sha256(token.encode()).digest()
        )
        try:
            reply = cast(
                pb.ResetLoginReply,
                await console.desk.call(
                    session, f"{SERVICE}ResetLogin", wanted, nonce=nonce_of(fields)
                ),
            )
        except ZonghengError as error:
            fault = refusal(error, visit.words)
            return await staff_page(visit, session, request, 422, {operator_id: fault})
        return link_page(visit, request, reply.operator, token, False)

    @router.post("/staff/required", dependencies=[KEEPERS])
    async def required(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        wanted = pb.SetOperatorsRequiredRequest(
            tenant_id=session.tenant, required=fields.get("required") == "1"
        )
        return await act(
            visit, session, request, fields, "SetOperatorsRequired", wanted, "required"
        )

    async def act(
        visit: Visit,
        session: Session,
        request: Request,
        fields: dict[str, str],
        method: str,
        wanted: Message,
        about: str,
    ) -> Response:
        try:
            reply = await console.desk.call(
                session, f"{SERVICE}{method}", wanted, nonce=nonce_of(fields)
            )
        except ZonghengError as error:
            fault = refusal(error, visit.words)
            return await staff_page(visit, session, request, 422, {about: fault})
        waits = isinstance(reply, pb.ChangeRolesReply) and reply.HasField("waiting")
        return see(f"/staff?done={'waits' if waits else method}#{about}")

    async def staff_page(
        visit: Visit,
        session: Session,
        request: Request,
        status: int = 200,
        faults: dict[str, str] | None = None,
    ) -> Response:
        listed = cast(
            pb.ListOperatorsReply,
            await console.desk.call(
                session,
                f"{SERVICE}ListOperators",
                pb.ListOperatorsRequest(
                    tenant_id=session.tenant, page_token=request.query_params.get("after", "")
                ),
            ),
        )
        names = {one.id: one.name for one in listed.operators}
        return console.page(
            visit,
            request,
            "staff.html",
            status,
            staff=listed.operators,
            names=names,
            waiting=listed.waiting,
            required=listed.operators_required,
            more=listed.next_page_token,
            may_change=visit.may(options.RIGHT_ADMINISTER),
            role_names=ROLE_NAMES,
            business=BUSINESS_ROLES,
            faults=faults or {},
            nonce=new_nonce,
            done=request.query_params.get("done", "") if status == 200 else "",
        )

    def form_page(
        visit: Visit,
        request: Request,
        typed: dict[str, str],
        roles: list[int],
        fault: str = "",
        status: int = 200,
    ) -> Response:
        return console.page(
            visit,
            request,
            "staff_new.html",
            status,
            typed=typed,
            chosen=roles,
            role_names=ROLE_NAMES,
            fault=fault,
            nonce=new_nonce(),
        )

    def link_page(
        visit: Visit, request: Request, one: pb.Operator, token: str, waits: bool
    ) -> Response:
        host = request.headers.get("host", "")
        address = f"{request.url.scheme}://{host}/sign-in?t={token}"
        return console.page(
            visit, request, "staff_link.html", one=one, address=address, waits=waits
        )

    return Pages(router, NavItem("staff", "/staff", "经办人", READERS))


def roles_of(fields: dict[str, str]) -> list[int]:
    """The roles that a form ticks, each in a field of its own."""
    return [role for role in ROLE_NAMES if fields.get(f"role-{role}") == "1"]
