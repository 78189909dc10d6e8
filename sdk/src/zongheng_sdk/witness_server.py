"""A witness over HTTP as C2SP tlog-witness says: logs come to it with their checkpoints."""

from __future__ import annotations

import logging
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any

from zongheng_protos.errors import Invalid, NotFound, ZonghengError
from zongheng_sdk.notes import NoteInvalid
from zongheng_sdk.proofs import ProofInvalid
from zongheng_sdk.witness import CosignedElsewhere, Witness, parse_request
from zongheng_sdk.witness_folder import origin_hash

MAX_BODY_BYTES = 128 * 1024
CONNECTIONS = 64
IDLE_SECONDS = 15
_TEXT = "text/plain; charset=utf-8"
_SIZE = "text/x.tlog.size"
_NEWEST = re.compile("/([0-9a-f]{64})/checkpoint")
_log = logging.getLogger(__name__)


class WitnessServer(ThreadingHTTPServer):
    """Listens once made; serve_forever answers, server_close ends it.

    A connection that says nothing for IDLE_SECONDS is ended; over CONNECTIONS, a new one is.
    """

    daemon_threads = True
    request_queue_size = CONNECTIONS

    def __init__(self, witness: Witness, address: tuple[str, int]) -> None:
        self.witness = witness
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        _log.debug("a connection from %s broke", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "zongheng-witness"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            self._answer(HTTPStatus.BAD_REQUEST, f"a body of up to {MAX_BODY_BYTES} bytes\n")
            return
        body = self.rfile.read(int(length))
        if not self.path.endswith("/add-checkpoint"):
            self._answer(HTTPStatus.NOT_FOUND, "POST add-checkpoint; see c2sp.org/tlog-witness\n")
            return
        self._answer(*_added(self.server.witness, body))

    def do_GET(self) -> None:
        asked = _NEWEST.search(self.path)
        if asked is not None and self.path.endswith(asked[0]):
            witness = self.server.witness
            for origin in witness.origins():
                newest = witness.newest(origin)
                if origin_hash(origin) == asked[1] and newest is not None:
                    self._answer(HTTPStatus.OK, newest.checkpoint.note)
                    return
        self._answer(HTTPStatus.NOT_FOUND, "no checkpoint of such a log was cosigned here\n")

    def _answer(self, status: HTTPStatus, body: str | bytes, kind: str = _TEXT) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.send_header("cache-control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        _log.info("%s %s", self.address_string(), format % args)


def _added(witness: Witness, body: bytes) -> tuple[HTTPStatus, str, str]:
    try:
        asked = parse_request(body)
    except Invalid as error:
        return HTTPStatus.BAD_REQUEST, f"{error.message}\n", _TEXT
    try:
        found = witness.cosign(asked.checkpoint, asked.old, asked.proof)
    except CosignedElsewhere as error:
        return HTTPStatus.CONFLICT, f"{error.size}\n", _SIZE
    except ProofInvalid as error:
        _log.warning("not cosigned: %s", error.message)
        return HTTPStatus.UNPROCESSABLE_ENTITY, f"{error.message}\n", _TEXT
    except ZonghengError as error:
        status = {NotFound: HTTPStatus.NOT_FOUND, NoteInvalid: HTTPStatus.FORBIDDEN}
        return status.get(type(error), HTTPStatus.BAD_REQUEST), f"{error.message}\n", _TEXT
    return HTTPStatus.OK, found.line, _TEXT
