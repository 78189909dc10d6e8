"""What holds of every page: no sideways scroll, readable text, targets large enough to hit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COUNTY, House, Visit

PROVINCE = "140000"
PAGES = (
    ("", "/sign-in"),
    ("", "/log"),
    ("", "/log/1"),
    ("", "/no-such-page"),
    (PROVINCE, "/"),
    (PROVINCE, "/needs"),
    (PROVINCE, "NEED"),
    (PROVINCE, "/modules"),
    (PROVINCE, "/data"),
    (PROVINCE, "/units"),
    (PROVINCE, "UNIT"),
    (PROVINCE, "/enrolments"),
    (PROVINCE, "/credentials"),
    (PROVINCE, "/quotas"),
    (PROVINCE, f"/quotas/of?unit={COUNTY}"),
    (PROVINCE, "/review"),
    (PROVINCE, "/review?purpose=none"),
    (PROVINCE, "/review/timeline?of=none"),
    (PROVINCE, "/review/person"),
    (PROVINCE, "/review/alerts"),
    (COUNTY, "/"),
    (COUNTY, "/quotas"),
    (COUNTY, "/needs/new"),
    (COUNTY, "NEED"),
)
# Text whose contrast with what lies behind it is below WCAG 2.2 AA (1.4.3).
FAINT = """() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const over = (top, below) => {
    const alpha = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map((i) => top[i] * alpha + below[i] * (1 - alpha));
  };
  const canvas = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 4 && colour[3] === 0) continue;
      layers.push(colour);
      if (colour.length === 3 || colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    if (!text || element.closest("[hidden], noscript, option, svg")) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden") continue;
    const behind = canvas(element), ink = over(parse(style.color), behind);
    const [a, b] = [light(ink), light(behind)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) faint.push(`${ratio.toFixed(2)} ${element.className} ${text.slice(0, 20)}`);
  }
  return faint;
}"""
# Controls smaller than 24 by 24 CSS pixels (2.5.8); inline links and the map's tiles are excepted.
CONTROLS = "button, input:not([type=hidden], [type=radio]), select, textarea, .btn, .chip, summary"
SMALL = """(css) => [...document.querySelectorAll(css)]
  .filter((element) => element.offsetParent)
  .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 60)])
  .filter(([box]) => box.width < 24 || box.height < 24)
  .map(([, html]) => html)"""


# Parts of the header that are wrapped, cut off, or outside the window.
CUT_OFF = """(header) => [...header.querySelectorAll(".brand, .tenant, .nav, .nav a, .size, .me")]
  .filter((element) => element.offsetParent)
  .filter((element) => {
    const box = element.getBoundingClientRect();
    return element.scrollWidth > element.clientWidth + 1 || box.left < 0
      || box.right > innerWidth || box.height > 64;
  })
  .map((element) => `${element.className} ${element.textContent.trim()}`)"""


@pytest.fixture(scope="module")
def need(house: House) -> str:
    """A need that the province has accepted, so that the next step is on its page."""
    county, province = house.local.enrol(COUNTY), house.local.province
    filed = county.needs.file(
        kind="data", title="乡镇没有人会用新的统计报表", detail="每月要填五张"
    )
    province.needs.accept(filed.id)
    county.catalogue.adopt("snap")
    return filed.id


def go(page: Page, path: str, need: str) -> None:
    if path.startswith("UNIT"):
        page.goto("/units")
        page.get_by_role("link", name="太原市").click()
        path = page.url + path.removeprefix("UNIT")
    page.goto(f"/needs/{need}" if path == "NEED" else path)


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_no_page_scrolls_sideways(visit: Visit, need: str, width: int, size: str) -> None:
    wide: list[str] = []
    for code in ("", PROVINCE, COUNTY):
        page = visit(code, width=width)
        page.goto(f"/view?size={size}&back=/log")
        for path in [path for who, path in PAGES if who == code]:
            go(page, path, need)
            scroll, view = page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            if scroll > view:
                wide.append(f"{path} is {scroll} wide at {view}")

    assert wide == []


@pytest.mark.parametrize("width", [320, 390, 800, 1024, 1440])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_no_page_scrolls_sideways_in_english(
    visit: Visit, need: str, width: int, size: str
) -> None:
    wide: list[str] = []
    for code in ("", PROVINCE, COUNTY):
        page = visit(code, width=width)
        page.goto("/view?lang=en&back=/log")
        page.goto(f"/view?size={size}&back=/log")
        for path in [path for who, path in PAGES if who == code]:
            go(page, path, need)
            scroll, view = page.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            if scroll > view:
                wide.append(f"{path} is {scroll} wide at {view}")

    assert wide == []


@pytest.mark.parametrize("code", [PROVINCE, COUNTY])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_header_is_low_and_cuts_nothing_off(visit: Visit, code: str, lang: str) -> None:
    """One row where it fits; two at 800 px, and in English at 1024 px."""
    page = visit(code)
    page.goto(f"/view?lang={lang}&back=/needs")
    header = page.get_by_role("banner")

    for width in (800, 1024, 1280, 1360, 1361, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        box = header.bounding_box()
        rows = 2 if width <= (1024 if lang == "en" else 800) else 1
        assert box is not None and box["height"] <= (64 if rows == 1 else 96), width
        assert header.evaluate(CUT_OFF) == [], width


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_contrasts_with_its_ground(visit: Visit, need: str, dark: bool) -> None:
    faint: dict[str, Any] = {}
    for code in ("", PROVINCE, COUNTY):
        page = visit(code, dark=dark)
        for path in [path for who, path in PAGES if who == code]:
            go(page, path, need)
            if found := page.evaluate(FAINT):
                faint[f"{code}{path}"] = found

    assert json.dumps(faint, ensure_ascii=False) == "{}"


def test_on_a_phone_the_navigation_shows_where_one_is(visit: Visit) -> None:
    page = visit(PROVINCE, width=390)
    for path in ("/needs", "/log", "/review"):
        page.goto(path)
        here = page.get_by_role("banner").locator("nav [aria-current]")
        expect(here).to_be_in_viewport(ratio=1)


def test_controls_are_large_enough_to_hit(visit: Visit, need: str) -> None:
    small: dict[str, Any] = {}
    for code in ("", PROVINCE, COUNTY):
        page = visit(code, width=390)
        for path in [path for who, path in PAGES if who == code]:
            go(page, path, need)
            if found := page.evaluate(SMALL, CONTROLS):
                small[path] = found

    assert json.dumps(small, ensure_ascii=False) == "{}"


@pytest.mark.parametrize(("code", "path"), PAGES)
def test_every_page_has_one_heading_landmarks_and_a_skip_link(
    visit: Visit, need: str, code: str, path: str
) -> None:
    page = visit(code)
    go(page, path, need)

    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("banner")).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()


def test_the_focus_can_be_seen(visit: Visit) -> None:
    page = visit()
    page.goto("/log")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="筛选").focus()

    outline = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle + s.outlineWidth; })()"
    )
    assert outline == "solid2px"


def test_english_and_large_type_are_remembered(visit: Visit) -> None:
    page = visit(PROVINCE)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Province overview")
    page.get_by_role("link", name="Large").click()

    page.goto("/needs")

    expect(page.get_by_role("heading", level=1)).to_have_text("Needs")
    assert page.locator("html").get_attribute("data-size") == "large"
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_unit_adopts_a_module(visit: Visit) -> None:
    page = visit(PROVINCE)
    page.goto("/modules")
    expect(page.get_by_text("试点")).to_have_count(0)
    page.get_by_role("button", name="接入随手拍").click()

    expect(page.get_by_role("status")).to_contain_text("已接入")
    expect(page.get_by_text("已接入 · 正式")).to_be_visible()


def test_whoever_has_no_link_reads_the_whole_command(visit: Visit) -> None:
    page = visit()
    page.goto("/sign-in")

    expect(page.locator("code")).to_have_text(
        "zongheng-hub sign-in --data 数据目录 --tenant 区划代码 --operator 姓名"
    )


def test_who_signs_out_is_out(visit: Visit) -> None:
    page = visit(COUNTY)
    page.get_by_role("button", name="退出").click()

    page.goto("/needs")

    expect(page.get_by_role("heading", name="登录纵横")).to_be_visible()
