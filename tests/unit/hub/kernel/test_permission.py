"""Who may do what follows from the rule, the caller and the subject alone."""

from __future__ import annotations

import pytest

from tests.unit.tenants.parties import OWNER
from zongheng_hub.kernel.call import Caller, Subject
from zongheng_hub.kernel.permission import (
    check_acts,
    check_relation,
    check_right,
    relations_of,
)
from zongheng_protos.errors import Forbidden, NotEnrolled, NotRelated, OperatorForbidden
from zongheng_protos.options.v1 import options_pb2 as options

PROVINCE = Caller(tenant="t_province", rights=frozenset({options.RIGHT_HANDLE}))
COUNTY = Caller(tenant="t_county", ancestors=("t_province", "t_city"))
NEED = Subject(owner="t_county", owner_ancestors=("t_province", "t_city"), handler="t_province")


def test_an_open_method_takes_anyone() -> None:
    check_right(options.RIGHT_OPEN, Caller(), "/x/Y")


def test_nobody_is_told_to_enrol() -> None:
    with pytest.raises(NotEnrolled, match="/x/Y is for enrolled units"):
        check_right(options.RIGHT_ENROLLED, Caller(), "/x/Y")


def test_a_missing_right_is_named() -> None:
    with pytest.raises(Forbidden, match="t_county has no right to handle"):
        check_right(options.RIGHT_HANDLE, COUNTY, "/x/Y")
    check_right(options.RIGHT_HANDLE, PROVINCE, "/x/Y")


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("t_county", {options.RELATION_OWN}),
        ("t_city", {options.RELATION_ABOVE, options.RELATION_PARENT}),
        ("t_province", {options.RELATION_ABOVE, options.RELATION_HANDLER}),
        ("t_sibling", set()),
        ("", set()),
    ],
)
def test_relations_follow_the_explicit_tree(caller: str, expected: set[int]) -> None:
    assert relations_of(Caller(tenant=caller), NEED) == {options.RELATION_ANYONE, *expected}


def test_a_grantee_is_one_by_name() -> None:
    subject = Subject(owner="t_owner", grantees=frozenset({"t_county"}))
    assert options.RELATION_GRANTEE in relations_of(COUNTY, subject)


def test_a_stranger_is_told_who_may() -> None:
    with pytest.raises(NotRelated, match="is for: handler, own; t_stranger is none"):
        check_relation(
            frozenset({options.RELATION_OWN, options.RELATION_HANDLER}),
            Caller(tenant="t_stranger"),
            NEED,
            "/x/Y",
        )


@pytest.mark.parametrize(
    ("allowed", "acts"),
    [
        (None, True),
        (frozenset({options.RIGHT_FILE}), True),
        (frozenset({options.RIGHT_FILE, options.RIGHT_AUDIT}), True),
        (frozenset({options.RIGHT_AUDIT}), False),
        (frozenset(), False),
    ],
)
def test_who_only_reads_does_not_act(allowed: frozenset[int] | None, acts: bool) -> None:
    caller = Caller(tenant="t_county", operator="王小明", operator_rights=allowed)
    if acts:
        check_acts(caller, "/x/Y")
    else:
        with pytest.raises(OperatorForbidden, match="王小明 of t_county reads and does not act"):
            check_acts(caller, "/x/Y")


def test_anyone_may_do_what_is_for_anyone_or_open() -> None:
    stranger = Caller(tenant="t_stranger")
    check_relation(frozenset({options.RELATION_ANYONE}), stranger, NEED, "/x/Y")
    own = frozenset({options.RELATION_OWN})
    check_relation(own, stranger, Subject(owner="t_county", is_open=True), "/x/Y")
    with pytest.raises(NotRelated, match="/x/Y is for: own; nobody is none of these"):
        check_relation(own, Caller(), NEED, "/x/Y")


def test_a_grantee_is_related_to_what_was_granted() -> None:
    granted = Subject(owner="t_county", grantees=frozenset({"t_bureau"}))
    check_relation(
        frozenset({options.RELATION_GRANTEE}), Caller(tenant="t_bureau"), granted, "/x/Y"
    )


def test_an_operator_whose_unit_has_the_right_is_told_that_a_role_is_missing() -> None:
    caller = Caller(tenant=OWNER.tenant, operator="王小明", credential=OWNER.credential)
    with pytest.raises(OperatorForbidden, match="王小明 of t_owner has no role with the right"):
        check_right(options.RIGHT_FILE, caller, "/x/Y")
