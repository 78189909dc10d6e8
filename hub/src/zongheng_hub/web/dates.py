"""Dates and times as the console writes them: Beijing time, no leading zeros."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_WEEK = "一二三四五六日"
_WEEK_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(ms: int) -> datetime:
    """Unix milliseconds as Beijing time."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(BEIJING)


def day_of(ms: int) -> date:
    """The day in Beijing at Unix milliseconds."""
    return moment(ms).date()


def start_ms(day: date) -> int:
    """Unix milliseconds at which a day begins in Beijing."""
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp() * 1000)


def parse_day(text: str) -> date | None:
    """ "2026-11-20" as a date; None when it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


class Dates:
    """Writes dates in one language, as seen on the day `today`."""

    def __init__(self, lang: str, today: date) -> None:
        self.english = lang == "en"
        self.today = today

    def day(self, value: date, *, year: bool | None = None) -> str:
        """11月20日; with the year when it is not this year's (or when asked for)."""
        with_year = value.year != self.today.year if year is None else year
        if self.english:
            text = f"{value.day} {_MONTHS[value.month - 1]}"
            return f"{text} {value.year}" if with_year else text
        text = f"{value.month}月{value.day}日"
        return f"{value.year}年{text}" if with_year else text

    def weekday(self, value: date) -> str:
        """11月20日（周五）."""
        return self.day(value) + self._week(value)

    def long(self, value: date) -> str:
        """2026年11月25日（周三）."""
        return self.day(value, year=True) + self._week(value)

    def full(self, ms: int) -> str:
        """2026年11月20日（周五）15:40."""
        value = moment(ms)
        gap = " " if self.english else ""
        return f"{self.long(value.date())}{gap}{value:%H:%M}"

    def of(self, ms: int) -> str:
        """The day of a moment."""
        return self.day(moment(ms).date())

    def time(self, ms: int) -> str:
        """15:40."""
        return f"{moment(ms):%H:%M}"

    def second(self, ms: int) -> str:
        """11月20日 15:38:44."""
        value = moment(ms)
        return f"{self.day(value.date())} {value:%H:%M:%S}"

    def _week(self, value: date) -> str:
        if self.english:
            return f" ({_WEEK_EN[value.weekday()]})"
        return f"（周{_WEEK[value.weekday()]}）"
