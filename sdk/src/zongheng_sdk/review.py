"""Review work: alerts with a life of their own, and who may have seen one person's row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_sdk.flow import Flow
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.words import number, word
from zongheng_tenants.coverage import Coverage, coverage_of, stated_grant

PAGE = 200
_METHODS = pb.DESCRIPTOR.services_by_name["ReviewService"].methods_by_name
_RULES = pb.AlertRule.DESCRIPTOR
_STATES = pb.AlertState.DESCRIPTOR
_MASKS = statement_pb2.Mask.DESCRIPTOR
_VERDICTS = pb.AlertVerdict.DESCRIPTOR


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One act in the life of an alert; time_ms is Unix milliseconds."""

    act: str
    tenant_id: str
    operator: str
    text: str
    time_ms: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that wants looking at.

    Attributes:
        rule: "volume", "hour", "purpose", "grant_ended", "refusals", "receipt_missing",
            "witness_silent" or "by_hand".
        state: "open", "explained" or "closed"; verdict: "" until closed, then "unfounded",
            "remedied" or "founded".
        tenant_id: the unit that it is about; subject: the thing.
        entries: of the log, that show it; figures: what was counted.
        steps: its life so far; empty in lists.
    """

    id: str
    rule: str
    state: str
    verdict: str
    tenant_id: str
    subject: str
    entries: tuple[int, ...]
    figures: Mapping[str, int]
    raised_ms: int
    steps: tuple[AlertStep, ...]
    receipt: Receipt | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SeenParcel:
    """A delivery under a grant; fetches: (log index, Unix ms, operator) of each."""

    parcel_id: str
    rows: int
    delivered_ms: int
    delivered_index: int
    fetches: tuple[tuple[int, int, str], ...]
    received_index: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A grant, held against one person's row, and what was fetched under it.

    Attributes:
        coverage: whether the grant lets such a row out; missing: what would decide it.
        fields: name and mask ("none", "name", "last_four", "pseudonym") of what could be seen.
    """

    grant_id: str
    grantee: str
    purpose: str
    legal_basis: str
    coverage: Coverage
    missing: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    not_before_ms: int
    expires_ms: int
    revoked_ms: int
    parcels: tuple[SeenParcel, ...]


