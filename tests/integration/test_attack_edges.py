"""What lies at the edge of a number, a size or a form is refused by name, never by a failure."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.integration.running_hub import RawClient, client_of
from tests.integration.test_web_console import form_token
from tests.integration.web_client import WebClient
from zongheng_hub.kernel.kernel import MAX_ACT_BYTES
from zongheng_protos import errors
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.tlog.v1 import tlog_pb2
from zongheng_sdk.testing import LocalHub

FILE_NEED = "/zongheng.needs.v1.NeedsService/FileNeed"
LOG = "/zongheng.tlog.v1.LogService/"
NEED = needs.FileNeedRequest(
    kind=needs.NEED_KIND_DATA, title="没有户表数据", urgency=needs.URGENCY_NORMAL
).SerializeToString()


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol("140105")
        yield running


@pytest.fixture
def county(local: LocalHub) -> Iterator[RawClient]:
    with client_of(local.enrol("140105").identity) as client:
        yield client


@pytest.fixture
def operator(local: LocalHub) -> WebClient:
    client = WebClient(local.web_address)
    client.form("/sign-in", {"t": sign_in_token(local)})
    return client


def sign_in_token(local: LocalHub) -> str:
    link: str = local._running.sign_in_link("140105", "王小明")  # type: ignore[attr-defined]
    return link.partition("t=")[2]


def padded(size: int) -> bytes:
    """A need of this many bytes, most of them in a field that no version knows."""
    pad = size - len(NEED) - 6
    length = bytes((pad & 0x7F | 0x80, pad >> 7 & 0x7F | 0x80, pad >> 14 & 0x7F | 0x80, pad >> 21))
    return NEED + b"\xa2\x06" + length + bytes(pad)


def test_no_act_is_too_large_for_its_content_to_be_shown(
    local: LocalHub, county: RawClient
) -> None:
    with pytest.raises(errors.TooLarge, match="act's request"):
        county.call(FILE_NEED, padded(MAX_ACT_BYTES + 1))

    largest = padded(MAX_ACT_BYTES)
    reply = needs.FileNeedReply.FromString(county.call(FILE_NEED, largest))
    asked = tlog_pb2.GetContentRequest(index=reply.need.events[0].log_index)
    with client_of(local.province.identity) as province:
        shown = tlog_pb2.GetContentReply.FromString(province.call(LOG + "GetContent", asked))
    assert shown.request == largest


@pytest.mark.parametrize(
    "path",
    [
        "/log/-1",
        "/log/9223372036854775807",
        "/log/18446744073709551616",
        "/log/-1.tlog-proof",
        "/log/9223372036854775807.tlog-proof",
        "/log/18446744073709551616.tlog-proof",
        "/tlog/tile/0/" + "x000/" * 900 + "000",
        "/tlog/tile/0/..%2f..%2f..%2fhub.sqlite3",
        "/static/..%2fapp.py",
    ],
)
def test_an_address_of_nothing_is_not_found(local: LocalHub, path: str) -> None:
    assert WebClient(local.web_address).get(path, follow=False).status == 404


@pytest.mark.parametrize(
    "query",
    ["since=9999-12-31", "until=9999-12-31", "since=0001-01-01", "until=0001-01-01"],
)
def test_the_log_is_searched_up_to_the_last_day_there_is(local: LocalHub, query: str) -> None:
    assert WebClient(local.web_address).get(f"/log?{query}").status == 200


@pytest.mark.parametrize("codec", ["unicode_escape", "raw_unicode_escape", "undefined", "utf-16"])
def test_a_form_cannot_choose_how_it_is_decoded(operator: WebClient, codec: str) -> None:
    token = form_token(operator.get("/needs/new").text)
    fields = {"form_token": token, "kind": "1", "title": r"\ud800没有数据", "urgency": "1"}
    parts = [
        f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    answer = operator.post(
        "/needs/new",
        "".join([*parts, "--b--\r\n"]),
        headers={"content-type": f"multipart/form-data; boundary=b; charset={codec}"},
    )
    assert answer.status == 403


def test_a_sign_in_link_taken_by_many_at_once_opens_one_session(local: LocalHub) -> None:
    token = sign_in_token(local)
    start = threading.Barrier(10)

    def take(_: int) -> int:
        start.wait()
        return WebClient(local.web_address).form("/sign-in", {"t": token}, follow=False).status

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(take, range(10))) == [303] + [403] * 9


@pytest.mark.parametrize(
    ("path", "kind"),
    [(f"{LOG}GetCheckpoint", "json"), ("/sign-in", "x-www-form-urlencoded")],
)
def test_a_caller_who_goes_away_while_sending_fills_no_log(
    local: LocalHub, caplog: pytest.LogCaptureFixture, path: str, kind: str
) -> None:
    address = urlsplit(local.web_address)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\n"
        f"content-type: application/{kind}\r\ncontent-length: 9\r\n\r\n{{"
    )
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            with socket.create_connection((str(address.hostname), address.port or 0)) as sender:
                sender.sendall(head.encode())
        time.sleep(0.3)
        assert WebClient(local.web_address).get("/log").status == 200
    assert not caplog.records


def test_a_need_is_for_nobody_elses_session(local: LocalHub, operator: WebClient) -> None:
    need = local.enrol("140106").needs.file(kind="data", title="别家的需求")
    token = form_token(operator.get("/needs/new").text)
    assert operator.get(f"/needs/{need.id}").status == 403
    for step in ("accept", "answer", "confirm", "reopen"):
        fields = {"form_token": token, "text": "代为办理", "reason": "代为办理"}
        assert operator.form(f"/needs/{need.id}/{step}", fields).status in (403, 422)
    assert local.enrol("140106").needs.get(need.id).state == need.state
