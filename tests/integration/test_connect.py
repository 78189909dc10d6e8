"""The Connect protocol against a real hub: JSON and binary, acts, and every way to get it wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.running_hub import province_of, running_hub
from tests.integration.web_client import Answer, WebClient
from zongheng_hub.testing import RunningHub
from zongheng_protos.errors.v1.errors_pb2 import ErrorInfo
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1 import tlog_pb2 as tlog
from zongheng_tenants.act import sign_act

HUB = "/zongheng.tenancy.v1.TenancyService/GetHub"
LIST = "/zongheng.needs.v1.NeedsService/ListNeeds"
ADOPT = "/zongheng.catalogue.v1.CatalogueService/Adopt"
FILE = "/zongheng.needs.v1.NeedsService/FileNeed"
CHUNKS = "/zongheng.sharing.v1.SharingService/ReadChunks"
JSON = {"content-type": "application/json"}
PROTO = {"content-type": "application/proto"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("connect") / "hub") as running:
        yield running


@pytest.fixture(scope="module")
def web(hub: RunningHub) -> WebClient:
    return WebClient(hub.web_address)


def signed(hub: RunningHub, method: str, body: bytes, nonce: bytes | None = None) -> str:
    identity = province_of(hub)
    act = sign_act(
        method=method,
        request=body,
        tenant=identity.tenant,
        operator="王小明",
        audience=identity.hub_id,
        key=identity.signing(),
        nonce=nonce,
    )
    return base64.b64encode(act).decode().rstrip("=")


def refusal(answer: Answer) -> tuple[int, str, str]:
    """Status, code and reason of an error."""
    body: dict[str, Any] = answer.json()
    detail = body["details"][0]
    assert detail["type"] == "google.rpc.ErrorInfo"
    value = detail["value"]
    info = ErrorInfo.FromString(base64.b64decode(value + "=" * (-len(value) % 4)))
    assert info.reason == detail["debug"]["reason"]
    assert info.metadata["advice"]
    return answer.status, body["code"], info.reason


def test_an_open_method_answers_in_json(web: WebClient) -> None:
    answer = web.post(HUB, "{}", headers=JSON | {"connect-protocol-version": "1"})

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["hubId"].startswith("h_")


def test_the_same_method_answers_in_binary(web: WebClient) -> None:
    answer = web.post(HUB, b"", headers=PROTO)

    assert answer.headers["content-type"] == "application/proto"
    assert tenancy.GetHubReply.FromString(answer.content).hub_id.startswith("h_")


def test_an_empty_body_is_an_empty_message_in_json_too(web: WebClient) -> None:
    assert web.post(HUB, headers=JSON).status == 200


def test_an_act_goes_in_with_its_envelope_and_comes_back_with_its_receipt(
    hub: RunningHub, web: WebClient
) -> None:
    request = needs.FileNeedRequest(
        kind="NEED_KIND_DATA", title="没有户表数据", urgency="URGENCY_NORMAL"
    )
    body = request.SerializeToString()

    answer = web.post(FILE, body, headers=PROTO | {"zongheng-act-bin": signed(hub, FILE, body)})

    assert answer.status == 200, answer.text
    text = answer.headers["zongheng-receipt-bin"]
    receipt = tlog.Receipt.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))
    need = needs.FileNeedReply.FromString(answer.content).need
    assert need.events[0].log_index == receipt.index


def test_an_act_in_json_signs_the_binary_form(hub: RunningHub, web: WebClient) -> None:
    request = needs.FileNeedRequest(
        kind="NEED_KIND_TRAINING", title="网格员操作培训", urgency="URGENCY_NORMAL"
    )
    act = signed(hub, FILE, request.SerializeToString(deterministic=True))
    body = {"kind": "NEED_KIND_TRAINING", "title": "网格员操作培训", "urgency": 1}

    answer = web.post(FILE, json.dumps(body), headers=JSON | {"zongheng-act-bin": act})

    assert answer.json()["need"]["title"] == "网格员操作培训"


def test_an_act_sent_twice_gives_the_first_reply(hub: RunningHub, web: WebClient) -> None:
    body = needs.FileNeedRequest(
        kind="NEED_KIND_DATA", title="只报一次的需求", urgency="URGENCY_NORMAL"
    ).SerializeToString()
    headers = PROTO | {"zongheng-act-bin": signed(hub, FILE, body)}

    first, second = (web.post(FILE, body, headers=headers) for _ in range(2))

    assert first.content == second.content


def test_a_method_that_asks_for_a_signature_refuses_without(web: WebClient) -> None:
    assert refusal(web.post(LIST, "{}", headers=JSON))[:2] == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("act", "reason"),
    [("%%%", "MALFORMED"), ("AAAA", "SIGNATURE_INVALID"), ("A" * 20_000, "MALFORMED")],
)
def test_an_envelope_that_is_none_is_refused(web: WebClient, act: str, reason: str) -> None:
    answer = web.post(LIST, "{}", headers=JSON | {"zongheng-act-bin": act})

    assert refusal(answer)[2] == reason


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"page_size": "many"}',
        b'{"nothing": 1}',
        b'{"page_size": 1, "page_size": 2}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_json_that_is_no_such_message_is_refused(web: WebClient, body: bytes) -> None:
    answer = web.post(LIST, body, headers=JSON)

    assert refusal(answer) == (400, "invalid_argument", "MALFORMED")


def test_an_unknown_method_is_not_found(web: WebClient) -> None:
    answer = web.post("/zongheng.needs.v1.NeedsService/Forget", "{}", headers=JSON)

    assert refusal(answer) == (404, "unimplemented", "METHOD_UNKNOWN")


def test_a_stream_is_sent_to_grpc(web: WebClient) -> None:
    plain = web.post(CHUNKS, "{}", headers=JSON)
    assert refusal(plain) == (501, "unimplemented", "METHOD_UNKNOWN")
    assert "gRPC" in plain.json()["message"]

    framed = web.post(CHUNKS, b"", headers={"content-type": "application/connect+json"})
    assert framed.status == 200
    assert framed.content[0] == 2
    end = json.loads(framed.content[5:])
    assert end["error"]["code"] == "unimplemented"
    assert int.from_bytes(framed.content[1:5], "big") == len(framed.content) - 5


def test_other_verbs_and_types_are_refused(web: WebClient) -> None:
    got = web.get(HUB)
    assert (got.status, got.headers["allow"]) == (405, "POST")

    text = web.post(HUB, "{}", headers={"content-type": "text/plain"})
    assert (text.status, text.headers["accept-post"]) == (
        415,
        "application/json, application/proto",
    )


def test_another_version_or_encoding_is_refused(web: WebClient) -> None:
    version = web.post(HUB, "{}", headers=JSON | {"connect-protocol-version": "2"})
    assert refusal(version)[:2] == (400, "invalid_argument")

    packed = web.post(HUB, b"{}", headers=JSON | {"content-encoding": "gzip"})
    assert refusal(packed)[:2] == (501, "unimplemented")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(web: WebClient) -> None:
    answer = web.post(HUB, bytes(5 * 1024 * 1024), headers=PROTO)

    assert refusal(answer) == (429, "resource_exhausted", "TOO_LARGE")
    assert "4,194,304" in answer.json()["message"]


def test_a_deadline_that_has_passed_is_answered(web: WebClient) -> None:
    answer = web.post(HUB, "{}", headers=JSON | {"connect-timeout-ms": "0"})

    assert refusal(answer) == (504, "deadline_exceeded", "DEADLINE")


@pytest.mark.parametrize("timeout", ["soon", "-1", "99999999999"])
def test_a_deadline_that_is_none_is_refused(web: WebClient, timeout: str) -> None:
    answer = web.post(HUB, "{}", headers=JSON | {"connect-timeout-ms": timeout})

    assert refusal(answer) == (400, "invalid_argument", "INVALID")


def test_a_deadline_with_room_is_kept(web: WebClient) -> None:
    assert web.post(HUB, headers=JSON | {"connect-timeout-ms": "5000"}).status == 200


def test_what_protovalidate_refuses_names_the_field(web: WebClient, hub: RunningHub) -> None:
    body = needs.FileNeedRequest(
        kind="NEED_KIND_DATA", title="短", urgency="URGENCY_NORMAL"
    ).SerializeToString()

    answer = web.post(FILE, body, headers=PROTO | {"zongheng-act-bin": signed(hub, FILE, body)})

    assert refusal(answer) == (400, "invalid_argument", "INVALID")
    assert "title" in answer.json()["message"]


def test_answers_carry_the_security_headers(web: WebClient) -> None:
    assert web.post(HUB, headers=JSON).headers["x-content-type-options"] == "nosniff"
