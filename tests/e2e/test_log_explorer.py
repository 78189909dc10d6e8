"""The log explorer: open to all, and green only for what the reader's own browser computed."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import COUNTY, House, Visit

INCLUSION = "**/zongheng.tlog.v1.LogService/GetInclusion"


@pytest.fixture(scope="module")
def needs(house: House) -> list[str]:
    """Five needs, so that the tree has branches."""
    county = house.local.enrol(COUNTY)
    return [county.needs.file(kind="training", title=f"第{n}期培训没有名额").id for n in range(5)]


def published(page: Page, index: int) -> None:
    """Open an entry's own page once a checkpoint covers it."""
    page.goto(f"/log/{index}")
    while page.get_by_role("button", name="验证这一条").count() == 0:
        page.reload()


def tamper(page: Page, change: str) -> None:
    """From now on, inclusion proofs come back with one thing changed."""

    def answer(route: Route) -> None:
        reply: dict[str, Any] = route.fetch().json()
        if change == "hash":
            reply["hashes"][0] = _flipped(reply["hashes"][0], 0)
        elif change == "leaf":
            reply["leaf"] = _flipped(reply["leaf"], -1)
        elif change == "signature":
            reply["checkpoint"] = _flipped(reply["checkpoint"], -12)
        route.fulfill(json=reply)

    page.route(INCLUSION, answer)


def _flipped(text: str, at: int) -> str:
    data = bytearray(base64.b64decode(text))
    data[at] = ord("A") if data[at] != ord("A") else ord("B")
    return base64.b64encode(data).decode()


@pytest.mark.usefixtures("needs")
def test_an_entry_opens_in_place_and_is_verified_by_the_browser(visit: Visit) -> None:
    page = visit()
    published(page, 3)
    page.goto("/log")
    row = page.locator("[data-row='3']")
    expect(row.get_by_text("未验证")).to_be_visible()

    row.get_by_role("link", name="打开第3条").click()
    row.get_by_role("button", name="验证这一条").click()

    expect(row.locator("[data-result]")).to_contain_text("已验证")
    expect(row.locator(".vf .ok")).to_have_count(4)
    expect(row.locator("tr").first.get_by_text("已验证")).to_be_visible()
    assert page.url.endswith("/log")


@pytest.mark.usefixtures("needs")
@pytest.mark.parametrize("change", ["hash", "leaf", "signature"])
def test_a_tampered_proof_fails(visit: Visit, change: str) -> None:
    page = visit()
    published(page, 2)
    tamper(page, change)

    page.get_by_role("button", name="验证这一条").click()

    expect(page.locator("[data-result]")).to_contain_text("验证失败")
    expect(page.locator(".meta .proof")).to_have_text("验证失败")
    assert page.locator(".vf .bad").count() >= 1


@pytest.mark.usefixtures("needs")
def test_a_page_that_lists_something_else_than_the_leaf_fails(visit: Visit) -> None:
    page = visit()
    published(page, 2)
    page.evaluate("document.querySelector('[data-entry]').dataset.actor = 't_somebody'")

    page.get_by_role("button", name="验证这一条").click()

    expect(page.locator("[data-check=page]")).to_have_class("bad")
    expect(page.locator("[data-result]")).to_contain_text("验证失败")


def test_a_later_checkpoint_is_held_against_the_one_kept_here(
    visit: Visit, house: House, needs: list[str]
) -> None:
    page = visit()
    published(page, 1)
    page.get_by_role("button", name="验证这一条").click()
    expect(page.locator("[data-check=old]")).to_contain_text("第一次保存检查点")

    filed = house.local.enrol(COUNTY).needs.file(kind="data", title="再报一件，日志变长")
    published(page, filed.events[-1].log_index)
    page.get_by_role("button", name="验证这一条").click()

    expect(page.locator("[data-check=old]")).to_contain_text("前后一致")
    expect(page.locator("[data-result]")).to_contain_text("已验证")
    assert needs


@pytest.mark.usefixtures("needs")
def test_a_log_that_was_rewritten_is_noticed(visit: Visit) -> None:
    page = visit()
    published(page, 1)
    forged = {"size": 3, "root": base64.b64encode(bytes(32)).decode(), "at": 0}
    page.evaluate("kept => localStorage.setItem('zongheng.checkpoint', kept)", json.dumps(forged))

    page.get_by_role("button", name="验证这一条").click()

    expect(page.locator("[data-check=old]")).to_have_class("bad")
    expect(page.locator("[data-result]")).to_contain_text("验证失败")


@pytest.mark.usefixtures("needs")
def test_another_key_for_the_log_is_noticed(visit: Visit) -> None:
    page = visit()
    published(page, 1)
    page.evaluate("localStorage.setItem('zongheng.vkey', JSON.stringify('other+00000000+AQ=='))")

    page.get_by_role("button", name="验证这一条").click()

    expect(page.locator("[data-check=sign]")).to_contain_text("公钥与这个浏览器记住的不同")


@pytest.mark.usefixtures("needs")
def test_all_listed_entries_are_verified_at_once(visit: Visit) -> None:
    page = visit()
    page.goto("/log?act=need.filed")
    listed = page.locator("[data-row] [data-proof]").count()
    assert listed >= 4

    page.get_by_role("button", name="验证所列条目").click()

    expect(page.locator("[data-row] .proof.ok")).to_have_count(listed)


def test_entries_are_found_by_act_unit_and_subject(visit: Visit, needs: list[str]) -> None:
    page = visit()
    page.goto(f"/log?q={needs[0]}")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("报送")

    page.goto("/log")
    page.get_by_label("单位", exact=True).select_option(label="太原市娄烦县")
    page.get_by_label("行为", exact=True).select_option(label="需求类")
    page.get_by_role("button", name="筛选").click()

    expect(page).to_have_url(re.compile(r"act=need\.\*|act=need\.%2A"))
    for text in page.locator("[data-row] td[data-c=unit]").all_inner_texts():
        assert text == "太原市娄烦县"


@pytest.mark.usefixtures("needs")
def test_the_proof_can_be_taken_away_as_a_file(visit: Visit) -> None:
    page = visit()
    published(page, 2)

    with page.expect_download() as download:
        page.get_by_role("link", name="下载证明").click()

    lines = download.value.path().read_text("utf-8").split("\n")
    assert download.value.suggested_filename == "2.tlog-proof"
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
