"""A peer that takes too long is ended; one that is in time, or goes away itself, is not blamed."""

from __future__ import annotations

import asyncio
import time

import pytest

from zongheng_hub.kernel.slow import Patience
from zongheng_protos.errors import TooSlow


async def test_a_peer_in_time_is_heard() -> None:
    patience = Patience()

    async def peer() -> str:
        await asyncio.sleep(0)
        return "said"

    assert await patience.wait(peer(), 1, "sending") == "said"
    patience.look(time.monotonic() + 1000)
    await asyncio.sleep(0)


async def test_a_peer_that_takes_too_long_is_ended_by_name() -> None:
    patience = Patience()
    slow = asyncio.create_task(patience.wait(asyncio.sleep(60), 5, "sending the request"))
    await asyncio.sleep(0)
    patience.look(time.monotonic() + 1)
    await asyncio.sleep(0)
    assert not slow.done()
    for _ in range(2):  # a second look does not end it twice
        patience.look(time.monotonic() + 6)
    with pytest.raises(TooSlow, match="sending the request took more than 5 s"):
        await slow


async def test_whoever_is_ended_for_another_reason_is_not_called_slow() -> None:
    patience = Patience()
    gone = asyncio.create_task(patience.wait(asyncio.sleep(60), 5, "sending"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_look_around_comes_every_half_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zongheng_hub.kernel.slow.LOOK_SECONDS", 0.01)
    patience = Patience()
    async with patience.looking():
        for _ in range(2):
            with pytest.raises(TooSlow):
                await asyncio.wait_for(patience.wait(asyncio.sleep(60), 0.01, "reading"), 5)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "patience"]
