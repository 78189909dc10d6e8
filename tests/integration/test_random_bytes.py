"""Random bytes at every RPC: no crash, no INTERNAL, and the hub goes on serving."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.running_hub import (
    RawClient,
    as_zongheng,
    client_of,
    province_of,
    running_hub,
)
from zongheng_hub.testing import RunningHub
from zongheng_module_snap.v1 import snap_pb2
from zongheng_protos import errors
from zongheng_protos.catalogue.v1 import catalogue_pb2
from zongheng_protos.needs.v1 import needs_pb2
from zongheng_protos.sharing.v1 import sharing_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2
from zongheng_protos.tlog.v1 import tlog_pb2

FILES = (catalogue_pb2, needs_pb2, sharing_pb2, snap_pb2, tenancy_pb2, tlog_pb2)
METHODS = [
    (f"/{service.full_name}/{method.name}", method.server_streaming)
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]
UNARY = [name for name, streams in METHODS if not streams]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("random") / "hub") as running:
        yield running


@pytest.fixture(scope="module")
def province(hub: RunningHub) -> Iterator[RawClient]:
    with client_of(province_of(hub)) as client:
        client.call(
            "/zongheng.catalogue.v1.CatalogueService/Adopt",
            catalogue_pb2.AdoptRequest(module_id="snap", track=catalogue_pb2.TRACK_STABLE),
        )
        yield client


@pytest.mark.parametrize("method", UNARY)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=400), signed=st.booleans())
def test_random_requests_are_refused_by_name(
    province: RawClient, method: str, body: bytes, signed: bool
) -> None:
    try:
        province.call(method, body, signed=signed)
    except errors.ZonghengError as error:
        assert not isinstance(error, errors.Internal), error.message


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(act=st.binary(max_size=400))
def test_random_envelopes_are_refused_by_name(province: RawClient, act: bytes) -> None:
    with pytest.raises(errors.ZonghengError) as caught:
        province.call(UNARY[0], b"", act=act)
    assert not isinstance(caught.value, errors.Internal)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_random_requests_to_a_stream_are_refused_by_name(province: RawClient, body: bytes) -> None:
    for method, streams in METHODS:
        if not streams:
            continue
        with pytest.raises(grpc.RpcError) as caught:
            province.unsigned(method, body, streams=True)
        assert not isinstance(as_zongheng(caught.value), errors.Internal)
