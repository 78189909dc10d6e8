"""Quotas in the console: who uses how much of what, who was refused, and the form."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, NavItem, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import Session
from zongheng_hub.web.quota_form import TITLES, Filled, read_quota, said_before
from zongheng_protos.errors import NotFound, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import quotas_pb2 as pb

SERVICE = "/zongheng.tenancy.v1.QuotaService/"
MOST = 200


def quota_pages(console: Console) -> Pages:
    """/quotas, one unit's quota, and saying what it may use."""
    router = APIRouter()

    @router.get("/quotas", dependencies=[SIGNED_IN])
    async def quotas(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        reply = cast(
            pb.ListQuotasReply,
            await console.desk.call(
                session, f"{SERVICE}ListQuotas", pb.ListQuotasRequest(page_size=MOST)
            ),
        )
        own = next(each for each in reply.quotas if each.tenant_id == session.tenant)
        return console.page(
            visit,
            request,
            "quotas.html",
            own=own,
            below=[each for each in reply.quotas if each.tenant_id != session.tenant],
            total=reply.total - 1,
            load=reply.load if reply.HasField("load") else None,
            usual=reply.usual,
            titles=TITLES,
            refused=refused,
            has_below=any(session.tenant == unit.parent_id for unit in visit.units.values()),
        )

    @router.get("/quotas/of", dependencies=[SIGNED_IN])
    async def of(request: Request, unit: str = "") -> Response:
        visit, _ = await console.signed_in(request)
        word = unit.strip()
        for each in visit.units.values():
            if word and word in (each.id, each.code, each.name):
                return see(f"/quotas/{each.id}")
        raise NotFound(f"there is no unit {word[:40]}")

    @router.get("/quotas/{tenant_id}", dependencies=[SIGNED_IN])
    async def quota(tenant_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await _page(visit, session, request, tenant_id, None, "", 200)

    @router.post("/quotas/{tenant_id}", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def set_quota(tenant_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        own = await _get(session, session.tenant)
        filled = read_quota(fields, own.budget)
        fault = ""
        if not filled.faults:
            wanted = pb.SetQuotaRequest(tenant_id=tenant_id, budget=filled.budget())
            try:
                await console.desk.call(
                    session, f"{SERVICE}SetQuota", wanted, nonce=nonce_of(fields)
                )
                return see(f"/quotas/{tenant_id}?done=1")
            except ZonghengError as error:
                fault = refusal(error, visit.words)
        return await _page(visit, session, request, tenant_id, filled, fault, 422)

    async def _may_set(session: Session, request: Request) -> bool:
        try:
            await console.desk.check_right(session, options.RIGHT_ADMINISTER, request.url.path)
        except ZonghengError:
            return False
        return True

    async def _get(session: Session, tenant_id: str) -> pb.Quota:
        wanted = pb.GetQuotaRequest(tenant_id=tenant_id)
        reply = await console.desk.call(session, f"{SERVICE}GetQuota", wanted)
        return cast(pb.GetQuotaReply, reply).quota

    async def _page(
        visit: Visit,
        session: Session,
        request: Request,
        tenant_id: str,
        filled: Filled | None,
        fault: str,
        status: int,
    ) -> Response:
        found = await _get(session, tenant_id)
        own = await _get(session, session.tenant)
        mine = next(
            (each.budget for each in found.given if each.by_tenant_id == session.tenant),
            pb.Budget(),
        )
        return console.page(
            visit,
            request,
            "quota.html",
            status,
            quota=found,
            own=own.budget,
            is_below=tenant_id != session.tenant,
            may_set=await _may_set(session, request),
            filled=filled or said_before(mine),
            fault=fault,
            titles=TITLES,
            refused=refused,
            nonce=new_nonce(),
            is_done=request.query_params.get("done") == "1",
        )

    return Pages(router, NavItem("quotas", "/quotas", "用量"))


def refused(quota: pb.Quota) -> int:
    """How many calls were refused, for whatever reason."""
    return sum(each.count for each in quota.use.refused)
