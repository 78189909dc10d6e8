"""Calls are counted by module, tenant and Beijing day; a failed hand-over loses none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from zongheng_hub.kernel.metering import Count, Meter

LATE_EVENING = 1_795_276_799_000  # 2026-11-21 23:59:59 in Beijing


async def test_counts_are_handed_over_once() -> None:
    meter, taken = Meter(), list[Count]()

    async def sink(counts: Sequence[Count]) -> None:
        taken.extend(counts)

    meter.count("snap", "t_a", LATE_EVENING, failed=False)
    meter.count("snap", "t_a", LATE_EVENING, failed=True)
    meter.count("snap", "t_a", LATE_EVENING + 2_000, failed=False)
    await meter.flush(sink)
    await meter.flush(sink)
    assert taken == [
        Count("snap", "t_a", "2026-11-21", 2, 1),
        Count("snap", "t_a", "2026-11-22", 1, 0),
    ]


async def test_a_sink_that_fails_gets_the_counts_again() -> None:
    meter, taken = Meter(), list[Count]()

    async def broken(counts: Sequence[Count]) -> None:
        raise OSError("disk")

    async def sink(counts: Sequence[Count]) -> None:
        taken.extend(counts)

    meter.count("snap", "t_a", 0, failed=False)
    with pytest.raises(OSError, match="disk"):
        await meter.flush(broken)
    meter.count("snap", "t_a", 0, failed=False)
    await meter.flush(sink)
    assert taken == [Count("snap", "t_a", "1970-01-01", 2, 0)]
