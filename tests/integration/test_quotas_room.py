"""Quotas are said, held to at once, seen by those concerned, and noticed by other replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.tenancy_house import House, build
from zongheng_hub.kernel.admission import Admission
from zongheng_hub.tenancy.quotas import rpc
from zongheng_hub.tenancy.quotas.service import QuotaBook
from zongheng_protos.errors import Forbidden, Invalid, NotFound, NotRelated, Quota
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import quotas_pb2 as pb
from zongheng_tenants.identity import Identity

QUOTAS = "/zongheng.tenancy.v1.QuotaService/"
READ, ACT = options.QUOTA_READ, options.QUOTA_ACT


@dataclass
class Ruled:
    """A house with quotas."""

    house: House
    book: QuotaBook
    admission: Admission

    async def set(self, who: Identity, tenant: str, **budget: int) -> pb.Quota:
        request = pb.SetQuotaRequest(tenant_id=tenant, budget=pb.Budget(**budget))
        reply: pb.SetQuotaReply = await self.house.call(who, QUOTAS + "SetQuota", request)
        return reply.quota

    async def get(self, who: Identity, tenant: str) -> pb.Quota:
        request = pb.GetQuotaRequest(tenant_id=tenant)
        reply: pb.GetQuotaReply = await self.house.call(who, QUOTAS + "GetQuota", request)
        return reply.quota

    async def list(self, who: Identity) -> pb.ListQuotasReply:
        reply: pb.ListQuotasReply = await self.house.call(
            who, QUOTAS + "ListQuotas", pb.ListQuotasRequest()
        )
        return reply


@pytest.fixture(params=["sqlite", "postgresql"])
async def ruled(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ruled]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    house = await build(where)
    book = QuotaBook(house.store, house.province.tenant)
    admission = house.kernel.admission = Admission(book)
    house.kernel.serve([rpc.room(house.store, book, admission, lambda: house.now_ms)])
    yield Ruled(house, book, admission)
    house.store.close()


async def test_what_the_province_says_holds_from_the_next_call(ruled: Ruled) -> None:
    house = ruled.house
    city = await house.enrolled(house.province, "140100")
    assert (await ruled.get(city, city.tenant)).budget.reads == 50

    quota = await ruled.set(house.province, city.tenant, reads=1, acts=500)

    assert (quota.budget.reads, quota.budget.acts, quota.budget.bulk) == (1, 500, 20)
    assert quota.given[0].by_tenant_id == house.province.tenant
    with pytest.raises(Quota, match="1 read calls a second"):
        for _ in range(10):
            await ruled.get(city, city.tenant)


async def test_who_was_refused_is_seen_above_and_by_itself(ruled: Ruled) -> None:
    house = ruled.house
    city = await house.enrolled(house.province, "140100")
    other = await house.enrolled(house.province, "140200")
    await ruled.set(house.province, city.tenant, reads=1)
    for _ in range(10):
        try:
            await ruled.get(city, city.tenant)
        except Quota:
            continue
    await ruled.get(other, other.tenant)

    seen = await ruled.list(house.province)
    assert seen.quotas[0].tenant_id == city.tenant
    assert {each.reason: each.count for each in seen.quotas[0].use.refused}["QUOTA"] >= 4
    assert seen.quotas[0].use.refused_ms > 0
    assert {each.tenant_id for each in seen.quotas} == {
        house.province.tenant,
        city.tenant,
        other.tenant,
    }
    assert seen.usual.reads == 50 and seen.HasField("load")
    own = await ruled.list(other)
    assert [each.tenant_id for each in own.quotas] == [other.tenant] and not own.HasField("load")


async def test_a_city_gives_its_county_no_more_than_it_has(ruled: Ruled) -> None:
    house = ruled.house
    city = await house.enrolled(house.province, "140100")
    county = house.by_code["140105"]
    with pytest.raises(Invalid, match=r"budget\.acts: 51 is more than the 50"):
        await ruled.set(city, county, acts=51)
    assert (await ruled.set(city, county, acts=20)).budget.acts == 20
    assert (await ruled.set(house.province, county, acts=300)).budget.acts == 20
    assert (await ruled.set(city, county)).budget.acts == 300


async def test_nobody_sets_a_quota_beside_or_above_themselves(ruled: Ruled) -> None:
    house = ruled.house
    city = await house.enrolled(house.province, "140100")
    other = await house.enrolled(house.province, "140200")
    for tenant in (city.tenant, other.tenant, house.province.tenant, house.by_code["140212"]):
        with pytest.raises(NotRelated):
            await ruled.set(city, tenant, reads=1)
    with pytest.raises(NotRelated):
        await ruled.get(city, other.tenant)
    with pytest.raises(NotFound):
        await ruled.get(city, "t_none")
    county = await house.enrolled(city, "140105")
    with pytest.raises((Forbidden, NotRelated)):
        await ruled.set(county, county.tenant, reads=1)


async def test_another_replica_notices_within_a_second(ruled: Ruled) -> None:
    house = ruled.house
    city = house.by_code["140100"]
    elsewhere = QuotaBook(house.store, house.province.tenant)
    admission = Admission(elsewhere)
    share = admission.share(city)
    async with elsewhere.watching(admission):
        await ruled.set(house.province, city, calls=3)
        await asyncio.sleep(1.0)
        assert share.budget.calls == 3
        await ruled.set(house.province, city)
        await asyncio.sleep(1.0)
        assert share.budget.calls == 64


async def test_what_was_said_survives_a_restart(ruled: Ruled) -> None:
    house = ruled.house
    city = house.by_code["140100"]
    await ruled.set(house.province, city, streams=5, bulk_mib=7)
    again = QuotaBook(house.store, house.province.tenant)
    await again.look()
    assert again.budget_of(city).streams == 5
    assert again.budget_of(city).bulk_bytes == 7 * 1024 * 1024
