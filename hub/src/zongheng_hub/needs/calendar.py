"""Working days in Beijing time, by the holidays that the State Council publishes each year; pure.

Days run from midnight to midnight at UTC+8. A year whose adjusted days (调休) are
not published yet counts by weekends and by the fixed days of 全国年节及纪念日放假办法;
its dates are marked 未公布调休, because they may still move.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
# Off in every year, whatever is published (全国年节及纪念日放假办法, 2024, 第二条).
_FIXED_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


def day_of(at_ms: int) -> date:
    """The day in Beijing at a moment given in epoch milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, BEIJING).date()


def start_ms(day: date) -> int:
    """Epoch milliseconds of the midnight in Beijing with which day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp()) * 1000


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that is published as off or as worked.

    Attributes:
        name: why, in Chinese, such as "国庆节" or "国庆节调休".
    """

    day: date
    is_working: bool
    name: str


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days count. Build it with WorkingDays.of.

    Attributes:
        named: the published days.
        announced: the years whose adjusted days are published.
    """

    named: Mapping[date, NamedDay]
    announced: frozenset[int]
    _weekdays_off: tuple[date, ...]
    _weekends_worked: tuple[date, ...]

    @classmethod
    def of(cls, days: Iterable[NamedDay], announced: Iterable[int]) -> WorkingDays:
        named = {each.day: each for each in days}
        off = (d for d, each in named.items() if not each.is_working and d.weekday() < _SATURDAY)
        worked = (d for d, each in named.items() if each.is_working and d.weekday() >= _SATURDAY)
        return cls(named, frozenset(announced), tuple(sorted(off)), tuple(sorted(worked)))

    def is_working(self, day: date) -> bool:
        if day in self.named:
            return self.named[day].is_working
        return day.weekday() < _SATURDAY and not self._is_fixed_holiday(day)

    def count(self, first: date, last: date) -> int:
        """How many working days lie from first to last, both counted; 0 when last is earlier."""
        if last < first:
            return 0
        off = bisect_right(self._weekdays_off, last) - bisect_left(self._weekdays_off, first)
        worked = bisect_right(self._weekends_worked, last) - bisect_left(
            self._weekends_worked, first
        )
        return _weekdays(first, last) - off + worked - self._fixed_between(first, last)

    def nth(self, first: date, number: int) -> date:
        """The number-th working day on or after first; number is 1 or more."""
        if number < 1:
            raise ValueError(f"there is no working day number {number}")
        day = first
        while True:
            number -= self.is_working(day)
            if number == 0:
                return day
            day += ONE_DAY

    def unannounced(self, first: date, last: date) -> tuple[int, ...]:
        """The years from first to last whose adjusted days are not published."""
        return tuple(
            year for year in range(first.year, last.year + 1) if year not in self.announced
        )

    def named_between(self, first: date, last: date) -> tuple[NamedDay, ...]:
        """The published days from first to last, both counted, in order."""
        return tuple(self.named[day] for day in sorted(self.named) if first <= day <= last)

    def _is_fixed_holiday(self, day: date) -> bool:
        return day.year not in self.announced and (day.month, day.day) in _FIXED_HOLIDAYS

    def _fixed_between(self, first: date, last: date) -> int:
        fixed = (
            date(year, month, day)
            for year in self.unannounced(first, last)
            for month, day in _FIXED_HOLIDAYS
        )
        return sum(
            first <= day <= last and day.weekday() < _SATURDAY and day not in self.named
            for day in fixed
        )


def _weekdays(first: date, last: date) -> int:
    """Mondays to Fridays from first to last, both counted."""
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum((first.weekday() + offset) % 7 < _SATURDAY for offset in range(rest))
