"""What admission counts, how long it holds refusals back, and calls that come a moment early."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from zongheng_hub.kernel.admission import MAX_SHARES, Admission, Figures, HubLimits, SameForAll
from zongheng_hub.kernel.quota import (
    PROVINCE_BUDGET,
    USUAL_BUDGET,
    Bucket,
    Budget,
    Share,
)
from zongheng_protos.errors import Quota
from zongheng_protos.options.v1 import options_pb2 as options

READ, ACT, BULK = options.QUOTA_READ, options.QUOTA_ACT, options.QUOTA_BULK
PLENTY = Budget(reads=1e6, acts=1e6, bulk=1e6, calls=1000)
REFUSAL = Quota("no", retry_after=1.0)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """For how long each refusal is held back; none of them comes to its end by itself."""
    seconds, real = list[float](), asyncio.sleep

    async def noted(delay: float) -> None:
        if delay > 0:
            seconds.append(round(delay, 6))
            await real(60)
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    yield seconds
    monkeypatch.undo()


def door(clock: Clock, budget: Budget = PLENTY, **limits: float) -> Admission:
    return Admission(SameForAll(budget), HubLimits(**limits), clock)  # type: ignore[arg-type]


def test_a_hub_is_bounded_as_the_operations_page_says() -> None:
    limits = HubLimits()
    assert (limits.reads, limits.reads_each) == (8, 4)
    assert (limits.writes, limits.writes_each) == (128, 64)
    assert (limits.waiting_each, limits.waiting, limits.longest_wait) == (128, 4096, 2.0)
    assert limits.bytes == 268_435_456
    assert MAX_SHARES == 20_000


def test_budgets_are_as_the_operations_page_says() -> None:
    assert Budget(50.0, 50.0, 20.0, 64, 16, 33_554_432.0) == USUAL_BUDGET
    assert Budget(20_000.0, 5_000.0, 1_000.0, 256, 256, 1_073_741_824.0) == PROVINCE_BUDGET
    assert [USUAL_BUDGET.rate(quota) for quota in (READ, ACT, BULK)] == [50.0, 50.0, 20.0]
    assert [Budget(1, 2, 3).rate(quota) for quota in (READ, ACT, BULK)] == [1, 2, 3]


def test_figures_count_reads_writes_streams_and_shares_together(clock: Clock) -> None:
    admitted = door(clock)
    one, other = admitted.share("t_one"), admitted.share("t_other")
    assert admitted.figures() == Figures(0, 0, 0, 0, 2)
    for _ in range(3):
        assert admitted.places(READ).take("t_one")
    for quota in (ACT, BULK):
        assert admitted.places(quota) is not admitted.places(READ)
        assert admitted.places(quota).take("t_one")
    admitted.enter_stream(one, READ)
    admitted.enter_stream(other, BULK)
    admitted.enter_stream(other, BULK)
    admitted.places(READ).waiting, admitted.places(ACT).waiting = 2, 3
    assert admitted.figures() == Figures(running=5, streams=3, waiting=5, held=0, shares=2)
    assert list(admitted.shares()) == [one, other]
    assert admitted.known("t_one") is one
    assert admitted.known("t_third") is None
    assert one.served == {READ: 1, ACT: 0, BULK: 0}
    admitted.leave_stream(other)
    assert (admitted.figures().streams, other.streams) == (2, 1)


def test_places_for_reads_and_for_writes_are_as_many_as_they_should_be(clock: Clock) -> None:
    admitted = door(clock, reads=2, reads_each=1, writes=3, writes_each=2)
    reads, writes = admitted.places(READ), admitted.places(ACT)
    assert [reads.take(name) for name in "aabc"] == [True, False, True, False]
    assert [writes.take(name) for name in "aaabc"] == [True, True, False, True, False]


def test_pace_is_sampled_for_everyone_by_the_clock(clock: Clock) -> None:
    admitted = door(clock)
    share = admitted.share("t_one")
    assert admitted.now() == 1000.0
    share.served[READ] = 40
    admitted.sample()  # no time went by: nothing can be said
    assert share.pace[READ] == 0.0
    clock.now += 20.0
    admitted.sample()
    assert share.pace[READ] == pytest.approx(2.0)
    share.served[READ] += 40
    clock.now += 5.0
    admitted.sample()
    assert share.pace[READ] == pytest.approx(2.0 + (8.0 - 2.0) * 0.5)


async def test_a_call_that_is_early_comes_in_at_its_moment(clock: Clock) -> None:
    admitted = door(clock, Budget(reads=100.0, calls=2))
    share = admitted.share("t_one")
    for _ in range(500):
        assert share.spend(READ, clock.now) == 0.0
    place = admitted.enter(share, READ)
    assert place is not None
    assert (share.running, len(share.outside), place.done()) == (0, 0, False)
    await asyncio.wait_for(admitted.wait_outside(share, place), 5)
    assert share.running == 1


async def test_a_call_whose_moment_comes_while_all_places_are_taken_waits_on(
    clock: Clock,
) -> None:
    admitted = door(clock, Budget(reads=100.0, calls=1))
    share = admitted.share("t_one")
    for _ in range(499):
        share.spend(READ, clock.now)
    assert admitted.enter(share, READ) is None
    place = admitted.enter(share, READ)
    assert place is not None
    await asyncio.sleep(0.05)
    assert (place.done(), list(share.outside), share.running) == (False, [place], 1)
    admitted.leave(share)
    await asyncio.wait_for(admitted.wait_outside(share, place), 5)
    assert share.running == 1
    admitted.leave(share)
    assert share.running == 0


async def test_an_early_call_that_went_away_takes_no_place_at_its_moment(clock: Clock) -> None:
    admitted = door(clock, Budget(reads=100.0, calls=1))
    share = admitted.share("t_one")
    for _ in range(500):
        share.spend(READ, clock.now)
    place = admitted.enter(share, READ)
    assert place is not None
    place.cancel()
    await asyncio.sleep(0.05)
    assert (share.running, len(share.outside)) == (0, 0)


async def test_a_call_outside_that_went_away_is_passed_over(clock: Clock) -> None:
    admitted = door(clock, Budget(reads=1e6, calls=1))
    share = admitted.share("t_one")
    assert admitted.enter(share, READ) is None
    first, second = admitted.enter(share, READ), admitted.enter(share, READ)
    assert first is not None
    assert second is not None
    first.cancel()
    admitted.leave(share)
    assert (second.done(), share.running, len(share.outside)) == (True, 1, 0)


async def test_as_many_of_a_tenants_calls_wait_outside_as_may(clock: Clock) -> None:
    admitted = door(clock, Budget(reads=1e6, calls=1), waiting_each=2)
    share = admitted.share("@10.0.0.1")
    assert admitted.enter(share, READ) is None
    outside = [admitted.enter(share, READ) for _ in range(2)]
    with pytest.raises(Quota, match=r"^10\.0\.0\.1 has 1 calls under way") as refused:
        admitted.enter(share, READ)
    assert (refused.value.retry_after, refused.value.limit) == (1.0, "1 calls at once")
    assert list(share.outside) == outside


def test_a_bulk_call_does_not_come_in_while_earlier_bytes_are_not_made_up_for(
    clock: Clock,
) -> None:
    admitted = door(clock, Budget(reads=1e6, bulk=1e6, bulk_bytes=1024.0 * 1024))
    share = admitted.share("t_one")
    share.spend_bytes(6 * 1024 * 1024, clock.now)
    with pytest.raises(Quota, match="t_one may have 1 MiB a second; free again in 1000 ms"):
        admitted.enter(share, BULK)
    assert admitted.enter(share, READ) is None
    clock.now += 1.0
    assert admitted.enter(share, BULK) is None


async def test_refusals_of_one_tenant_are_given_in_its_own_pace(
    clock: Clock, held: list[float]
) -> None:
    admitted = door(clock, shortest_hold=0.2, refusals_each=10.0, refusals=1000.0)
    share = admitted.share("t_one")
    tasks = [asyncio.create_task(admitted.turn_away(share, REFUSAL)) for _ in range(3)]
    await asyncio.sleep(0)
    assert held == [0.2, 0.3, 0.4]
    assert (share.held, admitted.figures().held) == (3, 3)
    clock.now += 0.1
    tasks.append(asyncio.create_task(admitted.turn_away(share, REFUSAL)))
    await asyncio.sleep(0)
    assert held[3:] == [0.4]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (share.held, admitted.figures().held, share.refused) == (0, 0, {"QUOTA": 4})
    late = asyncio.create_task(admitted.turn_away(share, REFUSAL))
    await asyncio.sleep(0)
    assert held[4:] == [0.2]  # the turns of those who went away are not waited for
    late.cancel()


async def test_whoever_waits_still_is_waited_for_and_those_who_left_are_not(
    clock: Clock, held: list[float]
) -> None:
    admitted = door(clock, shortest_hold=0.2, refusals_each=10.0, refusals=20.0)
    share = admitted.share("t_one")
    tasks = [asyncio.create_task(admitted.turn_away(share, REFUSAL)) for _ in range(6)]
    await asyncio.sleep(0)
    assert held == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    for task in tasks[2:]:
        task.cancel()
    await asyncio.gather(*tasks[2:], return_exceptions=True)
    assert share.held == 2
    tasks.append(asyncio.create_task(admitted.turn_away(share, REFUSAL)))
    await asyncio.sleep(0)
    assert held[6:] == [0.4]
    another = asyncio.create_task(admitted.turn_away(admitted.share("t_two"), REFUSAL))
    await asyncio.sleep(0)
    assert held[7:] == [0.35]  # three are held, twenty are given a second
    for task in (*tasks, another):
        task.cancel()
    await asyncio.gather(*tasks, another, return_exceptions=True)


async def test_one_call_that_ends_lets_one_other_in(clock: Clock) -> None:
    admitted = door(clock, Budget(reads=1e6, calls=2))
    share = admitted.share("t_one")
    inside = [admitted.enter(share, READ) for _ in range(2)]
    outside = [admitted.enter(share, READ) for _ in range(3)]
    assert inside == [None, None]
    admitted.leave(share)
    assert [place is not None and place.done() for place in outside] == [True, False, False]
    assert (share.running, len(share.outside)) == (2, 2)


async def test_refusals_of_many_are_given_in_the_hubs_pace(clock: Clock, held: list[float]) -> None:
    admitted = door(clock, shortest_hold=0.2, refusals_each=1000.0, refusals=5.0)
    shares = [admitted.share(f"t_{number}") for number in range(3)]
    tasks = [asyncio.create_task(admitted.turn_away(share, REFUSAL)) for share in shares]
    await asyncio.sleep(0)
    assert held == [0.2, 0.4, 0.6]
    assert [share.held for share in shares] == [1, 1, 1]
    clock.now += 10.0
    tasks.append(asyncio.create_task(admitted.turn_away(shares[0], REFUSAL)))
    await asyncio.sleep(0)
    assert held[3:] == [0.2]
    assert shares[0].refused_at == clock.now
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_shares_are_let_go_of_only_when_nobody_uses_them(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zongheng_hub.kernel.admission.MAX_SHARES", 5)
    admitted = door(clock)
    busy = [admitted.share(f"t_{number}") for number in range(4)]
    busy[0].running = busy[1].streams = busy[2].held = 1
    loop = asyncio.new_event_loop()
    busy[3].outside.append(loop.create_future())
    loop.close()
    idle = admitted.share("t_idle")
    assert idle.is_idle
    assert not any(share.is_idle for share in busy)
    admitted.share("t_new")
    assert admitted.known("t_idle") is None
    assert [admitted.known(share.name) for share in busy] == busy


def test_a_bucket_fills_with_time_up_to_a_burst() -> None:
    bucket = Bucket(2.0, 100.0)
    assert (bucket.tokens, bucket.most) == (10.0, 10.0)
    bucket.tokens = 0.0
    assert bucket.fill(101.5) == 3.0
    assert bucket.fill(101.5) == 3.0
    assert bucket.fill(1000.0) == 10.0
    slow = Bucket(0.1, 0.0)
    assert slow.most == 1.0
    slow.change(4.0, 0.0)
    assert (slow.rate, slow.most, slow.tokens) == (4.0, 20.0, 1.0)
    slow.change(0.01, 10.0)
    assert (slow.most, slow.tokens) == (1.0, 1.0)


def test_an_early_call_counts_as_served_and_as_spent() -> None:
    share = Share("@", Budget(reads=10.0), 0.0)
    for _ in range(50):
        share.spend(READ, 0.0)
    assert share.spend(READ, 0.0) == pytest.approx(0.1)
    assert share.spend(READ, 0.0) == pytest.approx(0.2)
    with pytest.raises(Quota, match=r"this address may have 10 read calls a second; .* in 300 ms"):
        share.spend(READ, 0.0)
    assert share.served[READ] == 52
    assert share.spend(READ, 0.3) == 0.0


def test_the_last_whole_call_of_a_budget_is_not_early() -> None:
    share = Share("t_one", Budget(reads=0.2), 0.0)
    assert share.spend(READ, 0.0) == 0.0
    with pytest.raises(Quota):
        share.spend(READ, 0.0)
    assert share.spend(READ, 5.0) == 0.0


def test_a_budget_of_a_new_kind_is_one_of_its_own() -> None:
    share = Share("t_one", PLENTY, 0.0)
    share.refuse("QUOTA", 7.0)
    assert (share.refused, share.refused_at) == ({"QUOTA": 1}, 7.0)
    before = dict(share._buckets)
    share.rebudget(PLENTY, 1.0)
    assert {quota: bucket.at for quota, bucket in before.items()} == dict.fromkeys(before, 0.0)
    share.rebudget(Budget(reads=1.0), 1.0)
    assert share.budget == Budget(reads=1.0)
    assert {bucket.at for bucket in share._buckets.values()} == {1.0}
