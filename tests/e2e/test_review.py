"""Review work in the browser: from a case question to the entries that answer it, verified here."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import CITY, COUNTY, House, Visit

ROWS = "name,village,income\n王某某,东村,3000\n李某某,西村,9000\n"
PURPOSE = "低保复核"


@pytest.fixture(scope="module")
def shared(house: House) -> str:
    """The county fetched data of the city; gives the dataset's id."""
    owner, grantee = house.local.enrol(CITY), house.local.enrol(COUNTY)
    source = house.local.folder / "rows.csv"
    source.write_text(ROWS, encoding="utf-8")
    dataset = owner.sharing.offer("困难家庭名册", source=source)
    asked = grantee.sharing.request(dataset.id, purpose=PURPOSE, fields=["name", "village"])
    granted = owner.sharing.grant(asked.id, fields=["name", "village"])
    parcel = owner.sharing.deliver(granted.grant_id, source)
    grantee.sharing.fetch(parcel.parcel_id)
    return str(dataset.id)


def test_a_search_by_purpose_leads_to_entries_that_the_browser_verifies(
    visit: Visit, shared: str
) -> None:
    page = visit("140000", auditor=True)
    page.goto("/review")
    page.get_by_label("用途", exact=True).fill("低保")
    page.get_by_label("行为", exact=True).select_option(label="数据包类")
    page.get_by_role("button", name="查", exact=True).click()

    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("取数")
    expect(rows.nth(1)).to_contain_text("太原市娄烦县")
    expect(rows.nth(1)).to_contain_text(PURPOSE)

    while page.locator(".proof.wait").count():
        page.reload()
    page.get_by_role("button", name="验证所列条目").click()
    expect(page.locator("[data-row] .proof.ok")).to_have_count(3)
    assert shared


def test_a_dataset_has_a_timeline(visit: Visit, shared: str) -> None:
    page = visit("140000", auditor=True)
    page.goto("/review?dataset=困难家庭")
    page.locator("[data-row]").first.get_by_role("link", name="困难家庭名册").click()

    expect(page.get_by_role("heading", name="困难家庭名册的经过")).to_be_visible()
    expect(page.locator("#acts li")).to_have_count(6)
    expect(page.locator("#acts li").last).to_contain_text("提供数据集")
    assert f"of={shared}" in page.url
