"""The published holidays that a new hub starts with, from the chinesecalendar package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

import chinese_calendar  # type: ignore[import-untyped]  # it ships no types
from chinese_calendar import constants

from zongheng_hub.needs.calendar import NamedDay

SOURCE: Final = f"chinesecalendar {chinese_calendar.__version__}"


@cache
def published_years() -> Mapping[int, tuple[NamedDay, ...]]:
    """By year, the days off and the adjusted workdays, in order."""
    years: dict[int, list[NamedDay]] = {}
    named = [(day, False, _name(name)) for day, name in constants.holidays.items()]
    named += [(day, True, f"{_name(name)}调休") for day, name in constants.workdays.items()]
    for day, is_working, name in sorted(named):
        years.setdefault(day.year, []).append(NamedDay(_plain(day), is_working, name))
    return {year: tuple(days) for year, days in years.items()}


def _name(english: str) -> str:
    return str(constants.Holiday(english).chinese)


def _plain(day: date) -> date:
    return date(day.year, day.month, day.day)
