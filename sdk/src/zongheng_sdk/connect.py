"""Unary calls over plain HTTP (Connect protocol, binary), for whoever has no channel yet."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any, TypeVar

from google.protobuf.message import Message

from zongheng_protos.errors import Unavailable, ZonghengError
from zongheng_protos.errors.v1 import errors_pb2
from zongheng_sdk.session import parsed

M = TypeVar("M", bound=Message)

_DETAILS = frozenset({"google.rpc.ErrorInfo", "google.rpc.RetryInfo"})
# Connect's names of the gRPC codes (connectrpc.com/docs/protocol, error codes).
_CODES = {
    "canceled": 1,
    "unknown": 2,
    "invalid_argument": 3,
    "deadline_exceeded": 4,
    "not_found": 5,
    "already_exists": 6,
    "permission_denied": 7,
    "resource_exhausted": 8,
    "failed_precondition": 9,
    "aborted": 10,
    "out_of_range": 11,
    "unimplemented": 12,
    "internal": 13,
    "unavailable": 14,
    "data_loss": 15,
    "unauthenticated": 16,
}
# What an HTTP status means when a proxy answers in the hub's place.
_BY_HTTP_STATUS = {401: 16, 403: 7, 404: 12, 408: 4, 413: 8, 429: 14, 502: 14, 503: 14, 504: 14}


def post(
    address: str,
    method: str,
    request: Message,
    reply_type: type[M],
    *,
    act: bytes | None = None,
    timeout: float = 10.0,
) -> M:
    """Send one request to the hub's web address and give its reply.

    Args:
        address: "host:port" or "https://host".
        method: "/zongheng.tenancy.v1.TenancyService/Enrol".
        timeout: seconds.

    Raises:
        Unavailable: nobody answers there.
        ZonghengError: what the hub answered.
    """
    base = address if "://" in address else f"http://{address}"
    headers = {"Content-Type": "application/proto", "Connect-Protocol-Version": "1"}
    headers["Connect-Timeout-Ms"] = str(int(timeout * 1000))
    if act is not None:
        headers["Zongheng-Act-Bin"] = base64.b64encode(act).decode()
    sent = urllib.request.Request(
        base.rstrip("/") + method, request.SerializeToString(), headers, method="POST"
    )
    try:
        with urllib.request.urlopen(sent, timeout=timeout) as response:
            body: bytes = response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise refusal(error.code, error.read()) from None
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise Unavailable(f"the hub at {base} cannot be reached: {why}") from error
    return parsed(body, reply_type)


def refusal(http_status: int, body: bytes) -> ZonghengError:
    """The error in a Connect error body; by HTTP status where it is none."""
    try:
        document = json.loads(body)
        status = errors_pb2.Status(
            code=_CODES[document["code"]], message=document.get("message", "")
        )
        for detail in document.get("details", ()):
            _add(status, detail)
    except (ValueError, KeyError, TypeError, AttributeError):
        code = _BY_HTTP_STATUS.get(http_status, 13)
        return ZonghengError.from_status(None, code, f"the web address answered {http_status}")
    return ZonghengError.from_status(status.SerializeToString(), status.code, status.message)


def _add(status: errors_pb2.Status, detail: dict[str, Any]) -> None:
    name = str(detail.get("type", "")).rpartition("/")[2]
    if name in _DETAILS:
        value = str(detail["value"])
        status.details.add(
            type_url=f"type.googleapis.com/{name}",
            value=base64.b64decode(value + "=" * (-len(value) % 4)),
        )
