"""A clock at a glance, and its days."""

from __future__ import annotations

from datetime import date

import pytest

from zongheng_hub.needs.calendar import NamedDay, WorkingDays
from zongheng_hub.web.dates import start_ms
from zongheng_hub.web.rulers import calendar_days, first_day, ruler
from zongheng_hub.web.words import Words
from zongheng_protos.needs.v1.needs_pb2 import Clock

TODAY = date(2026, 11, 20)
WORDS = Words("zh")
PLAIN = WorkingDays.of([], [2026])


def running(left: int, limit: int = 10, due: str = "2026-11-25") -> Clock:
    return Clock(
        stage="CLOCK_STAGE_ANSWER",
        limit_days=limit,
        spent_days=limit - left,
        days_left=left,
        due=due,
    )


@pytest.mark.parametrize(
    ("left", "due", "mood", "text"),
    [
        (4, "2026-11-26", "", "剩4个工作日"),
        (3, "2026-11-25", "soon", "剩3个工作日"),
        (0, "2026-11-20", "soon", "今天到期"),
        (0, "2026-11-19", "soon", "已到期"),
        (-2, "2026-11-18", "late", "超时2个工作日"),
    ],
)
def test_a_running_clock_says_how_much_is_left(left: int, due: str, mood: str, text: str) -> None:
    shown = ruler(running(left, due=due), WORDS, TODAY)

    assert (shown.mood, shown.text) == (mood, text)


def test_there_is_a_tick_for_every_working_day_and_a_cut_before_the_late_ones() -> None:
    assert list(ruler(running(7), WORDS, TODAY).ticks) == ["u"] * 3 + [""] * 7
    assert list(ruler(running(-2), WORDS, TODAY).ticks) == ["u"] * 10 + ["cut", "x", "x"]


def test_a_stopped_clock_says_what_it_took() -> None:
    met = Clock(limit_days=10, spent_days=8, days_left=2, stopped_ms=1)
    missed = Clock(limit_days=10, spent_days=12, days_left=-2, stopped_ms=1)

    assert (ruler(met, WORDS, TODAY).mood, ruler(met, WORDS, TODAY).text) == (
        "ok",
        "用8个工作日",
    )
    at_once = Clock(limit_days=2, spent_days=0, days_left=2, stopped_ms=1)
    assert ruler(at_once, WORDS, TODAY).text == "当天完成"
    assert ruler(missed, WORDS, TODAY).text == "用12个工作日，超时2个"


def started(day: date, limit: int, due: str) -> Clock:
    return Clock(started_ms=start_ms(day) + 1, limit_days=limit, due=due, days_left=1)


def test_the_first_day_is_the_next_unless_the_due_day_says_the_same() -> None:
    assert first_day(started(date(2026, 11, 18), 2, "2026-11-20"), PLAIN) == date(2026, 11, 19)
    assert first_day(started(date(2026, 11, 18), 1, "2026-11-18"), PLAIN) == date(2026, 11, 18)


def test_weekends_fold_into_one_and_today_and_the_last_day_are_named() -> None:
    clock = started(date(2026, 11, 18), 4, "2026-11-24")
    pins = {date(2026, 11, 19): "受理"}

    days = calendar_days(clock, PLAIN, TODAY, pins, WORDS)

    assert [day.number for day in days] == ["11/19", "20", "", "23", "24"]
    assert [day.flag for day in days] == ["", "今天", "", "", "到期"]
    assert days[0].pin == "受理"
    assert days[2].count == 2


def test_an_adjusted_saturday_is_a_day_like_any_other() -> None:
    saturday = NamedDay(date(2026, 11, 21), True, "调休")
    calendar = WorkingDays.of([saturday], [2026])

    days = calendar_days(started(date(2026, 11, 19), 2, "2026-11-21"), calendar, TODAY, {}, WORDS)

    assert [day.number for day in days] == ["11/20", "21"]


def test_days_after_the_last_are_marked_until_today() -> None:
    clock = started(date(2026, 11, 16), 2, "2026-11-18")

    days = calendar_days(clock, PLAIN, TODAY, {}, WORDS)

    assert ["over" in day.marks for day in days] == [False, False, True, True]
