"""The log's page says who witnessed the newest head, how long ago, and who is silent."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import COUNTY, House, Visit
from tests.witnesses import at_the_hub, listening
from zongheng_sdk.witness import Witness
from zongheng_sdk.witness_folder import WitnessFolder
from zongheng_sdk.witness_rounds import look

NAMES = ("审计厅.example/w1", "娄烦县.example/w1", "静默.example/w1")


@pytest.fixture(scope="module")
def watched(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    """One witness that the hub goes to, one that comes by itself, one that says nothing."""
    folder = tmp_path_factory.mktemp("witnesses")
    local = house.local
    vkey = local.province.identity.log_vkey
    with contextlib.ExitStack() as stack:
        audit = stack.enter_context(listening(folder / "audit", vkey, name=NAMES[0]))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        keys = [WitnessFolder.make(folder / name[:2], name) for name in NAMES[1:]]
        keys[0].trust(vkey)
        county = Witness(keys[0])
        stack.callback(county.close)
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        data = local.folder / "hub"
        at_the_hub(data, "add", audit.vkey, "--url", audit.url)
        at_the_hub(data, "add", keys[0].key.vkey)
        at_the_hub(data, "add", keys[1].key.vkey, "--url", nowhere)
        local.enrol(COUNTY).needs.file(kind="training", title="培训没有名额")
        yield county


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def opened(visit: Visit, text: str, **how: int) -> Page:
    """The log's page once it says text."""
    page = visit(COUNTY, **how)
    page.goto("/log")
    for _ in range(60):
        if page.get_by_text(text).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    return page


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_says_who_saw_the_newest_head_and_when(
    visit: Visit, house: House, watched: Witness, width: int
) -> None:
    look(watched, f"{house.address}/tlog")
    page = opened(visit, "没有应答", width=width)
    until_seen(page, watched, house)
    page.get_by_text("条已有法定见证").click()
    expect(row(page, NAMES[0])).to_contain_text("正常")
    expect(row(page, NAMES[0])).to_contain_text("枢纽去问")
    expect(row(page, NAMES[1])).to_contain_text("主动来取")
    expect(row(page, NAMES[1])).to_contain_text(re.compile("刚刚|分钟前"))
    expect(row(page, NAMES[2])).to_contain_text("没有应答")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def until_seen(page: Page, county: Witness, house: House) -> None:
    """Let the county look at the log until a checkpoint has its quorum, two of three."""
    for _ in range(40):
        if page.get_by_text("条已有法定见证").count():
            return
        look(county, f"{house.address}/tlog")
        page.wait_for_timeout(500)
        page.reload()
