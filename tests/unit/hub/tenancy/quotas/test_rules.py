"""The tightest word holds, and nobody gives more than they have."""

from __future__ import annotations

import pytest

from zongheng_hub.tenancy.quotas.rules import Given, Limits, check_giveable, holding, tightest
from zongheng_protos.errors import Invalid

USUAL = {"": Limits(50, 50, 20, 64, 16, 32), "t_province": Limits(1000, 1000, 1000, 256, 256, 999)}


def given(by: str, **limits: int) -> Given:
    return Given(by, Limits(**limits), 0, 0)


def test_nothing_said_leaves_what_is_usual() -> None:
    assert holding("t_county", {}, USUAL) == USUAL[""]
    assert holding("t_province", {}, USUAL) == USUAL["t_province"]


def test_the_province_gives_more_than_is_usual() -> None:
    said = {"t_county": [given("t_province", reads=300)]}
    assert holding("t_county", said, USUAL) == Limits(300, 50, 20, 64, 16, 32)


def test_the_city_tightens_what_the_province_gave_but_never_loosens_it() -> None:
    said = {
        "t_city": [given("t_province", reads=500)],
        "t_county": [given("t_province", reads=100), given("t_city", reads=30)],
    }
    assert holding("t_county", said, USUAL).reads == 30
    said["t_county"][1] = given("t_city", reads=400)
    assert holding("t_county", said, USUAL).reads == 100


def test_what_was_given_shrinks_with_what_the_giver_has() -> None:
    said = {"t_county": [given("t_city", reads=50)], "t_city": [given("t_province", reads=10)]}
    assert holding("t_county", said, USUAL).reads == 10


def test_a_circle_of_givers_ends() -> None:
    said = {"t_a": [given("t_b", reads=5)], "t_b": [given("t_a", reads=7)]}
    assert holding("t_a", said, USUAL).reads == 5


def test_the_tightest_of_nothing_says_nothing() -> None:
    assert tightest([]).says_nothing
    assert tightest([Limits(reads=3), Limits(reads=2, acts=9)]) == Limits(reads=2, acts=9)


def test_more_than_one_has_cannot_be_given() -> None:
    with pytest.raises(Invalid, match=r"budget.acts: 51 is more than the 50 that t_city"):
        check_giveable(Limits(acts=51), USUAL[""], "t_city")
    check_giveable(Limits(acts=50), USUAL[""], "t_city")
