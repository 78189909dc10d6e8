"""Roles, and the three duties that no one person holds at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zongheng_hub.tenancy.operators import rules
from zongheng_hub.tenancy.operators.rules import Account
from zongheng_protos.errors import (
    DutiesConflict,
    Invalid,
    LastAdministrator,
    OwnRequest,
    StateConflict,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import operators_pb2 as pb
from zongheng_tenants.credential import RIGHTS

LI = Account("o_li", "t_one", "李某某", frozenset({pb.ROLE_HANDLER}), staff_number="017")
ZHAO = Account("o_zhao", "t_one", "赵某某", frozenset({pb.ROLE_ADMINISTRATOR}), staff_number="001")
QIAN = Account("o_qian", "t_one", "钱某某", frozenset({pb.ROLE_ADMINISTRATOR}))


def test_every_right_belongs_to_exactly_one_role() -> None:
    given = [right for rights in rules.ROLE_RIGHTS.values() for right in rights]
    assert sorted(given) == sorted(RIGHTS)


def test_every_role_has_rights_and_a_name() -> None:
    roles = set(pb.Role.values()) - {pb.ROLE_UNSPECIFIED}
    assert set(rules.ROLE_RIGHTS) == set(rules.ROLE_NAMES) == roles


def test_rights_are_those_of_all_roles_together() -> None:
    assert rules.rights_of([]) == frozenset()
    assert rules.rights_of([pb.ROLE_APPROVER, pb.ROLE_INTEGRATOR]) == {
        options.RIGHT_GRANT,
        options.RIGHT_ADOPT,
    }


@pytest.mark.parametrize(
    "roles",
    [
        {pb.ROLE_ADMINISTRATOR, pb.ROLE_AUDITOR},
        {pb.ROLE_ADMINISTRATOR, pb.ROLE_HANDLER},
        {pb.ROLE_AUDITOR, pb.ROLE_APPROVER},
        set(rules.ROLE_RIGHTS),
    ],
)
def test_no_account_mixes_duties(roles: set[int]) -> None:
    with pytest.raises(DutiesConflict):
        rules.check_duties(LI, roles, [])


def test_business_roles_go_together() -> None:
    rules.check_duties(LI, rules.BUSINESS_ROLES, [])


@pytest.mark.parametrize(
    "other",
    [
        replace(ZHAO, staff_number="017"),
        replace(ZHAO, staff_number="017", disabled=True),
        replace(ZHAO, tenant="t_two", oidc_subject="sub-1"),
    ],
)
def test_no_person_mixes_duties_over_several_accounts(other: Account) -> None:
    mine = replace(LI, oidc_subject="sub-1")
    with pytest.raises(DutiesConflict, match="same person"):
        rules.check_duties(mine, {pb.ROLE_HANDLER}, [other])


@pytest.mark.parametrize(
    "other",
    [
        replace(ZHAO, tenant="t_two", staff_number="017"),  # another unit counts its own numbers
        replace(ZHAO, staff_number=""),
        ZHAO,
    ],
)
def test_different_people_hold_different_duties(other: Account) -> None:
    rules.check_duties(LI, {pb.ROLE_HANDLER}, [other])
    rules.check_duties(replace(LI, staff_number=""), {pb.ROLE_AUDITOR}, [other])


def test_nobody_changes_their_own_account() -> None:
    twin = replace(LI, id="o_other", name="李某某2")
    for actor in (LI, twin):
        with pytest.raises(OwnRequest):
            rules.check_not_oneself(actor, actor.name, LI)
    with pytest.raises(OwnRequest):
        rules.check_not_oneself(None, LI.name, LI)
    rules.check_not_oneself(ZHAO, ZHAO.name, LI)
    rules.check_not_oneself(None, "外人", LI)


@pytest.mark.parametrize(
    ("roles", "before", "administrators", "waits"),
    [
        ({pb.ROLE_ADMINISTRATOR}, set(), 0, False),
        ({pb.ROLE_ADMINISTRATOR}, set(), 1, False),
        ({pb.ROLE_ADMINISTRATOR}, set(), 2, True),
        ({pb.ROLE_ADMINISTRATOR}, {pb.ROLE_ADMINISTRATOR}, 2, False),
        ({pb.ROLE_HANDLER}, {pb.ROLE_ADMINISTRATOR}, 5, False),
    ],
)
def test_a_new_administrator_waits_once_there_are_two(
    roles: set[int], before: set[int], administrators: int, waits: bool
) -> None:
    assert rules.needs_second(roles, before, administrators) is waits


def test_who_asked_does_not_approve() -> None:
    with pytest.raises(OwnRequest, match="asked"):
        rules.check_approval(ZHAO.id, ZHAO, ZHAO, LI)
    twin = replace(ZHAO, id="o_twin", name="赵某某2")
    with pytest.raises(OwnRequest, match="asked"):
        rules.check_approval(ZHAO.id, ZHAO, twin, LI)
    rules.check_approval(ZHAO.id, ZHAO, QIAN, LI)


def test_who_gains_does_not_approve() -> None:
    with pytest.raises(OwnRequest):
        rules.check_approval(ZHAO.id, ZHAO, QIAN, replace(QIAN, roles=frozenset()))


@pytest.mark.parametrize("approver", [LI, replace(QIAN, disabled=True)])
def test_only_an_active_administrator_approves(approver: Account) -> None:
    with pytest.raises(StateConflict):
        rules.check_approval(ZHAO.id, ZHAO, approver, LI)


def test_the_last_administrator_stays() -> None:
    with pytest.raises(LastAdministrator):
        rules.check_keeps_an_administrator(ZHAO, {pb.ROLE_HANDLER}, 0)
    with pytest.raises(LastAdministrator):
        rules.check_keeps_an_administrator(ZHAO, (), 0)
    rules.check_keeps_an_administrator(ZHAO, (), 1)
    rules.check_keeps_an_administrator(ZHAO, {pb.ROLE_ADMINISTRATOR}, 0)
    rules.check_keeps_an_administrator(LI, (), 0)


def test_a_parent_keeps_the_operators_only_of_a_child_that_cannot() -> None:
    rules.check_manages("t_one", "t_one", tenant_administers=True)
    rules.check_manages("t_parent", "t_one", tenant_administers=False)
    with pytest.raises(StateConflict):
        rules.check_manages("t_parent", "t_one", tenant_administers=True)
    with pytest.raises(Invalid):
        rules.check_manages(
            "t_parent", "t_one", tenant_administers=False, roles=[pb.ROLE_ADMINISTRATOR]
        )


@pytest.mark.parametrize("name", ["", " ", " 王", "王\n", "王\u200b某", "王\u202e某", "o_123"])
def test_a_name_is_read_as_it_is_written(name: str) -> None:
    with pytest.raises(Invalid):
        rules.check_name(name)


def test_a_name_may_say_more_than_a_name() -> None:
    rules.check_name("王伟（财务）")
