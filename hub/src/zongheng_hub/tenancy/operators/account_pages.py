"""My account: setting up, password, second factor, passkeys, recovery codes, own sessions."""

from __future__ import annotations

import io
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zongheng_hub.store import Store
from zongheng_hub.tenancy.operators import login, totp
from zongheng_hub.tenancy.operators.entry_pages import delayed_zh
from zongheng_hub.tenancy.operators.login import Login
from zongheng_hub.tenancy.operators.passkeys import Passkeys
from zongheng_hub.tenancy.operators.rules import ROLE_NAMES
from zongheng_hub.tenancy.operators.sessions import StoredSessions
from zongheng_hub.tenancy.operators.signing_in import SetUp, SigningIn
from zongheng_hub.web.body import read_body
from zongheng_hub.web.console import Console, Pages, SignInNeeded, Visit, refusal, see
from zongheng_hub.web.doors import SIGNED_IN
from zongheng_hub.web.ports import Session
from zongheng_protos.errors import SignInDelayed, ZonghengError

_PASSKEY_BYTES = 65_536


def account_pages(
    console: Console,
    store: Store,
    sessions: StoredSessions,
    signing_in: SigningIn,
    passkeys: Passkeys,
) -> Pages:
    """/account and what can be changed there."""
    router = APIRouter()

    async def own(session: Session) -> Login:
        found = await store.read(lambda c: login.by_id(c, session.operator_id))
        if found is None:
            raise SignInNeeded
        return found

    async def account_page(
        visit: Visit, session: Session, request: Request, status: int = 200, **faults: str
    ) -> Response:
        found = await own(session)
        return console.page(
            visit,
            request,
            "account.html",
            status,
            mine=found,
            roles=[ROLE_NAMES[role] for role in sorted(found.account.roles) if role in ROLE_NAMES],
            sessions=await sessions.opened(session.operator_id),
            passkeys=await passkeys.of(session.operator_id),
            codes_left=await store.read(lambda c: login.codes_left(c, session.operator_id)),
            faults=faults,
            done=request.query_params.get("done", "") if status == 200 else "",
        )

    async def set_up_page(
        visit: Visit,
        session: Session,
        request: Request,
        under_way: SetUp,
        status: int = 200,
        fault: str = "",
        typed: str = "",
    ) -> Response:
        found = await own(session)
        uri = totp.enrolment_uri(
            under_way.secret,
            account=found.login or found.account.name,
            issuer=f"纵横 {visit.unit.name if visit.unit else ''}".strip(),
        )
        secret = totp.base32(under_way.secret)
        return console.page(
            visit,
            request,
            "account_set_up.html",
            status,
            mine=found,
            step_=under_way.token,
            qr=qr_svg(uri),
            secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
            fault=fault,
            typed=typed,
        )

    @router.get("/account", dependencies=[SIGNED_IN])
    async def account(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        return await account_page(visit, session, request)

    @router.get("/account/set-up", dependencies=[SIGNED_IN])
    async def begin(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        under_way = await signing_in.begin_set_up(session.operator_id)
        return await set_up_page(visit, session, request, under_way)

    @router.post("/account/set-up", dependencies=[SIGNED_IN])
    async def finish(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        token, name = fields.get("step", ""), fields.get("login", "")
        fault = ""
        if fields.get("password", "") != fields.get("again", ""):
            fault = visit.words("两次输入的密码不一样。")
        else:
            try:
                codes = await signing_in.finish_set_up(
                    session.operator_id,
                    token,
                    name=name,
                    password=fields.get("password", ""),
                    code=fields.get("code", ""),
                    current=fields.get("current", ""),
                )
            except ZonghengError as error:
                fault = said(error, visit)
        if fault:
            try:
                under_way = await signing_in.set_up_under_way(session.operator_id, token)
            except ZonghengError:
                under_way = await signing_in.begin_set_up(session.operator_id)
            return await set_up_page(visit, session, request, under_way, 422, fault, name)
        response = console.page(visit, request, "account_codes.html", codes=codes)
        await console.sessions.open(request, response, session.operator_id, "set-up")
        return response

    @router.post("/account/password", dependencies=[SIGNED_IN])
    async def change_password(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        if fields.get("password", "") != fields.get("again", ""):
            fault = visit.words("两次输入的密码不一样。")
            return await account_page(visit, session, request, 422, password=fault)
        try:
            await signing_in.change_password(
                session.operator_id,
                current=fields.get("current", ""),
                password=fields.get("password", ""),
                session_id=session.id,
            )
        except ZonghengError as error:
            return await account_page(visit, session, request, 422, password=said(error, visit))
        return see("/account?done=password")

    @router.post("/account/codes", dependencies=[SIGNED_IN])
    async def new_codes(request: Request) -> Response:
        visit, session, fields = await console.form(request)
        try:
            codes = await signing_in.new_codes(
                session.operator_id, current=fields.get("current", "")
            )
        except ZonghengError as error:
            return await account_page(visit, session, request, 422, codes=said(error, visit))
        return console.page(visit, request, "account_codes.html", codes=codes)

    @router.post("/account/sessions/{session_id}/end", dependencies=[SIGNED_IN])
    async def end_session(session_id: str, request: Request) -> Response:
        _visit, session, _fields = await console.form(request)
        await sessions.end(session.operator_id, session_id)
        return see("/account?done=session")

    @router.post("/account/passkeys/options", dependencies=[SIGNED_IN])
    async def passkey_options(request: Request) -> Response:
        visit, session = await scripted(request)
        found = await own(session)
        try:
            return JSONResponse(await passkeys.offer(request, found))
        except ZonghengError as error:
            return JSONResponse({"fault": said(error, visit)}, status_code=422)

    @router.post("/account/passkeys", dependencies=[SIGNED_IN])
    async def add_passkey(request: Request) -> Response:
        visit, session = await scripted(request)
        try:
            body = await read_body(request, _PASSKEY_BYTES)
            await passkeys.add(request, await own(session), body)
        except ZonghengError as error:
            return JSONResponse({"fault": said(error, visit)}, status_code=422)
        return JSONResponse({"go": "/account?done=passkey"})

    @router.post("/account/passkeys/{passkey_id}/remove", dependencies=[SIGNED_IN])
    async def remove_passkey(passkey_id: str, request: Request) -> Response:
        _visit, session, _fields = await console.form(request)
        await passkeys.remove(session.operator_id, passkey_id)
        return see("/account?done=removed")

    async def scripted(request: Request) -> tuple[Visit, Session]:
        """A request that a page's own script sends: the form's token comes in a header."""
        visit, session = await console.signed_in(request)
        console.sessions.check_form(session, request.headers.get("x-form-token", ""), request)
        return visit, session

    return Pages(router)


def qr_svg(text: str) -> Markup:
    """A QR code as inline SVG; drawn here, fetched from nowhere."""
    import segno

    drawn = io.BytesIO()
    code: Any = segno.make(text, error="m", micro=False)
    code.save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, dark="#000", light="#fff"
    )
    return Markup(drawn.getvalue().decode())


def said(error: ZonghengError, visit: Visit) -> str:
    """What is wrong, for a person; how long to wait where they have to."""
    if isinstance(error, SignInDelayed) and visit.words.lang == "zh":
        return delayed_zh(error)
    return refusal(error, visit.words)
