"""Modules on offer, adopted, and counted, through the kernel."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.tenancy_house import CATALOGUE, House, build
from zongheng_hub.catalogue import service
from zongheng_hub.catalogue.shelf import OfferedModule
from zongheng_hub.store import Tx
from zongheng_protos.catalogue.v1 import catalogue_pb2 as pb
from zongheng_protos.errors import Forbidden, Invalid, ModuleUnknown, NotAdopted, NotEnrolled
from zongheng_tenants.identity import Identity

TODAY = "2026-02-02"  # the house's clock, in Beijing
MODULES = tuple(
    OfferedModule(
        id=name,
        title=title,
        title_en=name,
        owner="山西省大数据局",
        version="1.0.0",
        service=f"zongheng.{name}.v1.{name.title()}Service",
        settings_schema=json.dumps(
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {"days": {"type": "integer", "default": 15}},
            }
        ),
        summary="",
        descriptors=name.encode(),
    )
    for name, title in (("heating", "供暖"), ("snap", "随手拍"))
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await build(where, MODULES)
    yield built
    built.store.close()


async def adopt(house: House, who: Identity, settings: str = "", track: int = 0) -> pb.Adoption:
    request = pb.AdoptRequest(module_id="snap", settings=settings, track=track)  # type: ignore[arg-type]
    reply: pb.AdoptReply = await house.call(who, CATALOGUE + "Adopt", request)
    return reply.adoption


async def adoptions(house: House, who: Identity) -> list[tuple[str, str]]:
    reply = await house.call(who, CATALOGUE + "ListAdoptions", pb.ListAdoptionsRequest())
    return [(one.tenant_id, one.settings) for one in reply.adoptions]


async def test_modules_are_on_offer_with_their_descriptors(house: House) -> None:
    listed = await house.call(house.province, CATALOGUE + "ListModules", pb.ListModulesRequest())
    request = pb.GetModuleRequest(module_id="snap")
    module = await house.call(house.province, CATALOGUE + "GetModule", request)

    assert [one.id for one in listed.modules] == ["heating", "snap"]
    assert module.module.title == "随手拍"
    assert module.descriptors == b"snap"


async def test_an_unknown_module_is_named_with_those_on_offer(house: House) -> None:
    for method, request in (
        ("GetModule", pb.GetModuleRequest(module_id="snip")),
        ("Adopt", pb.AdoptRequest(module_id="snip")),
        ("ListAdoptions", pb.ListAdoptionsRequest(module_id="snip")),
    ):
        with pytest.raises(ModuleUnknown, match="no module snip; on offer: heating, snap"):
            await house.call(house.province, CATALOGUE + method, request)


async def test_adopting_again_replaces_the_choice_and_keeps_one_row(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    first = await adopt(house, city)
    second = await adopt(house, city, '{"days": 3}', pb.TRACK_PILOT)

    assert (first.track, first.settings, first.version) == (
        pb.TRACK_STABLE,
        '{"days":15}',
        "1.0.0",
    )
    assert second.track == pb.TRACK_PILOT
    assert await adoptions(house, city) == [(city.tenant, '{"days":3}')]
    kept = await house.store.read(lambda c: service.adoption_of(c, city.tenant, "snap"))
    assert kept is not None
    assert kept.log_index > 0
    settings = await house.store.read(lambda c: service.settings_of(c, city.tenant, "snap"))
    assert settings == {"days": 3}


async def test_an_adoption_is_a_units_own_and_not_its_childrens(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    await adopt(house, city)
    county = house.by_code["140105"]

    with pytest.raises(NotAdopted, match="snap"):
        await house.store.read(lambda c: service.settings_of(c, county, "snap"))


async def test_adoptions_are_seen_by_those_above_and_not_by_sisters(house: House) -> None:
    taiyuan = await house.enrolled(house.province, "140100")
    datong = await house.enrolled(house.province, "140200")
    county = await house.enrolled(taiyuan, "140105")
    await adopt(house, county)

    seen = [(county.tenant, '{"days":15}')]
    assert await adoptions(house, county) == seen
    assert await adoptions(house, taiyuan) == seen
    assert await adoptions(house, house.province) == seen
    assert await adoptions(house, datong) == []


async def test_adoptions_come_page_by_page_and_are_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    taiyuan = await house.enrolled(house.province, "140100")
    county = await house.enrolled(taiyuan, "140105")
    for who in (taiyuan, county):
        await adopt(house, who)
    monkeypatch.setattr(service, "PAGE", 1)

    async def pages(who: Identity, own: bool) -> list[str]:
        found, token = [], ""
        for _ in range(5):
            request = pb.ListAdoptionsRequest(own=own, page_token=token)
            reply = await house.call(who, CATALOGUE + "ListAdoptions", request)
            found += [one.tenant_id for one in reply.adoptions]
            token = reply.next_page_token
            if not token:
                return found
        raise AssertionError("the pages do not end")

    assert await pages(taiyuan, own=False) == sorted([taiyuan.tenant, county.tenant])
    assert await pages(taiyuan, own=True) == [taiyuan.tenant]
    counted = await house.call(taiyuan, CATALOGUE + "CountAdoptions", pb.CountAdoptionsRequest())
    assert [(one.module_id, one.units) for one in counted.counts] == [("snap", 2)]
    assert counted.counties == 1


async def test_a_page_token_of_ones_own_making_is_refused(house: House) -> None:
    with pytest.raises(Invalid, match="page_token"):
        await house.call(
            house.province,
            CATALOGUE + "ListAdoptions",
            pb.ListAdoptionsRequest(page_token="second"),
        )


async def test_settings_that_do_not_fit_change_nothing(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    await adopt(house, city)

    with pytest.raises(Invalid, match="days"):
        await adopt(house, city, '{"days": "many"}')
    assert await adoptions(house, city) == [(city.tenant, '{"days":15}')]


async def test_a_township_may_not_adopt_and_a_stranger_may_not_look(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    county = await house.enrolled(city, "140105")
    township = await house.enrolled(county, "140105001")

    with pytest.raises(Forbidden):
        await adopt(house, township)
    with pytest.raises(NotEnrolled):
        await house.call(None, CATALOGUE + "ListModules", pb.ListModulesRequest())


async def test_usage_adds_up_by_day_for_the_unit_and_for_the_province(house: House) -> None:
    city = await house.enrolled(house.province, "140100")

    def count(tx: Tx) -> None:
        service.add_usage(tx, "snap", city.tenant, TODAY, 2, 1)
        service.add_usage(tx, "snap", city.tenant, TODAY, 3, 0)
        service.add_usage(tx, "snap", "t_other", TODAY, 10, 0)
        service.add_usage(tx, "snap", city.tenant, "2026-01-01", 99, 0)

    await house.store.write(count)

    async def seen(who: Identity, days: int) -> list[tuple[str, int, int]]:
        request = pb.ListUsageRequest(days=days)
        reply = await house.call(who, CATALOGUE + "ListUsage", request)
        return [(one.day, one.calls, one.failures) for one in reply.usage]

    assert await seen(city, 1) == [(TODAY, 5, 1)]
    assert await seen(house.province, 1) == [(TODAY, 15, 1)]
    assert await seen(city, 90) == [(TODAY, 5, 1), ("2026-01-01", 99, 0)]
