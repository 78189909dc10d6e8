"""A need's clocks: working days with a legal basis (本省时限表), which no edit resets; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from zongheng_hub.needs.calendar import ONE_DAY, WorkingDays, day_of

# A running clock with at most so many working days left is due soon.
DUE_SOON_DAYS: Final = 3


class Stage(IntEnum):
    """As ClockStage in needs.proto."""

    ACCEPT = 1
    ANSWER = 2
    DELIVER = 3


class Urgency(IntEnum):
    """As in needs.proto."""

    NORMAL = 1
    URGENT = 2


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the province's table of time limits.

    Attributes:
        limit_days: working days.
        same_day: the day that starts the clock counts; otherwise the next working day is the first.
        legal_basis: the line, in Chinese.
    """

    limit_days: int
    same_day: bool
    legal_basis: str


_NEVER_RESET: Final = "周末和法定假日不计；修改、转办、并案、重开都不重新起算。"
TERMS: Final[Mapping[tuple[Stage, Urgency], Term]] = {
    (Stage.ACCEPT, Urgency.NORMAL): Term(
        2, False, f"本省时限表第1项，报送后2个工作日内受理，次日起算。{_NEVER_RESET}"
    ),
    (Stage.ACCEPT, Urgency.URGENT): Term(
        1, True, f"本省时限表第1项，紧急需求当天受理，非工作日报送的在下一个工作日。{_NEVER_RESET}"
    ),
} | {
    (stage, urgency): term
    for urgency in Urgency
    for stage, term in (
        (
            Stage.ANSWER,
            Term(10, False, f"本省时限表第2项，受理后10个工作日内答复，次日起算。{_NEVER_RESET}"),
        ),
        (
            Stage.DELIVER,
            Term(20, False, f"本省时限表第3项，答复后20个工作日内落实，次日起算。{_NEVER_RESET}"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit that runs, or ran.

    Attributes:
        started_ms, stopped_ms: epoch milliseconds; stopped_ms is 0 while it runs.
        counts_from: the first day that can count; it counts if it is a working day.
        limit_days: working days; as the table said when the clock was started.
        legal_basis: in Chinese.
    """

    stage: Stage
    started_ms: int
    counts_from: date
    limit_days: int
    legal_basis: str
    stopped_ms: int = 0

    @property
    def runs(self) -> bool:
        return self.stopped_ms == 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows.

    Attributes:
        spent_days: working days until now, today counted, or until it stopped.
        due: the last day in time.
        days_left: working days; 0 on the last day, negative: late by so many, of which the first
            begins with the midnight after the last day.
        unannounced: years that it runs through whose adjusted days are not published; due may move.
    """

    clock: Clock
    spent_days: int
    due: date
    days_left: int
    unannounced: tuple[int, ...] = ()

    @property
    def is_late(self) -> bool:
        return self.days_left < 0

    @property
    def is_due_soon(self) -> bool:
        return 0 <= self.days_left <= DUE_SOON_DAYS

    @property
    def legal_basis(self) -> str:
        """The clock's, with a mark where the calendar may still change."""
        if not self.unannounced:
            return self.clock.legal_basis
        years = "、".join(f"{year}年" for year in self.unannounced)
        return f"{self.clock.legal_basis}{years}未公布调休，公布后按实际推算。"


def start(stage: Stage, urgency: Urgency, at_ms: int) -> Clock:
    """A clock started at at_ms, by the province's table."""
    term = TERMS[stage, urgency]
    day = day_of(at_ms)
    return Clock(
        stage=stage,
        started_ms=at_ms,
        counts_from=day if term.same_day else day + ONE_DAY,
        limit_days=term.limit_days,
        legal_basis=term.legal_basis,
    )


def read(clock: Clock, calendar: WorkingDays, now_ms: int) -> Reading:
    """What clock shows at now_ms (epoch milliseconds)."""
    until = day_of(now_ms if clock.runs else clock.stopped_ms)
    return reading_on(clock, calendar, until)


def reading_on(clock: Clock, calendar: WorkingDays, day: date) -> Reading:
    """What clock shows on a day in Beijing, whether it runs or not."""
    spent = calendar.count(clock.counts_from, day)
    left = clock.limit_days - spent
    due = calendar.nth(clock.counts_from, clock.limit_days)
    return Reading(
        clock=clock,
        spent_days=spent,
        due=due,
        days_left=min(left, -1) if day > due else left,
        unannounced=calendar.unannounced(clock.counts_from, max(due, day)),
    )
