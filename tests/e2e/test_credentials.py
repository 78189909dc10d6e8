"""Revoking in the console: what a step leaves open is said before it is taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COUNTY, House, Visit

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("ZONGHENG_SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("width", [390, 1440])
def test_who_ends_one_key_is_told_that_reading_goes_on_and_is_led_to_the_credential(
    visit: Visit, house: House, width: int
) -> None:
    unit = house.local.enrol(COUNTY).identity.tenant
    page = visit(COUNTY, width=width, administrator=True)
    page.goto(f"/credentials/{unit}")
    page.get_by_role("link", name="作废这把密钥").first.click()
    note = page.locator("p.note", has_text="只停这把钥匙")
    expect(note).to_contain_text("通道照常能读")
    shot(page, f"revoke-key-{width}")
    note.get_by_role("link", name="改为作废整份凭证").click()
    expect(page.get_by_role("heading", name="会发生什么")).to_be_visible()


def test_a_units_page_says_which_suite_its_keys_are_of_and_who_holds_them(
    visit: Visit, house: House
) -> None:
    unit = house.local.enrol(COUNTY).identity.tenant
    page = visit(COUNTY)
    page.goto(f"/units/{unit}")
    about = page.locator("dl.sl").first
    expect(about).to_contain_text("INTL-1")
    expect(about).to_contain_text("由该单位自己保管")
    shot(page, "unit-suite-1440")
