"""Operations: signed where the descriptor says act, sent again only where it says safe."""

from __future__ import annotations

from functools import partial

import pytest

from tests.unit.sdk.hub_by_hand import HubByHand, receipt_for
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.errors import (
    Busy,
    Forbidden,
    Invalid,
    Malformed,
    Quota,
    ReceiptMismatch,
    Unavailable,
    ZonghengError,
)
from zongheng_protos.needs.v1 import needs_pb2 as pb
from zongheng_sdk.flow import Call, Reply
from zongheng_sdk.methods import Method
from zongheng_sdk.needs import Needs
from zongheng_sdk.operation import Sync

UNSAFE = Method(path="/x.Y/Z", act="x.done", retry_safe=False, streams=False)


def accepted(call: Call) -> Reply:
    return Reply(
        pb.FileNeedReply(need=pb.Need(id="n_1", kind="NEED_KIND_DATA")).SerializeToString()
    )


def away(call: Call) -> Reply:
    raise Unavailable("nobody answers")


def needs(hub: HubByHand, *, operator: str = "王某某") -> Needs[Sync]:
    return Needs(hub.session(operator=operator), hub.run)


def statement(call: Call) -> ActStatement:
    assert call.act is not None
    return ActStatement.FromString(Envelope.FromString(call.act).payload)


def test_an_act_names_method_operator_hub_and_tenant() -> None:
    hub = HubByHand(accepted)
    needs(hub).file(kind="data", title="需要低保比对数据")
    said = statement(hub.calls[0])
    assert said.method == "/zongheng.needs.v1.NeedsService/FileNeed"
    assert (said.operator, said.audience, said.tenant) == ("王某某", "h_hub", "t_county")


def test_reading_carries_no_envelope() -> None:
    hub = HubByHand(lambda call: Reply(pb.GetNeedReply().SerializeToString()))
    needs(hub).get("n_1")
    assert hub.calls[0].act is None


def test_an_act_without_an_operator_is_refused_before_it_is_sent() -> None:
    hub = HubByHand(accepted)
    with pytest.raises(Invalid, match="nobody is named"):
        needs(hub, operator="").file(kind="data", title="需要数据")
    assert hub.calls == []


def test_the_same_envelope_is_sent_again_when_the_hub_is_away() -> None:
    hub = HubByHand(away)
    answers = iter([away, away, accepted])
    hub.answer = lambda call: next(answers)(call)
    assert needs(hub).file(kind="data", title="需要数据").id == "n_1"
    assert len(hub.calls) == 3
    assert len({call.act for call in hub.calls}) == 1


def test_pauses_grow_and_the_deadline_ends_them() -> None:
    hub = HubByHand(away)
    with pytest.raises(Unavailable):
        needs(hub).file(kind="data", title="需要数据")
    assert hub.seconds < 10.0
    assert hub.waits[0] < hub.waits[-1]
    assert len(hub.calls) <= 8


def test_each_attempt_gets_only_the_time_that_is_left() -> None:
    hub = HubByHand(away)
    with pytest.raises(Unavailable):
        needs(hub).file(kind="data", title="需要数据")
    left = [call.timeout for call in hub.calls]
    assert left == sorted(left, reverse=True)
    assert left[0] == 10.0


def test_a_method_that_is_not_safe_to_retry_is_sent_once() -> None:
    hub = HubByHand(away)
    with pytest.raises(Unavailable):
        hub.run(hub.session().exchange(UNSAFE, b""))
    assert len(hub.calls) == 1


def test_a_refusal_is_not_sent_again() -> None:
    def refuse(call: Call) -> Reply:
        raise Forbidden("no right")

    hub = HubByHand(refuse)
    with pytest.raises(Forbidden):
        needs(hub).file(kind="data", title="需要数据")
    assert len(hub.calls) == 1


def test_an_unknown_kind_is_refused_with_the_words_there_are() -> None:
    hub = HubByHand(accepted)
    with pytest.raises(Invalid, match="data, module, funds"):
        needs(hub).file(kind="money", title="需要数据")  # type: ignore[arg-type]


