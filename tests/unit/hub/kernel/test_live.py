"""A stream whose caller does not stand any more ends at once, whatever it is waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from zongheng_hub.kernel.live import LiveCalls
from zongheng_protos.errors import ChannelExpired, CredentialRevoked, ZonghengError


def stands() -> None:
    return None


def revoked() -> None:
    raise CredentialRevoked("it was revoked")


async def waiting(live: LiveCalls, check: Callable[[], None], ends_ms: int) -> None:
    try:
        with live.running("t_one", check, ends_ms=ends_ms):
            await asyncio.sleep(60)
    except asyncio.CancelledError:
        error = live.verdict()
        if error is None:
            raise
        raise error from None


async def started(
    live: LiveCalls, check: Callable[[], None], *, ends_ms: int = 1000
) -> asyncio.Task[None]:
    task = asyncio.create_task(waiting(live, check, ends_ms))
    await asyncio.sleep(0)
    return task


async def test_a_revoked_caller_is_ended_while_nothing_is_being_sent() -> None:
    live = LiveCalls()
    one, other = await started(live, revoked), await started(live, stands)
    assert live.end(1, changed=True) == 1
    with pytest.raises(CredentialRevoked):
        await one
    assert (len(live), live.of(frozenset({"t_one"}))) == (1, 1)
    other.cancel()
    with pytest.raises(asyncio.CancelledError):  # by its reader, not from here
        await other
    assert len(live) == 0


async def test_nobody_is_asked_before_their_time_while_nothing_changes() -> None:
    live = LiveCalls()

    def expired() -> None:
        raise ChannelExpired("its certificate has expired")

    task = await started(live, expired, ends_ms=1000)
    assert live.end(999, changed=False) == 0
    assert live.end(1000, changed=False) == 1
    with pytest.raises(ZonghengError, match="has expired"):
        await task


async def test_a_stream_that_has_ended_is_forgotten() -> None:
    live = LiveCalls()
    with live.running("t_one", revoked, ends_ms=0):
        assert len(live) == 1
    assert live.end(1, changed=True) == 0
    assert live.verdict() is None
