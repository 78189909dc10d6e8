"""The clock as ticks and as days: one tick a working day, spent filled, left hollow, late cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zongheng_hub.web.dates import day_of
from zongheng_hub.web.ports import WorkCalendar
from zongheng_hub.web.words import Words
from zongheng_protos.needs.v1 import needs_pb2 as needs

SOON_DAYS = 3
MOST_LATE_TICKS = 10
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ruler:
    """A clock at a glance.

    Attributes:
        mood: "" with time left, "soon", "late", or "ok" once stopped in time.
        ticks: class of each tick: "u" spent, "" left, "cut", "x" late.
        text: what the ticks say, in words.
    """

    mood: str
    ticks: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar ruler; marks are CSS classes, pin an act done on it."""

    marks: str
    number: str = ""
    flag: str = ""
    pin: str = ""
    count: int = 1


def current(need: needs.Need) -> needs.Clock | None:
    """The clock that runs, or None."""
    return next((clock for clock in need.clocks if not clock.stopped_ms), None)


def ruler(clock: needs.Clock, words: Words, today: date) -> Ruler:
    left, limit = clock.days_left, clock.limit_days
    spent = min(clock.spent_days, limit)
    ticks = ["u"] * spent + [""] * (limit - spent)
    if left < 0:
        ticks += ["cut"] + ["x"] * min(-left, MOST_LATE_TICKS)
    if clock.stopped_ms:
        text = words("用{n}个工作日", n=clock.spent_days) if clock.spent_days else words("当天完成")
        if left < 0:
            return Ruler("late", ticks, f"{text}{words('，超时{n}个', n=-left)}")
        return Ruler("ok", ticks, text)
    if left < 0:
        return Ruler("late", ticks, words("超时{n}个工作日", n=-left))
    if left == 0:
        is_past = clock.due < today.isoformat()
        return Ruler("soon", ticks, words("已到期") if is_past else words("今天到期"))
    return Ruler("soon" if left <= SOON_DAYS else "", ticks, words("剩{n}个工作日", n=left))


def calendar_days(
    clock: needs.Clock,
    calendar: WorkCalendar,
    today: date,
    pins: Mapping[date, str],
    words: Words,
) -> list[Day]:
    """The days from the first that counts to the last, weekends and holidays folded into one."""
    due = date.fromisoformat(clock.due)
    days: list[Day] = []
    day, month = first_day(clock, calendar), 0
    last = max(due, today) if not clock.stopped_ms else due
    while day <= last:
        if not calendar.is_working(day):
            days = _fold(days, day == today, words)
            day += _ONE_DAY
            continue
        marks = ["over" if day > due else "past" if day < today else "left"]
        number = str(day.day)
        if day.month != month:
            month, number = day.month, f"{day.month}/{day.day}"
            marks.append("mon")
        elif day.weekday() == 0:
            marks.append("mon")
        flag = ""
        if day == due:
            marks.append("end")
            flag = words("到期")
        if day == today:
            marks.append("today")
            flag = words("今天到期") if day == due else words("今天")
        days.append(Day(" ".join(marks), number, flag, pins.get(day, "")))
        day += _ONE_DAY
    return days


def first_day(clock: needs.Clock, calendar: WorkCalendar) -> date:
    """The first day that can count: that of the start when the due date says so, else the next."""
    start = day_of(clock.started_ms)
    counts_at_once = calendar.is_working(start) and clock.limit_days > 0
    if counts_at_once and calendar.nth(start, clock.limit_days).isoformat() == clock.due:
        return start
    return start + _ONE_DAY


def _fold(days: list[Day], is_today: bool, words: Words) -> list[Day]:
    flag = words("今天") if is_today else ""
    marks = "we today" if is_today else "we"
    if days and days[-1].marks.startswith("we"):
        before = days[-1]
        marks = marks if is_today else before.marks
        return [*days[:-1], Day(marks, flag=flag or before.flag, count=before.count + 1)]
    return [*days, Day(marks, flag=flag)]
