"""Errors as Connect JSON with the HTTP status that the protocol gives each code."""

from __future__ import annotations

import base64
import json
from typing import Any

from starlette.responses import Response

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
    """{code, message, details: [{type: "google.rpc.ErrorInfo", value, debug}]}."""
    details = []
    for detail in errors_pb2.Status.FromString(error.to_status()).details:
        info = errors_pb2.ErrorInfo.FromString(detail.value)
        details.append(
            {
                "type": detail.type_url.rpartition("/")[2],
                "value": base64.b64encode(detail.value).decode().rstrip("="),
                "debug": {
                    "reason": info.reason,
                    "domain": info.domain,
                    "metadata": dict(info.metadata),
                },
            }
        )
    code = CODES.get(error.code, CODES[13])[0]
    return {"code": code, "message": error.message, "details": details}


def error_response(error: ZonghengError, status: int | None = None) -> Response:
    body = json.dumps(error_body(error), ensure_ascii=False).encode()
    return Response(body, status_code=status or http_status(error), media_type="application/json")


def stream_refusal(kind: str, procedure: str) -> Response:
    """A stream's end in Connect's framing that says: use gRPC."""
    error = MethodUnknown(f"streams are not served over Connect: call {procedure} over gRPC")
    end = json.dumps({"error": error_body(error)}, ensure_ascii=False).encode()
    frame = b"\x02" + len(end).to_bytes(4, "big") + end
    return Response(frame, status_code=200, media_type=kind)
