"""Operators in real tables: the kernel's book, what replicas see, the hub's own word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.tenancy_house import CATALOGUE, TENANCY, House, build, by_code
from zongheng_hub.tenancy.operators import people, registering, rules
from zongheng_hub.tenancy.operators.book import LOOK_MS, StoredOperators
from zongheng_hub.tenancy.operators.people import Operator
from zongheng_hub.tenancy.operators.registering import Actor
from zongheng_protos.catalogue.v1 import catalogue_pb2 as catalogue
from zongheng_protos.errors import (
    DutiesConflict,
    Exists,
    Forbidden,
    ModuleUnknown,
    OperatorDisabled,
    OperatorForbidden,
    OperatorUnknown,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_protos.tenancy.v1 import tenancy_pb2

ADOPT = catalogue.AdoptRequest(module_id="nothing", track=catalogue.TRACK_STABLE)
RENEW = tenancy_pb2.RenewChannelRequest(csr=bytes(64))


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    if request.param == "sqlite":
        made = await build(tmp_path / "hub.sqlite3")
    else:
        made = await build(request.getfixturevalue("postgresql_url"))
    yield made
    made.store.close()


async def let_in(house: House, name: str, roles: set[int] | None = None) -> Operator:
    province = house.province.tenant
    found = await house.store.write(
        lambda tx: registering.let_in(tx, province, name, roles, now_ms=house.now_ms)
    )
    house.operators.forget(province)
    return found


async def disable(house: House, one: Operator) -> None:
    actor = Actor(house.province.tenant, "机房")
    await house.store.write(
        lambda tx: registering.set_disabled(tx, actor, one.account.id, True, now_ms=house.now_ms)
    )


async def test_the_hubs_own_word_registers_a_newcomer_with_all_business_roles(
    house: House,
) -> None:
    first = await let_in(house, "赵某某")
    again = await let_in(house, "赵某某")

    assert first == again
    assert first.account.roles == rules.BUSINESS_ROLES
    assert first.account.id.startswith("o_")


async def test_the_hubs_own_word_changes_nobodys_roles(house: House) -> None:
    await let_in(house, "赵某某", {pb.ROLE_AUDITOR})
    with pytest.raises(Exists, match="other roles"):
        await let_in(house, "赵某某", {pb.ROLE_ADMINISTRATOR})
    with pytest.raises(DutiesConflict):
        await let_in(house, "钱某某", {pb.ROLE_AUDITOR, pb.ROLE_ADMINISTRATOR})


async def test_a_disabled_operator_is_not_let_in_again(house: House) -> None:
    await disable(house, await let_in(house, "赵某某"))
    with pytest.raises(OperatorDisabled):
        await let_in(house, "赵某某")


async def test_the_console_acts_only_for_operators_whom_the_unit_has_registered(
    house: House,
) -> None:
    province = house.province.tenant
    with pytest.raises(OperatorUnknown, match="外人"):
        await house.in_console(province, "外人", TENANCY + "GetTenant", by_code("140000"))

    await let_in(house, "赵某某")

    found = await house.in_console(province, "赵某某", TENANCY + "GetTenant", by_code("140000"))
    assert found.tenant.id == province


async def test_an_operator_does_what_their_roles_allow_and_nothing_else(house: House) -> None:
    province = house.province.tenant
    await let_in(house, "接某某", {pb.ROLE_INTEGRATOR})
    await let_in(house, "办某某", {pb.ROLE_HANDLER})

    with pytest.raises(ModuleUnknown):  # allowed, and only then looked for
        await house.in_console(province, "接某某", CATALOGUE + "Adopt", ADOPT)
    with pytest.raises(OperatorForbidden, match="办某某"):
        await house.in_console(province, "办某某", CATALOGUE + "Adopt", ADOPT)


async def test_the_units_own_key_does_not_lift_an_operator_above_their_roles(
    house: House,
) -> None:
    await let_in(house, "办某某", {pb.ROLE_HANDLER})
    with pytest.raises(OperatorForbidden):
        await house.call(house.province, CATALOGUE + "Adopt", ADOPT, operator="办某某")
    with pytest.raises(ModuleUnknown):
        await house.call(house.province, CATALOGUE + "Adopt", ADOPT, operator="外人")


async def test_an_operator_goes_by_id_as_well_as_by_name(house: House) -> None:
    handler = await let_in(house, "办某某", {pb.ROLE_HANDLER})
    with pytest.raises(OperatorForbidden):
        await house.call(house.province, CATALOGUE + "Adopt", ADOPT, operator=handler.account.id)


async def test_roles_do_not_reach_beyond_the_units_credential(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    await house.store.write(
        lambda tx: registering.let_in(tx, city.tenant, "发某某", {8}, now_ms=house.now_ms)
    )
    rights = await house.operators.rights_of(city.tenant, "发某某", house.now_ms)
    assert rights is not None and set(rights) == {options.RIGHT_AUDIT}
    credential = await house.credentials.credential_of(city.tenant)
    assert options.RIGHT_PUBLISH not in credential.rights
    with pytest.raises((OperatorForbidden, Forbidden)):
        await house.in_console(city.tenant, "发某某", CATALOGUE + "Adopt", ADOPT)


async def test_an_auditor_reads_and_never_acts(house: House) -> None:
    province = house.province.tenant
    await let_in(house, "审某某", {pb.ROLE_AUDITOR})
    await house.in_console(province, "审某某", TENANCY + "GetTenant", by_code("140000"))
    with pytest.raises(OperatorForbidden, match="does not act"):
        await house.in_console(province, "审某某", TENANCY + "RenewChannel", RENEW)


async def test_who_is_disabled_is_refused_at_once_here(house: House) -> None:
    province = house.province.tenant
    handler = await let_in(house, "办某某", {pb.ROLE_HANDLER})
    await house.in_console(province, "办某某", TENANCY + "GetTenant", by_code("140000"))

    await disable(house, handler)
    house.operators.forget(province)

    with pytest.raises(OperatorDisabled):
        await house.in_console(province, "办某某", TENANCY + "GetTenant", by_code("140000"))


async def test_another_replica_notices_within_a_second(house: House) -> None:
    province = house.province.tenant
    handler = await let_in(house, "办某某", {pb.ROLE_HANDLER})
    replica = StoredOperators(house.store)
    assert await replica.rights_of(province, "办某某", house.now_ms)

    await disable(house, handler)

    assert LOOK_MS < 1000
    with pytest.raises(OperatorDisabled):
        await replica.rights_of(province, "办某某", house.now_ms + LOOK_MS)


async def test_a_unit_may_want_every_name_to_be_registered(house: House) -> None:
    province = house.province.tenant
    assert await house.operators.rights_of(province, "外人", house.now_ms) is None

    await house.store.write(lambda tx: registering.set_required(tx, province, True))
    house.operators.forget(province)

    with pytest.raises(OperatorUnknown):
        await house.call(house.province, CATALOGUE + "Adopt", ADOPT, operator="外人")
    await house.store.write(lambda tx: registering.set_required(tx, province, False))
    house.operators.forget(province)
    assert await house.operators.rights_of(province, "外人", house.now_ms) is None


async def test_one_person_under_two_names_is_known(house: House) -> None:
    province = house.province.tenant
    await let_in(house, "赵某某")
    await let_in(house, "钱某某")

    def same(one: str, other: str) -> bool:
        return house.store.read_now(
            lambda c: people.is_same_person(c, (province, one), (province, other))
        )

    assert same("赵某某", "赵某某")
    assert same("外人", "外人")
    assert not same("赵某某", "钱某某")
    assert not same("赵某某", "外人")
