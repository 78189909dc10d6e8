"""What raises an alert, and what does not."""

from __future__ import annotations

import pytest

from zongheng_hub.review import rules
from zongheng_hub.review.rules import Fetch, Refused
from zongheng_protos.errors import GrantExceeded, Invalid, NotRelated, PurposeUncovered
from zongheng_protos.review.v1 import review_pb2 as pb

NOON = 20_000 * rules.DAY_MS - rules.BEIJING_MS + 12 * rules.HOUR_MS


def fetches(*at_ms: int, grantee: str = "t_a", dataset: str = "d_x") -> list[Fetch]:
    return [Fetch(n, grantee, dataset, f"p_{n}", at) for n, at in enumerate(at_ms)]


def days_ago(days: int, count: int) -> list[int]:
    return [NOON - days * rules.DAY_MS + n for n in range(count)]


def test_a_day_with_over_three_times_the_busiest_stands_out() -> None:
    usual = days_ago(3, 4)
    assert not list(rules.volume(fetches(*usual, *days_ago(0, 12)), NOON))
    (found,) = rules.volume(fetches(*usual, *days_ago(0, 13)), NOON)
    assert (found.figures, found.subject) == ({"count": 13, "usual": 4}, "d_x")
    assert len(found.entries) == 13 and min(found.entries) == 4


def test_a_day_with_few_fetches_never_stands_out() -> None:
    assert not list(rules.volume(fetches(*days_ago(0, rules.FEW_FETCHES - 1)), NOON))


def test_datasets_and_units_are_counted_apart() -> None:
    many = [
        *fetches(*days_ago(0, 6)),
        *fetches(*days_ago(0, 6), dataset="d_y"),
        *fetches(*days_ago(0, 6), grantee="t_b"),
    ]
    assert not list(rules.volume(many, NOON))


@pytest.mark.parametrize(("hour", "stands_out"), [(0, True), (5, True), (6, False), (22, False)])
def test_without_a_history_only_the_night_stands_out(hour: int, stands_out: bool) -> None:
    found = fetches(NOON + (hour - 12) * rules.HOUR_MS)
    assert bool(list(rules.odd_hours(found, {0}))) == stands_out


def test_a_unit_that_fetches_at_night_as_a_rule_does_not_stand_out() -> None:
    night = NOON + 11 * rules.HOUR_MS
    by_day = [NOON + n for n in range(40)]
    (found,) = rules.odd_hours(fetches(*by_day, night), {40})
    assert found.figures == {"hour": 23, "before": 40, "odd": 0}
    mixed = [*by_day, night - rules.DAY_MS, night - 2 * rules.DAY_MS, night - 3 * rules.DAY_MS]
    assert not list(rules.odd_hours(fetches(*mixed, night), {43}))
    assert not list(rules.odd_hours(fetches(*by_day, night), {0}))


def refusals(count: int, reason: int, *, apart_ms: int = 1000) -> list[Refused]:
    return [Refused("t_a", "GetNeed", reason, f"n_{n}", NOON + n * apart_ms) for n in range(count)]


def test_thirty_refusals_in_ten_minutes_are_a_burst() -> None:
    (found,) = rules.refused(refusals(30, NotRelated.reason))
    assert (found.rule, found.figures) == (pb.ALERT_RULE_REFUSALS, {"count": 30})
    assert not list(rules.refused(refusals(29, NotRelated.reason)))
    assert not list(rules.refused(refusals(40, NotRelated.reason, apart_ms=60_000)))
    assert not list(rules.refused(refusals(100, Invalid.reason)))


def test_a_purpose_and_an_ended_grant_are_named() -> None:
    asked = Refused("t_a", "GrantData", PurposeUncovered.reason, "q_1", NOON)
    tried = Refused("t_b", "FetchParcel", GrantExceeded.reason, "p_1", NOON)
    beyond = Refused("t_b", "GrantData", GrantExceeded.reason, "q_1", NOON)
    found = [(f.rule, f.tenant, f.subject) for f in rules.refused([asked, tried, beyond])]
    assert found == [
        (pb.ALERT_RULE_PURPOSE, "t_a", "q_1"),
        (pb.ALERT_RULE_GRANT_ENDED, "t_b", "p_1"),
    ]


def test_a_witness_is_silent_after_a_day_and_named_once_for_each_silence() -> None:
    seen = {"w": NOON - rules.WITNESS_MS, "v": NOON - rules.WITNESS_MS + 1}
    (found,) = rules.silent(seen, "t_p", NOON)
    (later,) = (f for f in rules.silent(seen, "t_p", NOON + 1) if f.subject == "w")
    assert found.key == later.key and found.tenant == "t_p"
