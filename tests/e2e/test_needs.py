"""The board and one need: filters in the address, and each role's step from filed to confirmed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import COUNTY, House, Visit

PROVINCE = "140000"


@pytest.fixture(scope="module")
def filed(house: House) -> dict[str, str]:
    """Ids of two needs of the county, by their titles."""
    county = house.local.enrol(COUNTY)
    radio = county.needs.file(kind="equipment", title="护林员手台在山区没有信号")
    records = county.needs.file(kind="data", title="残疾人补贴核对缺户籍注销数据")
    return {need.title: need.id for need in (radio, records)}


def file(house: House, title: str) -> str:
    """A need of the county that only one test uses; its id."""
    return house.local.enrol(COUNTY).needs.file(kind="equipment", title=title).id


@pytest.mark.usefixtures("filed")
def test_the_board_lists_open_needs_with_their_clock_in_words(visit: Visit) -> None:
    page = visit(PROVINCE)
    page.get_by_role("link", name="需求", exact=True).click()

    row = page.get_by_role("row", name=re.compile("护林员手台"))
    expect(row).to_contain_text("太原市娄烦县")
    expect(row).to_contain_text("待受理")
    expect(row).to_contain_text("剩2个工作日")


@pytest.mark.usefixtures("filed")
def test_filters_live_in_the_address(visit: Visit) -> None:
    page = visit(PROVINCE)
    page.goto("/needs")

    page.get_by_label("缺什么").select_option(label="设备")
    page.get_by_role("button", name="筛选").click()

    expect(page).to_have_url(re.compile("kind=4"))
    expect(page.get_by_role("row", name=re.compile("护林员手台"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("残疾人补贴"))).to_have_count(0)


@pytest.mark.usefixtures("filed")
def test_a_filter_that_finds_nothing_says_so_and_leads_back(visit: Visit) -> None:
    page = visit(PROVINCE)
    page.goto("/needs?clock=late")

    expect(page.get_by_text("没有符合条件的需求")).to_be_visible()
    page.get_by_role("link", name="清除筛选").last.click()
    expect(page).to_have_url(re.compile("/needs$"))


@pytest.mark.usefixtures("filed")
def test_on_a_phone_every_value_of_a_row_has_its_label(visit: Visit) -> None:
    page = visit(PROVINCE, width=390)
    page.goto("/needs")

    cell = page.get_by_role("cell").filter(has_text="待受理").first
    label = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "状态" in label


def test_a_need_goes_from_filed_to_confirmed_in_the_console(visit: Visit, house: House) -> None:
    need = file(house, "护林员要配卫星手台")
    handler = visit(PROVINCE)
    handler.goto(f"/needs/{need}")
    handler.get_by_label("说明").fill("转省林草局承办")
    handler.get_by_role("button", name="受理需求").click()
    expect(handler.get_by_role("status")).to_contain_text("已受理，记入存证日志第")

    handler.get_by_role("button", name="答复需求").click()
    expect(handler.get_by_role("alert")).to_be_focused()
    expect(handler.get_by_role("alert")).to_contain_text("写明给什么、何时给")
    handler.get_by_label("答复", exact=True).fill("本月底前配发卫星手台20部")
    handler.get_by_label("类别").first.select_option(label="设备")
    handler.get_by_label("名称").first.fill("卫星手台")
    handler.get_by_role("button", name="答复需求").click()
    expect(handler.get_by_role("heading", name="反哺资源")).to_be_visible()
    expect(handler.get_by_text("卫星手台", exact=True)).to_be_visible()
    expect(handler.get_by_role("button", name="解决了")).to_have_count(0)

    filer = visit(COUNTY, width=390)
    filer.goto(f"/needs/{need}")
    filer.get_by_text("没解决，重开").click()
    filer.get_by_label("还差什么").fill("只到了12部")
    filer.get_by_role("button", name="重开需求").click()
    expect(filer.get_by_role("status")).to_contain_text("已重开")

    handler.reload()
    handler.get_by_label("答复", exact=True).fill("其余8部已发出")
    handler.get_by_role("button", name="答复需求").click()
    filer.reload()
    filer.get_by_role("button", name="解决了").click()
    expect(filer.get_by_role("status")).to_contain_text("已确认解决")
    expect(filer.locator(".acts time")).to_have_count(6)
    expect(filer.get_by_text("时限都已停止")).to_be_visible()


def test_only_the_handler_is_offered_to_accept(visit: Visit, filed: dict[str, str]) -> None:
    page = visit(COUNTY)
    page.goto(f"/needs/{filed['残疾人补贴核对缺户籍注销数据']}")

    expect(page.get_by_role("button", name="受理需求")).to_have_count(0)
    expect(page.get_by_text("待山西省受理")).to_be_visible()


def test_a_step_that_does_not_follow_is_refused_in_words(visit: Visit, house: House) -> None:
    need = file(house, "两个人同时受理的需求")
    page = visit(PROVINCE)
    page.goto(f"/needs/{need}")
    stale = page.context.new_page()
    stale.goto(f"/needs/{need}")
    page.get_by_role("button", name="受理需求").click()
    expect(page.get_by_role("status")).to_contain_text("已受理")

    stale.get_by_role("button", name="受理需求").click()

    expect(stale.get_by_role("alert")).to_contain_text("请先查看当前状态")


def test_the_overview_counts_needs_and_links_to_their_rows(
    visit: Visit, filed: dict[str, str]
) -> None:
    page = visit(PROVINCE)
    page.goto("/")

    expect(page.get_by_role("heading", name="全省总览")).to_be_visible()
    expect(page.locator("a.tile")).to_have_count(117)
    tile = page.get_by_role("link", name=re.compile("^太原市娄烦县"))
    assert int(tile.locator("span").inner_text()) >= 1
    tile.click()
    expect(page.get_by_role("row", name=re.compile("太原市娄烦县")).first).to_be_visible()
    assert filed
