"""Quotas: what units may use of the hub, what they use now, and who was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from zongheng_protos.tenancy.v1 import quotas_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.receipts import Receipt

_METHODS = pb.DESCRIPTOR.services_by_name["QuotaService"].methods_by_name


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of what a unit may use of one hub process; 0: nothing is said about it.

    Attributes:
        reads, acts, bulk: calls a second, by quota class.
        calls, streams: at once.
        bulk_mib: MiB a second in and out by bulk calls.
    """

    reads: int = 0
    acts: int = 0
    bulk: int = 0
    calls: int = 0
    streams: int = 0
    bulk_mib: int = 0


@dataclass(frozen=True, slots=True)
class GivenBudget:
    """What a unit above has said."""

    by_tenant_id: str
    budget: Budget
    set_ms: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Use:
    """What a unit uses, seen by the replica that answers, since it began.

    Attributes:
        calls, streams, held: under way now; refusals held back.
        reads_per_second, acts_per_second, bulk_per_second: over about ten seconds.
        reads, acts, bulk: calls since since_ms.
        refused: calls refused, by reason ("QUOTA", "BUSY"); refused_ms: when last, or 0.
    """

    since_ms: int
    calls: int
    streams: int
    held: int
    reads_per_second: float
    acts_per_second: float
    bulk_per_second: float
    reads: int
    acts: int
    bulk: int
    refused: Mapping[str, int]
    refused_ms: int


@dataclass(frozen=True, slots=True)
class Quota:
    """A unit's budget as it holds, who has said what, and what it uses."""

    tenant_id: str
    budget: Budget
    given: tuple[GivenBudget, ...]
    use: Use
    receipt: Receipt | None = field(default=None, compare=False)


class Quotas(Area[Mode]):
    """hub.quotas."""

    @operation
    def of(self, tenant_id: str = "") -> Flow[Quota]:
        """The quota of a unit below this one, or (empty) this one's own.

        Raises:
            NotRelated: the unit is not below this one.
        """
        request = pb.GetQuotaRequest(tenant_id=tenant_id or self._session.identity.tenant)
        reply, _ = yield from self._session.unary(_METHODS["GetQuota"], request, pb.GetQuotaReply)
        return _quota(reply.quota, None)

    @operation
    def list(self, *, most: int = 100) -> Flow[tuple[Quota, ...]]:
        """This unit and those below it that call or have a quota; most often refused first."""
        reply, _ = yield from self._session.unary(
            _METHODS["ListQuotas"], pb.ListQuotasRequest(page_size=most), pb.ListQuotasReply
        )
        return tuple(_quota(quota, None) for quota in reply.quotas)

    @operation
    def set(self, tenant_id: str, budget: Budget) -> Flow[Quota]:
        """Say what a unit below this one may use; replaces what this unit has said before.

        Args:
            budget: what is 0 is left to the units above and to the hub's usual budget; an empty
                Budget() takes back what was said.

        Raises:
            Invalid: more than this unit may use itself.
            NotRelated: the unit is not below this one.
        """
        given = pb.Budget(**asdict(budget))
        request = pb.SetQuotaRequest(tenant_id=tenant_id, budget=given)
        reply, receipt = yield from self._session.unary(
            _METHODS["SetQuota"], request, pb.SetQuotaReply
        )
        return _quota(reply.quota, receipt)


def _quota(quota: pb.Quota, receipt: Receipt | None) -> Quota:
    use: Any = quota.use
    numbers = {name: getattr(use, name) for name in Use.__dataclass_fields__ if name != "refused"}
    return Quota(
        tenant_id=quota.tenant_id,
        budget=_budget(quota.budget),
        given=tuple(
            GivenBudget(each.by_tenant_id, _budget(each.budget), each.set_ms, each.log_index)
            for each in quota.given
        ),
        use=Use(**numbers, refused={each.reason: each.count for each in use.refused}),
        receipt=receipt,
    )


def _budget(budget: pb.Budget) -> Budget:
    return Budget(**{name: getattr(budget, name) for name in Budget.__dataclass_fields__})
