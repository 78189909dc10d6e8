"""Units in the console: finding them, one with its history, and each change after its preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.tenancy.tree.rules import parent_levels
from zongheng_hub.web import unit_form as forms
from zongheng_hub.web.console import Console, NavItem, Pages, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN, holds
from zongheng_hub.web.need_form import nonce_of
from zongheng_hub.web.ports import Session, Unit
from zongheng_hub.web.unit_form import CHANGES, LEVELS, STATES, Change, Filled
from zongheng_protos.errors import NotFound, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb
from zongheng_protos.tenancy.v1.credential_pb2 import Credential
from zongheng_tenants.envelope import CREDENTIAL, read_envelope
from zongheng_tenants.suites import INTL_1
from zongheng_tenants.suites import NAMES as SUITES

TENANCY = "/zongheng.tenancy.v1.TenancyService/"
TREE = "/zongheng.tenancy.v1.TreeService/"
FOUND_MOST, LISTED_MOST = 200, 500


def unit_pages(console: Console) -> Pages:
    """/units, /units/{id} and a page for each change."""
    router = APIRouter()

    @router.get("/units", dependencies=[SIGNED_IN])
    async def units(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        text = request.query_params.get("q", "").strip()[:60]
        state = _state(request.query_params.get("state", ""))
        is_cut = False
        if text:
            found = await find(session, text, state)
            listed, is_cut = list(found.tenants), found.is_cut
        else:
            listed = await children(session, session.tenant, with_closed=state != 0)
            listed = [one for one in listed if state in (0, one.state)]
        return console.page(
            visit,
            request,
            "units.html",
            units=listed,
            q=text,
            state=state,
            is_cut=is_cut,
            may_import=not visit.units[session.tenant].parent_id
            and await may_administer(session, request),
            states=STATES,
            levels=LEVELS,
        )

    @router.get("/units/{unit_id}", dependencies=[SIGNED_IN])
    async def show(unit_id: str, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        unit = await get(session, unit_id)
        past = cast(
            pb.ListHistoryReply,
            await console.desk.call(
                session, f"{TREE}ListHistory", pb.ListHistoryRequest(tenant_id=unit.id)
            ),
        )
        may = await may_administer(session, request)
        done = request.query_params.get("done", "")
        return console.page(
            visit,
            request,
            "unit.html",
            unit=unit,
            above=visit.above(unit.id)[::-1],
            past=past.entries,
            may_see=any(one.id == session.tenant for one in visit.above(unit.id)),
            below=await children(session, unit.id, with_closed=True),
            suite=await suite_of(session, unit) if unit.enrolled else "",
            offered=_offered(visit, session, unit) if may else [],
            changes=CHANGES,
            done=CHANGES[Change(done)][1] if done in list(Change) else "",
            states=STATES,
            levels=LEVELS,
        )

    @router.get("/units/{unit_id}/{change}", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def ask(unit_id: str, change: Change, request: Request) -> Response:
        visit, session = await console.signed_in(request)
        unit = await get(session, unit_id)
        return form_page(visit, request, unit, change, forms.blank(change, unit), 200)

    @router.post("/units/{unit_id}/{change}", dependencies=[holds(options.RIGHT_ADMINISTER)])
    async def act(unit_id: str, change: Change, request: Request) -> Response:
        visit, session, fields = await console.form(request)
        unit = await get(session, unit_id)
        filled = forms.read_change(change, fields, visit.today)
        step = fields.get("step", "")
        if filled.faults or step == "edit":
            status = 200 if step == "edit" else 422
            return form_page(visit, request, unit, change, filled, status)
        try:
            target = filled.values.get("target", "")
            target_id = await resolved(session, target) if target else ""
            wanted = forms.change_request(change, unit, filled, target_id)
            if step == "do":
                method = f"{TREE}{change.value.title()}Tenant"
                reply = await console.desk.call(session, method, wanted, nonce=nonce_of(fields))
                return see(f"/units/{_subject(reply, unit.id)}?done={change.value}")
            preview = pb.PreviewChangeRequest(tenant_id=unit.id)
            getattr(preview, change.value).CopyFrom(wanted)
            shown = await console.desk.call(session, f"{TREE}PreviewChange", preview)
        except ZonghengError as error:
            refused = (refusal(error, visit.words), error.message)
            return form_page(visit, request, unit, change, filled, 422, refused)
        return console.page(
            visit,
            request,
            "unit_preview.html",
            unit=unit,
            change=change,
            words=CHANGES[change],
            is_dangerous=change in forms.DANGEROUS,
            filled=filled,
            shown=cast(pb.PreviewChangeReply, shown),
            states=STATES,
            levels=LEVELS,
        )

    def form_page(
        visit: Visit,
        request: Request,
        unit: tenancy.Tenant,
        change: Change,
        filled: Filled,
        status: int,
        refused: tuple[str, str] | None = None,
    ) -> Response:
        return console.page(
            visit,
            request,
            "unit_form.html",
            status,
            unit=unit,
            change=change,
            words=CHANGES[change],
            fields=forms.FIELDS[change],
            filled=filled,
            refused=refused,
            levels=LEVELS,
            targets=_targets(visit, unit, change),
        )

    async def get(session: Session, unit_id: str) -> tenancy.Tenant:
        request = tenancy.GetTenantRequest(tenant_id=unit_id)
        reply = await console.desk.call(session, f"{TENANCY}GetTenant", request)
        return cast(tenancy.GetTenantReply, reply).tenant

    async def suite_of(session: Session, unit: tenancy.Tenant) -> str:
        """The suite of its keys, as its credential says it; such as INTL-1."""
        request = tenancy.GetChainRequest(tenant_id=unit.id)
        reply = await console.desk.call(session, f"{TENANCY}GetChain", request)
        envelope = cast(tenancy.GetChainReply, reply).envelopes[-1]
        claimed = Credential.FromString(read_envelope(envelope, CREDENTIAL).payload)
        return SUITES[claimed.suite or INTL_1]

    async def children(
        session: Session, unit_id: str, *, with_closed: bool
    ) -> list[tenancy.Tenant]:
        request = tenancy.ListTenantsRequest(
            parent_id=unit_id, page_size=LISTED_MOST, with_closed=with_closed
        )
        reply = await console.desk.call(session, f"{TENANCY}ListTenants", request)
        return list(cast(tenancy.ListTenantsReply, reply).tenants)

    async def find(session: Session, text: str, state: int) -> pb.FindTenantsReply:
        request = pb.FindTenantsRequest(
            text=text,
            state=state,  # type: ignore[arg-type]  # number of the enum
            limit=FOUND_MOST,
        )
        reply = await console.desk.call(session, f"{TREE}FindTenants", request)
        return cast(pb.FindTenantsReply, reply)

    async def resolved(session: Session, typed: str) -> str:
        """The id of a unit typed by id, code or whole name. Raises NotFound."""
        if typed.startswith("t_"):
            return (await get(session, typed)).id
        if typed.isdigit():
            request = tenancy.GetTenantRequest(code=typed)
            reply = await console.desk.call(session, f"{TENANCY}GetTenant", request)
            return cast(tenancy.GetTenantReply, reply).tenant.id
        found = (await find(session, typed, tenancy.TENANT_STATE_ACTIVE)).tenants
        named = [one.id for one in found if one.name == typed]
        if len(named) != 1:
            raise NotFound(f"{len(named) or 'no'} units are called {typed}: give code or id")
        return named[0]

    async def may_administer(session: Session, request: Request) -> bool:
        try:
            await console.desk.check_right(session, options.RIGHT_ADMINISTER, request.url.path)
        except ZonghengError:  # the unit has not the right, or the operator not the role
            return False
        return True

    return Pages(router, NavItem("units", "/units", "单位"))


def _state(text: str) -> int:
    return int(text) if text in map(str, STATES) else 0


def _offered(visit: Visit, session: Session, unit: tenancy.Tenant) -> list[Change]:
    is_above = any(one.id == session.tenant for one in visit.above(unit.id))
    return forms.offered(unit, is_above=is_above, is_own=unit.id == session.tenant)


def _targets(visit: Visit, unit: tenancy.Tenant, change: Change) -> Sequence[Unit]:
    """Units that may become its parent or its successor, to be picked from."""
    if change == Change.MOVE:
        levels = parent_levels(unit.level)
        found = [one for one in visit.units.values() if one.level in levels]
    elif change == Change.MERGE:
        found = [one for one in visit.units.values() if one.parent_id == unit.parent_id]
    else:
        return ()
    return [one for one in found if one.code and one.id not in (unit.id, unit.parent_id)]


def _subject(reply: object, unit_id: str) -> str:
    """Whose page to show afterwards: the new unit's, where one was added."""
    return reply.tenant.id if isinstance(reply, pb.AddTenantReply) else unit_id
