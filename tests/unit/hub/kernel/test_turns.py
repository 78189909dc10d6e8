"""Places: how many are taken, who is next, and what a caller that went away leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from zongheng_hub.kernel.quota import Budget, Share
from zongheng_hub.kernel.turns import Places, bounded_wait, granted
from zongheng_protos.errors import Busy

A, B, C = (Share(f"t_{name}", Budget(), 0.0) for name in "abc")


def places(limit: int = 1, *, each: int = 10, longest_queue: int = 10) -> Places:
    return Places(limit, each=each, longest_queue=longest_queue, longest_wait=5.0)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def waits(found: Places, share: Share, order: list[str] | None = None) -> asyncio.Task[None]:
    async def wait() -> None:
        await found.wait(share)
        if order is not None:
            order.append(share.name)

    return asyncio.create_task(wait())


def test_places_are_taken_up_to_the_limit_and_each_tenants_own() -> None:
    found = places(3, each=2)
    assert [found.take("a"), found.take("a"), found.take("a")] == [True, True, False]
    assert (found.take("b"), found.take("c"), found.taken) == (True, False, 3)
    found.give("a")
    assert (found.taken, found.take("c")) == (2, True)
    found.give("a")
    assert [found.take("a"), found.take("a")] == [True, False]


async def test_tenants_take_turns_and_keep_their_own_order() -> None:
    found, order = places(), list[str]()
    assert found.take("t_x")
    tasks = [waits(found, share, order) for share in (A, A, B, C, A)]
    await settled()
    assert (found.waiting, found.taken) == (5, 1)
    name = "t_x"
    for served in range(1, 6):
        found.give(name)
        await settled()
        assert (len(order), found.taken, found.waiting) == (served, 1, 5 - served)
        name = order[-1]
    assert order == ["t_a", "t_b", "t_c", "t_a", "t_a"]
    found.give(name)
    assert (found.taken, found.waiting) == (0, 0)
    assert all(task.done() for task in tasks)
    assert found.take("t_a")


async def test_whoever_waits_for_its_own_bound_is_not_in_line_before_it_may_be() -> None:
    found = places(3, each=1)
    assert found.take("t_a")
    own = waits(found, A)
    await settled()
    assert not own.done()
    assert found.take("t_b")
    found.give("t_b")
    await settled()
    assert not own.done()  # two places are free, but none of them for this tenant
    found.give("t_a")
    await settled()
    assert own.done()
    assert found.taken == 1
    assert not found.take("t_a")
    found.give("t_a")
    assert found.take("t_a")


async def test_two_places_that_come_free_are_given_to_one_tenant_up_to_its_bound() -> None:
    found = places(2, each=2)
    assert found.take("t_b")
    assert found.take("t_b")
    tasks = [waits(found, A) for _ in range(3)]
    await settled()
    found.give("t_b")
    found.give("t_b")
    await settled()
    assert [task.done() for task in tasks] == [True, True, False]
    found.give("t_a")
    await settled()
    assert [task.done() for task in tasks] == [True, True, True]
    found.give("t_a")
    found.give("t_a")
    assert found.taken == 0


async def test_as_many_wait_as_may_and_no_more() -> None:
    found = places(longest_queue=2)
    assert found.take("t_x")
    tasks = [waits(found, A), waits(found, B)]
    await settled()
    with pytest.raises(Busy, match="as many calls under way as it can carry") as refused:
        await found.wait(C)
    assert refused.value.retry_after == 1.0
    assert found.waiting == 2
    for task in tasks:
        task.cancel()
    await settled()
    assert found.waiting == 0


async def test_a_waiting_call_that_went_away_is_passed_over() -> None:
    found, order = places(), list[str]()
    assert found.take("t_x")
    tasks = [waits(found, share, order) for share in (A, A, B)]
    await settled()
    tasks[0].cancel()
    await settled()
    found.give("t_x")
    await settled()
    assert (order, found.taken) == (["t_a"], 1)
    found.give("t_a")
    await settled()
    assert order == ["t_a", "t_b"]


async def test_a_place_given_to_a_call_that_just_went_away_goes_to_the_next() -> None:
    found, order = places(), list[str]()
    assert found.take("t_x")
    gone, other = waits(found, A, order), waits(found, B, order)
    await settled()
    found.give("t_x")
    gone.cancel()  # its place is given, and it has not woken yet
    await settled()
    assert order == ["t_b"]
    assert (found.taken, found.waiting, other.done()) == (1, 0, True)


async def undone_after(act: Callable[[asyncio.Future[None]], object]) -> bool:
    undone = list[bool]()
    place = bounded_wait(5.0, lambda: Busy("late"))
    task = asyncio.create_task(granted(place, lambda: undone.append(True)))
    await settled()
    act(place)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return bool(undone)


async def test_only_a_place_that_was_granted_is_given_back() -> None:
    assert await undone_after(lambda place: place.set_result(None))
    assert not await undone_after(lambda place: place.set_exception(Busy("late")))
    assert not await undone_after(lambda place: None)
    assert not await undone_after(lambda place: place.cancel())


async def test_a_place_that_is_granted_in_time_needs_no_timer_any_more() -> None:
    loop = asyncio.get_running_loop()
    handles = list[asyncio.TimerHandle]()
    real = loop.call_later

    def noted(seconds: float, *more: Any, **named: Any) -> asyncio.TimerHandle:
        handles.append(real(seconds, *more, **named))
        return handles[-1]

    loop.call_later = noted  # type: ignore[method-assign, assignment]  # this loop ends with the test
    place = bounded_wait(3.0, lambda: Busy("late"))
    assert len(handles) == 1
    assert not handles[0].cancelled()
    assert 2.5 < handles[0].when() - loop.time() <= 3.0
    place.set_result(None)
    await settled()
    assert handles[0].cancelled()


async def test_who_waits_too_long_is_told_so() -> None:
    place = bounded_wait(0.01, lambda: Busy("too late"))
    with pytest.raises(Busy, match="too late"):
        await asyncio.wait_for(place, 5)
    found = Places(1, each=1, longest_queue=5, longest_wait=0.01)
    assert found.take("t_x")
    with pytest.raises(Busy):
        await asyncio.wait_for(found.wait(A), 5)
    assert found.waiting == 0
    found.give("t_x")
    assert (found.taken, found.take("t_a")) == (0, True)
