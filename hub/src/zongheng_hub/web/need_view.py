"""One need as its page shows it: the running clock as days, the others as lines, the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zongheng_hub.web.console import Visit
from zongheng_hub.web.dates import day_of
from zongheng_hub.web.need_steps import Step
from zongheng_hub.web.ports import Session, WorkCalendar
from zongheng_hub.web.rulers import Day, Ruler, calendar_days, current, ruler
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.options.v1 import options_pb2 as options


@dataclass(frozen=True, slots=True)
class Line:
    """A clock on one line."""

    clock: needs.Clock
    ruler: Ruler
    due: date


@dataclass(frozen=True, slots=True)
class NeedView:
    """What need.html shows.

    Attributes:
        running: the clock that runs, with its days; None once nothing is owed.
        done: the clocks that stopped, oldest first.
        steps: what the visitor's unit may do now.
        waiting: the unit whose turn it is and the step, in words; empty when closed.
        adjusted: published days off or worked that the running clock meets, in words.
    """

    running: Line | None
    days: Sequence[Day]
    done: Sequence[Line]
    steps: Sequence[Step]
    waiting: tuple[str, str]
    adjusted: Sequence[str]
    events: Sequence[needs.NeedEvent]
    filer: str
    handler: str


def need_view(need: needs.Need, visit: Visit, session: Session, calendar: WorkCalendar) -> NeedView:
    clock = current(need)
    filer = _unit(visit, need.filer_id, need.filer_name)
    handler = _unit(visit, need.handler_id, need.handler_name)
    days: Sequence[Day] = ()
    adjusted: list[str] = []
    if clock:
        started = day_of(clock.started_ms)
        pins = {
            day_of(event.time_ms): visit.words.act(event.act)
            for event in need.events
            if day_of(event.time_ms) > started
        }
        days = calendar_days(clock, calendar, visit.today, pins, visit.words)
        due = date.fromisoformat(clock.due)
        adjusted = [
            visit.words(
                "{day}{name}，计入" if named.is_working else "{day}{name}，不计",
                day=visit.dates.day(named.day),
                name=named.name,
            )
            for named in calendar.named_between(started, max(due, visit.today))
            if named.is_working != (named.day.weekday() < 5)
        ]
    return NeedView(
        running=_line(clock, visit) if clock else None,
        days=days,
        done=[_line(each, visit) for each in need.clocks if each.stopped_ms],
        steps=[step for step in _steps(need, session) if visit.may(_NEEDED[step])],
        waiting=_waiting(need, filer, handler),
        adjusted=adjusted,
        events=sorted(need.events, key=lambda event: event.log_index, reverse=True),
        filer=filer,
        handler=handler,
    )


def _line(clock: needs.Clock, visit: Visit) -> Line:
    return Line(clock, ruler(clock, visit.words, visit.today), date.fromisoformat(clock.due))


def _unit(visit: Visit, tenant_id: str, name: str) -> str:
    return visit.path(tenant_id) if tenant_id in visit.units else name or tenant_id


_NEEDED = {
    Step.ACCEPT: options.RIGHT_HANDLE,
    Step.ANSWER: options.RIGHT_HANDLE,
    Step.CONFIRM: options.RIGHT_FILE,
    Step.REOPEN: options.RIGHT_FILE,
}


def _steps(need: needs.Need, session: Session) -> list[Step]:
    if need.state == needs.NEED_STATE_FILED and session.tenant == need.handler_id:
        return [Step.ACCEPT]
    if need.state == needs.NEED_STATE_ACCEPTED and session.tenant == need.handler_id:
        return [Step.ANSWER]
    if need.state == needs.NEED_STATE_ANSWERED and session.tenant == need.filer_id:
        return [Step.CONFIRM, Step.REOPEN]
    return []


def _waiting(need: needs.Need, filer: str, handler: str) -> tuple[str, str]:
    if need.state == needs.NEED_STATE_FILED:
        return handler, "受理"
    if need.state == needs.NEED_STATE_ACCEPTED:
        return handler, "答复"
    if need.state == needs.NEED_STATE_ANSWERED:
        return filer, "确认"
    return "", ""
