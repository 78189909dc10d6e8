"""Connect's errors become the errors they were."""

from __future__ import annotations

import base64
import json
import socket

import pytest

from zongheng_protos.errors import (
    Forbidden,
    Internal,
    InvitationInvalid,
    NotFound,
    Unavailable,
    ZonghengError,
)
from zongheng_protos.errors.v1 import errors_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2
from zongheng_sdk.connect import post, refusal


def connect_body(error: ZonghengError, code: str) -> bytes:
    status = errors_pb2.Status.FromString(error.to_status())
    value = base64.b64encode(status.details[0].value).decode().rstrip("=")
    detail = {"type": "google.rpc.ErrorInfo", "value": value}
    return json.dumps({"code": code, "message": error.message, "details": [detail]}).encode()


def test_a_reason_comes_through() -> None:
    body = connect_body(InvitationInvalid("it was used"), "unauthenticated")
    error = refusal(401, body)
    assert type(error) is InvitationInvalid
    assert error.message == "it was used"


def test_without_details_the_code_decides() -> None:
    error = refusal(404, json.dumps({"code": "not_found", "message": "gone"}).encode())
    assert type(error) is NotFound


@pytest.mark.parametrize(
    ("status", "kind"), [(502, Unavailable), (403, Forbidden), (418, Internal)]
)
def test_a_proxy_that_answers_is_read_by_its_status(status: int, kind: type[ZonghengError]) -> None:
    assert type(refusal(status, b"<html>")) is kind


def test_nobody_there_is_unavailable_and_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port}"):
        post(f"127.0.0.1:{port}", "/x/Y", tenancy_pb2.GetHubRequest(), tenancy_pb2.GetHubReply)
