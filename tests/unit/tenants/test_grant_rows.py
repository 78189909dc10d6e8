"""What a grant lets out of rows: only its fields, only its rows, only masked."""

from __future__ import annotations

import hashlib
import hmac
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tenants.parties import HOUSEHOLDS, grant_of
from zongheng_protos.errors import Invalid
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_tenants.grant import Condition, GrantedField, apply_grant, masked

KEY = bytes(range(32))
texts = st.text(max_size=30)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9))


def test_fields_rows_and_masks_are_applied_together() -> None:
    assert list(apply_grant(grant_of(), HOUSEHOLDS)) == [
        ("王**", "东山村", "4200"),
        ("欧**", '引"号,村\n', "5000.00"),
    ]


@pytest.mark.parametrize(
    ("value", "mask", "shown"),
    [
        ("王小明", pb.MASK_NONE, "王小明"),
        ("王小明", pb.MASK_NAME, "王**"),
        ("王", pb.MASK_NAME, "*"),
        ("", pb.MASK_NAME, ""),
        ("13800001234", pb.MASK_LAST_FOUR, "*******1234"),
        ("12345", pb.MASK_LAST_FOUR, "*2345"),
        ("1234", pb.MASK_LAST_FOUR, "****"),
        ("王五", pb.MASK_NAME, "王*"),
        ("", pb.MASK_LAST_FOUR, ""),
        ("", pb.MASK_PSEUDONYM, ""),
    ],
)
def test_a_mask_keeps_what_it_says(value: str, mask: int, shown: str) -> None:
    assert masked(value, mask, KEY) == shown


def test_a_pseudonym_is_the_owners_hmac() -> None:
    expected = hmac.new(KEY, "王小明".encode(), hashlib.sha256).hexdigest()
    assert masked("王小明", pb.MASK_PSEUDONYM, KEY) == expected


@given(texts, texts)
def test_pseudonyms_are_equal_exactly_where_values_are(one: str, other: str) -> None:
    first, second = (masked(value, pb.MASK_PSEUDONYM, KEY) for value in (one, other))
    assert (first == second) == (one == other)


@given(texts.filter(bool), st.sampled_from([pb.MASK_NAME, pb.MASK_LAST_FOUR]))
def test_a_mask_keeps_the_length_and_never_the_whole(value: str, mask: int) -> None:
    shown = masked(value, mask)
    kept = 1 if mask == pb.MASK_NAME else 4
    assert len(shown) == len(value)
    assert shown.count("*") >= min(len(value), max(1, len(value) - kept))


def test_a_pseudonym_needs_the_owners_key() -> None:
    grant = grant_of(fields=(GrantedField("name", pb.MASK_PSEUDONYM),))
    with pytest.raises(Invalid, match="key is needed"):
        apply_grant(grant, HOUSEHOLDS)
    with pytest.raises(Invalid, match="32 bytes"):
        apply_grant(grant, HOUSEHOLDS, pseudonym_key=b"short")
    with pytest.raises(Invalid):
        masked("王", pb.MASK_PSEUDONYM)


def test_a_mask_that_is_not_known_hides_by_refusing() -> None:
    with pytest.raises(Invalid):
        masked("王", 99, KEY)


@given(st.lists(numbers, max_size=20), numbers)
def test_a_number_is_compared_as_a_number(values: list[Decimal], bound: Decimal) -> None:
    rows = [{"income": format(value, "f")} for value in values]
    for operator, expected in (
        (pb.OPERATOR_AT_LEAST, [value for value in values if value >= bound]),
        (pb.OPERATOR_AT_MOST, [value for value in values if value <= bound]),
    ):
        condition = Condition("income", operator, (format(bound, "f"),))
        grant = grant_of(fields=(GrantedField("income"),), rows=(condition,))
        assert [Decimal(income) for (income,) in apply_grant(grant, rows)] == expected


@given(st.lists(texts, max_size=20), st.lists(texts, min_size=1, max_size=5))
def test_only_rows_with_a_named_value_leave(values: list[str], named: list[str]) -> None:
    rows = [{"village": value} for value in values]
    condition = Condition("village", pb.OPERATOR_IN, tuple(named))
    grant = grant_of(fields=(GrantedField("village"),), rows=(condition,))
    assert [v for (v,) in apply_grant(grant, rows)] == [v for v in values if v in named]


def test_a_row_must_meet_every_condition() -> None:
    conditions = (
        Condition("income", pb.OPERATOR_AT_LEAST, ("1",)),
        Condition("village", pb.OPERATOR_EQUALS, ("西沟村",)),
    )
    grant = grant_of(fields=(GrantedField("name"),), rows=conditions)
    assert list(apply_grant(grant, HOUSEHOLDS)) == [("李雷",)]


@pytest.mark.parametrize("value", ["", "很多", "1e9", "1_000", "１２", "NaN", " 5"])
def test_a_comparison_with_no_number_stops_without_telling_the_value(value: str) -> None:
    with pytest.raises(Invalid, match=r"row 1 .*income") as refused:
        list(apply_grant(grant_of(), [{"name": "王", "village": "东", "income": value}]))
    assert not value or value not in refused.value.message.replace("row 1", "")


def test_a_row_that_lacks_a_field_is_named() -> None:
    with pytest.raises(Invalid, match="row 2 has no text in field village"):
        list(apply_grant(grant_of(), [HOUSEHOLDS[0], {"name": "王", "income": "1"}]))


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(("name", "village", "phone"), texts)), max_size=10)
)
def test_what_is_not_granted_never_leaves(rows: list[dict[str, str]]) -> None:
    grant = grant_of(fields=(GrantedField("village"), GrantedField("name")), rows=())
    assert list(apply_grant(grant, rows)) == [(row["village"], row["name"]) for row in rows]
