"""Frames between an application and a signer: four bytes of length, then a JSON object.

The protocol is in docs/reference/signer.md, for whoever writes a signer for a UKey or an HSM.
"""

from __future__ import annotations

import base64
import json
import socket
from typing import Any

PROTOCOL = 1
MAX_FRAME = 1 << 20


class FrameError(Exception):
    """What came is no frame."""


def send_frame(connection: socket.socket, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    connection.sendall(len(body).to_bytes(4, "big") + body)


def receive_frame(connection: socket.socket) -> dict[str, Any] | None:
    """The next message; None where the other side has closed.

    Raises:
        FrameError: it is too long, cut off, or no JSON object.
    """
    head = _read(connection, 4)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    if len(head) < 4 or not 2 <= length <= MAX_FRAME:
        raise FrameError("the frame's length is wrong")
    body = _read(connection, length)
    if len(body) < length:
        raise FrameError("the frame is cut off")
    try:
        message = json.loads(body)
    except ValueError as error:
        raise FrameError("the frame is no JSON") from error
    if not isinstance(message, dict):
        raise FrameError("the frame is no JSON object")
    return message


def to_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def to_bytes(message: dict[str, Any], name: str) -> bytes:
    """A field in Base64. Raises FrameError."""
    try:
        return base64.b64decode(message[name], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise FrameError(f"{name} is missing or no Base64") from error


def _read(connection: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = connection.recv(min(length, 65536))
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
