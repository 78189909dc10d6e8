"""Signing in, sessions, forms, headers and the log's files, against a real hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.integration.running_hub import running_hub
from tests.integration.web_client import WebClient
from zongheng_hub.testing import RunningHub

PAGES = ("/", "/needs", "/needs/new", "/modules", "/data")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("console") / "hub") as running:
        yield running


@pytest.fixture
def nobody(hub: RunningHub) -> WebClient:
    return WebClient(hub.web_address)


@pytest.fixture
def operator(hub: RunningHub, nobody: WebClient) -> WebClient:
    """A client signed in for the province."""
    link = hub.sign_in_link("140000", "赵某某")
    nobody.form("/sign-in", {"t": link.partition("t=")[2]})
    return nobody


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_link_is_only_used_up_by_pressing_the_button(hub: RunningHub, nobody: WebClient) -> None:
    link = hub.sign_in_link("140000", "赵某某")
    for _ in range(3):
        assert "登录" in nobody.get(link.removeprefix(hub.web_address)).text
    assert nobody.get("/").status == 401

    answer = nobody.form("/sign-in", {"t": link.partition("t=")[2]})

    assert answer.status == 200
    assert "赵某某" in answer.text


def test_a_link_works_once(hub: RunningHub, nobody: WebClient) -> None:
    token = hub.sign_in_link("140000", "赵某某").partition("t=")[2]
    nobody.form("/sign-in", {"t": token})
    nobody.cookies.clear()

    again = nobody.form("/sign-in", {"t": token})

    assert again.status == 403
    assert "这个链接已失效" in again.text


@pytest.mark.parametrize("token", ["", "nothing", "é" * 20])
def test_a_link_that_nobody_minted_does_not_work(nobody: WebClient, token: str) -> None:
    assert nobody.form("/sign-in", {"t": token}).status == 403


@pytest.mark.parametrize("path", PAGES)
def test_pages_explain_how_to_sign_in(nobody: WebClient, path: str) -> None:
    answer = nobody.get(path)

    assert answer.status == 401
    assert "怎样拿到链接" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_there_for_who_is_signed_in(operator: WebClient, path: str) -> None:
    answer = operator.get(path)

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "W10=.AAAA", "W10=." + "é", '["a"].b'])
def test_a_cookie_that_the_hub_did_not_make_is_nobodys(nobody: WebClient, cookie: str) -> None:
    answer = nobody.get("/needs", headers={"cookie": f"zongheng_session={cookie}"})

    assert answer.status == 401


def test_a_cookie_that_was_changed_is_nobodys(operator: WebClient) -> None:
    kept = operator.cookies["zongheng_session"]
    body, _, mac = kept.partition(".")
    operator.cookies.clear()

    changed = body[:-6] + ("A" if body[-6] != "A" else "B") + body[-5:]
    answer = operator.get("/needs", headers={"cookie": f"zongheng_session={changed}.{mac}"})

    assert answer.status == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    hub: RunningHub, nobody: WebClient
) -> None:
    token = hub.sign_in_link("140000", "赵某某").partition("t=")[2]

    answer = nobody.form("/sign-in", {"t": token}, follow=False)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=43200" in cookie


FORM = {"kind": "1", "title": "没有户表数据", "urgency": "1"}


def test_a_form_without_its_token_is_refused(operator: WebClient) -> None:
    answer = operator.form("/needs/new", FORM)

    assert answer.status == 403


def test_a_form_from_another_site_is_refused(operator: WebClient) -> None:
    token = form_token(operator.get("/needs/new").text)

    answer = operator.form(
        "/needs/new",
        FORM | {"form_token": token},
        headers={"origin": "https://elsewhere.example"},
    )

    assert answer.status == 403


def test_what_is_typed_is_shown_as_text(operator: WebClient) -> None:
    token = form_token(operator.get("/needs/new").text)
    bad = FORM | {"title": "<script>alert(1)</script>", "urgency": "", "form_token": token}

    answer = operator.form("/needs/new", bad)

    assert answer.status == 422
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


@pytest.mark.parametrize("path", ["/log", "/sign-in", "/nowhere", "/static/base.css", "/tlog/vkey"])
def test_every_answer_forbids_foreign_and_inline_code(nobody: WebClient, path: str) -> None:
    policy = nobody.get(path).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/log", "/needs/new", "/", "/modules"])
def test_no_page_holds_inline_code_or_style(operator: WebClient, path: str) -> None:
    page = operator.get(path).text

    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize("back", ["//e.example", "https://e.example", "/\\e.example"])
def test_a_switch_leads_nowhere_else(nobody: WebClient, back: str) -> None:
    answer = nobody.get(f"/view?{urlencode({'lang': 'en', 'back': back})}", follow=False)

    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["/log/999999", "/log/abc", "/log/999999.tlog-proof", "/needs/n_nothing", "/nowhere"]
)
def test_what_is_not_there_is_a_calm_404(operator: WebClient, path: str) -> None:
    answer = operator.get(path)

    assert answer.status == 404
    assert "没有找到" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "q=abc",
        "q=1,0",
        "below=x",
        "since=yesterday",
        "since=2026-01-01&until=2026-12-31",
        "act=need.*",
        "act=%25*",
        "unit=t_none",
        "q=999999999999999999999999",
        "below=0",
    ],
)
def test_the_explorer_takes_any_filter(nobody: WebClient, query: str) -> None:
    assert nobody.get(f"/log?{query}").status == 200


def test_the_log_is_served_as_c2sp_says(nobody: WebClient) -> None:
    vkey = nobody.get("/tlog/vkey")
    checkpoint = nobody.get("/tlog/checkpoint")

    assert vkey.text.strip().count("+") >= 2
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-cache"
    size = int(checkpoint.text.splitlines()[1])
    assert size > 0
    tile = nobody.get(f"/tlog/tile/0/000.p/{size}")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    assert len(tile.content) == 32 * size


@pytest.mark.parametrize(
    "path",
    [
        "/tlog/",
        "/tlog/tile/0/000",
        "/tlog/tile/64/000",
        "/tlog/tile/0/000.p/0",
        "/tlog/tile/0/../../../keys/session.key",
        "/tlog/..%2fhub.sqlite3",
        "/tlog/%2e%2e/hub.sqlite3",
        "/tlog/tile/0/x",
    ],
)
def test_nothing_else_is_served_from_the_folder(nobody: WebClient, path: str) -> None:
    assert nobody.get(path).status == 404
