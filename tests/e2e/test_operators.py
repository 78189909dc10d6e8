"""Operators in a browser: setting up, signing in by code and by passkey, keeping the staff."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House
from tests.e2e.test_every_page import CONTROLS, FAINT, SMALL
from zongheng_hub.tenancy.operators import totp
from zongheng_hub.testing import RunningHub
from zongheng_protos.tenancy.v1 import operators_pb2 as pb

PASSWORD = "晋祠的柏树有三千年了吧。"
PROVINCE = "140000"


@dataclass
class Desk:
    """A page at localhost (passkeys belong to a name, not to an address), and its authenticator."""

    house: House
    page: Page
    secret: bytes = b""
    logins: dict[str, bytes] = field(default_factory=dict)

    def link(self, name: str, roles: list[pb.Role] | None = None) -> str:
        running = cast(RunningHub, self.house.local._running)
        with ThreadPoolExecutor(1) as thread:
            made = thread.submit(lambda: running.sign_in_link(PROVINCE, name, roles=roles))
            return made.result().replace("127.0.0.1", "localhost")

    def enter_by_link(self, name: str, roles: list[pb.Role] | None = None) -> None:
        self.page.goto(self.link(name, roles))
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("banner")).to_be_visible()

    def set_up(self, login: str = "") -> None:
        page = self.page
        shown = page.locator(".secret").inner_text().replace(" ", "")
        self.secret = base64.b32decode(shown)
        if login:
            page.get_by_label("登录名").fill(login)
        page.get_by_label("新密码").fill(PASSWORD)
        page.get_by_label("再输一次").fill(PASSWORD)
        page.get_by_label("验证器显示的6位数字").fill(self.code())
        page.get_by_role("button", name="设好并登录").click()
        expect(page.get_by_role("heading", name="记下恢复码")).to_be_visible()

    def code(self, ahead: int = 0) -> str:
        return totp.code_at(self.secret, totp.step_of(int(time.time() * 1000)) + ahead)

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="退出").click()
        expect(self.page.get_by_role("heading", name="登录纵横")).to_be_visible()


@pytest.fixture(params=[390, 1440])
def desk(house: House, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Desk]:
    base = house.address.replace("127.0.0.1", "localhost")
    context = browser.new_context(
        base_url=base, viewport={"width": request.param, "height": 844}, locale="zh-CN"
    )
    context.set_default_timeout(15_000)
    yield Desk(house, context.new_page())
    context.close()


def authenticator(page: Page) -> None:
    """A virtual authenticator with a fingerprint, over the DevTools protocol."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sound(page: Page) -> None:
    """Nothing scrolls sideways, is faint or too small to hit."""
    page.wait_for_load_state()
    wide: Any = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    assert page.evaluate(FAINT) == []
    if page.viewport_size and page.viewport_size["width"] == 390:
        assert page.evaluate(SMALL, CONTROLS) == []


def test_password_and_code_let_in_after_setting_up(desk: Desk) -> None:
    login = f"e2e-{time.time_ns()}"
    desk.enter_by_link(login)
    desk.page.goto("/account/set-up")
    sound(desk.page)
    desk.set_up(login)
    desk.page.get_by_role("link", name="我已记下").click()
    desk.page.goto("/account")
    sound(desk.page)
    desk.sign_out()
    sound(desk.page)

    desk.page.get_by_label("登录名").fill(login)
    desk.page.get_by_label("密码").fill(PASSWORD)
    desk.page.get_by_role("button", name="下一步").click()
    sound(desk.page)
    desk.page.get_by_label("验证码").fill(desk.code(1))
    desk.page.get_by_role("button", name="登录").click()

    expect(desk.page.get_by_role("heading", level=1)).to_have_text("全省总览")


def test_a_passkey_lets_in_without_password(desk: Desk) -> None:
    login = f"key-{time.time_ns()}"
    page = desk.page
    authenticator(page)
    desk.enter_by_link(login)
    page.goto("/account/set-up")
    desk.set_up(login)
    page.goto("/account")
    page.get_by_label("名称").fill("办公电脑")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_role("status")).to_contain_text("通行密钥已添加")
    expect(page.get_by_text("办公电脑", exact=True)).to_be_visible()
    desk.sign_out()

    page.get_by_role("button", name="用通行密钥").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("全省总览")
    page.goto("/account")
    page.get_by_role("button", name="移除").click()
    expect(page.get_by_role("status")).to_contain_text("通行密钥已移除")
    desk.sign_out()
    page.get_by_role("button", name="用通行密钥").click()
    expect(page.locator("[data-passkey-fault]")).to_be_visible()


def test_an_administrator_registers_changes_and_disables(desk: Desk) -> None:
    page, name = desk.page, f"新{time.time_ns() % 1_000_000}"
    desk.enter_by_link(f"管{time.time_ns()}", [pb.ROLE_ADMINISTRATOR])
    page.goto("/staff")
    page.get_by_role("link", name="登记经办人").click()
    page.wait_for_url("**/staff/new")
    sound(page)
    page.get_by_label("姓名").fill(name)
    page.get_by_label("登录名").fill(f"new-{time.time_ns()}")
    page.get_by_label("办理员").check()
    page.get_by_role("button", name="登记经办人").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    sound(page)

    page.get_by_role("link", name="回到经办人").click()
    row = page.locator(".staff > li").filter(has_text=name)
    expect(row).to_contain_text("待首次登录")
    row.locator("summary").click()
    sound(page)
    row.get_by_label("接入员").check()
    row.get_by_role("button", name="更改角色").click()
    expect(page.get_by_role("status")).to_contain_text("角色已更改")
    expect(row.locator(".tags")).to_contain_text("接入员")
    row.locator("summary").click()
    row.get_by_label("审计员").check()
    row.get_by_role("button", name="更改角色").click()
    expect(row.get_by_role("alert")).to_contain_text("三个不同的人")
    row.locator("summary").click()
    row.get_by_role("button", name="停用账号").click()
    expect(row).to_contain_text("已停用")


def test_the_staff_page_offers_an_operator_nothing(desk: Desk) -> None:
    desk.enter_by_link(f"办{time.time_ns()}", [pb.ROLE_HANDLER])
    expect(desk.page.get_by_role("navigation").get_by_text("经办人")).to_have_count(0)
    desk.page.goto("/staff")
    expect(desk.page.get_by_role("link", name="登记经办人")).to_have_count(0)
    assert desk.page.goto("/staff/new") is not None
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("没有办成")
