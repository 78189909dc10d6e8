"""Filing a need on a phone: errors, the draft on the device, the keyboard, and no script at all."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import COUNTY, Visit

TITLE = "村级没有户表数据，取暖补贴要逐户抄表核对"
PHONE = 390


def fill(page: Page, title: str = TITLE) -> None:
    page.get_by_role("radio", name="名单、比对").check()
    page.get_by_label("一句话说明").fill(title)
    page.get_by_label("具体情况").fill("全镇17个村要核对每户用电量，三名网格员逐户抄表。")
    page.get_by_label("涉及户数").fill("2143")
    page.get_by_role("radio", name="2个工作日内受理").check()


def send(page: Page) -> None:
    page.get_by_role("button", name="报送").click()


def test_an_empty_form_says_what_is_missing_and_takes_the_focus(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")

    send(page)

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("有3处要补充")
    expect(page).to_have_title("有3处要补充 · 报送需求 · 纵横")
    summary.get_by_role("link", name="写一句话说明").click()
    expect(page.get_by_label("一句话说明")).to_be_focused()
    expect(page.get_by_label("一句话说明")).to_have_attribute("aria-invalid", "true")


def test_nothing_typed_is_lost_when_something_is_missing(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    page.get_by_label("具体情况").fill("一个村要两天")
    page.get_by_label("涉及户数").fill("很多")

    send(page)

    expect(page.get_by_label("具体情况")).to_have_value("一个村要两天")
    expect(page.get_by_label("涉及户数")).to_have_value("很多")
    expect(page.get_by_role("alert")).to_contain_text("涉及户数写数字")


def test_a_phone_number_in_the_text_is_named_and_nothing_is_lost(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    fill(page)
    typed = "找网格员核对，电话13800000000"
    page.get_by_label("具体情况").fill(typed)

    send(page)

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="具体情况里有身份证号、手机号或银行卡号，请删去").click()
    expect(page.get_by_label("具体情况")).to_be_focused()
    expect(page.get_by_label("具体情况")).to_have_value(typed)
    expect(page.get_by_label("一句话说明")).to_have_value(TITLE)
    page.get_by_label("具体情况").fill("找网格员核对")
    send(page)
    expect(page.get_by_text("已报送", exact=True)).to_be_visible()


def test_a_draft_survives_a_reload_and_is_gone_once_filed(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    fill(page)

    page.reload()

    expect(page.get_by_role("status")).to_contain_text("已恢复本机上的草稿")
    expect(page.get_by_label("一句话说明")).to_have_value(TITLE)
    expect(page.get_by_role("radio", name="名单、比对")).to_be_checked()
    send(page)
    expect(page.get_by_text("已报送", exact=True)).to_be_visible()
    page.goto("/needs/new")
    expect(page.get_by_label("一句话说明")).to_have_value("")


def test_a_filed_need_shows_its_id_its_clock_and_its_place_in_the_log(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    fill(page)

    send(page)

    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    details = page.locator("dl.sl")
    expect(details).to_contain_text("n_")
    expect(details).to_contain_text("剩2个工作日")
    expect(details).to_contain_text("第")
    expect(page.get_by_text("由枢纽代签")).to_contain_text("代经办人李某某签名")
    page.get_by_role("link", name="去验证").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("报送")


def test_a_form_sent_twice_files_once(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    fill(page, "同一张表只报一次")
    ends = page.evaluate(
        """async () => {
            const body = new URLSearchParams(new FormData(document.querySelector("form")));
            const once = await fetch("/needs/new", { method: "POST", body });
            const twice = await fetch("/needs/new", { method: "POST", body });
            return [once.url, twice.url];
        }"""
    )

    assert ends[0].endswith("/filed")
    assert ends[0] == ends[1]


def test_offline_the_draft_stays_and_is_filed_once_the_network_is_back(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    fill(page)
    page.context.set_offline(True)

    send(page)

    expect(page.get_by_role("status")).to_contain_text("联网后自动报送")
    page.context.set_offline(False)
    expect(page.get_by_text("已报送", exact=True)).to_be_visible()


def test_urgent_needs_promise_the_same_day(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    expect(page.locator(".promise.u1")).to_be_visible()
    expect(page.locator(".promise.u2")).to_be_hidden()

    page.get_by_role("radio", name="影响安全或当天要用").check()

    expect(page.locator(".promise.u2")).to_be_visible()
    expect(page.locator(".promise.u1")).to_be_hidden()


def test_a_need_can_be_filed_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE)
    page.goto("/needs/new")
    keys = page.keyboard

    def tab_to(css: str) -> None:
        for _ in range(30):
            keys.press("Tab")
            if page.evaluate("css => document.activeElement.matches(css)", css):
                return
        raise AssertionError(f"the Tab key never reaches {css}")

    tab_to("[name=kind]")
    keys.press("ArrowDown")
    tab_to("#title")
    keys.type("只用键盘也能报送")
    tab_to("[name=urgency]")
    keys.press("Space")
    tab_to("button[type=submit]")
    keys.press("Enter")

    expect(page.get_by_role("heading", name="只用键盘也能报送")).to_be_visible()


def test_a_need_can_be_filed_without_script(visit: Visit) -> None:
    page = visit(COUNTY, width=PHONE, js=False)
    page.goto("/needs/new")
    expect(page.get_by_role("button", name="存草稿")).to_be_hidden()
    fill(page, "没有脚本也能报送")

    send(page)

    expect(page.get_by_role("heading", name="没有脚本也能报送")).to_be_visible()
