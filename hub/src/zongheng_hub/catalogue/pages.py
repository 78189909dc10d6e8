"""Modules in the console: what is on offer, what this unit has adopted, and adopting."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, NavItem, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_form import new_nonce, nonce_of
from zongheng_hub.web.ports import Session
from zongheng_hub.web.words import TRACKS
from zongheng_protos.catalogue.v1 import catalogue_pb2 as catalogue
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options

SERVICE = "/zongheng.catalogue.v1.CatalogueService/"


def module_pages(console: Console) -> Pages:
    """/modules and adopting one of them."""
    router = APIRouter()

    @router.get("/modules", dependencies=[SIGNED_IN])
    async def modules(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await _page(visit, session, request, {}, 200)

    @router.post("/modules/{module_id}/adopt", dependencies=[holds(options.RIGHT_ADOPT)])
    async def adopt(module_id: str, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        # Modules have a stable track only; the form offers no other.
        wanted = catalogue.AdoptRequest(module_id=module_id, track=catalogue.TRACK_STABLE)
        try:
            await console.desk.call(session, f"{SERVICE}Adopt", wanted, nonce=nonce_of(fields))
        except ZonghengError as error:
            fault = refusal(error, visit.words)
            return await _page(visit, session, request, {module_id: fault}, 422)
        return see(f"/modules?adopted={module_id}")

    async def _page(
        visit: Visit, session: Session, request: Request, faults: dict[str, str], status: int
    ) -> Response:
        listed = cast(
            catalogue.ListModulesReply,
            await console.desk.call(
                session, f"{SERVICE}ListModules", catalogue.ListModulesRequest()
            ),
        )
        own = cast(
            catalogue.ListAdoptionsReply,
            await console.desk.call(
                session, f"{SERVICE}ListAdoptions", catalogue.ListAdoptionsRequest(own=True)
            ),
        )
        counted = cast(
            catalogue.CountAdoptionsReply,
            await console.desk.call(
                session, f"{SERVICE}CountAdoptions", catalogue.CountAdoptionsRequest()
            ),
        )
        by_module = {module.id: 0 for module in listed.modules}
        for each in counted.counts:
            by_module[each.module_id] = by_module.get(each.module_id, 0) + each.units
        mine = {adoption.module_id: adoption for adoption in own.adoptions}
        return console.page(
            visit,
            request,
            "modules.html",
            status,
            modules=listed.modules,
            adopters=by_module,
            mine=mine,
            faults=faults,
            tracks=TRACKS,
            nonce=new_nonce(),
            adopted=request.query_params.get("adopted", ""),
        )

    return Pages(router, NavItem("modules", "/modules", "服务模块"))
