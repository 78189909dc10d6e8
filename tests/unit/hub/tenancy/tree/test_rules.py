"""What the tree allows: codes, places, dates, and who may be merged into whom."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.tenancy.tree import rules
from zongheng_hub.tenancy.tree.unit import CLOSED, SUSPENDED, Unit
from zongheng_protos.errors import CodeInvalid, Invalid, StateConflict, TreeRule
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb

PROVINCE = Unit("t_p", "", pb.LEVEL_PROVINCE, "山西省", "140000")
CITY = Unit("t_c", "t_p", pb.LEVEL_CITY, "太原市", "140100")
COUNTY = Unit("t_x", "t_c", pb.LEVEL_COUNTY, "小店区", "140105")
STREET = Unit("t_s", "t_x", pb.LEVEL_TOWNSHIP, "坞城街道", "140105001")
DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_770_000_000_000  # 2026-02-02 in Beijing
# The example of GB 32100-2015, and two that well-known companies print on every page.
REAL = ("91350100M000100Y43", "91110000600037341L", "91440300708461136T")
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("uscc", REAL)
def test_real_usccs_pass(uscc: str) -> None:
    rules.check_uscc(uscc)


@given(uscc=st.sampled_from(REAL), place=st.integers(0, 17), sign=st.sampled_from(SIGNS))
def test_one_mistyped_character_of_a_uscc_is_noticed(uscc: str, place: int, sign: str) -> None:
    mistyped = uscc[:place] + sign + uscc[place + 1 :]
    if mistyped != uscc:
        with pytest.raises(CodeInvalid):
            rules.check_uscc(mistyped)


@pytest.mark.parametrize(
    "uscc",
    [
        *("91350100M000100Y4", "91350100M000100Y433", "91350100m000100y43"),
        *("9135010OM000100Y43", "91A50100M000100Y43", "９1350100M000100Y43", " " * 18),
    ],
)
def test_what_has_not_the_shape_of_a_uscc_is_refused(uscc: str) -> None:
    with pytest.raises(CodeInvalid):
        rules.check_uscc(uscc)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("140105", pb.LEVEL_COUNTY),
        ("140105001", pb.LEVEL_TOWNSHIP),
        ("140171", pb.LEVEL_EXTRA),
        ("", pb.LEVEL_DEPARTMENT),
        ("", pb.LEVEL_COUNTY),
    ],
)
def test_codes_have_the_digits_of_their_level(code: str, level: int) -> None:
    rules.check_code(code, level)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("140105001", pb.LEVEL_COUNTY),
        ("140105", pb.LEVEL_TOWNSHIP),
        ("14010x", pb.LEVEL_COUNTY),
        ("１４０１０５", pb.LEVEL_COUNTY),
        ("140105", pb.LEVEL_DEPARTMENT),
    ],
)
def test_a_code_of_another_shape_is_refused(code: str, level: int) -> None:
    with pytest.raises(CodeInvalid):
        rules.check_code(code, level)


def test_a_county_stands_below_a_city_or_the_province_and_nowhere_else() -> None:
    rules.check_place(COUNTY, CITY)
    rules.check_place(COUNTY, PROVINCE)
    for parent in (COUNTY, STREET):
        with pytest.raises(TreeRule):
            rules.check_place(Unit("t_y", "", pb.LEVEL_COUNTY, "另一县"), parent)


def test_nothing_is_put_below_what_is_closed() -> None:
    with pytest.raises(StateConflict):
        rules.check_place(COUNTY, Unit("t_c", "t_p", pb.LEVEL_CITY, "太原市", state=CLOSED))


def test_the_province_neither_moves_nor_merges() -> None:
    with pytest.raises(TreeRule, match="does not move"):
        rules.check_move(PROVINCE, CITY, ("t_p",))
    with pytest.raises(TreeRule, match="not merged"):
        rules.check_merge(PROVINCE, CITY, ("t_p",))


def test_a_suspended_unit_succeeds_nobody() -> None:
    with pytest.raises(StateConflict, match="suspended"):
        rules.check_merge(
            COUNTY, Unit("t_y", "t_c", pb.LEVEL_COUNTY, "迎泽区", state=SUSPENDED), ("t_p", "t_c")
        )


@pytest.mark.parametrize("day", ["2026-2-1", "20260201", "2026-02-30", "昨天", "2026-02-03"])
def test_a_day_that_is_none_or_lies_ahead_is_refused(day: str) -> None:
    with pytest.raises(Invalid, match="effective_on"):
        rules.effective(day, date(2026, 2, 2))


def test_a_change_of_today_holds_from_now_and_an_earlier_one_from_midnight() -> None:
    def holds(day: str, since_ms: int = 0, since_day: str = "") -> int:
        return rules.holds_from(day, now_ms=NOW_MS, since_ms=since_ms, since_day=since_day)

    assert holds("2026-02-02") == NOW_MS
    assert rules.day_of(holds("2026-02-01")) == date(2026, 2, 1)
    assert rules.day_of(holds("2026-02-01") - 1) == date(2026, 1, 31)
    assert holds("2026-02-01", since_ms=NOW_MS - 1, since_day="2026-02-01") == NOW_MS - 1
    with pytest.raises(Invalid, match="holds since 2026-02-02"):
        holds("2026-02-01", since_ms=NOW_MS - DAY_MS, since_day="2026-02-02")


@pytest.mark.parametrize("name", ["县", "  县 ", "小\n店区", ""])
def test_a_name_is_text_of_two_characters_at_least(name: str) -> None:
    with pytest.raises(Invalid):
        rules.clean_name(name)
