"""OperatorService through the real kernel: who keeps operators, and who may not approve what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.tenancy_house import CATALOGUE, House, build
from zongheng_hub.tenancy.operators import registering, rules
from zongheng_protos.catalogue.v1 import catalogue_pb2 as catalogue
from zongheng_protos.errors import (
    DutiesConflict,
    Exists,
    Invalid,
    LastAdministrator,
    NotFound,
    NotRelated,
    OperatorDisabled,
    OperatorForbidden,
    OperatorUnknown,
    OwnRequest,
    StateConflict,
)
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_tenants.identity import Identity

OPERATORS = "/zongheng.tenancy.v1.OperatorService/"
ADMIN, AUDIT, HANDLE = pb.ROLE_ADMINISTRATOR, pb.ROLE_AUDITOR, pb.ROLE_HANDLER
FIRST = "赵某某"
LINK = bytes(32)


class Office:
    """A province with one administrator, who acts in the console unless another is named."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.tenant = house.province.tenant

    async def call(self, method: str, message: Any, who: str = FIRST) -> Any:
        return await self.house.in_console(self.tenant, who, OPERATORS + method, message)

    async def add(self, name: str, *roles: pb.Role, who: str = FIRST, **more: Any) -> Any:
        count = len((await self.list()).operators)
        request = pb.AddOperatorRequest(
            tenant_id=self.tenant,
            name=name,
            login=more.pop("login", f"login-{count}"),
            roles=roles,
            link_sha256=count.to_bytes(32, "big"),
            **more,
        )
        return await self.call("AddOperator", request, who)

    async def list(self, who: str = FIRST) -> Any:
        return await self.call("ListOperators", pb.ListOperatorsRequest(tenant_id=self.tenant), who)

    async def id_of(self, name: str) -> str:
        (found,) = [one.id for one in (await self.list()).operators if one.name == name]
        return str(found)

    async def change(self, name: str, *roles: pb.Role, who: str = FIRST) -> Any:
        request = pb.ChangeRolesRequest(operator_id=await self.id_of(name), roles=roles)
        return await self.call("ChangeRoles", request, who)

    async def approve(self, waiting: Any, who: str, *, refused: bool = False) -> Any:
        request = pb.ApproveRolesRequest(
            operator_id=waiting.operator_id, request_id=waiting.id, refused=refused
        )
        return await self.call("ApproveRoles", request, who)

    async def disable(self, name: str, who: str = FIRST) -> Any:
        request = pb.DisableOperatorRequest(operator_id=await self.id_of(name))
        return await self.call("DisableOperator", request, who)


