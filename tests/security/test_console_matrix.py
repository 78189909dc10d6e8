"""Every route of a real console × every role × every place: only what is declared opens.

The rows are the routes' own declarations (zongheng_hub.web.doors); a route without one keeps the
hub from starting.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator

import pytest
from fastapi import APIRouter

from tests.architecture.test_protos import METHODS
from tests.integration.web_client import Answer, WebClient
from tests.security.province import Province, province
from tests.security.verdicts import OWN, UNITS, relation_suffices, rule_of
from zongheng_hub.app import mint_sign_in
from zongheng_hub.tenancy.operators.rules import ROLE_RIGHTS
from zongheng_hub.web.doors import SIGNED_IN, Opening, RouteUndeclared, openings
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import operators_pb2

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
ROLES = {operators_pb2.Role.Name(role): role for role in ROLE_RIGHTS}
BUSINESS = "every business role"
VISITORS = ("nobody", *ROLES)
REFUSED = (401, 403)
NOTICED_AFTER_S = 0.6
"""A link registers its operator past the running hub, which then looks for changes."""


@pytest.fixture(scope="module")
def here() -> Iterator[Province]:
    with province() as found:
        yield found


@pytest.fixture(scope="module")
def routes(here: Province) -> tuple[Opening, ...]:
    web = here.running.hub.web
    assert web is not None
    found: tuple[Opening, ...] = web.state.openings
    return found


@pytest.fixture(scope="module")
def visitors(here: Province) -> dict[tuple[str, str], WebClient]:
    """By place and role, people who are signed in; and nobody."""
    wanted = [*((OWN, role) for role in VISITORS), *((place, BUSINESS) for place in UNITS)]
    found = {(place, role): _visitor(here, place, role) for place, role in wanted}
    time.sleep(NOTICED_AFTER_S)
    found[OWN, BUSINESS].get("/data")
    return found


def _visitor(here: Province, place: str, role: str) -> WebClient:
    client = WebClient(here.running.web_address)
    if role != "nobody":
        roles = None if role == BUSINESS else [ROLES[role]]
        tenant, name = here.units[place].tenant, f"{place} {role}"
        settings = here.running.settings
        path = asyncio.run(mint_sign_in(settings, tenant=tenant, operator=name, roles=roles))
        client.form("/sign-in", {"t": path.partition("t=")[2]}, follow=False)
        assert client.cookies
    return client


def knock(here: Province, client: WebClient, route: Opening) -> Answer:
    """Open a route as a person would: a form carries the token of its session."""
    known = {
        "need_id": str(here.things["need_id"].id),
        "step": "accept",
        "module_id": "snap",
        "index": "0",
        "alert_id": str(here.things["alert_id"].id),
        "path": "checkpoint",
        "enrolment_id": "e_none",
        "unit_id": str(here.things["tenant_id"].id),
        "tenant_id": str(here.things["tenant_id"].id),
        "change": "rename",
        "operator_id": "o_nobody",
        "session_id": "none",
        "passkey_id": "00",
    }
    wanted = re.findall(r"\{(\w+)(?::\w+)?\}", route.path)
    assert set(wanted) <= set(known), f"{route.path}: say here what stands for {wanted}"
    path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known[found.group(1)], route.path)
    cookies = dict(client.cookies)
    try:
        if route.verb == "GET":
            return client.get(path, follow=False)
        token = TOKEN.search(client.get("/data").text)
        told = token.group(1) if token else ""  # a page's script sends it in a header
        return client.form(path, {"form_token": told}, headers={"x-form-token": told}, follow=False)
    finally:
        client.cookies = cookies  # who opens /sign-out is not signed out for the next route


def may_open(right: int, role: str) -> int:
    """0 when a route opens for a role, or the status with which it does not."""
    if right == options.RIGHT_OPEN:
        return 0
    if role == "nobody":
        return 401
    held = ROLE_RIGHTS[ROLES[role]]
    return 0 if right == options.RIGHT_ENROLLED or right in held else 403


@pytest.mark.parametrize("role", VISITORS)
def test_a_page_opens_exactly_for_the_roles_it_declares(
    here: Province,
    routes: tuple[Opening, ...],
    visitors: dict[tuple[str, str], WebClient],
    role: str,
) -> None:
    client, wrong = visitors[OWN, role], []
    ordered = sorted(routes, key=lambda route: route.path == "/sign-out")
    for route in ordered:
        status, should = knock(here, client, route).status, may_open(route.right, role)
        is_its_own = (route.verb, route.path) == ("POST", "/sign-in")  # 403 for a link that is none
        if status != should if should else status in REFUSED and not is_its_own:
            wrong.append(f"{route.verb} {route.path}: {status}, not {should or 'opened'}")
    assert wrong == []


@pytest.mark.parametrize("place", UNITS)
def test_a_need_is_shown_exactly_to_those_that_its_rpc_declares(
    here: Province, visitors: dict[tuple[str, str], WebClient], place: str
) -> None:
    rule = next(rule_of(method) for method in METHODS if method.name == "GetNeed")
    client = visitors[place, BUSINESS]
    refused = relation_suffices(rule, place, here.things["need_id"].stands)
    for path in ("", "/filed"):
        answer = client.get(f"/needs/{here.things['need_id'].id}{path}")
        assert (answer.status == 403) == bool(refused), answer.status


def test_a_unit_without_a_right_does_not_open_what_needs_it(
    here: Province, routes: tuple[Opening, ...], visitors: dict[tuple[str, str], WebClient]
) -> None:
    client = visitors[OWN, BUSINESS]
    here.book.rights = frozenset()
    try:
        statuses = {
            (route.verb, route.path): knock(here, client, route).status
            for route in routes
            if route.right not in (options.RIGHT_OPEN, options.RIGHT_ENROLLED)
        }
    finally:
        here.book.rights = None
    assert statuses
    assert set(statuses.values()) == {403}


def test_a_route_without_a_declaration_is_refused_by_name() -> None:
    router = APIRouter()

    @router.get("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(RouteUndeclared, match="/forgotten does not say who may open it"):
        openings((), [router])


def test_a_route_with_two_declarations_is_refused() -> None:
    router = APIRouter()

    @router.get("/twice", dependencies=[SIGNED_IN, SIGNED_IN])
    async def twice() -> None: ...

    with pytest.raises(RouteUndeclared, match="/twice"):
        openings((), [router])


def test_every_route_is_one_that_the_application_answers(
    here: Province, routes: tuple[Opening, ...]
) -> None:
    assert len(routes) == len({(route.verb, route.path) for route in routes}) > 15
