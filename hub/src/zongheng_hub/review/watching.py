"""The hub's own rules at work: looking now and then, raising what they find as acts.

An alert of theirs is signed with the province's console key in the name of WATCHER. Its nonce
comes from what was found, so that several replicas, and one that was killed, raise it once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Outcome
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.kernel.refusals import Refusals
from zongheng_hub.review import alerts, rules
from zongheng_hub.review.rules import Fetch, Finding, Refused
from zongheng_hub.sharing import service as sharing
from zongheng_hub.store import Store, Tx
from zongheng_hub.tlog.witnesses import witnesses
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.errors import NonceReused
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_tenants.act import SignedAct, sign_act
from zongheng_tenants.keys import Signer

log = logging.getLogger("zongheng.review")
LOOK_SECONDS = 30.0
WATCHER = "枢纽规则"
_METHOD = "/zongheng.review.v1.ReviewService/RaiseAlert"
_SAID: Mapping[int, str] = {
    pb.ALERT_RULE_VOLUME: "一天内取数次数远超过去四周",
    pb.ALERT_RULE_HOUR: "在不常取数的时间取数",
    pb.ALERT_RULE_PURPOSE: "授权的用途与申请的不一致，已被拒绝",
    pb.ALERT_RULE_GRANT_ENDED: "授权已到期、用完或收回，仍被使用，已被拒绝",
    pb.ALERT_RULE_REFUSALS: "短时间内多次调用被拒",
    pb.ALERT_RULE_RECEIPT_MISSING: "取数后72小时仍没有回执",
    pb.ALERT_RULE_WITNESS_SILENT: "见证方超过24小时没有见证",
}


@dataclass(frozen=True, slots=True)
class Signing:
    """In whose name the rules act: the province, by its console key."""

    province: str
    audience: str
    key: Callable[[], Awaitable[Signer]]


def _witnessed(connection: Connection) -> dict[str, int]:
    """When each witness last cosigned, or was named where it never did."""
    return {one.name: max(one.cosigned_ms, one.added_ms) for one in witnesses(connection)}


class Watcher:
    """Looks at fetches, receipts, refusals and witnesses, and raises what is out of pattern."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        refusals: Refusals,
        signing: Signing,
        clock: Callable[[], int],
    ) -> None:
        """
        Args:
            clock: gives Unix milliseconds.
        """
        self._store = store
        self._recorder = recorder
        self._refusals = refusals
        self._signing = signing
        self._clock = clock
        self._recent: deque[Refused] = deque()
        self._looked = -1

    async def look(self) -> int:
        """Apply every rule once; how many alerts were raised."""
        now_ms = self._clock()
        found = [*self._refused(now_ms), *await self._store.read(lambda c: self._shared(c, now_ms))]
        found += rules.silent(await self._store.read(_witnessed), self._signing.province, now_ms)
        fresh = {finding.key: finding for finding in found}
        for key in await self._store.read(lambda c: alerts.known(c, fresh)):
            del fresh[key]
        for finding in fresh.values():
            await self._raise(finding, now_ms)
        return len(fresh)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look every half minute until the block ends."""

        async def keep_looking() -> None:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                try:
                    await self.look()
                except Exception:
                    log.exception("the alert rules could not be applied; tried again in a moment")

        task = asyncio.create_task(keep_looking(), name="alerts")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _refused(self, now_ms: int) -> Iterable[Finding]:
        self._recent.extend(
            Refused(one.tenant, one.method.rpartition("/")[2], one.reason, one.subject, one.at_ms)
            for one in self._refusals.take()
        )
        while self._recent and self._recent[0].at_ms <= now_ms - rules.BURST_MS:
            self._recent.popleft()
        return rules.refused(tuple(self._recent))

    def _shared(self, connection: Connection, now_ms: int) -> Sequence[Finding]:
        overdue = sharing.unreceived(connection, now_ms - rules.RECEIPT_MS)
        found = list(rules.unreceived((Fetch(*row) for row in overdue), now_ms))
        newest = sharing.fetches(connection, now_ms - rules.DAY_MS)
        if newest and newest[-1][0] > self._looked:
            since = now_ms - rules.HISTORY_DAYS * rules.DAY_MS
            fetches = [Fetch(*row) for row in sharing.fetches(connection, since)]
            fresh = {row[0] for row in newest if row[0] > self._looked}
            found += rules.volume(fetches, now_ms)
            found += rules.odd_hours(fetches, fresh)
            self._looked = newest[-1][0]
        return found

    async def _raise(self, finding: Finding, now_ms: int) -> None:
        text = _SAID[finding.rule]
        request = pb.RaiseAlertRequest(
            tenant_id=finding.tenant,
            subject=finding.subject,
            entries=finding.entries,
            text=text,
            rule=finding.rule,  # type: ignore[arg-type]  # a number of the enum
            figures=finding.figures,
        ).SerializeToString(deterministic=True)
        act = await self._signed(finding, request, now_ms)
        who = (self._signing.province, WATCHER)

        def work(tx: Tx, index: int) -> Outcome:
            raised = alerts.raise_alert(tx, index, finding, text, who, now_ms)
            parties = (finding.tenant,) if finding.tenant != self._signing.province else ()
            return Outcome(pb.RaiseAlertReply(alert=raised), subject=raised.id, parties=parties)

        with contextlib.suppress(NonceReused):  # another replica found the same a moment ago
            await self._recorder.record(
                act=act, kind=alerts.RAISED, now_ms=now_ms, request=request, work=work
            )

    async def _signed(self, finding: Finding, request: bytes, now_ms: int) -> SignedAct:
        key = await self._signing.key()
        envelope = sign_act(
            method=_METHOD,
            request=request,
            tenant=self._signing.province,
            operator=WATCHER,
            audience=self._signing.audience,
            key=key,
            nonce=hashlib.sha256(finding.key.encode()).digest()[:16],
            now_ms=now_ms,
            on_behalf=True,
        )
        statement = ActStatement.FromString(Envelope.FromString(envelope).payload)
        return SignedAct(envelope, statement, key.id)
