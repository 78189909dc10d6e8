"""Provincial staff change units in the console: preview first, then the act and its proof."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COUNTY, House, Visit
from tests.e2e.test_every_page import CUT_OFF

pytestmark = pytest.mark.browser
PROVINCE = "140000"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOTS = os.environ.get("ZONGHENG_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where someone wants to look at it."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def unit_id(house: House, code: str) -> str:
    return house.local.province.tenancy.tenant(code=code).id


def test_a_county_becomes_a_district_after_a_preview(visit: Visit, house: House) -> None:
    page = visit(PROVINCE, administrator=True)
    page.goto("/units")
    shot(page, "units-1440")
    page.get_by_role("textbox", name="名称、区划代码").fill("阳曲")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="阳曲县").click()
    shot(page, "unit-1440")
    page.get_by_role("link", name="变更代码").click()
    page.get_by_role("textbox", name="区划代码").fill("140112")
    page.get_by_role("textbox", name="名称").fill("阳曲区")
    page.get_by_role("textbox", name="类型").fill("市辖区")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("写依据")
    shot(page, "unit-form-error-1440")
    page.get_by_role("textbox", name="依据").fill("民函〔2026〕12号")
    page.get_by_role("button", name="预览").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("预览：变更代码")
    expect(page.locator("ins", has_text="140112")).to_be_visible()
    shot(page, "unit-preview-1440")
    page.get_by_role("button", name="确认变更代码").click()

    expect(page.get_by_role("status")).to_contain_text("已变更代码")
    expect(page.get_by_role("heading", level=1)).to_have_text("阳曲区")
    newest = page.locator(".acts li").first
    expect(newest).to_contain_text("民函〔2026〕12号")
    expect(newest.locator("a.proof")).to_have_attribute("href", re.compile(r"^/log/[1-9]"))
    shot(page, "unit-done-1440")
    page.goto("/units?q=140122")
    expect(page.get_by_role("link", name="阳曲区")).to_be_visible()


def test_on_a_phone_a_unit_is_suspended_and_resumed(visit: Visit, house: House) -> None:
    page = visit(PROVINCE, width=390, js=False, administrator=True)
    page.goto(f"/units/{unit_id(house, '140105')}")
    shot(page, "unit-390")
    page.get_by_role("link", name="停用").click()
    page.get_by_role("textbox", name="依据").fill("晋政办函〔2026〕8号")
    shot(page, "unit-form-390")
    for path in ("recode", "merge", "add", "close"):
        page.goto(f"/units/{unit_id(house, '140105')}/{path}")
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(SIDEWAYS) <= 0, path
    page.goto(f"/units/{unit_id(house, '140105')}/suspend")
    page.get_by_role("textbox", name="依据").fill("晋政办函〔2026〕8号")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("共13个单位")).to_be_visible()
    shot(page, "unit-preview-390")
    page.get_by_role("button", name="改一改").click()
    expect(page.get_by_role("textbox", name="依据")).to_have_value("晋政办函〔2026〕8号")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="确认停用").click()

    expect(page.get_by_text("它和全部下级都不能报送")).to_be_visible()
    shot(page, "unit-suspended-390")
    page.goto(f"/units/{unit_id(house, '140105')}/resume")
    page.get_by_role("textbox", name="依据").fill("晋政办函〔2026〕9号")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="确认恢复").click()
    expect(page.get_by_role("status")).to_contain_text("已恢复")


def test_a_department_is_added_and_merging_into_it_is_refused_with_reasons(
    visit: Visit, house: House
) -> None:
    page = visit(PROVINCE, administrator=True)
    page.goto(f"/units/{unit_id(house, '140106')}/add")
    page.get_by_role("textbox", name="名称").fill("迎泽区民政局")
    page.get_by_role("textbox", name="依据").fill("晋编办〔2026〕2号")
    shot(page, "unit-add-1440")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="确认新增下级单位").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("迎泽区民政局")

    page.goto(f"/units/{unit_id(house, '140106')}/merge")
    page.get_by_role("combobox", name="承继单位").fill("迎泽区民政局")
    page.get_by_role("textbox", name="依据").fill("民函〔2026〕13号")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择允许的上级单位")
    expect(page.get_by_role("combobox", name="承继单位")).to_have_value("迎泽区民政局")

    page.goto(f"/units/{unit_id(house, '140106')}/close")
    page.get_by_role("textbox", name="依据").fill("民函〔2026〕13号")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("living below it")


def test_a_county_reads_the_tree_and_is_offered_only_what_it_may(
    visit: Visit, house: House
) -> None:
    page = visit(COUNTY, administrator=True)
    page.goto(f"/units/{unit_id(house, COUNTY)}")
    expect(page.get_by_role("link", name="新增下级单位")).to_be_visible()
    expect(page.get_by_role("link", name="停用")).to_have_count(0)
    page.goto(f"/units/{unit_id(house, '140106')}")
    expect(page.get_by_role("link", name="新增下级单位")).to_have_count(0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_header_of_an_administrator_cuts_nothing_off_either(visit: Visit, lang: str) -> None:
    page = visit(PROVINCE, administrator=True)
    page.goto(f"/view?lang={lang}&back=/units")
    header = page.get_by_role("banner")

    for width in (800, 1024, 1201, 1280, 1361, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert header.evaluate(CUT_OFF) == [], width
        assert page.evaluate(SIDEWAYS) <= 0, width
