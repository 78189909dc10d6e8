"""The outbox: on disk before it is sent, sent once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.unit.sdk.hub_by_hand import HubByHand, identity, receipt_for
from tests.unit.sdk.snap_served import snap
from zongheng_module_snap.v1 import snap_pb2
from zongheng_protos.catalogue.v1 import catalogue_pb2
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.errors import Invalid, NotAdopted, NotEnrolled, Unavailable
from zongheng_sdk.catalogue import Catalogue
from zongheng_sdk.flow import Call, Reply
from zongheng_sdk.modules import SyncModuleProxy
from zongheng_sdk.operation import Sync
from zongheng_sdk.outbox import Outbox


def filed(call: Call) -> Reply:
    return Reply(snap_pb2.FileReportReply(report_id="r_1").SerializeToString())


def away(call: Call) -> Reply:
    raise Unavailable("nobody answers")


def nonce(call: Call) -> bytes:
    assert call.act is not None
    return ActStatement.FromString(Envelope.FromString(call.act).payload).nonce


class County:
    """A county's program: may be ended and started again; the file stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hub = HubByHand(filed)
        self.session = self.hub.session()
        self.snap = SyncModuleProxy(self.session, self.hub.run, snap())
        self.outbox = self._open()

    def restart(self) -> None:
        self.outbox.close()
        self.outbox = self._open()

    def _open(self) -> Outbox[Sync]:
        opened = SimpleNamespace(_session=self.session, _run=self.hub.run)
        return Outbox(cast(Any, opened), self.path)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    made = County(tmp_path / "outbox.sqlite3")
    yield made
    made.outbox.close()


def test_what_is_put_while_the_hub_is_away_is_sent_when_it_is_back(county: County) -> None:
    county.hub.answer = away
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    assert county.outbox.flush().waiting == 1
    county.hub.answer = filed
    assert county.outbox.flush().sent == 1
    assert county.outbox.flush().sent == 0


def test_every_attempt_carries_the_same_nonce_also_after_a_restart(county: County) -> None:
    county.hub.answer = away
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.outbox.flush()
    county.restart()
    county.hub.answer = filed
    county.outbox.flush()
    assert len({nonce(call) for call in county.hub.calls}) == 1
    assert len({call.request for call in county.hub.calls}) == 1


def test_an_old_act_is_signed_with_fresh_time(county: County) -> None:
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.hub.seconds += 3600
    county.outbox.flush()
    act = county.hub.calls[0].act
    assert act is not None
    said = ActStatement.FromString(Envelope.FromString(act).payload)
    assert said.time_ms == county.session.now_ms()


def test_the_same_key_is_kept_once(county: County) -> None:
    first = county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    again = county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.outbox.flush()
    after = county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    assert first.number == again.number == after.number
    assert len(county.hub.calls) == 1


def test_without_a_key_every_put_is_another_act(county: County) -> None:
    for _ in range(2):
        county.outbox.put(None, county.snap.file_report, title="路灯不亮")
    assert county.outbox.flush().sent == 2
    assert len({nonce(call) for call in county.hub.calls}) == 2


def test_acts_start_in_the_order_they_were_put(county: County) -> None:
    items = [(f"msg-{n}", {"title": f"第{n}条"}) for n in range(300)]
    county.outbox.put_all(county.snap.file_report, items)
    assert county.outbox.flush(concurrency=1).sent == 300
    sent = [snap_pb2.FileReportRequest.FromString(c.request).title for c in county.hub.calls]
    assert sent == [fields["title"] for _, fields in items]


def test_a_refused_act_is_set_aside_and_the_rest_goes_on(county: County) -> None:
    def refuse_first(call: Call) -> Reply:
        if snap_pb2.FileReportRequest.FromString(call.request).title == "坏":
            raise NotAdopted("snap is not adopted")
        return filed(call)

    county.hub.answer = refuse_first
    county.outbox.put("bad", county.snap.file_report, title="坏")
    county.outbox.put("good", county.snap.file_report, title="好")
    flushed = county.outbox.flush()
    assert (flushed.sent, flushed.refused, flushed.waiting) == (1, 1, 0)
    (refused,) = county.outbox.entries("refused")
    assert (refused.once, refused.reason) == ("bad", "NOT_ADOPTED")

    county.hub.answer = filed
    assert county.outbox.resume(refused)
    assert county.outbox.flush().sent == 1


