"""QuotaService: wire messages in, wire messages out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

from sqlalchemy import Connection

from zongheng_hub.kernel.admission import Admission
from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.kernel.quota import Share
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tenancy.quotas import rules, service
from zongheng_hub.tenancy.quotas.rules import Given, Limits
from zongheng_hub.tenancy.quotas.service import QuotaBook
from zongheng_protos.errors import NotFound
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import quotas_pb2 as pb

PAGE = 100


def room(store: Store, book: QuotaBook, admission: Admission, clock: Callable[[], int]) -> Room:
    """Quotas as the kernel serves them.

    Args:
        clock: gives Unix milliseconds.
    """
    quotas = _Quotas(store, book, admission, clock)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["QuotaService"],
        handlers={
            "SetQuota": quotas.set_quota,
            "GetQuota": quotas.get_quota,
            "ListQuotas": quotas.list_quotas,
        },
        subjects={"tenant_id": quotas.subject},
    )


class _Quotas:
    def __init__(
        self, store: Store, book: QuotaBook, admission: Admission, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._book = book
        self._admission = admission
        self._clock = clock
        self._since_ms = clock()

    async def subject(self, tenant_id: str) -> Subject:
        def look(connection: Connection) -> Subject:
            if tenancy.tenant(connection, tenant_id) is None:
                raise NotFound(f"there is no tenant {tenant_id}")
            return Subject(tenant_id, tenancy.ancestors(connection, tenant_id))

        return await self._store.read(look)

    async def set_quota(self, call: Call, request: pb.SetQuotaRequest) -> bytes:
        giver, tenant = call.caller.tenant, request.tenant_id
        wanted = _limits(request.budget)
        rules.check_giveable(wanted, self._book.limits_of(giver), giver)

        def work(tx: Tx, index: int) -> Outcome:
            given = Given(giver, wanted, call.now_ms, index)
            service.say(tx, tenant, given)
            said = service.said(tx.connection)
            held = rules.holding(tenant, said, self._book.usual)
            quota = pb.Quota(tenant_id=tenant, budget=_budget(held))
            quota.given.extend(_given(each) for each in said.get(tenant, ()))
            return Outcome(pb.SetQuotaReply(quota=quota), subject=tenant, parties=(tenant,))

        reply = await call.record(work)
        if await self._book.look():
            self._admission.rebudget()
        return reply

    async def get_quota(self, _call: Call, request: pb.GetQuotaRequest) -> pb.GetQuotaReply:
        return pb.GetQuotaReply(quota=self._quota(request.tenant_id))

    async def list_quotas(self, call: Call, request: pb.ListQuotasRequest) -> pb.ListQuotasReply:
        caller = call.caller.tenant
        below = await self._store.read(lambda c: tenancy.descendants(c, caller))
        seen = {share.name for share in self._admission.shares()} | set(self._book.named())
        found = [self._quota(name) for name in (caller, *below) if name in seen or name == caller]
        found.sort(key=_pressing)
        reply = pb.ListQuotasReply(
            quotas=found[: request.page_size or PAGE],
            total=len(found),
            usual=_budget(self._book.usual[""]),
        )
        if not call.caller.ancestors:
            now = self._admission.figures()
            reply.load.calls, reply.load.waiting = now.running, now.waiting
            reply.load.held, reply.load.streams = now.held, now.streams
        return reply

    def _quota(self, tenant: str) -> pb.Quota:
        quota = pb.Quota(tenant_id=tenant, budget=_budget(self._book.limits_of(tenant)))
        quota.given.extend(_given(each) for each in self._book.given(tenant))
        quota.use.since_ms = self._since_ms
        share = self._admission.known(tenant)
        if share is not None:
            self._fill(quota.use, share)
        return quota

    def _fill(self, use: pb.Use, share: Share) -> None:
        use.calls, use.streams, use.held = share.running, share.streams, share.held
        use.reads_per_second = round(share.pace[options.QUOTA_READ], 2)
        use.acts_per_second = round(share.pace[options.QUOTA_ACT], 2)
        use.bulk_per_second = round(share.pace[options.QUOTA_BULK], 2)
        use.reads = share.served[options.QUOTA_READ]
        use.acts = share.served[options.QUOTA_ACT]
        use.bulk = share.served[options.QUOTA_BULK]
        for reason, count in sorted(share.refused.items()):
            use.refused.add(reason=reason, count=count)
        if share.refused_at:
            ago = self._admission.now() - share.refused_at
            use.refused_ms = self._clock() - int(ago * 1000)


def _pressing(quota: pb.Quota) -> tuple[int, float, str]:
    use = quota.use
    pace = use.reads_per_second + use.acts_per_second + use.bulk_per_second
    return -sum(each.count for each in use.refused), -pace, quota.tenant_id


def _limits(budget: pb.Budget) -> Limits:
    return Limits(**{name: getattr(budget, name) for name in rules.NAMES})


def _budget(limits: Limits) -> pb.Budget:
    return pb.Budget(**dict(zip(rules.NAMES, astuple(limits), strict=True)))


def _given(given: Given) -> pb.GivenBudget:
    return pb.GivenBudget(
        by_tenant_id=given.by,
        budget=_budget(given.limits),
        set_ms=given.set_ms,
        log_index=given.log_index,
    )
