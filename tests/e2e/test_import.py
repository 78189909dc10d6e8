"""The province imports a division table in the console: differences first, then one act."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COUNTY, Visit
from zongheng_hub.tenancy.divisions import packaged_table

pytestmark = pytest.mark.browser
PROVINCE = "140000"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOTS = os.environ.get("ZONGHENG_SHOTS", "")
BASIS = "民政部2026年区划代码"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def renamed_table(old: str, new: str) -> str:
    return packaged_table("divisions", PROVINCE).decode().replace(old, new)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_table_saved_by_a_spreadsheet_is_previewed_and_imported(
    visit: Visit, tmp_path: Path, width: int
) -> None:
    old, new = {390: ("浑源县", "浑源新县"), 1440: ("右玉县", "右玉新县")}[width]
    file = tmp_path / "table.csv"
    table = renamed_table(old, new)
    file.write_bytes(table.encode("gb18030" if width == 1440 else "utf-8"))
    page = visit(PROVINCE, width=width, administrator=True)
    page.goto("/units")
    page.get_by_role("link", name="按区划表导入").click()
    shot(page, f"import-{width}")
    page.get_by_role("button", name="看差异").click()
    expect(page.get_by_role("alert")).to_contain_text("选一张区划表")
    page.get_by_label("区划表", exact=False).first.set_input_files(file)
    expect(page.get_by_role("status").last).to_contain_text(
        "原为GBK编码" if width == 1440 else "已选"
    )
    page.get_by_role("textbox", name="依据").fill(BASIS)
    page.get_by_role("button", name="看差异").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("区划表的差异")
    expect(page.locator("ins", has_text=new).first).to_be_visible()
    assert page.evaluate(SIDEWAYS) <= 0
    shot(page, f"import-preview-{width}")
    page.get_by_role("button", name="改一改").click()
    expect(page.get_by_role("textbox", name="依据")).to_have_value(BASIS)
    page.get_by_role("button", name="看差异").click()
    page.get_by_role("button", name="确认导入").click()

    expect(page.get_by_role("status").first).to_contain_text("已导入")
    shot(page, f"import-done-{width}")
    page.goto(f"/units?q={new}")
    expect(page.get_by_role("link", name=new)).to_be_visible()


def test_without_script_a_table_is_pasted_and_what_stands_in_the_way_is_said(
    visit: Visit,
) -> None:
    page = visit(PROVINCE, width=390, js=False, administrator=True)
    page.goto("/units/import")
    lines = packaged_table("divisions", PROVINCE).decode().splitlines()
    gone = [line for line in lines if not line.startswith("140221,")]
    page.locator("#table").fill("\n".join(gone))
    page.get_by_role("textbox", name="依据").fill(BASIS)
    page.get_by_role("button", name="看差异").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    shot(page, "import-refused-390")
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)


def test_only_the_province_is_offered_it(visit: Visit) -> None:
    page = visit(COUNTY, administrator=True)
    page.goto("/units")
    expect(page.get_by_role("link", name="按区划表导入")).to_have_count(0)
    page.goto("/units/import")
    expect(page.get_by_role("main")).to_contain_text("只有省级")
