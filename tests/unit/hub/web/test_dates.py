"""Dates as the console writes them."""

from __future__ import annotations

from datetime import date

import pytest

from zongheng_hub.web.dates import Dates, day_of, parse_day, start_ms

TODAY = date(2026, 11, 20)
MOMENT_MS = 1_795_160_400_000  # 2026-11-20 15:40 in Beijing


def test_a_full_moment_names_year_weekday_and_time() -> None:
    assert Dates("zh", TODAY).full(MOMENT_MS) == "2026年11月20日（周五）15:40"
    assert Dates("en", TODAY).full(MOMENT_MS) == "20 Nov 2026 (Fri) 15:40"


def test_the_year_is_left_out_within_this_year_only() -> None:
    dates = Dates("zh", TODAY)

    assert dates.day(date(2026, 3, 5)) == "3月5日"
    assert dates.day(date(2027, 3, 5)) == "2027年3月5日"


def test_days_begin_at_midnight_in_beijing() -> None:
    assert day_of(start_ms(TODAY)) == TODAY
    assert day_of(start_ms(TODAY) - 1) == date(2026, 11, 19)


@pytest.mark.parametrize("text", ["", "2026-13-01", "20261120", "2026-W47-5", "昨天"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_day(text) is None