def test_once_the_hub_is_away_the_rest_is_not_tried(county: County) -> None:
    county.hub.answer = away
    items = [(f"msg-{n}", {"title": "路灯不亮"}) for n in range(20)]
    county.outbox.put_all(county.snap.file_report, items)
    assert county.outbox.flush(concurrency=1).waiting == 20
    assert len({nonce(call) for call in county.hub.calls}) == 1


def test_patience_waits_for_the_hub(county: County) -> None:
    def back_after_a_minute(call: Call) -> Reply:
        return filed(call) if county.hub.seconds > 60 else away(call)

    county.hub.answer = back_after_a_minute
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    assert county.outbox.flush(patience=120).sent == 1


def test_a_broken_identity_stops_the_flush_and_loses_nothing(county: County) -> None:
    def stranger(call: Call) -> Reply:
        raise NotEnrolled("who are you")

    county.hub.answer = stranger
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    with pytest.raises(NotEnrolled):
        county.outbox.flush()
    assert len(county.outbox.entries("waiting")) == 1


def test_an_act_that_may_have_arrived_is_never_sent_under_another_key(county: County) -> None:
    county.hub.answer = away
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.outbox.flush()
    county.session = county.hub.session()
    county.restart()
    county.hub.answer = filed
    assert county.outbox.flush().refused == 1
    (refused,) = county.outbox.entries("refused")
    assert "replaced" in refused.message


def test_another_units_acts_stay_where_they_are(county: County) -> None:
    first = county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.session.identity = identity(tenant="t_other")
    assert county.outbox.flush().sent == 0
    assert county.outbox.find("msg-1") is None
    assert county.outbox.put("msg-1", county.snap.file_report, title="路").number != first.number


def test_reading_cannot_wait_in_an_outbox(county: County) -> None:
    with pytest.raises(Invalid, match="get_report"):
        county.outbox.put("msg-1", county.snap.get_report, report_id="r_1")


def test_a_module_seen_once_is_there_while_the_hub_is_away(county: County) -> None:
    served = snap()
    about = catalogue_pb2.Module(id="snap", version="1.0.0", service=served.module.service)
    county.hub.answer = lambda call: Reply(
        catalogue_pb2.GetModuleReply(
            module=about, descriptors=served.descriptors
        ).SerializeToString()
    )
    county.outbox.module("snap")
    county.restart()
    county.hub.answer = away
    county.outbox.put("msg-1", county.outbox.module("snap").file_report, title="路灯不亮")
    assert len(county.outbox.entries("waiting")) == 1


def test_the_reply_is_kept_with_the_entry(county: County) -> None:
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.outbox.flush()
    entry = county.outbox.find("msg-1")
    assert entry is not None
    assert entry.reply is not None
    assert snap_pb2.FileReportReply.FromString(entry.reply).report_id == "r_1"
    assert county.outbox.forget_sent() == 1
    assert county.outbox.find("msg-1") is None


def test_the_catalogue_itself_can_be_put(county: County) -> None:
    catalogue: Catalogue[Sync] = Catalogue(county.session, county.hub.run)
    county.outbox.put("adopt", catalogue.adopt, "snap", track="pilot")
    county.outbox.flush()
    sent = catalogue_pb2.AdoptRequest.FromString(county.hub.calls[0].request)
    assert (sent.module_id, sent.track) == ("snap", catalogue_pb2.TRACK_PILOT)


def test_the_receipt_of_an_earlier_attempt_is_believed_and_anothers_is_not(county: County) -> None:
    county.hub.answer = away
    county.outbox.put("msg-1", county.snap.file_report, title="路灯不亮")
    county.outbox.flush()
    county.hub.seconds += 3600
    first = county.hub.calls[0].act
    assert first is not None
    county.restart()
    for act, state in ((b"another act", "refused"), (first, "sent")):
        receipt = receipt_for(act, replayed=True)
        county.hub.answer = partial(answered_with, receipt)
        county.outbox.flush()
        (entry,) = county.outbox.entries()
        assert entry.state == state
        county.outbox.resume(entry)
    assert entry.attempts == 3
    assert county.hub.calls[-1].act != first


def answered_with(receipt: bytes, call: Call) -> Reply:
    return Reply(filed(call).body, receipt)