@pytest.fixture(params=["sqlite", "postgresql"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    if request.param == "sqlite":
        house = await build(tmp_path / "hub.sqlite3")
    else:
        house = await build(request.getfixturevalue("postgresql_url"))
    tenant = house.province.tenant
    await house.store.write(
        lambda tx: registering.let_in(tx, tenant, FIRST, {ADMIN}, now_ms=house.now_ms)
    )
    yield Office(house)
    house.store.close()


async def test_an_administrator_registers_an_operator_who_then_acts(office: Office) -> None:
    reply = await office.add("王某某", pb.ROLE_INTEGRATOR, staff_number="017")

    assert reply.operator.must_set_up
    assert list(reply.operator.roles) == [pb.ROLE_INTEGRATOR]
    assert not reply.HasField("waiting")
    listed = await office.list()
    assert {one.name for one in listed.operators} == {FIRST, "王某某"}
    with pytest.raises(OperatorUnknown):
        await office.list("外人")


async def test_nobody_else_registers_operators(office: Office) -> None:
    await office.add("办某某", HANDLE)
    await office.add("审某某", AUDIT)
    for who in ("办某某", "审某某"):
        with pytest.raises(OperatorForbidden):
            await office.add("新人", HANDLE, who=who)


async def test_an_auditor_sees_the_staff_and_others_see_themselves(office: Office) -> None:
    await office.add("办某某", HANDLE)
    await office.add("审某某", AUDIT)

    assert len((await office.list("审某某")).operators) == 3
    assert [one.name for one in (await office.list("办某某")).operators] == ["办某某"]


async def test_names_and_logins_are_taken_once(office: Office) -> None:
    await office.add("王某某", HANDLE, login="wang")
    with pytest.raises(Exists, match="already has"):
        await office.add("王某某", HANDLE, login="wang2")
    with pytest.raises(Exists, match="login"):
        await office.add("王二", HANDLE, login="wang")


async def test_one_person_holds_one_class_of_duties(office: Office) -> None:
    with pytest.raises(DutiesConflict):
        await office.add("王某某", HANDLE, ADMIN)
    await office.add("王某某", HANDLE, staff_number="017", oidc_subject="sub-017")
    with pytest.raises(DutiesConflict, match="same person"):
        await office.add("王某某（审计）", AUDIT, staff_number="017")
    with pytest.raises(DutiesConflict, match="same person"):
        await office.add("王某某（审计）", AUDIT, oidc_subject="sub-017")
    await office.add("王某某（数据）", pb.ROLE_DATA_STEWARD, staff_number="017")
    with pytest.raises(DutiesConflict, match="same person"):
        await office.change("王某某（数据）", AUDIT)


async def test_nobody_changes_their_own_roles(office: Office) -> None:
    await office.add("钱某某", ADMIN)
    with pytest.raises(OwnRequest):
        await office.change(FIRST, HANDLE)
    with pytest.raises(OwnRequest):
        await office.disable(FIRST)
    reset = pb.ResetLoginRequest(operator_id=await office.id_of(FIRST), link_sha256=LINK)
    with pytest.raises(OwnRequest):
        await office.call("ResetLogin", reset)


async def test_the_last_administrator_stays(office: Office) -> None:
    house = office.house
    disable = pb.DisableOperatorRequest(operator_id=await office.id_of(FIRST))
    with pytest.raises(LastAdministrator):
        await house.call(house.province, OPERATORS + "DisableOperator", disable, operator="外人")
    change = pb.ChangeRolesRequest(operator_id=await office.id_of(FIRST), roles=[HANDLE])
    with pytest.raises(LastAdministrator):
        await house.call(house.province, OPERATORS + "ChangeRoles", change, operator="外人")

    await office.add("钱某某", ADMIN)
    await office.disable(FIRST, who="钱某某")

    with pytest.raises(OperatorDisabled):
        await office.list()


async def test_a_third_administrator_takes_two(office: Office) -> None:
    assert not (await office.add("钱某某", ADMIN)).HasField("waiting")
    asked = await office.add("孙某某", ADMIN)

    assert list(asked.operator.roles) == []
    assert asked.waiting.asked_by == FIRST
    assert [one.id for one in (await office.list()).waiting] == [asked.waiting.id]
    with pytest.raises(OperatorForbidden):
        await office.add("李某某", HANDLE, who="孙某某")

    with pytest.raises(OwnRequest):
        await office.approve(asked.waiting, FIRST)
    with pytest.raises(OperatorForbidden):
        await office.approve(asked.waiting, "孙某某")
    approved = await office.approve(asked.waiting, "钱某某")

    assert list(approved.operator.roles) == [ADMIN]
    assert not (await office.list()).waiting
    await office.add("李某某", HANDLE, who="孙某某")
    with pytest.raises(NotFound):
        await office.approve(asked.waiting, "钱某某")


async def test_what_is_refused_gives_no_role(office: Office) -> None:
    await office.add("钱某某", ADMIN)
    await office.add("孙某某")
    asked = await office.change("孙某某", ADMIN)

    refused = await office.approve(asked.waiting, "钱某某", refused=True)

    assert list(refused.operator.roles) == []
    assert not (await office.list()).waiting


async def test_a_later_word_takes_the_place_of_what_waits(office: Office) -> None:
    await office.add("钱某某", ADMIN)
    asked = await office.add("孙某某", ADMIN)
    await office.change("孙某某", HANDLE)
    with pytest.raises(NotFound):
        await office.approve(asked.waiting, "钱某某")


async def test_a_name_that_is_not_registered_approves_nothing(office: Office) -> None:
    await office.add("钱某某", ADMIN)
    asked = await office.add("孙某某", ADMIN)
    house = office.house
    request = pb.ApproveRolesRequest(
        operator_id=asked.waiting.operator_id, request_id=asked.waiting.id
    )
    with pytest.raises(StateConflict, match="no registered administrator"):
        await house.call(house.province, OPERATORS + "ApproveRoles", request, operator="外人")


async def test_roles_that_are_taken_away_are_gone_at_once(office: Office) -> None:
    adopt = catalogue.AdoptRequest(module_id="nothing", track=catalogue.TRACK_STABLE)
    await office.add("接某某", pb.ROLE_INTEGRATOR)
    await office.change("接某某", HANDLE)
    with pytest.raises(OperatorForbidden):
        await office.house.in_console(office.tenant, "接某某", CATALOGUE + "Adopt", adopt)


async def test_an_enabled_operator_acts_again(office: Office) -> None:
    await office.add("办某某", HANDLE)
    await office.disable("办某某")
    with pytest.raises(OperatorDisabled):
        await office.list("办某某")
    enable = pb.EnableOperatorRequest(operator_id=await office.id_of("办某某"))
    await office.call("EnableOperator", enable)

    assert len((await office.list("办某某")).operators) == 1
    with pytest.raises(StateConflict):
        await office.call("EnableOperator", enable)


async def test_an_administrators_login_is_not_another_administrators_to_reset(
    office: Office,
) -> None:
    await office.add("钱某某", ADMIN)
    reset = pb.ResetLoginRequest(operator_id=await office.id_of("钱某某"), link_sha256=LINK)
    with pytest.raises(StateConflict, match="hub's machine"):
        await office.call("ResetLogin", reset)


async def test_a_unit_that_wants_its_operators_registered_says_so(office: Office) -> None:
    wanted = pb.SetOperatorsRequiredRequest(tenant_id=office.tenant, required=True)
    await office.call("SetOperatorsRequired", wanted)

    assert (await office.list()).operators_required
    adopt = catalogue.AdoptRequest(module_id="nothing", track=catalogue.TRACK_STABLE)
    with pytest.raises(OperatorUnknown):
        await office.house.call(office.house.province, CATALOGUE + "Adopt", adopt, operator="外人")


async def test_another_unit_does_not_touch_a_units_operators(office: Office) -> None:
    house = office.house
    city = await house.enrolled(house.province, "140100")
    county = await house.enrolled(city, "140105")
    for who, of in ((city, house.province), (house.province, city), (city, county)):
        with pytest.raises((NotRelated, StateConflict)):
            await house.call(who, OPERATORS + "AddOperator", newcomer(of))
        with pytest.raises((NotRelated, StateConflict)):
            listed = pb.ListOperatorsRequest(tenant_id=of.tenant)
            await house.call(who, OPERATORS + "ListOperators", listed)


async def test_a_parent_keeps_the_operators_of_a_township(office: Office) -> None:
    house = office.house
    city = await house.enrolled(house.province, "140100")
    county = await house.enrolled(city, "140105")
    town = await house.enrolled(county, "140105001")

    made = await house.call(county, OPERATORS + "AddOperator", newcomer(town))

    assert made.operator.tenant_id == town.tenant
    with pytest.raises(NotRelated):
        await house.call(city, OPERATORS + "AddOperator", newcomer(town, "吴某某"))
    with pytest.raises(Invalid, match="no right to administer"):
        await house.call(county, OPERATORS + "AddOperator", newcomer(town, "周某某", ADMIN))


async def test_the_log_holds_ids_and_no_names(office: Office) -> None:
    made = await office.add("王某某", HANDLE, staff_number="017")
    row = office.house.store.read_now(
        lambda c: c.exec_driver_sql(
            "SELECT leaf, subject FROM log_entry WHERE act = 'operator.added'"
        ).first()
    )
    assert row is not None
    assert row.subject == made.operator.id
    assert made.operator.id.encode() in bytes(row.leaf)
    for personal in ("王某某", "login-", "017"):
        assert personal.encode() not in bytes(row.leaf)


def newcomer(of: Identity, name: str = "王某某", role: pb.Role = HANDLE) -> pb.AddOperatorRequest:
    return pb.AddOperatorRequest(
        tenant_id=of.tenant,
        name=name,
        login=f"login-{of.tenant[-6:]}",
        roles=[role],
        link_sha256=LINK,
    )


def test_every_role_is_one_that_the_rules_know() -> None:
    assert set(rules.ROLE_RIGHTS) == set(pb.Role.values()) - {0}
