"""Review work in the browser: from a case question to the entries that answer it, verified here."""

from __future__ import annotations

import shlex

import pytest
from playwright.sync_api import expect
from typer.testing import CliRunner

from tests.e2e.conftest import CITY, COUNTY, House, Visit
from zongheng_sdk.cli.app import app

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
    expect(page.locator("#acts li").nth(5)).to_be_visible()  # other tests add to these six
    expect(page.locator("#acts li").last).to_contain_text("提供数据集")
    assert f"of={shared}" in page.url


def test_an_alert_is_explained_by_one_and_closed_by_another(
    visit: Visit, house: House, shared: str
) -> None:
    tenant = house.local.enrol(COUNTY).identity.tenant
    raised = house.local.province.review.raise_alert(tenant, "取数理由不明", subject=shared)
    county = visit(COUNTY)
    county.goto("/review/alerts")
    county.get_by_role("link", name="审计员提出").first.click()
    county.get_by_label("说明", exact=True).fill("按季度复核方案取数")
    county.get_by_role("button", name="提交说明").click()
    expect(county.get_by_role("status")).to_contain_text("已记入存证日志")
    expect(county.get_by_role("heading", name="办结预警")).to_have_count(0)

    auditor = visit("140000", auditor=True)
    auditor.goto("/review/alerts?state=explained")
    auditor.get_by_role("link", name="审计员提出").first.click()
    auditor.get_by_label("结论").select_option(label="没有问题")
    auditor.get_by_label("理由").fill("方案在档")
    auditor.get_by_role("button", name="办结预警").click()
    expect(auditor.locator(".meta .tag")).to_contain_text("已办结 · 没有问题")
    expect(auditor.locator("#acts li")).to_have_count(3)
    assert house.local.province.review.alert(raised.id).verdict == "unfounded"


def test_who_may_have_seen_one_person_is_worked_out_in_the_browser(
    visit: Visit, house: House, shared: str
) -> None:
    owner, grantee = house.local.enrol(CITY), house.local.enrol(COUNTY)
    asked = grantee.sharing.request(shared, purpose="临时救助核对", fields=["name"])
    owner.sharing.grant(asked.id, fields=["name"], rows=["village=西村"])
    page = visit("140000", auditor=True)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.goto(f"/review/person?dataset={shared}")
    expect(page.locator("#grants > li")).to_have_count(2)
    expect(page.locator("[data-coverage]").first).to_have_text("在范围内")
    page.get_by_label("village").fill("东村")
    page.get_by_role("button", name="比对").click()
    expect(page.locator("[data-coverage]").last).to_have_text("不在范围")
    expect(page.locator("[data-person-result]")).to_contain_text("1份在范围内")
    assert not [one for one in sent if "东村" in one or "%E4%B8%9C" in one]
    found = house.local.province.review.who_saw(shared, {"village": "东村"})
    assert [one.coverage.value for one in found] == ["covered", "not covered"]
    assert found[0].parcels[0].fetches


@pytest.mark.usefixtures("shared")
def test_a_search_is_saved_and_exported(visit: Visit) -> None:
    page = visit("140000", auditor=True)
    page.goto("/review?purpose=低保")
    page.get_by_label("给这个查询起名").fill("低保核查")
    page.get_by_role("button", name="存下查询").click()
    page.goto("/review")
    page.get_by_role("link", name="低保核查").click()
    expect(page.get_by_label("用途", exact=True)).to_have_value("低保")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("index,time,act,actor")
    assert len(lines) == 6 and PURPOSE in lines[1]
    page.get_by_role("button", name="去掉已存的查询低保核查").click()
    page.goto("/review")
    expect(page.get_by_role("link", name="低保核查")).to_have_count(0)


def test_an_auditor_goes_from_a_question_to_a_verified_package(
    visit: Visit, house: House, shared: str
) -> None:
    """Who was shown data of the city, and what for? The page gives the command to take it away."""
    page = visit("140000", auditor=True)
    page.goto("/review")
    page.get_by_label("单位", exact=True).fill("太原市")
    page.get_by_label("行为", exact=True).select_option(label="数据包类")
    page.get_by_role("button", name="查", exact=True).click()
    fetched = page.locator("[data-row]").filter(has_text="取数").first
    expect(fetched).to_contain_text("太原市娄烦县")
    expect(fetched).to_contain_text(PURPOSE)
    while page.locator(".proof.wait").count():
        page.reload()
    fetched.get_by_role("link", name="打开第").click()
    fetched.get_by_role("button", name="验证这一条").click()
    expect(fetched.locator("[data-result]")).to_contain_text("已验证")

    command = shlex.split(page.locator("#package").inner_text())
    out = house.local.folder / "case.zip"
    province = house.local.province
    assert province.folder is not None
    environment = {
        "ZONGHENG_IDENTITY": str(province.folder / "identity.json"),
        "ZONGHENG_OPERATOR": "周审计",
        "COLUMNS": "240",
        "NO_COLOR": "1",
    }
    wanted = [str(out) if word == "case.zip" else word for word in command[1:]]
    made = CliRunner().invoke(app, wanted, env=environment)
    assert made.exit_code == 0, made.output
    root = province.identity.root_fingerprint
    verdict = CliRunner().invoke(app, ["audit", "verify", str(out), "--root", root])
    assert verdict.exit_code == 0, verdict.output
    assert PURPOSE in verdict.output and shared

    page.goto("/review?act=audit.exported")
    expect(page.locator("[data-row]")).to_have_count(1)


@pytest.mark.usefixtures("shared")
def test_a_browser_without_ed25519_says_so_and_calls_nothing_verified(visit: Visit) -> None:
    page = visit("140000", auditor=True)
    page.add_init_script(
        "const real = crypto.subtle.importKey.bind(crypto.subtle);"
        "crypto.subtle.importKey = (kind, key, how, ...rest) => how.name === 'Ed25519'"
        " ? Promise.reject(new Error('unknown')) : real(kind, key, how, ...rest);"
    )
    page.goto("/log/1")
    while page.get_by_role("button", name="验证这一条").count() == 0:
        page.reload()
    page.get_by_role("button", name="验证这一条").click()
    expect(page.locator("[data-check=sign]")).to_contain_text("不支持Ed25519")
    expect(page.locator("[data-result]")).not_to_contain_text("已验证")
    expect(page.locator(".proof.ok")).to_have_count(0)
