"""Keys that another process holds: asked over a Unix socket."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

from zongheng_protos.errors import Invalid, SignerUnavailable
from zongheng_sdk.signer_frames import (
    PROTOCOL,
    FrameError,
    receive_frame,
    send_frame,
    to_bytes,
    to_text,
)
from zongheng_tenants.keys import key_id
from zongheng_tenants.suites import number_of

SECONDS = 30.0
"""How long a signer may take; a person may have to press a button."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A key that the signer holds; what it can do is asked of the signer."""

    client: SocketHolder
    public: bytes
    suite: int
    id: str

    def sign(self, message: bytes) -> bytes:
        reply = self.client.ask({"do": "sign", "key": self.id, "message": to_text(message)})
        return _field(reply, "signature")

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        reply = self.client.ask(
            {"do": "unwrap", "key": self.id, "wrapped": to_text(wrapped), "info": to_text(info)}
        )
        return _field(reply, "data_key")


class SocketHolder:
    """What answers for an identity with custody "unix:PATH".

    Raises (from every method):
        SignerUnavailable: nobody listens at the path, or what answers is no signer.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def signing(self) -> _Key:
        return self._keys("signing")[0]

    def sealing(self, key_id: str) -> _Key:
        keys = self._keys("sealing")
        return next((key for key in keys if key.id == key_id), keys[0])

    def sign_channel(self, data: bytes) -> bytes:
        return _field(self.ask({"do": "sign-channel", "data": to_text(data)}), "signature")

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """One question, one answer, over a connection of its own.

        Raises:
            Invalid: the signer refuses what was asked.
        """
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(SECONDS)
                connection.connect(self._path)
                send_frame(connection, message)
                reply = receive_frame(connection)
        except (OSError, FrameError) as error:
            raise SignerUnavailable(
                f"the signer at {self._path} does not answer: {error}"
            ) from error
        if reply is None:
            raise SignerUnavailable(f"the signer at {self._path} has closed the connection")
        if "error" in reply:
            raise Invalid(f"the signer refuses: {reply['error']}")
        return reply

    def _keys(self, use: str) -> list[_Key]:
        reply = self.ask({"do": "keys"})
        if reply.get("protocol") != PROTOCOL:
            raise SignerUnavailable(f"the signer at {self._path} speaks another protocol")
        try:
            found = [
                self._key(key, to_bytes(key, "public"))
                for key in reply["keys"]
                if key["use"] == use
            ]
        except (FrameError, KeyError, TypeError) as error:
            raise SignerUnavailable(f"the signer's list of keys cannot be read: {error}") from error
        if not found:
            raise SignerUnavailable(f"the signer at {self._path} holds no {use} key")
        return found

    def _key(self, key: dict[str, Any], public: bytes) -> _Key:
        return _Key(self, public, number_of(key["suite"]), key_id(public))


def _field(reply: dict[str, Any], name: str) -> bytes:
    try:
        return to_bytes(reply, name)
    except FrameError as error:
        raise SignerUnavailable(f"the signer's answer cannot be read: {error}") from error
