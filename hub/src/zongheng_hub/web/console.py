"""What every page is made with: who visits, in which words and dates, and how it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from zongheng_hub.web.dates import Dates, moment
from zongheng_hub.web.ports import Allowed, Desk, Directory, Session, Unit
from zongheng_hub.web.sessions import FORM_FIELD, Sessions
from zongheng_hub.web.words import LANGUAGES, Words
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options

TEMPLATES = Path(__file__).parent / "templates"
SET_UP_PATHS = ("/account/set-up", "/sign-out")
LANG_COOKIE, SIZE_COOKIE = "zongheng_lang", "zongheng_size"

LONGEST_FIELD = 65_536
"""Bytes of one field of a form, unless its page says otherwise."""


class SignInNeeded(Exception):
    """The page is for people who are signed in."""


class SetUpNeeded(Exception):
    """Whoever is signed in has to set a password and a second factor first."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation: a page that exists, for those who have one of rights."""

    key: str
    path: str
    label: str
    rights: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pages:
    """A room's pages: their routes and their entry in the navigation, if they have one."""

    router: APIRouter
    nav: NavItem | None = None


@dataclass(frozen=True)
class Visit:
    """One request to the console."""

    session: Session | None
    words: Words
    size: str
    now_ms: int
    units: Mapping[str, Unit]
    rights: frozenset[int] = frozenset()

    def may(self, *rights: int) -> bool:
        """Whether who is signed in has one of these rights (numbers of options.Right)."""
        return not self.rights.isdisjoint(rights)

    @cached_property
    def today(self) -> date:
        return moment(self.now_ms).date()

    @cached_property
    def dates(self) -> Dates:
        return Dates(self.words.lang, self.today)

    @property
    def unit(self) -> Unit | None:
        return self.units.get(self.session.tenant) if self.session else None

    def name(self, tenant_id: str) -> str:
        """A unit's name; its id when the tree does not know it."""
        unit = self.units.get(tenant_id)
        return unit.name if unit else tenant_id

    def above(self, tenant_id: str) -> list[Unit]:
        """The units above, nearest first."""
        found: list[Unit] = []
        unit = self.units.get(tenant_id)
        while unit and (unit := self.units.get(unit.parent_id)) and unit not in found:
            found.append(unit)
        return found

    def path(self, tenant_id: str) -> str:
        """A unit with the city and county above it: 太原市娄烦县静游镇."""
        unit = self.units.get(tenant_id)
        names = [each.name for each in self.above(tenant_id) if each.parent_id]
        return "".join([*reversed(names), unit.name if unit else tenant_id])


class Console:
    """The desk, the names and the templates, for the rooms' pages."""

    def __init__(
        self,
        desk: Desk,
        directory: Directory,
        sessions: Sessions,
        allowed: Allowed,
        clock: Callable[[], int],
    ) -> None:
        self.desk = desk
        self.sessions = sessions
        self._allowed = allowed
        self.nav: Sequence[NavItem] = ()
        self._directory = directory
        self._clock = clock
        self._env = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals.update(count=count, form_field=FORM_FIELD, rights=options.Right)

    def notice(self, tenant: str) -> None:
        """A unit's operators may have changed past this process: look anew."""
        self._allowed.forget(tenant)

    async def visit(self, request: Request) -> Visit:
        """Who is here; open to everyone."""
        session = await self.sessions.of(request)
        return Visit(
            session=session,
            rights=await self._allowed(session) if session else frozenset(),
            words=Words(_choice(request, "lang", LANG_COOKIE, LANGUAGES)),
            size=_choice(request, "size", SIZE_COOKIE, ("normal", "large")),
            now_ms=self._clock(),
            units=await self._directory.units(),
        )

    async def present(self, request: Request) -> Session:
        """The session of a request. Raises SignInNeeded, SetUpNeeded."""
        session = await self.sessions.of(request)
        if session is None:
            raise SignInNeeded
        if session.must_set_up and request.url.path not in SET_UP_PATHS:
            raise SetUpNeeded
        return session

    async def signed_in(self, request: Request) -> tuple[Visit, Session]:
        """Who is here. Raises SignInNeeded, SetUpNeeded."""
        session = await self.present(request)
        return await self.visit(request), session

    async def form(
        self, request: Request, *, longest: int = LONGEST_FIELD
    ) -> tuple[Visit, Session, dict[str, str]]:
        """A form sent from a page of this session, as text.

        Args:
            longest: how many bytes one field may have.

        Raises:
            SignInNeeded, SetUpNeeded: no session, or one that cannot do anything yet.
            Forbidden: the form is not from a page of this session.
        """
        visit, session = await self.signed_in(request)
        fields = await form_fields(request, longest=longest)
        self.sessions.check_form(session, fields.get(FORM_FIELD, ""), request)
        return visit, session, fields

    def page(
        self, visit: Visit, request: Request, template: str, status: int = 200, **values: Any
    ) -> Response:
        """A page in the visitor's language."""
        session = visit.session
        html = self._env.get_template(template).render(
            v=visit,
            _=visit.words,
            d=visit.dates,
            nav=[item for item in self.nav if _shows(item, visit)],
            here="/" + request.url.path.lstrip("/"),
            back=quote(_address(request), safe=""),
            token=Markup(
                f'<input type="hidden" name="{FORM_FIELD}" '
                f'value="{self.sessions.form_token(session)}">'
            )
            if session
            else "",
            form_token=self.sessions.form_token(session) if session else "",
            **values,
        )
        response = HTMLResponse(html, status_code=status)
        response.headers["cache-control"] = "no-store"
        response.headers["vary"] = "cookie"
        return response


async def form_fields(request: Request, *, longest: int = LONGEST_FIELD) -> dict[str, str]:
    """The text fields of a form, as this console's pages send them; anything else has none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":  # a multipart one could name any codec
        return {}
    form = await request.form(max_files=0, max_fields=100, max_part_size=longest)
    return {key: value for key, value in form.items() if isinstance(value, str)}


def see(path: str) -> Response:
    """Answer a form: go and look at path."""
    return RedirectResponse(path, status_code=303)


def refusal(error: ZonghengError, words: Words) -> str:
    """What is wrong and what to do, for a person."""
    return f"{error.message}. {error.advice}" if words.lang == "en" else error.advice_zh


def count(number: int) -> str:
    """1,236,904."""
    return f"{number:,}"


def local_path(text: str) -> str:
    """text when it is a path on this site, else "/"."""
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_local and text.isprintable() else "/"


def _shows(item: NavItem, visit: Visit) -> bool:
    if visit.session is None or visit.session.must_set_up:
        return item.key == "log"
    return not item.rights or visit.may(*item.rights)


def _choice(request: Request, name: str, cookie: str, allowed: Sequence[str]) -> str:
    for asked in (request.query_params.get(name), request.cookies.get(cookie)):
        for choice in allowed:
            if asked == choice:
                return choice
    return allowed[0]


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
