"""Signing in over HTTP: set-up, password and code, delays, sessions that really end."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator

import pytest

from tests.integration.running_hub import running_hub
from tests.integration.test_web_console import form_token
from tests.integration.web_client import Answer, WebClient
from zongheng_hub.settings import Argon2, SignIn
from zongheng_hub.tenancy.operators import totp
from zongheng_hub.testing import RunningHub
from zongheng_protos.tenancy.v1 import operators_pb2 as pb

PASSWORD = "晋祠的柏树有三千年了吧。"
ANOTHER = "我家门前两棵枣树都很老。"
HTTPS = {"x-forwarded-proto": "https"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    cheap = Argon2(memory_kib=64, passes=1, lanes=1)
    folder = tmp_path_factory.mktemp("signing-in") / "hub"
    with running_hub(folder, sign_in=SignIn(argon2=cheap)) as running:
        yield running


class Person:
    """Somebody with a browser and an authenticator."""

    def __init__(self, hub: RunningHub, login: str, *, address: str) -> None:
        self.hub = hub
        self.login = login
        self.address = address
        self.client = WebClient(hub.web_address)
        self.secret = b""
        self.codes: list[str] = []

    def follow_link(self, *, roles: list[pb.Role] | None = None) -> Answer:
        link = self.hub.sign_in_link("140000", f"某{self.login}", roles=roles)
        return self.client.form("/sign-in", {"t": link.partition("t=")[2]})

    def set_up(self, password: str = PASSWORD, *, current: str = "") -> Answer:
        page = self.client.get("/account/set-up").text
        shown = re.search(r'secret">([A-Z2-7 ]+)<', page)
        step = re.search(r'name="step" value="([^"]+)"', page)
        assert shown and step
        self.secret = base64.b32decode(shown.group(1).replace(" ", ""))
        fields = {"step": step.group(1), "login": self.login, "current": current}
        fields |= {"password": password, "again": password, "code": self.code()}
        answer = self.client.form("/account/set-up", fields | {"form_token": form_token(page)})
        self.codes = re.findall(r"<li>([A-Z2-7-]{19})</li>", answer.text)
        return answer

    def code(self, ahead: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_of(int(time.time() * 1000)) + ahead)

    def password(self, password: str = PASSWORD, client: WebClient | None = None) -> Answer:
        fields = {"login": self.login, "password": password}
        headers = {"x-forwarded-for": self.address}
        return (client or self.client).form("/sign-in/password", fields, headers=headers)

    def enter(self, code: str, client: WebClient | None = None) -> Answer:
        answer = self.password(client=client)
        step = re.search(r'name="step" value="([^"]+)"', answer.text)
        assert step, answer.text[:2000]
        headers = {"x-forwarded-for": self.address}
        fields = {"step": step.group(1), "code": code}
        return (client or self.client).form("/sign-in/code", fields, headers=headers)

    def is_in(self) -> bool:
        return self.client.get("/account").status == 200


@pytest.fixture
def person(hub: RunningHub, request: pytest.FixtureRequest) -> Person:
    number = abs(hash(request.node.name)) % 60_000
    made = Person(hub, f"p{number}", address=f"10.1.{number // 250}.{number % 250}")
    made.follow_link()
    assert made.set_up().status == 200
    return made


def test_who_has_set_up_signs_in_by_password_and_code(person: Person) -> None:
    assert len(person.codes) == 10
    assert person.is_in()
    person.client.cookies.clear()
    assert not person.is_in()

    assert person.enter(person.code(1)).status == 200
    assert person.is_in()


def test_a_code_works_once(person: Person) -> None:
    code = person.code(1)
    assert person.enter(code).status == 200
    person.client.cookies.clear()

    assert person.enter(code).status == 422
    assert not person.is_in()


def test_a_recovery_code_stands_in_once(person: Person) -> None:
    person.client.cookies.clear()
    code = person.codes[3]
    assert person.enter(code.lower()).status == 200
    person.client.cookies.clear()
    assert person.enter(code).status == 422


def test_an_unknown_account_and_a_wrong_password_are_answered_alike(
    hub: RunningHub, person: Person
) -> None:
    person.client.cookies.clear()
    wrong = person.password("不是这个密码啊啊啊啊")
    unknown = Person(hub, "nobody-here", address="10.9.9.9").password()

    assert wrong.status == unknown.status == 422

    def bare(answer: Answer) -> str:
        return re.sub(r'value="[^"]*"', "", answer.text)

    assert bare(wrong) == bare(unknown)


def test_failures_are_answered_later_and_later_whoever_the_account_is(
    hub: RunningHub, person: Person
) -> None:
    person.client.cookies.clear()
    unknown = Person(hub, f"{person.login}-x", address="10.9.9.8")
    for one in (person, unknown):
        statuses = [one.password("不是这个密码啊啊啊啊").status for _ in range(6)]
        assert statuses == [422] * 5 + [429]
    locked = person.password()
    assert locked.status == 429
    assert 0 < int(locked.headers["retry-after"]) <= 30
    assert "秒后再试" in locked.text


def test_an_address_that_tries_many_accounts_waits_too(hub: RunningHub) -> None:
    statuses = [
        Person(hub, f"guess-{number}", address="10.66.0.1").password().status
        for number in range(31)
    ]
    assert statuses == [422] * 30 + [429]
    assert Person(hub, "guess-99", address="10.66.0.2").password().status == 422


def test_who_signs_out_is_out_even_with_the_old_cookie(person: Person) -> None:
    kept = dict(person.client.cookies)
    token = form_token(person.client.get("/account").text)
    person.client.form("/sign-out", {"form_token": token})
    person.client.cookies = kept

    assert not person.is_in()


def test_a_new_password_ends_every_other_session(hub: RunningHub, person: Person) -> None:
    elsewhere = WebClient(hub.web_address)
    assert person.enter(person.code(1), elsewhere).status == 200
    assert elsewhere.get("/account").status == 200
    page = person.client.get("/account").text
    fields = {"current": PASSWORD, "password": ANOTHER, "again": ANOTHER}

    changed = person.client.form("/account/password", fields | {"form_token": form_token(page)})

    assert "密码已改" in changed.text
    assert person.is_in()
    assert elsewhere.get("/account").status == 401
    assert person.password(client=elsewhere).status == 422


def test_a_new_password_needs_the_old_one(person: Person) -> None:
    page = person.client.get("/account").text
    fields = {"current": "不是这个密码啊啊啊啊", "password": ANOTHER, "again": ANOTHER}
    answer = person.client.form("/account/password", fields | {"form_token": form_token(page)})
    assert answer.status == 422


def test_one_of_ones_own_sessions_can_be_ended_and_nobody_elses(
    hub: RunningHub, person: Person
) -> None:
    elsewhere = WebClient(hub.web_address)
    person.enter(person.code(1), elsewhere)
    page = person.client.get("/account").text
    ends = re.findall(r"/account/sessions/(\w+)/end", page)
    assert len(ends) == 1
    stranger = Person(hub, f"{person.login}s", address="10.9.9.7")
    stranger.follow_link()
    own = form_token(stranger.client.get("/account").text)
    stolen = stranger.client.form(f"/account/sessions/{ends[0]}/end", {"form_token": own})
    assert stolen.status == 404
    assert elsewhere.get("/account").status == 200

    person.client.form(f"/account/sessions/{ends[0]}/end", {"form_token": form_token(page)})

    assert elsewhere.get("/account").status == 401
    assert person.is_in()


@pytest.mark.parametrize(
    ("password", "again", "code"),
    [("short", "short", ""), (PASSWORD, ANOTHER, ""), (PASSWORD, PASSWORD, "000000")],
)
def test_a_set_up_that_does_not_hold_changes_nothing(
    hub: RunningHub, password: str, again: str, code: str
) -> None:
    someone = Person(hub, "half", address="10.9.9.6")
    someone.follow_link()
    page = someone.client.get("/account/set-up").text
    step = re.search(r'name="step" value="([^"]+)"', page)
    assert step
    fields = {"step": step.group(1), "login": "half", "password": password, "again": again}
    answer = someone.client.form(
        "/account/set-up", fields | {"code": code, "form_token": form_token(page)}
    )
    assert answer.status == 422
    assert someone.password().status in (422, 429)


def test_over_https_the_cookie_is_one_that_no_other_host_can_set(person: Person) -> None:
    link = person.hub.sign_in_link("140000", f"某{person.login}")
    answer = WebClient(person.hub.web_address).form(
        "/sign-in", {"t": link.partition("t=")[2]}, headers=HTTPS, follow=False
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-zongheng_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_who_must_set_up_does_nothing_else_first(hub: RunningHub) -> None:
    admin = Person(hub, "keeper", address="10.9.9.5")
    admin.follow_link(roles=[pb.ROLE_ADMINISTRATOR])
    page = admin.client.get("/staff/new").text
    nonce = re.search(r'name="nonce" value="([^"]+)"', page)
    assert nonce
    fields = {"name": "新某某", "login": "newcomer", "role-1": "1", "nonce": nonce.group(1)}
    made = admin.client.form("/staff/new", fields | {"form_token": form_token(page)})
    link = re.search(r"sign-in\?t=([\w-]+)", made.text)
    assert link, made.text[:3000]
    newcomer = Person(hub, "newcomer", address="10.9.9.4")

    landed = newcomer.client.form("/sign-in", {"t": link.group(1)}, follow=False)

    assert landed.headers["location"] == "/account/set-up"
    assert newcomer.client.get("/needs", follow=False).headers["location"] == "/account/set-up"
    assert newcomer.set_up().status == 200
    assert newcomer.client.get("/needs").status == 200
    assert newcomer.client.get("/staff/new").status == 403
