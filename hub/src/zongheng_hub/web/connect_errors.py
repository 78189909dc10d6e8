"""Errors as Connect JSON with the HTTP status that the protocol gives each code."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

from google.protobuf import any_pb2
from starlette.responses import Response
from starlette.types import Scope

from zongheng_protos.errors import MethodUnknown, ZonghengError
from zongheng_protos.errors.v1 import errors_pb2

# google.rpc.Code number: Connect's name and HTTP status.
CODES: dict[int, tuple[str, int]] = {
    1: ("canceled", 499),
    2: ("unknown", 500),
    3: ("invalid_argument", 400),
    4: ("deadline_exceeded", 504),
    5: ("not_found", 404),
    6: ("already_exists", 409),
    7: ("permission_denied", 403),
    8: ("resource_exhausted", 429),
    9: ("failed_precondition", 400),
    10: ("aborted", 409),
    11: ("out_of_range", 400),
    12: ("unimplemented", 501),
    13: ("internal", 500),
    14: ("unavailable", 503),
    15: ("data_loss", 500),
    16: ("unauthenticated", 401),
}


def http_status(error: ZonghengError) -> int:
    return CODES.get(error.code, CODES[13])[1]


def error_body(error: ZonghengError) -> dict[str, Any]:
    """{code, message, details: [{type: "google.rpc.ErrorInfo", value, debug}, …]}."""
    details = [
        {
            "type": detail.type_url.rpartition("/")[2],
            "value": base64.b64encode(detail.value).decode().rstrip("="),
            "debug": _readable(detail),
        }
        for detail in errors_pb2.Status.FromString(error.to_status()).details
    ]
    code = CODES.get(error.code, CODES[13])[0]
    return {"code": code, "message": error.message, "details": details}


def error_response(error: ZonghengError, status: int | None = None) -> Response:
    body = json.dumps(error_body(error), ensure_ascii=False).encode()
    return Response(
        body,
        status_code=status or http_status(error),
        media_type="application/json",
        headers=_retry_after(error),
    )


def turned_away(scope: Scope, error: ZonghengError) -> Response:
    """The answer to a request that was not let in: Connect's to a procedure, else plain words."""
    if scope["method"] == "POST" and "." in scope["path"]:
        return error_response(error)
    return Response(
        f"{error.advice_zh}\n{error.message}. {error.advice}\n",
        status_code=http_status(error),
        media_type="text/plain; charset=utf-8",
        headers=_retry_after(error),
    )


def _retry_after(error: ZonghengError) -> dict[str, str]:
    return {} if error.retry_after is None else {"retry-after": str(math.ceil(error.retry_after))}


def _readable(detail: any_pb2.Any) -> dict[str, Any]:
    if detail.type_url.endswith("/google.rpc.RetryInfo"):
        wait = errors_pb2.RetryInfo.FromString(detail.value).retry_delay
        return {"retryDelay": f"{wait.ToMilliseconds() / 1000:g}s"}
    info = errors_pb2.ErrorInfo.FromString(detail.value)
    return {"reason": info.reason, "domain": info.domain, "metadata": dict(info.metadata)}


def stream_refusal(kind: str, procedure: str) -> Response:
    """A stream's end in Connect's framing that says: use gRPC."""
    error = MethodUnknown(f"streams are not served over Connect: call {procedure} over gRPC")
    end = json.dumps({"error": error_body(error)}, ensure_ascii=False).encode()
    frame = b"\x02" + len(end).to_bytes(4, "big") + end
    return Response(frame, status_code=200, media_type=kind)
