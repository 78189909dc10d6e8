"""Whoever waits gets a turn: tenants take turns, calls of one tenant keep their order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from zongheng_hub.kernel.admission import Admission, HubLimits, SameForAll
from zongheng_hub.kernel.quota import Budget, Share
from zongheng_protos.errors import Busy, Quota
from zongheng_protos.options.v1 import options_pb2 as options

READ = options.QUOTA_READ
PLENTY = Budget(reads=1e6, acts=1e6, bulk=1e6, calls=1000)
BRIEF = 0.05


def run(case: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        return await asyncio.wait_for(case(), 10)

    return asyncio.run(limited())


def admission(
    *, places: int = 2, each: int = 100, budget: Budget = PLENTY, **limits: Any
) -> Admission:
    return Admission(SameForAll(budget), HubLimits(reads=places, reads_each=each, **limits))


async def come_in(admitted: Admission, share: Share) -> None:
    outside = admitted.enter(share, READ)
    if outside is not None:
        await admitted.wait_outside(share, outside)
    places = admitted.places(READ)
    if not places.take(share.name):
        await places.wait(share)


def go_out(admitted: Admission, share: Share) -> None:
    admitted.places(READ).give(share.name)
    admitted.leave(share)


def test_a_single_call_waits_one_turn_behind_a_thousand() -> None:
    async def case() -> list[str]:
        door = admission(places=1)
        flood, other = door.share("t_flood"), door.share("t_other")
        order: list[str] = []

        async def call(share: Share) -> None:
            await come_in(door, share)
            order.append(share.name)
            await asyncio.sleep(0)
            go_out(door, share)

        calls = [asyncio.create_task(call(flood)) for _ in range(1000)]
        await asyncio.sleep(0)
        calls.append(asyncio.create_task(call(other)))
        await asyncio.gather(*calls)
        return order

    assert run(case).index("t_other") < 5


def test_a_tenant_may_have_only_so_many_calls_at_once() -> None:
    async def case() -> None:
        door = admission(places=100, budget=Budget(reads=1e6, calls=3), longest_wait=BRIEF)
        share, other = door.share("t_a"), door.share("t_b")
        for _ in range(3):
            await come_in(door, share)
        with pytest.raises(Quota, match="t_a has 3 calls under way") as hit:
            await come_in(door, share)
        assert hit.value.retry_after and hit.value.limit == "3 calls at once"
        await come_in(door, other)
        go_out(door, share)
        await come_in(door, share)

    run(case)


def test_a_call_beyond_the_own_bound_comes_in_when_another_ends() -> None:
    async def case() -> None:
        door = admission(places=100, budget=Budget(reads=1e6, calls=1))
        share = door.share("t_a")
        await come_in(door, share)
        second = asyncio.create_task(come_in(door, share))
        await asyncio.sleep(0.01)
        assert not second.done()
        go_out(door, share)
        await second
        assert share.running == 1

    run(case)


def test_a_full_hub_refuses_after_a_while_and_says_when_to_come_back() -> None:
    async def case() -> None:
        door = admission(places=1, longest_wait=BRIEF)
        first, second = door.share("t_a"), door.share("t_b")
        await come_in(door, first)
        with pytest.raises(Busy) as hit:
            await come_in(door, second)
        assert hit.value.retry_after == 1.0

    run(case)


def test_queues_are_short() -> None:
    async def case() -> None:
        door = admission(places=1, waiting=1, waiting_each=1, budget=Budget(reads=1e6, calls=2))
        share = door.share("t_a")
        await come_in(door, share)
        waiting = [asyncio.create_task(come_in(door, share)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Quota):
            door.enter(share, READ)
        with pytest.raises(Busy):
            await come_in(door, door.share("t_b"))
        for task in waiting:
            task.cancel()

    run(case)


def test_no_tenant_holds_every_place() -> None:
    async def case() -> None:
        door = admission(places=4, each=3, longest_wait=BRIEF)
        share = door.share("t_a")
        for _ in range(3):
            await come_in(door, share)
        with pytest.raises(Busy):
            await come_in(door, share)
        await come_in(door, door.share("t_b"))
        waiting = asyncio.create_task(come_in(door, share))
        await asyncio.sleep(0)
        go_out(door, share)
        await waiting

    run(case)


def test_a_caller_that_goes_away_leaves_no_place_taken() -> None:
    async def case() -> None:
        door = admission(places=1)
        share = door.share("t_a")
        await come_in(door, share)
        gone = [asyncio.create_task(come_in(door, share)) for _ in range(5)]
        await asyncio.sleep(0)
        gone[0].cancel()
        go_out(door, share)
        for task in gone[1:]:
            task.cancel()  # one of them has just been given its place
        await asyncio.gather(*gone, return_exceptions=True)
        assert door.figures().running == 0 and door.figures().waiting == 0
        await come_in(door, share)

    run(case)


def test_streams_have_a_bound_of_their_own() -> None:
    async def case() -> None:
        door = admission(budget=Budget(streams=2))
        share = door.share("t_a")
        door.enter_stream(share, READ)
        door.enter_stream(share, READ)
        with pytest.raises(Quota, match="2 streams open"):
            door.enter_stream(share, READ)
        door.leave_stream(share)
        door.enter_stream(share, READ)

    run(case)


REFUSAL = Quota("no", retry_after=1.0)


def test_refusals_are_given_one_by_one() -> None:
    async def case() -> float:
        door = admission(shortest_hold=0.01, refusals_each=500.0)
        share, loop = door.share("t_a"), asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.gather(*(door.turn_away(share, REFUSAL) for _ in range(100)))
        assert share.refused == {"QUOTA": 100}
        return loop.time() - begun

    assert 0.18 < run(case) < 2


def test_one_tenants_refusals_do_not_delay_anothers() -> None:
    async def case() -> float:
        door = admission(shortest_hold=0.01, refusals_each=10.0)
        flood, other = door.share("t_flood"), door.share("t_other")
        held = [asyncio.create_task(door.turn_away(flood, REFUSAL)) for _ in range(100)]
        await asyncio.sleep(0)
        begun = asyncio.get_running_loop().time()
        await door.turn_away(other, REFUSAL)
        took = asyncio.get_running_loop().time() - begun
        for task in held:
            task.cancel()
        return took

    assert run(case) < 1


def test_refusals_held_at_once_are_bounded() -> None:
    async def case() -> None:
        door = admission(held_each=3, shortest_hold=5.0)
        share = door.share("t_a")
        held = [asyncio.create_task(door.turn_away(share, REFUSAL)) for _ in range(10)]
        await asyncio.sleep(BRIEF)
        assert share.held == 3 and sum(task.done() for task in held) == 7
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        assert door.figures().held == 0

    run(case)


def test_a_new_budget_holds_from_the_next_call() -> None:
    async def case() -> None:
        budgets = {"t_a": Budget(reads=1e6)}

        class Book:
            def budget_of(self, name: str) -> Budget:
                return budgets[name]

        door = Admission(Book())
        share = door.share("t_a")
        await come_in(door, share)
        budgets["t_a"] = Budget(reads=1e6, calls=1)
        door.rebudget()
        assert door.enter(share, READ) is not None

    run(case)


def test_shares_nobody_uses_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        monkeypatch.setattr("zongheng_hub.kernel.admission.MAX_SHARES", 10)
        door = admission()
        busy = door.share("t_busy")
        await come_in(door, busy)
        for number in range(50):
            door.share(f"@10.0.0.{number}")
        assert door.known("t_busy") is busy and door.figures().shares <= 11

    run(case)


def test_large_requests_held_at_once_are_bounded() -> None:
    door = admission(bytes=100)
    door.take_bytes(60)
    with pytest.raises(Busy):
        door.take_bytes(60)
    door.bytes_held -= 60
    door.take_bytes(60)


def test_a_refusal_beyond_what_the_hub_holds_is_given_at_once() -> None:
    async def case() -> None:
        door = admission(held=2, held_each=100, shortest_hold=5.0)
        held = [
            asyncio.create_task(door.turn_away(door.share(f"t_{number}"), REFUSAL))
            for number in range(4)
        ]
        await asyncio.sleep(BRIEF)
        assert [task.done() for task in held] == [False, False, True, True]
        assert door.figures().held == 2
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)

    run(case)


def test_a_budget_of_its_own_comes_before_that_for_all() -> None:
    own = Budget(reads=7)
    budgets = SameForAll(PLENTY, {"t_a": own})
    assert budgets.budget_of("t_a") is own
    assert budgets.budget_of("t_b") is PLENTY
    assert SameForAll().budget_of("t_b") == Budget()


def test_requests_may_fill_the_memory_for_them_and_no_more() -> None:
    door = admission(bytes=100)
    door.take_bytes(100)
    with pytest.raises(Busy):
        door.take_bytes(1)


def test_a_call_beyond_a_budget_is_refused_and_counted() -> None:
    door = admission(budget=Budget(reads=0.1))
    door.spend("t_a", READ)
    with pytest.raises(Quota):
        door.spend("t_a", READ)
    assert door.share("t_a").refused == {"QUOTA": 1}
