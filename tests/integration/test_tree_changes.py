"""Units over time, as the kernel serves them: every change an act, and what was stays readable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.tenancy_house import CATALOGUE, TENANCY, House, build, by_code
from zongheng_hub.tenancy import service
from zongheng_protos.catalogue.v1 import catalogue_pb2 as catalogue
from zongheng_protos.errors import (
    CodeInvalid,
    CodeSucceeded,
    CodeTaken,
    Forbidden,
    Invalid,
    NotFound,
    NotRelated,
    StateConflict,
    TreeRule,
    UnitInUse,
)
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb
from zongheng_tenants.identity import Identity

TREE = "/zongheng.tenancy.v1.TreeService/"
BASIS = pb.Basis(legal_basis="民函〔2026〕12号")
DAY_MS = 24 * 3600 * 1000


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await build(where)
    yield built
    built.store.close()


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[House]:
    built = await build(tmp_path / "hub.sqlite3")
    yield built
    built.store.close()


async def change(house: House, method: str, who: Identity | None = None, /, **fields: Any) -> Any:
    """Carry out one change by the province, or by who."""
    request_class = getattr(pb, f"{method}Request")
    request = request_class(basis=fields.pop("basis", BASIS), **fields)
    return await house.call(who or house.province, TREE + method, request)


async def tenant(house: House, code: str, *, as_of_ms: int = 0) -> tenancy.Tenant:
    request = tenancy.GetTenantRequest(code=code, as_of_ms=as_of_ms)
    reply: tenancy.GetTenantReply = await house.call(house.province, TENANCY + "GetTenant", request)
    return reply.tenant


async def history(house: House, tenant_id: str) -> list[pb.HistoryEntry]:
    request = pb.ListHistoryRequest(tenant_id=tenant_id)
    reply: pb.ListHistoryReply = await house.call(house.province, TREE + "ListHistory", request)
    return list(reply.entries)


async def ancestors(house: House, tenant_id: str) -> tuple[str, ...]:
    return await house.store.read(lambda c: service.ancestors(c, tenant_id))


async def test_a_department_is_added_by_hand_and_stands_in_the_history(house: House) -> None:
    county = house.by_code["140105"]
    fields: dict[str, Any] = {"level": tenancy.LEVEL_DEPARTMENT, "name": "民政局"}
    fields["uscc"] = "91350100M000100Y43"
    reply = await change(house, "AddTenant", parent_id=county, **fields)

    added = reply.tenant
    assert (added.parent_id, added.name, added.uscc) == (county, "民政局", "91350100M000100Y43")
    assert (await ancestors(house, added.id))[-1] == county
    (entry,) = await history(house, added.id)
    assert (entry.act, entry.to_ms, entry.operator) == ("tenant.added", 0, "王某某")
    assert entry.basis.legal_basis == "民函〔2026〕12号"


async def test_a_county_that_becomes_a_district_keeps_id_history_and_credential(
    house: House,
) -> None:
    county = house.by_code["140481"]
    unit = await house.enrolled(house.province, "140481")
    before_ms = house.now_ms
    house.later(DAY_MS)
    await change(
        house, "RecodeTenant", tenant_id=county, code="140406", name="潞城区", kind="市辖区"
    )

    now = await tenant(house, "140406")
    assert (now.id, now.name, now.kind, now.enrolled) == (county, "潞城区", "市辖区", True)
    with pytest.raises(CodeSucceeded, match=r"潞城区 \(140406\)"):
        await tenant(house, "140481")
    then = await tenant(house, "140481", as_of_ms=before_ms)
    assert (then.id, then.name) == (county, "潞城县")
    assert [one.tenant.code for one in await history(house, county)] == ["140406", "140481"]
    own = await house.call(unit, TENANCY + "GetTenant", by_code("140406"))
    assert own.tenant.id == county, "its old credential still opens the door"


async def test_a_code_has_one_living_bearer_and_units_may_not_take_it(house: House) -> None:
    with pytest.raises(CodeTaken, match="小店区"):
        await change(house, "RecodeTenant", tenant_id=house.by_code["140106"], code="140105")
    with pytest.raises(CodeInvalid, match="6 digits"):
        await change(house, "RecodeTenant", tenant_id=house.by_code["140106"], code="1401")
    with pytest.raises(CodeInvalid, match="mistyped"):
        await change(
            house, "RecodeTenant", tenant_id=house.by_code["140106"], uscc="91350100M000100Y44"
        )
    with pytest.raises(Invalid, match="nothing would change"):
        await change(house, "RecodeTenant", tenant_id=house.by_code["140106"], code="140106")


async def test_a_moved_county_answers_to_its_new_city(house: House) -> None:
    county, city = house.by_code["140105"], house.by_code["140200"]
    old_city = await house.enrolled(house.province, "140100")
    new_city = await house.enrolled(house.province, "140200")
    street = house.by_code["140105001"]

    await change(house, "MoveTenant", tenant_id=county, parent_id=city)

    assert await ancestors(house, street) == (house.by_code["140000"], city, county)
    with pytest.raises(NotRelated):
        await change(house, "RenameTenant", old_city, tenant_id=street, name="坞城镇")
    renamed = await change(house, "RenameTenant", new_city, tenant_id=street, name="坞城镇")
    assert renamed.tenant.name == "坞城镇"


async def test_a_county_may_stand_directly_below_the_province(house: House) -> None:
    county = house.by_code["140105"]
    reply = await change(house, "MoveTenant", tenant_id=county, parent_id=house.by_code["140000"])

    assert reply.tenant.level == tenancy.LEVEL_COUNTY
    assert await ancestors(house, county) == (house.by_code["140000"],)


async def test_moves_that_would_break_the_tree_are_refused(lite: House) -> None:
    codes = lite.by_code
    with pytest.raises(TreeRule, match="which is below it"):
        await change(lite, "MoveTenant", tenant_id=codes["140100"], parent_id=codes["140105"])
    with pytest.raises(TreeRule, match="does not stand below"):
        await change(lite, "MoveTenant", tenant_id=codes["140105"], parent_id=codes["140106"])
    with pytest.raises(StateConflict, match="already"):
        await change(lite, "MoveTenant", tenant_id=codes["140105"], parent_id=codes["140100"])
    with pytest.raises(NotRelated):
        await change(lite, "MoveTenant", tenant_id=codes["140000"], parent_id=codes["140100"])
    with pytest.raises(NotFound):
        await change(lite, "MoveTenant", tenant_id=codes["140105"], parent_id="t_nobody")


async def test_nothing_comes_to_stand_deeper_than_credentials_reach(lite: House) -> None:
    place, names = lite.by_code["140105001"], []
    with pytest.raises(TreeRule, match="credentials reach 4"):
        for name in ("便民中心", "便民中心一室"):
            reply = await change(
                lite,
                "AddTenant",
                parent_id=place,
                level=tenancy.LEVEL_DEPARTMENT,
                name=name,
            )
            place = reply.tenant.id
            names.append(name)
    assert names == ["便民中心"]


async def test_a_merged_county_is_succeeded_and_what_was_below_it_goes_along(
    house: House,
) -> None:
    gone, heir = house.by_code["140105"], house.by_code["140106"]
    street = house.by_code["140105001"]
    reply = await change(house, "MergeTenant", tenant_id=gone, successor_id=heir)

    assert (reply.tenant.state, reply.units) == (tenancy.TENANT_STATE_CLOSED, 1)
    assert reply.tenant.successor_id == heir
    assert (await ancestors(house, street))[-1] == heir
    with pytest.raises(CodeSucceeded, match=r"迎泽区 \(140106\).*succeeded it"):
        await tenant(house, "140105")
    assert [one.act for one in await history(house, street)] == [
        "tenant.merged",
        "tenancy.rooted",
    ]


async def test_a_unit_is_not_merged_into_one_below_it_or_itself(lite: House) -> None:
    codes = lite.by_code
    with pytest.raises(TreeRule, match="stands below it"):
        await change(
            lite, "MergeTenant", tenant_id=codes["140105"], successor_id=codes["140105001"]
        )
    with pytest.raises(TreeRule, match="into itself"):
        await change(lite, "MergeTenant", tenant_id=codes["140105"], successor_id=codes["140105"])


async def test_closing_says_what_stands_in_the_way(house: House) -> None:
    county = house.by_code["140105"]
    with pytest.raises(UnitInUse, match="坞城街道"):
        await change(house, "CloseTenant", tenant_id=county)
    await change(house, "CloseTenant", tenant_id=house.by_code["140105001"])
    reply = await change(house, "CloseTenant", tenant_id=county)

    assert reply.tenant.state == tenancy.TENANT_STATE_CLOSED
    with pytest.raises(CodeSucceeded, match="closed"):
        await tenant(house, "140105")
    with pytest.raises(StateConflict, match="closed"):
        await change(house, "RenameTenant", tenant_id=county, name="小店县")


async def test_a_closed_units_code_may_go_to_another(house: House) -> None:
    await change(house, "CloseTenant", tenant_id=house.by_code["140212"])
    reply = await change(house, "RecodeTenant", tenant_id=house.by_code["140106"], code="140212")

    assert (await tenant(house, "140212")).id == reply.tenant.id


async def test_a_suspended_city_stops_all_below_it_and_resuming_frees_them(house: House) -> None:
    city, county = house.by_code["140100"], house.by_code["140105"]
    await change(house, "SuspendTenant", tenant_id=city)
    stopped = await house.store.read(service.stopped)

    assert set(stopped) == {
        city,
        county,
        house.by_code["140106"],
        house.by_code["140105001"],
    }
    assert stopped[county] == service.Stop(service.SUSPENDED, city, "太原市")
    with pytest.raises(StateConflict, match="already"):
        await change(house, "SuspendTenant", tenant_id=city)
    await change(house, "ResumeTenant", tenant_id=city)
    assert await house.store.read(service.stopped) == {}
    with pytest.raises(StateConflict, match="not suspended"):
        await change(house, "ResumeTenant", tenant_id=city)


async def test_every_change_moves_the_trees_mark(lite: House) -> None:
    before = await lite.store.read(service.tree_mark)
    await change(lite, "SuspendTenant", tenant_id=lite.by_code["140100"])

    assert await lite.store.read(service.tree_mark) > before


async def test_a_sibling_and_a_unit_itself_change_nothing(lite: House) -> None:
    taiyuan = await lite.enrolled(lite.province, "140100")
    datong = await lite.enrolled(lite.province, "140200")
    county = await lite.enrolled(taiyuan, "140105")

    for who in (datong, county):
        with pytest.raises((NotRelated, Forbidden)):
            await change(lite, "RenameTenant", who, tenant_id=lite.by_code["140105"], name="小店市")
    with pytest.raises(NotRelated, match="above both"):
        await change(
            lite,
            "MoveTenant",
            taiyuan,
            tenant_id=lite.by_code["140105"],
            parent_id=lite.by_code["140200"],
        )


async def test_a_code_that_begins_like_anothers_gives_no_power_over_it(lite: House) -> None:
    """140481 begins with 1404 and stands below nothing but the province."""
    city = await change(
        lite,
        "AddTenant",
        parent_id=lite.by_code["140000"],
        level=tenancy.LEVEL_CITY,
        name="长治市",
        code="140400",
    )
    lite.by_code["140400"] = city.tenant.id
    changzhi = await lite.enrolled(lite.province, "140400")

    with pytest.raises(NotRelated):
        await change(lite, "SuspendTenant", changzhi, tenant_id=lite.by_code["140481"])


async def test_a_change_holds_from_its_day_and_never_from_one_ahead(house: House) -> None:
    county = house.by_code["140106"]
    began_ms = house.now_ms
    house.later(10 * DAY_MS)
    past = pb.Basis(legal_basis="晋政函〔2026〕3号", effective_on="2026-02-10")
    await change(house, "RenameTenant", tenant_id=county, name="迎泽新区", basis=past)

    def at(day: int) -> int:
        return began_ms + day * DAY_MS

    assert (await tenant(house, "140106", as_of_ms=at(1))).name == "迎泽区"
    assert (await tenant(house, "140106", as_of_ms=at(9))).name == "迎泽新区"
    with pytest.raises(Invalid, match="ahead"):
        await change(
            house,
            "RenameTenant",
            tenant_id=county,
            name="迎泽区",
            basis=pb.Basis(legal_basis="晋政函〔2026〕4号", effective_on="2099-01-01"),
        )
    with pytest.raises(Invalid, match="before the change that holds since 2026-02-10"):
        await change(
            house,
            "RenameTenant",
            tenant_id=county,
            name="迎泽区",
            basis=pb.Basis(legal_basis="晋政函〔2026〕4号", effective_on="2026-02-09"),
        )
    with pytest.raises(NotFound, match="at that moment"):
        await tenant(house, "140106", as_of_ms=1)


async def test_an_act_without_a_legal_basis_is_refused(lite: House) -> None:
    for basis in (None, pb.Basis()):
        with pytest.raises(Invalid, match="basis"):
            await change(lite, "SuspendTenant", tenant_id=lite.by_code["140100"], basis=basis)


async def test_a_preview_tells_what_is_concerned_and_writes_nothing(house: House) -> None:
    city = house.by_code["140100"]
    await house.enrolled(house.province, "140100")
    suspend = pb.SuspendTenantRequest(tenant_id=city, basis=BASIS)
    request = pb.PreviewChangeRequest(tenant_id=city, suspend=suspend)
    reply = await house.call(house.province, TREE + "PreviewChange", request)

    assert (reply.units, reply.enrolled, reply.open_needs) == (4, 1, 0)
    assert reply.after[0].state == tenancy.TENANT_STATE_SUSPENDED
    assert await house.store.read(service.stopped) == {}
    other = pb.PreviewChangeRequest(tenant_id=house.by_code["140200"], suspend=suspend)
    with pytest.raises(Invalid, match="the preview about"):
        await house.call(house.province, TREE + "PreviewChange", other)


async def test_units_are_found_by_name_and_by_codes_of_now_and_before(house: House) -> None:
    county = house.by_code["140481"]
    await change(house, "RecodeTenant", tenant_id=county, code="140406", name="潞城区")

    async def found(text: str) -> list[str]:
        request = pb.FindTenantsRequest(text=text)
        reply = await house.call(house.province, TREE + "FindTenants", request)
        return [one.name for one in reply.tenants]

    assert await found("小店") == ["小店区"]
    assert await found("1401") == ["太原市", "小店区", "迎泽区", "坞城街道"]
    assert await found("140481") == ["潞城区"]
    assert await found("潞城县") == ["潞城区"]
    assert await found("100%") == []


async def test_a_closed_unit_is_listed_only_when_asked_for(lite: House) -> None:
    taiyuan = await lite.enrolled(lite.province, "140100")
    await change(lite, "CloseTenant", tenant_id=lite.by_code["140106"])

    async def listed(*, with_closed: bool) -> list[str]:
        request = tenancy.ListTenantsRequest(
            parent_id=lite.by_code["140100"], with_closed=with_closed
        )
        reply = await lite.call(lite.province, TENANCY + "ListTenants", request)
        return [one.code for one in reply.tenants]

    assert await listed(with_closed=False) == ["140105"]
    assert await listed(with_closed=True) == ["140105", "140106"]
    with pytest.raises(StateConflict, match="closed"):
        await lite.invite(taiyuan, lite.by_code["140106"])


async def test_the_catalogue_still_serves_who_is_not_concerned(lite: House) -> None:
    await change(lite, "SuspendTenant", tenant_id=lite.by_code["140100"])
    datong = await lite.enrolled(lite.province, "140200")

    await lite.call(datong, CATALOGUE + "ListModules", catalogue.ListModulesRequest())
