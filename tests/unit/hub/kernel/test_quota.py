"""Budgets are each tenant's own and fill again with time."""

from __future__ import annotations

import pytest

from zongheng_hub.kernel.quota import Budget, Quotas
from zongheng_protos.errors import Quota
from zongheng_protos.options.v1 import options_pb2 as options

ACT = options.QUOTA_ACT


def test_a_tenant_that_spends_its_budget_is_told_when_to_come_back() -> None:
    quotas = Quotas({ACT: Budget(rate=10, burst=2)})
    quotas.spend("t_a", ACT, 0.0)
    quotas.spend("t_a", ACT, 0.0)
    with pytest.raises(Quota, match="more than 10 act calls a second from t_a; free again in 100"):
        quotas.spend("t_a", ACT, 0.0)
    quotas.spend("t_a", ACT, 0.11)


def test_one_tenants_flood_costs_no_other() -> None:
    quotas = Quotas({ACT: Budget(rate=1, burst=1)})
    quotas.spend("t_a", ACT, 0.0)
    with pytest.raises(Quota):
        quotas.spend("t_a", ACT, 0.0)
    quotas.spend("t_b", ACT, 0.0)
