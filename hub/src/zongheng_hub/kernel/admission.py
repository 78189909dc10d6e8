"""Admission: who may come in now, in fair turns, and how long a refusal is held back.

The cheapest checks come first, before a signature is verified or a body is read: the budget of
the channel's tenant, then its calls at once; once the body is there, a place in the hub, in turns.
A refusal costs nearly as much as a call; so refusals are held back and given one by one: as a
connection may have only so many calls under way, a flood is slowed down to what that costs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from zongheng_hub.kernel.quota import Budget, Share
from zongheng_hub.kernel.turns import Place, Places, bounded_wait, granted
from zongheng_protos.errors import Busy, Quota, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options

MAX_SHARES = 20_000


class Budgets(Protocol):
    """Gives every tenant's budget, from memory: it is asked on the way in."""

    def budget_of(self, name: str) -> Budget:
        """The budget of a tenant's id, or of "@" and an address."""
        ...


class SameForAll:
    """One budget for everyone but those named."""

    def __init__(
        self, budget: Budget | None = None, own: Mapping[str, Budget] | None = None
    ) -> None:
        self._budget = budget or Budget()
        self._own = own or {}

    def budget_of(self, name: str) -> Budget:
        return self._own.get(name, self._budget)


@dataclass(frozen=True, slots=True)
class HubLimits:
    """Bounds of one hub process, whoever calls.

    Attributes:
        reads, reads_each: places for calls of the read class, and of one tenant. Few: a read uses
            the processor, and more of them at once only wait for it inside.
        writes, writes_each: places for all other calls. Many: the store gathers them.
        waiting_each, waiting: calls that wait for a turn, of one tenant and of all.
        longest_wait: seconds after which a waiting call is refused.
        bytes: of large requests that are held in memory at once.
        held_each, held: refusals held back at once, of one tenant and of all.
        shortest_hold: seconds for which a refusal is held back at least.
        refusals_each, refusals: refusals a second, to one tenant and to all.
    """

    reads: int = 8
    reads_each: int = 4
    writes: int = 128
    writes_each: int = 64
    waiting_each: int = 128
    waiting: int = 4096
    longest_wait: float = 2.0
    bytes: int = 256 * 1024 * 1024
    held_each: int = 2000
    held: int = 6000
    shortest_hold: float = 0.2
    refusals_each: float = 50.0
    refusals: float = 400.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What goes on in this process now."""

    running: int
    streams: int
    waiting: int
    held: int
    shares: int


class Admission:
    """Lets calls in. Belongs to one event loop."""

    def __init__(
        self,
        budgets: Budgets | None = None,
        limits: HubLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budgets = budgets or SameForAll()
        self.limits = limits = limits or HubLimits()
        self._clock = clock
        self._shares: dict[str, Share] = {}
        self._held = 0
        self.bytes_held = 0
        self._refusal_due = 0.0
        self._sampled = clock()
        self._reads, self._writes = (
            Places(
                number,
                each=each,
                longest_queue=limits.waiting,
                longest_wait=limits.longest_wait,
            )
            for number, each in (
                (limits.reads, limits.reads_each),
                (limits.writes, limits.writes_each),
            )
        )

    def share(self, name: str) -> Share:
        """The share of a tenant, or of "@" and an address."""
        share = self._shares.get(name)
        if share is None:
            if len(self._shares) >= MAX_SHARES:
                self._shares = {n: s for n, s in self._shares.items() if not s.is_idle}
            share = Share(name, self._budgets.budget_of(name), self._clock())
            self._shares[name] = share
        return share

    def known(self, name: str) -> Share | None:
        """The share, where this process has seen a call of it."""
        return self._shares.get(name)

    def shares(self) -> Iterator[Share]:
        return iter(tuple(self._shares.values()))

    def places(self, quota: int) -> Places:
        """The places for calls of a class; whoever has entered takes one for its work."""
        return self._reads if quota == options.QUOTA_READ else self._writes

    def rebudget(self) -> None:
        """Budgets have changed: calls from now on are held to the new ones."""
        now = self._clock()
        for share in self._shares.values():
            share.rebudget(self._budgets.budget_of(share.name), now)

    def now(self) -> float:
        """Seconds on the clock of every Share."""
        return self._clock()

    def sample(self) -> None:
        """Take account of how many calls came since the last time; now and then."""
        now = self._clock()
        seconds, self._sampled = now - self._sampled, now
        if seconds > 0:
            for share in self._shares.values():
                share.sample(seconds)

    def figures(self) -> Figures:
        return Figures(
            running=self._reads.taken + self._writes.taken,
            streams=sum(share.streams for share in self._shares.values()),
            waiting=self._reads.waiting + self._writes.waiting,
            held=self._held,
            shares=len(self._shares),
        )

    def enter(self, share: Share, quota: int) -> Place | None:
        """Let a call to the door. None: it is there; else await admission.wait_outside first.

        Whoever is there may read the body, must take a place before the work, and must leave.

        Raises:
            Quota: its tenant has used up its budget, or has too many calls at once.
        """
        now = self._clock()
        if quota == options.QUOTA_BULK:
            share.check_bytes(now)
        early = share.spend(quota, now)
        if not early and share.running < share.budget.calls:
            share.running += 1
            return None
        if len(share.outside) >= self.limits.waiting_each:
            raise _too_many(share)
        place = bounded_wait(self.limits.longest_wait, lambda: _too_many(share))
        if early:
            asyncio.get_running_loop().call_later(early, _come_to_door, share, place)
        else:
            share.outside.append(place)
        return place

    async def wait_outside(self, share: Share, place: Place) -> None:
        """Wait for what enter gave. Raises Quota when that takes too long."""
        await granted(place, lambda: self.leave(share))

    def leave(self, share: Share) -> None:
        """A call that had entered has ended."""
        share.running -= 1
        while share.outside and share.running < share.budget.calls:
            place = share.outside.popleft()
            if not place.done():
                share.running += 1
                place.set_result(None)

    def take_bytes(self, count: int) -> None:
        """Hold a large request in memory; whoever does gives it back through bytes_held.

        Raises:
            Busy: there is no room for it.
        """
        if self.bytes_held + count > self.limits.bytes:
            raise Busy("the hub holds as many large requests as it can", retry_after=2.0)
        self.bytes_held += count

    def enter_stream(self, share: Share, quota: int) -> None:
        """Let a stream in; whoever is in must leave_stream. Raises Quota."""
        share.spend(quota, self._clock())
        if share.streams >= share.budget.streams:
            raise Quota(
                f"{share.name} has {share.streams} streams open, as many as it may: "
                "end one of them first",
                retry_after=1.0,
                limit=f"{share.budget.streams} streams at once",
            )
        share.streams += 1

    def leave_stream(self, share: Share) -> None:
        share.streams -= 1

    def spend(self, name: str, quota: int) -> None:
        """Count a call against a tenant that was known only once its act was verified.

        Raises:
            Quota: its budget is used up.
        """
        share = self.share(name)
        try:
            share.spend(quota, self._clock())
        except Quota as refusal:
            share.refuse(refusal.reason_name, self._clock())
            raise

    async def turn_away(self, share: Share, refusal: ZonghengError) -> None:
        """Count a refusal, and hold it back until it is this one's turn, within bounded memory.

        One by one and not all at once: refusals that wake together come back together.
        """
        share.refuse(refusal.reason_name, self._clock())
        limits = self.limits
        if share.held >= limits.held_each or self._held >= limits.held:
            return
        # A turn of those who have gone away in the meantime is not waited for.
        first = self._clock() + limits.shortest_hold
        own = min(
            share.refusal_due + 1 / limits.refusals_each, first + share.held / limits.refusals_each
        )
        hubs = min(self._refusal_due + 1 / limits.refusals, first + self._held / limits.refusals)
        share.refusal_due = max(first, own)
        self._refusal_due = max(first, hubs)
        due = max(share.refusal_due, self._refusal_due)
        share.held += 1
        self._held += 1
        try:
            await asyncio.sleep(due - self._clock())
        finally:
            share.held -= 1
            self._held -= 1


def _come_to_door(share: Share, place: Place) -> None:
    """A call that was early: its moment has come."""
    if place.done():
        return
    if share.running < share.budget.calls:
        share.running += 1
        place.set_result(None)
    else:
        share.outside.append(place)


def _too_many(share: Share) -> Quota:
    return Quota(
        f"{share.name.removeprefix('@')} has {share.running} calls under way and more waiting: "
        "send fewer at once",
        retry_after=1.0,
        limit=f"{share.budget.calls} calls at once",
    )
