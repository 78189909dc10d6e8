"""Shredding in the console: asked before it happens, and the entry says afterwards who did it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COUNTY, House, Visit

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("ZONGHENG_SHOTS", "")
BASIS = "《个人信息保护法》第四十七条，当事人申请〔2026〕12号"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("width", [390, 1440])
def test_an_administrator_shreds_on_a_stated_basis_and_anyone_sees_that_it_was_done(
    visit: Visit, house: House, width: int
) -> None:
    county = house.local.enrol(COUNTY)
    need = county.needs.file(kind="training", title=f"须销毁的内容 {width}")
    assert need.receipt is not None
    entry = f"/log/{need.receipt.index}"
    page = visit(COUNTY, width=width, administrator=True)
    page.goto(entry)
    page.get_by_role("link", name="依法销毁内容").click()
    expect(page.locator("p.note")).to_contain_text("销毁后不能恢复")
    page.get_by_role("button", name="确认销毁").click()
    expect(page.get_by_role("alert")).to_contain_text("写明法律依据")
    page.get_by_label("法律依据").fill(BASIS)
    shot(page, f"shred-{width}")
    page.get_by_role("button", name="确认销毁").click()
    page.wait_for_url(f"**{entry}")
    stranger = visit("", width=width)
    stranger.goto(entry)
    expect(stranger.locator("p.note")).to_contain_text("内容已依法销毁")
    shot(stranger, f"shredded-{width}")
    assert county.needs.get(need.id).title == "（内容已依法销毁）"


def test_what_other_acts_rest_on_is_said_not_to_be_shreddable(visit: Visit, house: House) -> None:
    page = visit("140000", administrator=True)
    page.goto("/log/0/shred")
    expect(page.locator("p.note")).to_contain_text("不能销毁")
    expect(page.get_by_role("button", name="确认销毁")).to_have_count(0)
    shot(page, "shred-kept-1440")
