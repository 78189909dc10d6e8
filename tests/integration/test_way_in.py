"""Whatever comes in wrong gets the error that names it, and leaves nothing behind."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.running_hub import (
    RawClient,
    as_zongheng,
    client_of,
    province_of,
    running_hub,
)
from zongheng_hub.founding import _csr
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.testing import RunningHub
from zongheng_protos import errors
from zongheng_protos.catalogue.v1 import catalogue_pb2
from zongheng_protos.needs.v1 import needs_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2
from zongheng_protos.tlog.v1 import tlog_pb2
from zongheng_tenants.identity import Identity
from zongheng_tenants.keys import SigningKey

FILE = "/zongheng.needs.v1.NeedsService/FileNeed"
LIST = "/zongheng.needs.v1.NeedsService/ListNeeds"
CHECKPOINT = "/zongheng.tlog.v1.LogService/GetCheckpoint"
ENTRIES = "/zongheng.tlog.v1.LogService/ListEntries"
ADOPT = "/zongheng.catalogue.v1.CatalogueService/Adopt"
TENANT = "/zongheng.tenancy.v1.TenancyService/GetTenant"
REPORT = "/zongheng.snap.v1.SnapService/FileReport"
KIND, URGENCY = needs_pb2.NEED_KIND_DATA, needs_pb2.URGENCY_NORMAL
NEED = needs_pb2.FileNeedRequest(kind=KIND, title="没有户表数据", urgency=URGENCY)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("way-in") / "hub") as running:
        yield running


@pytest.fixture(scope="module")
def province(hub: RunningHub) -> Iterator[RawClient]:
    with client_of(province_of(hub)) as client:
        yield client


def log_size(client: RawClient) -> int:
    reply = client.call(ENTRIES, tlog_pb2.ListEntriesRequest(limit=1), signed=False)
    return tlog_pb2.ListEntriesReply.FromString(reply).size


def test_an_act_that_is_not_signed_is_refused(province: RawClient) -> None:
    with pytest.raises(errors.ActMissing, match="came unsigned"):
        province.call(FILE, NEED, signed=False)


def test_an_act_signed_with_a_key_that_nobody_enrolled_is_refused(province: RawClient) -> None:
    with pytest.raises(errors.NotEnrolled, match="belongs to no tenant"):
        province.call(FILE, NEED, key=SigningKey.generate())


def test_a_signature_over_other_bytes_is_refused(province: RawClient) -> None:
    act = province.act(FILE, NEED.SerializeToString())
    other = needs_pb2.FileNeedRequest(kind=KIND, title="另一件事情", urgency=URGENCY)
    with pytest.raises(errors.ActMismatch, match="another request"):
        province.call(FILE, other, act=act)


def test_a_flipped_bit_anywhere_in_the_envelope_is_refused(province: RawClient) -> None:
    act = province.act(FILE, NEED.SerializeToString())
    before = log_size(province)
    for position in range(0, len(act), 7):
        bent = bytearray(act)
        bent[position] ^= 1 << position % 8
        with pytest.raises(errors.ZonghengError) as caught:
            province.call(FILE, NEED, act=bytes(bent))
        assert not isinstance(caught.value, errors.Internal), f"byte {position}"
    assert log_size(province) == before


def test_an_act_for_another_method_hub_or_tenant_is_refused(province: RawClient) -> None:
    body = NEED.SerializeToString()
    with pytest.raises(errors.ActMismatch, match="signed for"):
        province.call(FILE, NEED, act=province.act(LIST, body))
    with pytest.raises(errors.ActMismatch, match="signed for hub h_other"):
        province.call(FILE, NEED, act=province.act(FILE, body, audience="h_other"))
    with pytest.raises(errors.ActMismatch, match="speaks for t_other"):
        province.call(FILE, NEED, act=province.act(FILE, body, tenant="t_other"))


def test_only_the_console_key_signs_on_behalf(province: RawClient) -> None:
    body = NEED.SerializeToString()
    with pytest.raises(errors.ActMismatch, match="on behalf"):
        province.call(FILE, NEED, act=province.act(FILE, body, on_behalf=True))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_wrong_is_told_by_how_much(province: RawClient, minutes: int) -> None:
    now_ms = int(time.time() * 1000) + minutes * 60_000
    act = province.act(FILE, NEED.SerializeToString(), now_ms=now_ms)
    with pytest.raises(errors.ClockSkew, match=r"[+-]3(59|60|61|62) s off"):
        province.call(FILE, NEED, act=act)


def test_an_act_sent_twice_acts_once_and_answers_the_same(province: RawClient) -> None:
    body = NEED.SerializeToString()
    act = province.act(FILE, body)
    first = province.call(FILE, body, act=act)
    size = log_size(province)
    assert province.call(FILE, body, act=act) == first
    assert log_size(province) == size


def test_a_nonce_signed_anew_for_the_same_request_acts_once(province: RawClient) -> None:
    body, nonce = NEED.SerializeToString(), secrets.token_bytes(16)
    first = province.call(FILE, body, act=province.act(FILE, body, nonce=nonce))
    later = province.act(FILE, body, nonce=nonce, now_ms=int(time.time() * 1000) + 1000)
    assert province.call(FILE, body, act=later) == first


def test_a_nonce_used_for_another_request_is_refused(province: RawClient) -> None:
    nonce, body = secrets.token_bytes(16), NEED.SerializeToString()
    province.call(FILE, body, act=province.act(FILE, body, nonce=nonce))
    other = needs_pb2.FileNeedRequest(
        kind=KIND, title="另一件事情", urgency=URGENCY
    ).SerializeToString()
    with pytest.raises(errors.NonceReused, match="used for another request"):
        province.call(FILE, other, act=province.act(FILE, other, nonce=nonce))


def test_an_unknown_method_is_named(province: RawClient) -> None:
    with pytest.raises(errors.MethodUnknown, match=r"this hub has no method .*/Fly"):
        province.call("/zongheng.needs.v1.NeedsService/Fly", b"", signed=False)


def test_an_unknown_module_is_named_with_those_on_offer(province: RawClient) -> None:
    request = catalogue_pb2.AdoptRequest(module_id="teleport", track=catalogue_pb2.TRACK_STABLE)
    with pytest.raises(errors.ModuleUnknown, match=r"teleport.*snap"):
        province.call(ADOPT, request)


def test_a_module_that_was_not_adopted_says_so(province: RawClient) -> None:
    from zongheng_module_snap.v1 import snap_pb2

    with pytest.raises(errors.NotAdopted, match="has not adopted the module snap"):
        province.call(REPORT, snap_pb2.FileReportRequest(title="路灯不亮"))


def test_an_unknown_division_code_is_named(province: RawClient) -> None:
    with pytest.raises(errors.DivisionUnknown, match="999999"):
        province.call(TENANT, tenancy_pb2.GetTenantRequest(code="999999"), signed=False)


def test_bytes_that_are_no_message_are_refused(province: RawClient) -> None:
    with pytest.raises(errors.Malformed, match=r"no zongheng.needs.v1.FileNeedRequest"):
        province.call(FILE, b"\xff\xff\xff")


def test_a_field_out_of_bounds_is_named(province: RawClient) -> None:
    with pytest.raises(errors.Invalid, match="title: must be at least 4"):
        province.call(FILE, needs_pb2.FileNeedRequest(kind=KIND, title="短", urgency=URGENCY))


def test_an_oversized_message_is_refused_before_it_is_read(province: RawClient) -> None:
    with pytest.raises(errors.TooLarge):
        province.call(FILE, b"x" * (4 * 1024 * 1024 + 1), signed=False)


def test_a_channel_without_a_certificate_of_this_hub_is_not_opened(
    hub: RunningHub, province: RawClient
) -> None:
    stranger = ChannelAuthority.create(hub_id="h_x", name="stranger", now_ms=_now())
    foreign = _with_channel(province, stranger, "h_x")
    with client_of(foreign) as client, pytest.raises(errors.Unavailable):
        client.call(LIST, needs_pb2.ListNeedsRequest(), signed=False)


def test_a_channel_of_another_unit_carries_no_act_of_ours(
    hub: RunningHub, province: RawClient
) -> None:
    other = _with_channel(province, _authority(hub), tenant="t_somebody")
    with client_of(other) as client, pytest.raises(errors.NotEnrolled, match="t_somebody"):
        client.call(FILE, NEED)


def test_the_status_is_read_by_googles_own_library(province: RawClient) -> None:
    from google.rpc import error_details_pb2
    from grpc_status import rpc_status

    with pytest.raises(grpc.RpcError) as caught:
        province.unsigned(FILE, NEED.SerializeToString())
    status = rpc_status.from_call(cast(grpc.Call, caught.value))
    info = error_details_pb2.ErrorInfo()
    assert status is not None and status.details[0].Unpack(info)
    assert (info.domain, info.reason) == ("zongheng", "ACT_MISSING")
    assert "signed act" in info.metadata["advice"] and "签名信封" in info.metadata["advice_zh"]
    assert as_zongheng(caught.value).message == status.message


def _now() -> int:
    return int(time.time() * 1000)


def _authority(hub: RunningHub) -> ChannelAuthority:
    keys = hub.settings.data / "keys"
    return ChannelAuthority.load((keys / "ca.key.pem").read_bytes(), (keys / "ca.pem").read_bytes())


def _with_channel(
    client: RawClient,
    authority: ChannelAuthority,
    hub_id: str = "",
    *,
    tenant: str = "",
    now_ms: int = 0,
) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    mine = client.identity
    pem = authority.issue_channel_certificate(
        _csr(key), hub_id or mine.hub_id, tenant or mine.tenant, now_ms or _now()
    )
    return replace(
        mine,
        channel_pem=pem,
        channel_key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
