"""Working days in Beijing: published holidays, adjusted workdays, years not yet published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.needs.calendar import NamedDay, WorkingDays, day_of, start_ms
from zongheng_hub.needs.seed import published_years

YEARS = published_years()
PUBLISHED = WorkingDays.of((day for days in YEARS.values() for day in days), YEARS)
NOTHING_PUBLISHED = WorkingDays.of((), ())

days = st.dates(date(2025, 1, 1), date(2028, 12, 31))


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_weekday_counts_and_a_weekend_does_not() -> None:
    assert PUBLISHED.is_working(date(2026, 11, 20))
    assert not PUBLISHED.is_working(date(2026, 11, 21))
    assert not PUBLISHED.is_working(date(2026, 11, 22))


@pytest.mark.parametrize(
    "text", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_each_adjusted_workday_of_2026_counts_although_it_is_a_weekend(text: str) -> None:
    day = date.fromisoformat(text)
    assert day.weekday() >= 5
    assert PUBLISHED.is_working(day)


def test_the_week_of_national_day_2026_does_not_count() -> None:
    assert PUBLISHED.count(date(2026, 10, 1), date(2026, 10, 7)) == 0
    assert PUBLISHED.nth(date(2026, 10, 1), 1) == date(2026, 10, 8)


def test_spring_festival_2026_takes_nine_days_and_gives_two_back() -> None:
    assert PUBLISHED.count(date(2026, 2, 14), date(2026, 2, 28)) == 1 + 4 + 1


def test_a_named_day_says_why() -> None:
    (found,) = PUBLISHED.named_between(date(2026, 10, 9), date(2026, 10, 12))
    assert found == NamedDay(date(2026, 10, 10), True, "国庆节调休")


def test_the_day_changes_at_midnight_in_beijing() -> None:
    assert day_of(ms("2026-10-09T23:59:59.999+08:00")) == date(2026, 10, 9)
    assert day_of(ms("2026-10-10T00:00:00+08:00")) == date(2026, 10, 10)
    assert day_of(ms("2026-10-09T15:59:59.999+00:00")) == date(2026, 10, 9)
    assert day_of(ms("2026-10-09T16:00:00+00:00")) == date(2026, 10, 10)


def test_a_year_without_published_days_is_named_and_counts_by_weekends_and_fixed_holidays() -> None:
    assert 2027 not in YEARS
    assert PUBLISHED.unannounced(date(2026, 12, 25), date(2027, 1, 5)) == (2027,)
    assert not PUBLISHED.is_working(date(2027, 1, 1))
    assert PUBLISHED.is_working(date(2027, 1, 4))
    assert PUBLISHED.count(date(2026, 12, 28), date(2027, 1, 4)) == 4 + 0 + 1


def test_a_published_year_is_not_marked() -> None:
    assert PUBLISHED.unannounced(date(2026, 1, 1), date(2026, 12, 31)) == ()


def test_a_day_that_the_province_named_wins_over_a_fixed_holiday() -> None:
    calendar = WorkingDays.of([NamedDay(date(2027, 1, 1), True, "抗旱值守")], ())
    assert calendar.is_working(date(2027, 1, 1))
    assert calendar.count(date(2027, 1, 1), date(2027, 1, 1)) == 1


def test_no_days_lie_between_a_day_and_the_one_before() -> None:
    assert PUBLISHED.count(date(2026, 11, 20), date(2026, 11, 19)) == 0


def test_there_is_no_working_day_number_zero() -> None:
    with pytest.raises(ValueError, match="number 0"):
        PUBLISHED.nth(date(2026, 11, 20), 0)


def test_every_published_year_counts_between_240_and_255_working_days() -> None:
    for year in YEARS:
        assert 240 <= PUBLISHED.count(date(year, 1, 1), date(year, 12, 31)) <= 255


@pytest.mark.parametrize("calendar", [PUBLISHED, NOTHING_PUBLISHED], ids=["published", "nothing"])
@given(first=days, length=st.integers(0, 400))
def test_counting_is_the_same_as_asking_every_day(
    calendar: WorkingDays, first: date, length: int
) -> None:
    each = [first + timedelta(days=n) for n in range(length)]
    last = first + timedelta(days=length - 1)
    assert calendar.count(first, last) == sum(map(calendar.is_working, each))


@given(first=days, number=st.integers(1, 40))
def test_the_nth_working_day_is_worked_and_has_n_days_up_to_it(first: date, number: int) -> None:
    day = PUBLISHED.nth(first, number)
    assert PUBLISHED.is_working(day)
    assert PUBLISHED.count(first, day) == number


@given(at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_every_moment_lies_in_its_day(at: datetime) -> None:
    at_ms = int(at.timestamp() * 1000)
    day = day_of(at_ms)
    assert start_ms(day) <= at_ms < start_ms(day + timedelta(days=1))
