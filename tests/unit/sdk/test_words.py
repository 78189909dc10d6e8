"""Enums are words in Python, on the command line and in conditions."""

from __future__ import annotations

import pytest

from zongheng_protos.errors import Invalid
from zongheng_protos.needs.v1 import needs_pb2
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_protos.tenancy.v1 import operators_pb2
from zongheng_sdk.sharing_values import condition, granted_fields
from zongheng_sdk.words import number, word
from zongheng_tenants.grant import Condition, GrantedField

KIND = needs_pb2.NeedKind.DESCRIPTOR


def test_words_and_numbers_go_both_ways() -> None:
    for value in needs_pb2.NeedKind.values():
        assert number(KIND, word(KIND, value), field="kind") == value


def test_the_wires_own_names_and_numbers_are_taken_too() -> None:
    assert number(KIND, "NEED_KIND_FUNDS", field="kind") == needs_pb2.NEED_KIND_FUNDS
    assert number(KIND, 3, field="kind") == 3


def test_a_hyphen_is_as_good_as_an_underscore() -> None:
    role = operators_pb2.Role.DESCRIPTOR
    assert number(role, "data-steward", field="role") == operators_pb2.ROLE_DATA_STEWARD


def test_a_number_of_a_newer_hub_is_shown_as_digits() -> None:
    assert word(KIND, 99) == "99"


@pytest.mark.parametrize(
    ("text", "field", "operator", "values"),
    [
        ("town=高平镇", "town", statement_pb2.OPERATOR_EQUALS, ("高平镇",)),
        ("income <= 6000", "income", statement_pb2.OPERATOR_AT_MOST, ("6000",)),
        ("income>=0", "income", statement_pb2.OPERATOR_AT_LEAST, ("0",)),
        ("town in 高平镇, 北城", "town", statement_pb2.OPERATOR_IN, ("高平镇", "北城")),
        ("note=a=b", "note", statement_pb2.OPERATOR_EQUALS, ("a=b",)),
    ],
)
def test_conditions_read_as_they_are_written(
    text: str, field: str, operator: int, values: tuple[str, ...]
) -> None:
    assert condition(text) == Condition(field, operator, values)


def test_what_is_no_condition_says_how_to_write_one() -> None:
    with pytest.raises(Invalid, match="FIELD=VALUE"):
        condition("高平镇")


def test_fields_are_named_with_or_without_masks() -> None:
    assert granted_fields(["a"]) == (GrantedField("a"),)
    assert granted_fields({"a": "last_four"}) == (GrantedField("a", statement_pb2.MASK_LAST_FOUR),)
    with pytest.raises(Invalid, match="the mask of a"):
        granted_fields({"a": "black"})  # type: ignore[dict-item]
