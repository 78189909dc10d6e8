"""A signer: holds an identity's keys, so that the application's process holds none of them."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from pathlib import Path
from typing import Any

from zongheng_protos.errors import Invalid, SignerUnavailable, ZonghengError
from zongheng_sdk.custody import channel_signature
from zongheng_sdk.signer_frames import (
    PROTOCOL,
    FrameError,
    receive_frame,
    send_frame,
    to_bytes,
    to_text,
)
from zongheng_tenants.identity import Identity
from zongheng_tenants.suites import NAMES

IDLE_SECONDS = 60.0
"""How long a connection may stand still."""


class Signer:
    """Serves one identity's keys on a Unix socket that only this user may open.

    Args:
        identity: with its keys, read from a file or attached to a token.
        path: of the socket; an old one there is replaced.

    Raises:
        SignerUnavailable: the socket cannot be made, or another signer serves it.
    """

    def __init__(self, identity: Identity, path: Path) -> None:
        self._identity = identity
        self._path = path
        self._socket = _listening(path)
        self._closing = False

    def serve(self) -> None:
        """Answer until close; each connection in a thread of its own."""
        while not self._closing:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                break
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, FrameError):
            connection.settimeout(IDLE_SECONDS)
            if _uid_of(connection) not in (None, os.getuid()):
                return
            while (message := receive_frame(connection)) is not None:
                send_frame(connection, self._answer(message))

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._carried_out(message)
        except (ZonghengError, FrameError, ValueError) as error:
            return {"error": str(error)}

    def _carried_out(self, message: dict[str, Any]) -> dict[str, Any]:
        what, key = message.get("do"), str(message.get("key", ""))
        signing = self._identity.signing()
        if what == "keys":
            return {"protocol": PROTOCOL, "keys": self._keys()}
        if what == "sign":
            if key != signing.id:
                raise Invalid(f"{key or 'no key'} does not sign here")
            return {"signature": to_text(signing.sign(to_bytes(message, "message")))}
        if what == "unwrap":
            opener = self._identity.sealing_with(key)
            if key != opener.id:
                raise Invalid(f"{key or 'no key'} opens nothing here")
            data_key = opener.unwrap(to_bytes(message, "wrapped"), to_bytes(message, "info"))
            return {"data_key": to_text(data_key)}
        if what == "sign-channel":
            return {
                "signature": to_text(channel_signature(self._identity, to_bytes(message, "data")))
            }
        raise Invalid(f"this signer does not know how to {what}")

    def _keys(self) -> list[dict[str, str]]:
        identity = self._identity
        pairs = (("signing", identity.signing()), ("sealing", identity.sealing()))
        return [
            {"use": use, "id": key.id, "suite": NAMES[key.suite], "public": to_text(key.public)}
            for use, key in pairs
        ]


def _listening(path: Path) -> socket.socket:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
        else:
            raise SignerUnavailable(
                f"another signer serves {path}: stop it, or name another socket"
            )
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        found.bind(str(path))
        found.listen(16)
    except OSError as error:
        found.close()
        raise SignerUnavailable(f"cannot listen at {path}: {error.strerror}") from error
    finally:
        os.umask(before)
    return found


def _uid_of(connection: socket.socket) -> int | None:
    """Who is at the other end, where the system says so."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    credentials = connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])
