"""A real hub, people signed in to its console, and Chromium to drive it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from zongheng_hub.app import mint_sign_in
from zongheng_hub.settings import Settings
from zongheng_protos.tenancy.v1 import operators_pb2 as operators
from zongheng_sdk.testing import LocalHub

CITY, COUNTY = "140100", "140123"
ADMINISTRATOR, AUDITOR = "钱某某", "孙某某"
OPERATORS = {"140000": "赵某某", COUNTY: "李某某"}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class House:
    """A hub with a province, a city and a county."""

    local: LocalHub

    @property
    def address(self) -> str:
        return self.local.web_address

    def sign_in_path(self, code: str, *, administrator: bool = False, auditor: bool = False) -> str:
        """A one-time link for an operator of the unit with this division code."""
        settings = Settings(data=self.local.folder / "hub")
        operator, roles = OPERATORS[code], None
        if administrator:
            operator, roles = ADMINISTRATOR, [operators.ROLE_ADMINISTRATOR]
        elif auditor:
            operator, roles = AUDITOR, [operators.ROLE_AUDITOR]
        mint = mint_sign_in(settings, tenant=code, operator=operator, roles=roles)
        # Playwright keeps a loop on this thread; another one has to run elsewhere.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, mint).result()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("console")
    with LocalHub(folder) as local:
        local.enrol(CITY)
        local.enrol(COUNTY)
        yield House(local)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(house: House, browser: Browser) -> Iterator[Visit]:
    """Opens a fresh browser profile, signed in for a unit's code or for nobody.

    Whatever a page says on its console as an error, or fails to load, fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        code: str = "",
        *,
        width: int = 1440,
        dark: bool = False,
        js: bool = True,
        administrator: bool = False,
        auditor: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=house.address,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=js,
            locale="zh-CN",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
        )
        if code:
            page.goto(house.sign_in_path(code, administrator=administrator, auditor=auditor))
            page.get_by_role("button", name="登录").click()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
