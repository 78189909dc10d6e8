"""What may follow in a need's life, and who handles it; pure.

    FILED ──accept──▶ ACCEPTED ──answer──▶ ANSWERED ──confirm──▶ CONFIRMED
                          ▲                    │
                          └──────reopen────────┘

Three clocks run one after another: to accept, to answer, to deliver. Each is
started once, by a step, and stopped once, by the next; nothing else touches
them. A reopened need is to be answered again while its deliver clock runs on
from where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final

from zongheng_hub.needs.clocks import Clock, Stage, Urgency, start
from zongheng_protos.errors import Invalid, StateConflict


class State(IntEnum):
    """As in needs.proto."""

    FILED = 1
    ACCEPTED = 2
    ANSWERED = 3
    CONFIRMED = 4


class Step(StrEnum):
    ACCEPT = "accept"
    ANSWER = "answer"
    CONFIRM = "confirm"
    REOPEN = "reopen"


FOLLOWS: Final[Mapping[State, Mapping[Step, State]]] = {
    State.FILED: {Step.ACCEPT: State.ACCEPTED},
    State.ACCEPTED: {Step.ANSWER: State.ANSWERED},
    State.ANSWERED: {Step.CONFIRM: State.CONFIRMED, Step.REOPEN: State.ACCEPTED},
    State.CONFIRMED: {},
}
STATE_ZH: Final[Mapping[State, str]] = {
    State.FILED: "待受理",
    State.ACCEPTED: "待答复",
    State.ANSWERED: "待确认",
    State.CONFIRMED: "已确认",
}
STEP_ZH: Final[Mapping[Step, str]] = {
    Step.ACCEPT: "受理",
    Step.ANSWER: "答复",
    Step.CONFIRM: "确认",
    Step.REOPEN: "重开",
}


_TOWNSHIP: Final = 4
_DEPARTMENT: Final = 5


@dataclass(frozen=True, slots=True)
class Course:
    """Where a need stands: its state and its clocks, oldest first."""

    state: State
    urgency: Urgency
    clocks: tuple[Clock, ...]


def filed(urgency: Urgency, at_ms: int) -> Course:
    """The course of a need filed at at_ms (epoch milliseconds)."""
    return Course(State.FILED, urgency, (start(Stage.ACCEPT, urgency, at_ms),))


def advance(course: Course, step: Step, at_ms: int, *, need_id: str) -> Course:
    """The course after step, taken at at_ms.

    Raises:
        StateConflict: step does not follow from the need's state; names what does.
    """
    follows = FOLLOWS[course.state]
    if step not in follows:
        raise StateConflict(
            f"{need_id} is {course.state.name} ({STATE_ZH[course.state]}): "
            f"{step} ({STEP_ZH[step]}) does not follow; {_choices(course.state)}"
        )
    state = follows[step]
    match step:
        case Step.ACCEPT:
            clocks = _hand_over(course, Stage.ACCEPT, Stage.ANSWER, at_ms)
        case Step.ANSWER:
            clocks = _hand_over(course, Stage.ANSWER, Stage.DELIVER, at_ms)
        case Step.CONFIRM:
            clocks = _stop(course.clocks, Stage.DELIVER, at_ms)
        case Step.REOPEN:
            clocks = course.clocks
    return replace(course, state=state, clocks=clocks)


def route(filer: str, ancestors: tuple[str, ...]) -> str:
    """Who handles what filer files: the province, root of its ancestors (root first)."""
    return ancestors[0] if ancestors else filer


def counted_above(level: int) -> bool:
    """Whether the needs of a unit of this level (tenancy.v1.Level) are counted at its parent's."""
    return level in (_TOWNSHIP, _DEPARTMENT)


def clean(name: str, text: str, *, at_least: int = 0) -> str:
    """text without space around it.

    Raises:
        Invalid: it is shorter than at_least characters, or holds a NUL, which no database keeps.
    """
    if "\0" in text:
        raise Invalid(f"{name} holds a NUL character")
    stripped = text.strip()
    if len(stripped) < at_least:
        raise Invalid(f"{name} needs at least {at_least} characters besides space around it")
    return stripped


def real_date(name: str, text: str) -> str:
    """text, when it is empty or a date such as "2026-12-15".

    Raises:
        Invalid: there is no such day.
    """
    if text:
        try:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError
        except ValueError:
            raise Invalid(f"{name}: {text!r} is no date; write it as 2026-12-15") from None
    return text


def _hand_over(course: Course, ends: Stage, begins: Stage, at_ms: int) -> tuple[Clock, ...]:
    clocks = _stop(course.clocks, ends, at_ms)
    if any(clock.stage == begins for clock in clocks):
        return clocks
    return (*clocks, start(begins, course.urgency, at_ms))


def _stop(clocks: tuple[Clock, ...], stage: Stage, at_ms: int) -> tuple[Clock, ...]:
    return tuple(
        replace(clock, stopped_ms=at_ms) if clock.stage == stage and clock.runs else clock
        for clock in clocks
    )


def _choices(state: State) -> str:
    follows = FOLLOWS[state]
    if not follows:
        return "nothing may follow"
    return "what may follow: " + ", ".join(f"{step} ({STEP_ZH[step]})" for step in follows)
