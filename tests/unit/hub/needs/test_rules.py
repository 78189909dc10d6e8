"""A need's course and its clocks: what may follow, what each clock shows, what resets nothing."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.needs.calendar import WorkingDays, day_of
from zongheng_hub.needs.clocks import TERMS, Clock, Reading, Stage, Urgency, read, start
from zongheng_hub.needs.rules import (
    FOLLOWS,
    STATE_ZH,
    Course,
    State,
    Step,
    advance,
    clean,
    counted_above,
    filed,
    real_date,
    route,
)
from zongheng_hub.needs.seed import published_years
from zongheng_protos.errors import Invalid, StateConflict
from zongheng_protos.needs.v1 import needs_pb2 as pb
from zongheng_protos.tenancy.v1 import tenancy_pb2

YEARS = published_years()
CALENDAR = WorkingDays.of((day for days in YEARS.values() for day in days), YEARS)
HOUR_MS = 3_600_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1000)


def take(course: Course, step: Step, at: str) -> Course:
    return advance(course, step, ms(at), need_id="n_1")


def shows(course: Course, stage: Stage, at: str) -> Reading:
    (clock,) = (each for each in course.clocks if each.stage == stage)
    return read(clock, CALENDAR, ms(at))


def in_october() -> Course:
    """Filed on a Friday before an adjusted Saturday, accepted, answered."""
    course = filed(Urgency.NORMAL, ms("2026-10-09T18:24"))
    course = take(course, Step.ACCEPT, "2026-10-12T09:10")
    return take(course, Step.ANSWER, "2026-10-22T11:30")


def test_a_clock_starts_on_the_next_working_day() -> None:
    course = filed(Urgency.NORMAL, ms("2026-11-20T08:00"))
    assert shows(course, Stage.ACCEPT, "2026-11-20T23:59").spent_days == 0
    assert shows(course, Stage.ACCEPT, "2026-11-22T12:00").spent_days == 0
    monday = shows(course, Stage.ACCEPT, "2026-11-23T08:00")
    assert (monday.spent_days, monday.days_left, monday.due) == (1, 1, date(2026, 11, 24))


def test_on_its_last_day_a_clock_has_nothing_left_and_is_not_late() -> None:
    course = filed(Urgency.NORMAL, ms("2026-11-20T08:00"))
    last = shows(course, Stage.ACCEPT, "2026-11-24T23:59:59.999")
    assert (last.days_left, last.is_late, last.is_due_soon) == (0, False, True)


def test_a_clock_is_late_from_the_midnight_in_beijing_after_its_last_day() -> None:
    course = filed(Urgency.NORMAL, ms("2026-11-20T08:00"))
    after = shows(course, Stage.ACCEPT, "2026-11-25T00:00")
    assert (after.days_left, after.is_late, after.is_due_soon) == (-1, True, False)


def test_one_second_around_midnight_in_beijing_decides_the_first_day() -> None:
    before = start(Stage.ANSWER, Urgency.NORMAL, ms("2026-11-22T23:59:59"))
    after = start(Stage.ANSWER, Urgency.NORMAL, ms("2026-11-23T00:00:00"))
    assert before.counts_from == date(2026, 11, 23)
    assert after.counts_from == date(2026, 11, 24)


def test_an_adjusted_saturday_counts_against_the_accept_clock() -> None:
    accepted = shows(in_october(), Stage.ACCEPT, "2026-11-20T10:00")
    assert (accepted.spent_days, accepted.days_left) == (2, 0)
    assert accepted.due == date(2026, 10, 12)


def test_a_stopped_clock_shows_what_was_spent_when_it_stopped() -> None:
    answered = shows(in_october(), Stage.ANSWER, "2027-06-01T10:00")
    assert (answered.spent_days, answered.days_left) == (8, 2)


def test_the_deliver_clock_of_28_october_ends_on_25_november() -> None:
    clock = start(Stage.DELIVER, Urgency.NORMAL, ms("2026-10-28T16:05"))
    today = read(clock, CALENDAR, ms("2026-11-20T15:40"))
    assert (today.due, today.spent_days, today.days_left) == (date(2026, 11, 25), 17, 3)


def test_a_need_filed_before_national_day_is_due_after_it() -> None:
    course = filed(Urgency.NORMAL, ms("2026-09-30T17:00"))
    assert shows(course, Stage.ACCEPT, "2026-10-07T12:00").due == date(2026, 10, 9)


def test_an_urgent_need_is_to_be_accepted_the_same_day() -> None:
    course = filed(Urgency.URGENT, ms("2026-11-20T08:00"))
    today = shows(course, Stage.ACCEPT, "2026-11-20T09:00")
    assert (today.due, today.days_left, today.is_late) == (date(2026, 11, 20), 0, False)
    assert shows(course, Stage.ACCEPT, "2026-11-21T00:00").is_late


def test_the_weekend_after_its_last_day_a_clock_is_late_by_one_day_and_on_monday_still() -> None:
    course = filed(Urgency.NORMAL, ms("2026-11-18T08:00"))
    assert shows(course, Stage.ACCEPT, "2026-11-20T23:59").days_left == 0
    for day in ("2026-11-21", "2026-11-22", "2026-11-23"):
        assert shows(course, Stage.ACCEPT, f"{day}T12:00").days_left == -1
    assert shows(course, Stage.ACCEPT, "2026-11-24T12:00").days_left == -2


def test_an_urgent_need_of_a_weekend_is_to_be_accepted_on_the_next_working_day() -> None:
    course = filed(Urgency.URGENT, ms("2026-11-21T08:00"))
    assert shows(course, Stage.ACCEPT, "2026-11-21T08:00").due == date(2026, 11, 23)
    assert shows(course, Stage.ACCEPT, "2026-11-23T08:00").days_left == 0


def test_a_clock_into_a_year_without_published_days_says_so() -> None:
    clock = start(Stage.DELIVER, Urgency.NORMAL, ms("2026-12-15T10:00"))
    found = read(clock, CALENDAR, ms("2026-12-16T10:00"))
    assert found.due == date(2027, 1, 13)
    assert found.unannounced == (2027,)
    assert found.legal_basis.endswith("2027年未公布调休，公布后按实际推算。")


def test_a_clock_within_published_years_shows_its_plain_legal_basis() -> None:
    found = shows(in_october(), Stage.DELIVER, "2026-11-01T10:00")
    assert found.legal_basis == TERMS[Stage.DELIVER, Urgency.NORMAL].legal_basis
    assert found.legal_basis.startswith("本省时限表第3项，")


def test_every_stage_has_a_term_for_every_urgency() -> None:
    assert set(TERMS) == {(stage, urgency) for stage in Stage for urgency in Urgency}


def test_accepting_hands_over_to_the_answer_clock() -> None:
    course = take(filed(Urgency.NORMAL, ms("2026-11-20T08:00")), Step.ACCEPT, "2026-11-23T09:00")
    assert course.state == State.ACCEPTED
    assert [(c.stage, c.runs) for c in course.clocks] == [
        (Stage.ACCEPT, False),
        (Stage.ANSWER, True),
    ]


def test_confirming_stops_the_last_clock() -> None:
    course = take(in_october(), Step.CONFIRM, "2026-11-02T10:00")
    assert course.state == State.CONFIRMED
    assert not any(clock.runs for clock in course.clocks)


def test_reopening_asks_for_a_new_answer_and_touches_no_clock() -> None:
    answered = in_october()
    reopened = take(answered, Step.REOPEN, "2026-11-02T10:00")
    assert reopened.state == State.ACCEPTED
    assert reopened.clocks == answered.clocks


def test_after_reopening_the_deliver_clock_goes_on_from_where_it_stood() -> None:
    reopened = take(in_october(), Step.REOPEN, "2026-11-02T10:00")
    again = take(reopened, Step.ANSWER, "2026-11-05T10:00")
    assert shows(again, Stage.DELIVER, "2026-11-05T10:00").spent_days == 10
    assert shows(again, Stage.DELIVER, "2026-11-05T10:00").due == date(2026, 11, 19)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("step", list(Step))
def test_a_step_that_does_not_follow_is_refused_and_says_what_does(
    state: State, step: Step
) -> None:
    course = Course(state, Urgency.NORMAL, ())
    if step in FOLLOWS[state]:
        assert advance(course, step, 0, need_id="n_1").state == FOLLOWS[state][step]
        return
    with pytest.raises(StateConflict) as refused:
        advance(course, step, 0, need_id="n_1")
    message = refused.value.message
    assert message.startswith(f"n_1 is {state.name} ({STATE_ZH[state]})")
    assert all(f"{each} (" in message for each in FOLLOWS[state])
    assert FOLLOWS[state] or "nothing may follow" in message


walks = st.lists(st.tuples(st.sampled_from(Step), st.integers(0, 30 * 24)), min_size=1, max_size=40)
starts = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(
    lambda at: int(at.timestamp() * 1000)
)


@given(filed_ms=starts, urgency=st.sampled_from(Urgency), walk=walks)
def test_no_sequence_of_steps_gives_a_clock_more_days_than_its_limit(
    filed_ms: int, urgency: Urgency, walk: list[tuple[Step, int]]
) -> None:
    now_ms, course = filed_ms, filed(urgency, filed_ms)
    first: dict[Stage, Clock] = {}
    shown: dict[Stage, Reading] = {}
    for step, hours in walk:
        now_ms += hours * HOUR_MS
        if step in FOLLOWS[course.state]:
            course = advance(course, step, now_ms, need_id="n_1")
        assert len({clock.stage for clock in course.clocks}) == len(course.clocks)
        assert set(first) <= {clock.stage for clock in course.clocks}
        for clock in course.clocks:
            begun = first.setdefault(clock.stage, clock)
            assert (clock.started_ms, clock.counts_from, clock.limit_days, clock.legal_basis) == (
                begun.started_ms,
                begun.counts_from,
                begun.limit_days,
                begun.legal_basis,
            )
            found = read(clock, CALENDAR, now_ms)
            before = shown.get(clock.stage, found)
            assert found.due == before.due
            assert found.spent_days >= before.spent_days
            assert found.days_left <= before.days_left
            assert found.days_left <= clock.limit_days - found.spent_days
            if clock.runs:
                assert found.is_late == (day_of(now_ms) > found.due)
                assert found.spent_days == CALENDAR.count(clock.counts_from, day_of(now_ms))
            else:
                assert clock.stopped_ms in range(clock.started_ms, now_ms + 1)
            shown[clock.stage] = found


@given(filed_ms=starts, walk=walks)
def test_exactly_one_clock_runs_until_the_need_is_confirmed(
    filed_ms: int, walk: list[tuple[Step, int]]
) -> None:
    now_ms, course = filed_ms, filed(Urgency.NORMAL, filed_ms)
    for step, hours in walk:
        now_ms += hours * HOUR_MS
        if step in FOLLOWS[course.state]:
            course = advance(course, step, now_ms, need_id="n_1")
        running = sum(clock.runs for clock in course.clocks)
        assert running == (course.state != State.CONFIRMED)


def test_what_a_county_files_goes_to_the_province() -> None:
    assert route("t_county", ("t_province", "t_city")) == "t_province"
    assert route("t_city", ("t_province",)) == "t_province"


def test_what_the_province_files_stays_there() -> None:
    assert route("t_province", ()) == "t_province"


def test_needs_of_townships_and_departments_are_counted_above() -> None:
    levels = {tenancy_pb2.LEVEL_TOWNSHIP, tenancy_pb2.LEVEL_DEPARTMENT}
    assert {level for level in tenancy_pb2.Level.values() if counted_above(level)} == levels


@pytest.mark.parametrize("text", ["", "2026-12-15", "2028-02-29"])
def test_a_real_date_is_kept(text: str) -> None:
    assert real_date("wanted_by", text) == text


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "2026-00-10", "20261215", "2026-W01"])
def test_a_date_that_does_not_exist_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid, match="wanted_by"):
        real_date("wanted_by", text)


def test_text_loses_the_space_around_it() -> None:
    assert clean("title", "　缺户表数据\n") == "缺户表数据"  # a full-width space


def test_text_of_nothing_but_space_is_too_short() -> None:
    with pytest.raises(Invalid, match="title needs at least 4 characters"):
        clean("title", "      ", at_least=4)


def test_text_with_a_nul_is_refused_because_no_database_keeps_it() -> None:
    with pytest.raises(Invalid, match="detail holds a NUL"):
        clean("detail", "a\0b")


@pytest.mark.parametrize(
    ("ours", "wire", "prefix"),
    [
        (State, pb.NeedState, "NEED_STATE_"),
        (Stage, pb.ClockStage, "CLOCK_STAGE_"),
        (Urgency, pb.Urgency, "URGENCY_"),
    ],
)
def test_our_numbers_are_those_of_the_wire(
    ours: type[State] | type[Stage] | type[Urgency],
    wire: type[pb.NeedState] | type[pb.ClockStage] | type[pb.Urgency],
    prefix: str,
) -> None:
    named = {name.removeprefix(prefix): number for name, number in wire.items() if number}
    assert named == {each.name: each.value for each in ours}