class Review(Area[Mode]):
    """hub.review."""

    @operation
    def alerts(
        self, *, state: str = "", rule: str = "", tenant_id: str = "", limit: int = 100
    ) -> Flow[tuple[Alert, ...]]:
        """Alerts about this unit, the newest first; for whoever may audit also those below."""
        request = pb.ListAlertsRequest(tenant_id=tenant_id)
        if state:
            request.state = number(_STATES, state, field="state")  # type: ignore[assignment]  # of the enum
        if rule:
            request.rule = number(_RULES, rule, field="rule")  # type: ignore[assignment]  # of the enum
        found: list[Alert] = []
        while len(found) < limit:
            request.page_size = min(PAGE, limit - len(found))
            reply, _ = yield from self._session.unary(
                _METHODS["ListAlerts"], request, pb.ListAlertsReply
            )
            found += (_alert(each, None) for each in reply.alerts)
            request.page_token = reply.next_page_token
            if not reply.next_page_token:
                break
        return tuple(found)

    @operation
    def alert(self, alert_id: str) -> Flow[Alert]:
        """An alert and its life so far. Raises NotFound, NotRelated, Forbidden."""
        reply, _ = yield from self._session.unary(
            _METHODS["GetAlert"], pb.GetAlertRequest(alert_id=alert_id), pb.GetAlertReply
        )
        return _alert(reply.alert, None)

    @operation
    def raise_alert(
        self, tenant_id: str, text: str, *, subject: str = "", entries: Iterable[int] = ()
    ) -> Flow[Alert]:
        """Raise an alert about this unit or one below, by hand. Needs the right to audit."""
        request = pb.RaiseAlertRequest(
            tenant_id=tenant_id, text=text, subject=subject, entries=entries
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["RaiseAlert"], request, pb.RaiseAlertReply
        )
        return _alert(reply.alert, receipt)

    @operation
    def explain(self, alert_id: str, text: str) -> Flow[Alert]:
        """Say what was behind an alert. Raises StateConflict where it is closed."""
        request = pb.ExplainAlertRequest(alert_id=alert_id, text=text)
        reply, receipt = yield from self._session.unary(
            _METHODS["ExplainAlert"], request, pb.ExplainAlertReply
        )
        return _alert(reply.alert, receipt)

    @operation
    def close(self, alert_id: str, verdict: str, text: str) -> Flow[Alert]:
        """Give the verdict: "unfounded", "remedied" or "founded". Needs the right to audit.

        Raises:
            NotRelated: it is about this unit, and an auditor above closes it.
            OwnRequest: the same operator explained it.
        """
        chosen = number(_VERDICTS, verdict, field="verdict")
        request = pb.CloseAlertRequest(
            alert_id=alert_id,
            verdict=chosen,  # type: ignore[arg-type]  # a number of the enum
            text=text,
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["CloseAlert"], request, pb.CloseAlertReply
        )
        return _alert(reply.alert, receipt)

    @operation
    def who_saw(self, dataset_id: str, row: Mapping[str, str]) -> Flow[tuple[Seen, ...]]:
        """Every grant on a dataset, held against one person's row, with what was fetched.

        For the dataset's owner, and for whoever may audit above it. The row stays here: only the
        dataset's id goes to the hub. What it can say ends where the hub's knowledge ends: a grant
        that covers the row and was fetched could show it; that it did only the rows tell that
        owner and grantee hold.

        Args:
            row: what is known of the person's row, by field name.
        """
        found: list[Seen] = []
        request = pb.ListDisclosuresRequest(dataset_id=dataset_id)
        while True:
            reply, _ = yield from self._session.unary(
                _METHODS["ListDisclosures"], request, pb.ListDisclosuresReply
            )
            found += (_seen(each, row) for each in reply.disclosures)
            request.page_token = reply.next_page_token
            if not reply.next_page_token:
                return tuple(found)


def _seen(disclosure: pb.Disclosure, row: Mapping[str, str]) -> Seen:
    grant = stated_grant(disclosure.grant)
    covered = coverage_of(grant.rows, row)
    return Seen(
        grant_id=grant.id,
        grantee=grant.grantee,
        purpose=grant.purpose,
        legal_basis=grant.legal_basis,
        coverage=covered.coverage,
        missing=covered.missing,
        fields=tuple((each.name, word(_MASKS, each.mask)) for each in grant.fields),
        not_before_ms=grant.not_before_ms,
        expires_ms=grant.expires_ms,
        revoked_ms=disclosure.revoked_ms,
        parcels=tuple(
            SeenParcel(
                parcel_id=each.parcel_id,
                rows=each.rows,
                delivered_ms=each.delivered_ms,
                delivered_index=each.delivered_index,
                fetches=tuple((f.log_index, f.time_ms, f.operator) for f in each.fetches),
                received_index=each.received_index,
            )
            for each in disclosure.parcels
        ),
    )


def _alert(alert: pb.Alert, receipt: Receipt | None) -> Alert:
    return Alert(
        id=alert.id,
        rule=word(_RULES, alert.rule),
        state=word(_STATES, alert.state),
        verdict=word(_VERDICTS, alert.verdict) if alert.verdict else "",
        tenant_id=alert.tenant_id,
        subject=alert.subject,
        entries=tuple(alert.entries),
        figures=dict(alert.figures),
        raised_ms=alert.raised_ms,
        steps=tuple(
            AlertStep(s.act, s.tenant_id, s.operator, s.text, s.time_ms, s.log_index)
            for s in alert.steps
        ),
        receipt=receipt,
    )
