"""Budgets are each tenant's own and fill again with time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zongheng_hub.kernel.quota import BURST_SECONDS, Budget, Share
from zongheng_protos.errors import Quota
from zongheng_protos.options.v1 import options_pb2 as options

ACT = options.QUOTA_ACT
BULK = options.QUOTA_BULK
SMALL = Budget(acts=2, bulk_bytes=1024 * 1024)
BURST = int(2 * BURST_SECONDS)


def spent(share: Share) -> Share:
    for _ in range(BURST):
        assert share.spend(ACT, 0.0) == 0
    return share


def test_a_tenant_that_spends_its_budget_is_told_when_to_come_back() -> None:
    share = spent(Share("t_a", SMALL, 0.0))
    with pytest.raises(Quota, match="t_a may have 2 act calls a second; free again in 500") as hit:
        share.spend(ACT, 0.0)
    assert hit.value.retry_after == pytest.approx(0.5)
    assert hit.value.limit == "2 act calls a second"
    assert share.spend(ACT, 0.51) == 0


def test_a_call_that_is_early_by_a_moment_waits_it_out() -> None:
    share = spent(Share("t_a", SMALL, 0.0))
    assert share.spend(ACT, 0.4) == pytest.approx(0.1)
    with pytest.raises(Quota):
        share.spend(ACT, 0.4)


def test_one_class_spent_leaves_the_others() -> None:
    share = spent(Share("t_a", SMALL, 0.0))
    assert share.spend(options.QUOTA_READ, 0.0) == 0


def test_a_budget_that_is_cut_holds_at_once() -> None:
    share = Share("t_a", Budget(acts=100), 0.0)
    share.rebudget(SMALL, 0.0)
    spent(share)
    with pytest.raises(Quota):
        share.spend(ACT, 0.0)


def test_a_budget_that_is_raised_fills_faster() -> None:
    share = spent(Share("t_a", SMALL, 0.0))
    share.rebudget(replace(SMALL, acts=1000), 0.0)
    assert share.spend(ACT, 0.1) == 0


def test_bytes_beyond_the_budget_are_made_up_for() -> None:
    share = Share("t_a", SMALL, 0.0)
    burst = int(BURST_SECONDS * 1024 * 1024)
    assert share.spend_bytes(burst, 0.0) == 0
    assert share.spend_bytes(1024 * 1024, 0.0) == pytest.approx(1.0)
    with pytest.raises(Quota, match="1 MiB a second"):
        share.check_bytes(0.5)
    share.check_bytes(1.0)


def test_pace_is_of_the_calls_since_the_last_sample() -> None:
    share = Share("t_a", Budget(), 0.0)
    for calls, pace in ((600, 10.0), (0, 0.0), (1200, 20.0)):
        share.served[options.QUOTA_READ] += calls
        share.sample(60.0)
        assert share.pace[options.QUOTA_READ] == pytest.approx(pace)


def test_a_cut_budget_of_bytes_holds_too() -> None:
    share = Share("t_a", Budget(bulk_bytes=1000), 0.0)
    share.rebudget(Budget(bulk_bytes=10), 0.0)
    assert share.spend_bytes(int(10 * BURST_SECONDS) + 10, 0.0) == pytest.approx(1.0)


def test_a_raised_budget_gives_nothing_that_was_not_saved_up() -> None:
    share = Share("t_a", Budget(acts=2), 0.0)
    spent(share)
    share.rebudget(Budget(acts=2000), 0.0)
    assert share.spend(ACT, 0.0) > 0


def test_a_call_early_by_exactly_the_patience_waits_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zongheng_hub.kernel.quota.PATIENCE", 0.5)
    assert spent(Share("t_a", SMALL, 0.0)).spend(ACT, 0.0) == 0.5
