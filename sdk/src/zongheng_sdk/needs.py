"""Needs: what the grassroots reports upward, its clocks, and the resources that come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from google.protobuf.message import Message

from zongheng_protos.needs.v1 import needs_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.need_values import (
    Clock,
    ClockStage,
    Need,
    NeedCount,
    NeedEvent,
    NeedKind,
    NeedState,
    Resource,
    Urgency,
)
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.words import number, word

PAGE = 500
_METHODS = pb.DESCRIPTOR.services_by_name["NeedsService"].methods_by_name


class Needs(Area[Mode]):
    """hub.needs."""

    @operation
    def file(
        self,
        *,
        kind: NeedKind,
        title: str,
        detail: str = "",
        urgency: Urgency = "normal",
        households: int = 0,
        wanted_by: str = "",
        place: str = "",
    ) -> Flow[Need]:
        """File a need; it goes to the unit above, whose clock starts.

        Args:
            title: 4 to 60 characters.
            wanted_by: "2026-12-15" or empty.

        Raises:
            Invalid: a field is out of bounds; names it.
        """
        request = pb.FileNeedRequest(
            kind=_number(pb.NeedKind, kind, "kind"),
            title=title,
            detail=detail,
            urgency=_number(pb.Urgency, urgency, "urgency"),
            households=households,
            wanted_by=wanted_by,
            place=place,
        )
        return (yield from self._act("FileNeed", request, pb.FileNeedReply))

    @operation
    def accept(self, need_id: str, *, note: str = "") -> Flow[Need]:
        """受理: say that it is being dealt with; the clock for the answer starts."""
        request = pb.AcceptNeedRequest(need_id=need_id, note=note)
        return (yield from self._act("AcceptNeed", request, pb.AcceptNeedReply))

    @operation
    def answer(self, need_id: str, *, text: str, resources: Sequence[Resource] = ()) -> Flow[Need]:
        """Answer, naming the resources that come back down, if any."""
        request = pb.AnswerNeedRequest(need_id=need_id, text=text)
        for item in resources:
            request.resources.add(
                kind=_number(pb.NeedKind, item.kind, "kind"),
                title=item.title,
                detail=item.detail,
                reference=item.reference,
            )
        return (yield from self._act("AnswerNeed", request, pb.AnswerNeedReply))

    @operation
    def confirm(self, need_id: str, *, note: str = "") -> Flow[Need]:
        """Confirm that it is solved; only the unit that filed it can."""
        request = pb.ConfirmNeedRequest(need_id=need_id, note=note)
        return (yield from self._act("ConfirmNeed", request, pb.ConfirmNeedReply))

    @operation
    def reopen(self, need_id: str, *, reason: str) -> Flow[Need]:
        """Not solved: the clock goes on from where it stood."""
        request = pb.ReopenNeedRequest(need_id=need_id, reason=reason)
        return (yield from self._act("ReopenNeed", request, pb.ReopenNeedReply))

    @operation
    def get(self, need_id: str) -> Flow[Need]:
        """One need. Raises NotFound, or NotRelated when it is none of the caller's business."""
        request = pb.GetNeedRequest(need_id=need_id)
        return (yield from self._act("GetNeed", request, pb.GetNeedReply))

    @operation
    def list(self, *, state: NeedState | Literal[""] = "") -> Flow[tuple[Need, ...]]:
        """Every need the caller filed, handles or stands above; of one state or of any."""
        wanted, token, found = _number(pb.NeedState, state, "state"), "", []
        while True:
            request = pb.ListNeedsRequest(state=wanted, page_token=token, page_size=PAGE)
            reply, _ = yield from self._session.unary(
                _METHODS["ListNeeds"], request, pb.ListNeedsReply
            )
            found += [_need(need) for need in reply.needs]
            token = reply.next_page_token
            if not token:
                return tuple(found)

    @operation
    def counts(self) -> Flow[tuple[NeedCount, ...]]:
        """Open, late and closed needs by county and kind, as far as the caller may see."""
        reply, _ = yield from self._session.unary(
            _METHODS["CountNeeds"], pb.CountNeedsRequest(), pb.CountNeedsReply
        )
        return tuple(
            NeedCount(c.tenant_id, _kind(c.kind), c.open, c.late, c.due_soon, c.confirmed)
            for c in reply.counts
        )

    def _act(self, name: str, request: Message, reply_type: type[Any]) -> Flow[Need]:
        reply, receipt = yield from self._session.unary(_METHODS[name], request, reply_type)
        return replace(_need(reply.need), receipt=receipt)


def _number(enum: Any, given: str, field: str) -> Any:
    return number(enum.DESCRIPTOR, given, field=field)


def _kind(value: int) -> NeedKind:
    return cast(NeedKind, word(pb.NeedKind.DESCRIPTOR, value))


def _need(need: pb.Need) -> Need:
    return Need(
        id=need.id,
        kind=_kind(need.kind),
        title=need.title,
        detail=need.detail,
        urgency=cast(Urgency, word(pb.Urgency.DESCRIPTOR, need.urgency)),
        state=cast(NeedState, word(pb.NeedState.DESCRIPTOR, need.state)),
        households=need.households,
        place=need.place,
        wanted_by=need.wanted_by,
        filed_ms=need.filed_ms,
        filer_id=need.filer_id,
        filer_name=need.filer_name,
        handler_id=need.handler_id,
        handler_name=need.handler_name,
        clocks=tuple(_clock(clock) for clock in need.clocks),
        resources=tuple(
            Resource(_kind(r.kind), r.title, r.detail, r.reference, r.id) for r in need.resources
        ),
        events=tuple(
            NeedEvent(e.act, e.tenant_id, e.operator, e.time_ms, e.text, e.log_index)
            for e in need.events
        ),
    )


def _clock(clock: pb.Clock) -> Clock:
    return Clock(
        stage=cast(ClockStage, word(pb.ClockStage.DESCRIPTOR, clock.stage)),
        started_ms=clock.started_ms,
        stopped_ms=clock.stopped_ms,
        limit_days=clock.limit_days,
        spent_days=clock.spent_days,
        due=clock.due,
        days_left=clock.days_left,
        legal_basis=clock.legal_basis,
    )
