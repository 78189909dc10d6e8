"""A module's proxy is made from descriptors alone."""

from __future__ import annotations

import pytest

from tests.unit.sdk.hub_by_hand import HubByHand
from tests.unit.sdk.snap_served import snap
from zongheng_module_snap.v1 import snap_pb2
from zongheng_protos.errors import Invalid, Malformed
from zongheng_sdk.catalogue import Module, ServedModule
from zongheng_sdk.flow import Call, Reply
from zongheng_sdk.methods import method_of
from zongheng_sdk.modules import SyncModuleProxy, service_of, snake_case

REPORT = snap_pb2.Report(id="r_1", title="路灯不亮", state="REPORT_STATE_FILED")


def answer(call: Call) -> Reply:
    if call.method.path.endswith("FileReport"):
        return Reply(snap_pb2.FileReportReply(report_id="r_1").SerializeToString())
    if call.method.path.endswith("ListReports"):
        return Reply(snap_pb2.ListReportsReply(reports=[REPORT], total=1).SerializeToString())
    return Reply(snap_pb2.GetReportReply(report=REPORT).SerializeToString())


def proxy(hub: HubByHand) -> SyncModuleProxy:
    return SyncModuleProxy(hub.session(), hub.run, snap())


def test_an_rpc_becomes_a_method_with_fields_as_keywords() -> None:
    hub = HubByHand(answer)
    reply = proxy(hub).file_report(title="路灯不亮", detail="第三天了")
    assert reply.report_id == "r_1"
    sent = snap_pb2.FileReportRequest.FromString(hub.calls[0].request)
    assert (sent.title, sent.detail) == ("路灯不亮", "第三天了")


def test_the_served_rule_says_what_is_signed() -> None:
    hub = HubByHand(answer)
    snap_proxy = proxy(hub)
    snap_proxy.file_report(title="路灯不亮")
    snap_proxy.get_report(report_id="r_1")
    assert [call.act is not None for call in hub.calls] == [True, False]


def test_rules_are_read_from_a_private_pool() -> None:
    rules = {m.name: method_of(m) for m in service_of(snap()).methods}
    assert rules["FileReport"].act == "snap.report.filed"
    assert rules["ListReports"].act == ""
    assert all(rule.retry_safe for rule in rules.values())


def test_an_unknown_method_is_answered_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match="file_report, get_report"):
        _ = proxy(HubByHand(answer)).file_raport


def test_an_unknown_field_is_answered_with_those_there_are() -> None:
    with pytest.raises(TypeError, match=r"'titel'.*source_id, category, title"):
        proxy(HubByHand(answer)).file_report(titel="路灯不亮")


def test_a_value_that_does_not_fit_names_its_field() -> None:
    with pytest.raises(Invalid, match="reported_ms"):
        proxy(HubByHand(answer)).file_report(title="路灯不亮", reported_ms="gestern")


def test_replies_read_as_attributes_with_enums_as_words() -> None:
    report = proxy(HubByHand(answer)).get_report(report_id="r_1").report
    assert (report.title, report.state) == ("路灯不亮", "filed")
    with pytest.raises(AttributeError, match="its fields: id, source_id"):
        _ = report.colour
    with pytest.raises(AttributeError, match="read-only"):
        report.title = "x"


def test_lists_are_tuples_and_the_whole_is_plain_data() -> None:
    reply = proxy(HubByHand(answer)).list_reports(state="filed")
    assert [report.id for report in reply.reports] == ["r_1"]
    assert reply.to_dict()["reports"][0]["state"] == "filed"


def test_the_proxy_lists_its_methods() -> None:
    assert {"file_report", "list_categories"} <= set(dir(proxy(HubByHand(answer))))


def test_descriptors_that_do_not_hold_together_are_refused() -> None:
    with pytest.raises(Malformed, match="snap"):
        service_of(snap(service="zongheng.snap.v1.Nothing"))
    with pytest.raises(Malformed, match="snap"):
        service_of(ServedModule(Module("snap", "", "", "", "", "", "", ""), b"\xff"))


@pytest.mark.parametrize(
    ("rpc", "method"),
    [("FileReport", "file_report"), ("GetURL", "get_url"), ("HTTPPing", "http_ping"), ("Do", "do")],
)
def test_names_turn_into_snake_case(rpc: str, method: str) -> None:
    assert snake_case(rpc) == method
