"""The writer is called when the event loop is silent, and soon enough when it never is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from zongheng_hub.store.gathering import LONGEST_SECONDS, QUIET_SECONDS, Gathering

SPIN = 0.000_002


class Loop:
    """Runs what was asked for soon, one round at a time, each as long as it is told."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0
        self.rounds = 0
        self._soon: list[Callable[[], None]] = []

    def call_soon(self, callback: Callable[[], None]) -> None:
        self._soon.append(callback)

    def round(self, seconds: float, *, waited: float = 0.0) -> None:
        self.worked += seconds
        self.now += seconds + waited
        self.rounds += 1
        soon, self._soon = self._soon, []
        for callback in soon:
            callback()

    @property
    def is_watched(self) -> bool:
        return bool(self._soon)


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def calls() -> list[float]:
    return []


@pytest.fixture
def gathering(loop: Loop, calls: list[float]) -> Gathering:
    return Gathering(
        loop.call_soon, lambda: calls.append(loop.now), lambda: loop.now, lambda: loop.worked
    )


def test_a_silent_loop_calls_after_a_tenth_of_a_millisecond(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    while loop.is_watched:
        loop.round(SPIN)
    assert calls == [pytest.approx(QUIET_SECONDS, abs=2 * SPIN)]


def test_a_loop_with_work_is_left_to_do_it_first(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    loop.round(SPIN)
    for _ in range(5):
        loop.round(0.0004)
        loop.round(SPIN)
    worked = loop.now
    assert calls == []
    while loop.is_watched:
        loop.round(SPIN)
    assert worked < calls[0] <= worked + QUIET_SECONDS + 2 * SPIN


def test_a_loop_that_waits_for_its_turn_on_the_interpreter_is_silent(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    loop.round(SPIN)
    loop.round(SPIN, waited=0.005)
    assert calls == [loop.now]


def test_a_loop_that_is_never_silent_calls_all_the_same(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    loop.round(SPIN)
    while loop.is_watched:
        loop.round(0.0004)
    assert calls[0] == pytest.approx(LONGEST_SECONDS, abs=0.0005)


def test_what_comes_while_it_watches_is_called_for_once(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    for _ in range(3):
        gathering.take()
    run(loop)
    assert len(calls) == 1
    for _ in range(3):
        gathering.settle()
    gathering.take()
    run(loop)
    assert len(calls) == 2


def test_what_comes_while_work_is_under_way_waits_until_that_is_back(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    gathering.take()
    run(loop)
    gathering.take()
    run(loop)
    gathering.settle()
    run(loop)
    assert len(calls) == 1
    gathering.settle()
    run(loop)
    assert len(calls) == 2


def test_work_that_went_along_uncounted_keeps_nobody_waiting(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    run(loop)
    gathering.take()  # taken by the writer with the first
    for _ in range(2):
        gathering.settle()
    run(loop)
    gathering.take()
    run(loop)
    assert calls[-1] == loop.now


def test_enough_work_is_called_for_at_once(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    gathering.call()
    assert calls == [loop.now]


def test_a_machine_that_became_slower_is_silent_in_longer_rounds(
    loop: Loop, calls: list[float], gathering: Gathering
) -> None:
    gathering.take()
    run(loop)
    slow = 20 * SPIN
    for _ in range(2_000):  # each takes the longest wait at first, and less as it learns
        gathering.settle()
        gathering.take()
        run(loop, slow)
        if calls[-1] - calls[-2] < LONGEST_SECONDS / 2:
            break
    assert calls[-1] - calls[-2] < 2 * QUIET_SECONDS


def run(loop: Loop, seconds: float = SPIN) -> None:
    """Rounds that do nothing else, until nobody looks any more."""
    while loop.is_watched:
        loop.round(seconds)