def test_a_reply_that_is_no_reply_is_malformed() -> None:
    hub = HubByHand(lambda call: Reply(b"\xff\xff\xff"))
    with pytest.raises(Malformed, match="FileNeedReply"):
        needs(hub).file(kind="data", title="需要数据")


def test_a_list_is_read_page_by_page() -> None:
    pages = iter(
        [
            pb.ListNeedsReply(needs=[pb.Need(id="n_1")], next_page_token="next"),
            pb.ListNeedsReply(needs=[pb.Need(id="n_2")]),
        ]
    )
    hub = HubByHand(lambda call: Reply(next(pages).SerializeToString()))
    assert [need.id for need in needs(hub).list()] == ["n_1", "n_2"]
    assert pb.ListNeedsRequest.FromString(hub.calls[1].request).page_token == "next"


def test_a_reply_to_another_call_is_noticed() -> None:
    hub = HubByHand(accepted)
    needs(hub).file(kind="data", title="需要数据")
    earlier = hub.calls[0].act
    assert earlier is not None
    for replayed in (False, True):
        swapped = Reply(accepted(hub.calls[0]).body, receipt_for(earlier, replayed=replayed))
        other = HubByHand(partial(lambda given, call: given, swapped))
        with pytest.raises(ReceiptMismatch, match="reply is for another call"):
            needs(other).file(kind="data", title="需要别的数据")


def test_an_act_that_is_answered_without_a_receipt_is_not_believed() -> None:
    hub = HubByHand(lambda call: accepted(call))
    flow = hub.session().exchange(Method("/x.Y/Z", "x.done", True, False), b"")
    next(flow)
    with pytest.raises(ReceiptMismatch, match="gave no receipt for an act"):
        flow.send(Reply(b""))


def test_a_busy_hub_is_asked_again_when_it_said() -> None:
    hub = HubByHand(accepted)
    refusals = iter([Quota("spent", retry_after=2.0), Busy("full", retry_after=1.0)])

    def answer(call: Call) -> Reply:
        refusal = next(refusals, None)
        if refusal is not None:
            raise refusal
        return accepted(call)

    hub.answer = answer
    assert needs(hub).file(kind="data", title="需要数据").id == "n_1"
    assert 2.0 <= hub.waits[0] <= 3.0
    assert 1.0 <= hub.waits[1] <= 1.5
    assert len({call.act for call in hub.calls}) == 1


def test_a_budget_that_fills_too_late_is_told_at_once() -> None:
    hub = HubByHand(accepted)

    def spent(call: Call) -> Reply:
        raise Quota("spent", retry_after=60.0, limit="1 act calls a second")

    hub.answer = spent
    with pytest.raises(Quota) as refused:
        needs(hub).file(kind="data", title="需要数据")
    assert refused.value.limit == "1 act calls a second" and hub.waits == []


def test_a_quota_that_time_does_not_fill_is_not_waited_for() -> None:
    hub = HubByHand(accepted)

    def full(call: Call) -> Reply:
        raise Quota("four parcels are begun")

    hub.answer = full
    with pytest.raises(Quota):
        needs(hub).file(kind="data", title="需要数据")
    assert len(hub.calls) == 1


def test_what_is_not_safe_is_not_sent_again_after_a_refusal() -> None:
    hub = HubByHand(accepted)

    def busy(call: Call) -> Reply:
        raise Busy("full", retry_after=0.1)

    hub.answer = busy
    with pytest.raises(Busy):
        hub.run(hub.session().exchange(UNSAFE, b""))
    assert len(hub.calls) == 1


def test_the_time_to_come_back_travels_in_the_status() -> None:
    sent = Quota("spent", retry_after=1.25, limit="5 read calls a second")
    got = ZonghengError.from_status(sent.to_status(), 8, "")
    assert isinstance(got, Quota)
    assert (got.retry_after, got.limit, got.message) == (1.25, sent.limit, "spent")
