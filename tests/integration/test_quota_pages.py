"""The console's pages of quotas: who uses what, who was refused, and the form."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integration.running_hub import client_of
from tests.integration.web_client import WebClient
from zongheng_hub.app import mint_sign_in
from zongheng_hub.settings import Settings
from zongheng_protos.errors import Quota
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_protos.tenancy.v1.operators_pb2 import Role
from zongheng_sdk.quotas import Budget
from zongheng_sdk.testing import LocalHub

CITY, COUNTY = "140100", "140105"
LIST = "/zongheng.needs.v1.NeedsService/ListNeeds"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol(COUNTY)
        yield running


def signed_in(local: LocalHub, code: str, *roles: Role) -> WebClient:
    settings = Settings(data=local.folder / "hub")
    path = asyncio.run(
        mint_sign_in(settings, tenant=code, operator=f"王{roles or ''}", roles=roles or None)
    )
    client = WebClient(local.web_address)
    client.form("/sign-in", {"t": path.partition("t=")[2]})
    until = time.monotonic() + 10
    while client.get("/quotas").status != 200 and time.monotonic() < until:
        time.sleep(0.1)  # an operator registered from elsewhere is noticed within a second
    return client


def fields_of(page: str) -> dict[str, str]:
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return dict(hidden)


def test_the_province_sees_who_was_refused_and_sets_a_quota(local: LocalHub) -> None:
    county = local.enrol(COUNTY)
    tenant = county.identity.tenant
    local.province.quotas.set(tenant, Budget(reads=1))
    with client_of(county.identity) as raw, pytest.raises(Quota):
        for _ in range(20):
            raw.call(LIST, b"", signed=False)
    province = signed_in(local, "140000", pb.ROLE_ADMINISTRATOR)

    page = province.get("/quotas").text
    assert "太原市小店区" in page and "单独设定" in page
    assert re.search(r'tag late">\d+次', page)

    form = province.get(f"/quotas/{tenant}").text
    assert 'name="reads"' in form and 'value="1"' in form
    filled = fields_of(form) | {"reads": "200", "acts": "80"}
    done = province.form(f"/quotas/{tenant}", filled)
    assert "已生效" in done.text
    assert local.province.quotas.of(tenant).budget.acts == 80


def test_what_does_not_fit_is_said_at_its_field(local: LocalHub) -> None:
    tenant = local.enrol(COUNTY).identity.tenant
    province = signed_in(local, "140000", pb.ROLE_ADMINISTRATOR)
    form = fields_of(province.get(f"/quotas/{tenant}").text)
    answer = province.form(f"/quotas/{tenant}", form | {"reads": "many", "acts": "999999"})
    assert answer.status == 422, re.sub(r"<[^>]+>|\s+", " ", answer.text)
    assert "只填数字，不设就留空" in answer.text and "不能超过本单位自己的限额" in answer.text
    assert 'value="many"' in answer.text


def test_a_unit_is_found_by_code_or_name(local: LocalHub) -> None:
    province = signed_in(local, "140000", pb.ROLE_ADMINISTRATOR)
    assert "太原市小店区的用量与限额" in province.get("/quotas/of?unit=140105").text
    assert province.get("/quotas/of?unit=nowhere").status == 404


def test_only_administrators_get_the_form(local: LocalHub) -> None:
    tenant = local.enrol(COUNTY).identity.tenant
    clerk = signed_in(local, "140000")
    page = clerk.get(f"/quotas/{tenant}").text
    assert "限额由本单位的管理员设定" in page, re.sub(r"<[^>]+>|\s+", " ", page)
    assert 'name="reads"' not in page
    assert clerk.form(f"/quotas/{tenant}", fields_of(page) | {"reads": "5"}).status == 403


def test_a_county_sees_its_own_and_may_not_set_it(local: LocalHub) -> None:
    county = signed_in(local, COUNTY)
    assert "本单位" in county.get("/quotas").text
    own = local.enrol(COUNTY).identity.tenant
    assert "设定限额" not in county.get(f"/quotas/{own}").text
    above = local.enrol(CITY).identity.tenant
    assert county.get(f"/quotas/{above}").status == 403
    english = replace(county, cookies={**county.cookies, "zongheng_lang": "en"})
    assert "Usage and quotas" in english.get("/quotas").text
