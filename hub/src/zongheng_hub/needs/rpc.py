"""zongheng.needs.v1.NeedsService: wire messages in and out of the room."""

from __future__ import annotations

from collections.abc import Callable

from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.needs import service
from zongheng_hub.needs.clocks import Reading, Urgency
from zongheng_hub.needs.need import Act, Event, Filing, Need, Resource
from zongheng_hub.needs.reading import PAGE
from zongheng_hub.needs.rules import State
from zongheng_hub.store import Store, Tx
from zongheng_protos.needs.v1 import needs_pb2 as pb

_Reply = (
    pb.FileNeedReply
    | pb.AcceptNeedReply
    | pb.AnswerNeedReply
    | pb.ConfirmNeedReply
    | pb.ReopenNeedReply
)


def room(store: Store) -> Room:
    """NeedsService over the hub's store, which holds this room's and tenancy's tables."""
    rpcs = _Needs(store)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["NeedsService"],
        handlers={
            "FileNeed": rpcs.file_need,
            "AcceptNeed": rpcs.accept_need,
            "AnswerNeed": rpcs.answer_need,
            "ConfirmNeed": rpcs.confirm_need,
            "ReopenNeed": rpcs.reopen_need,
            "GetNeed": rpcs.get_need,
            "ListNeeds": rpcs.list_needs,
            "CountNeeds": rpcs.count_needs,
        },
        subjects={"need_id": rpcs.subject},
    )


class _Needs:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def subject(self, need_id: str) -> Subject:
        found = await self._store.read(lambda db: service.standing(db, need_id))
        return Subject(
            owner=found.filer, owner_ancestors=found.filer_ancestors, handler=found.handler
        )

    async def file_need(self, call: Call, request: pb.FileNeedRequest) -> bytes:
        filing = Filing(
            kind=request.kind,
            title=request.title,
            detail=request.detail,
            urgency=Urgency(request.urgency or Urgency.NORMAL),
            households=request.households,
            wanted_by=request.wanted_by,
            place=request.place,
        )
        return await _record(
            call,
            pb.FileNeedReply,
            lambda tx, act: service.file(tx, act, filing, ancestors=call.caller.ancestors),
        )

    async def accept_need(self, call: Call, request: pb.AcceptNeedRequest) -> bytes:
        return await _record(
            call,
            pb.AcceptNeedReply,
            lambda tx, act: service.accept(tx, act, request.need_id, request.note),
        )

    async def answer_need(self, call: Call, request: pb.AnswerNeedRequest) -> bytes:
        resources = [
            Resource(each.kind, each.title, each.detail, each.reference)
            for each in request.resources
        ]
        return await _record(
            call,
            pb.AnswerNeedReply,
            lambda tx, act: service.answer(tx, act, request.need_id, request.text, resources),
        )

    async def confirm_need(self, call: Call, request: pb.ConfirmNeedRequest) -> bytes:
        return await _record(
            call,
            pb.ConfirmNeedReply,
            lambda tx, act: service.confirm(tx, act, request.need_id, request.note),
        )

    async def reopen_need(self, call: Call, request: pb.ReopenNeedRequest) -> bytes:
        return await _record(
            call,
            pb.ReopenNeedReply,
            lambda tx, act: service.reopen(tx, act, request.need_id, request.reason),
        )

    async def get_need(self, call: Call, request: pb.GetNeedRequest) -> pb.GetNeedReply:
        found = await self._store.read(lambda db: service.get(db, request.need_id, call.now_ms))
        return pb.GetNeedReply(need=_need(found))

    async def list_needs(self, call: Call, request: pb.ListNeedsRequest) -> pb.ListNeedsReply:
        page = await self._store.read(
            lambda db: service.find(
                db,
                call.caller.tenant,
                call.now_ms,
                state=State(request.state) if request.state else None,
                page_token=request.page_token,
                page_size=request.page_size or PAGE,
            )
        )
        return pb.ListNeedsReply(
            needs=[_need(each) for each in page.needs], next_page_token=page.next_page_token
        )

    async def count_needs(self, call: Call, _request: pb.CountNeedsRequest) -> pb.CountNeedsReply:
        counts = await self._store.read(
            lambda db: service.count(db, call.caller.tenant, call.now_ms)
        )
        return pb.CountNeedsReply(
            counts=[
                pb.NeedCount(
                    tenant_id=each.tenant,
                    kind=each.kind,  # type: ignore[arg-type]  # the enum's number
                    open=each.open,
                    late=each.late,
                    due_soon=each.due_soon,
                    confirmed=each.confirmed,
                )
                for each in counts
            ]
        )


async def _record(
    call: Call, reply: Callable[..., _Reply], work: Callable[[Tx, Act], Need]
) -> bytes:
    def carry_out(tx: Tx, index: int) -> Outcome:
        act = Act(call.kind, call.caller.tenant, call.caller.operator, call.now_ms, index)
        need = work(tx, act)
        concerned = dict.fromkeys((need.filer, need.handler))
        return Outcome(
            reply=reply(need=_need(need)),
            subject=need.id,
            parties=tuple(each for each in concerned if each != act.tenant),
        )

    return await call.record(carry_out)


def _need(need: Need) -> pb.Need:
    filing = need.filing
    return pb.Need(
        id=need.id,
        filer_id=need.filer,
        filer_name=need.filer_name,
        handler_id=need.handler,
        handler_name=need.handler_name,
        kind=filing.kind,  # type: ignore[arg-type]  # the enum's number
        title=filing.title,
        detail=filing.detail,
        urgency=filing.urgency,  # type: ignore[arg-type]  # the enum's number
        households=filing.households,
        wanted_by=filing.wanted_by,
        place=filing.place,
        state=need.state,  # type: ignore[arg-type]  # the enum's number
        filed_ms=need.filed_ms,
        clocks=[_clock(each) for each in need.clocks],
        resources=[_resource(each) for each in need.resources],
        events=[_event(each) for each in need.events],
    )


def _clock(reading: Reading) -> pb.Clock:
    return pb.Clock(
        stage=reading.clock.stage,  # type: ignore[arg-type]  # the enum's number
        started_ms=reading.clock.started_ms,
        stopped_ms=reading.clock.stopped_ms,
        limit_days=reading.clock.limit_days,
        spent_days=reading.spent_days,
        due=reading.due.isoformat(),
        days_left=reading.days_left,
        legal_basis=reading.legal_basis,
    )


def _resource(resource: Resource) -> pb.Resource:
    return pb.Resource(
        id=resource.id,
        kind=resource.kind,  # type: ignore[arg-type]  # the enum's number
        title=resource.title,
        detail=resource.detail,
        reference=resource.reference,
    )


def _event(event: Event) -> pb.NeedEvent:
    return pb.NeedEvent(
        act=event.act,
        tenant_id=event.tenant,
        operator=event.operator,
        time_ms=event.time_ms,
        text=event.text,
        log_index=event.log_index,
    )
