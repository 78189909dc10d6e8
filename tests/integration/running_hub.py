"""A real hub and a bare client that can send anything, for tests of the way in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message import Message

from zongheng_hub.settings import SignIn
from zongheng_hub.testing import RunningHub, start
from zongheng_protos.errors import ZonghengError
from zongheng_tenants.act import METADATA_KEY, sign_act
from zongheng_tenants.identity import Identity
from zongheng_tenants.keys import SigningKey

STATUS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class RawClient:
    """Sends exactly what it is told, signed by whom it is told."""

    identity: Identity
    channel: grpc.Channel

    def call(
        self,
        method: str,
        request: Message | bytes,
        *,
        key: SigningKey | None = None,
        act: bytes | None = None,
        signed: bool = True,
    ) -> bytes:
        """The reply's bytes. Raises the ZonghengError that the hub answered with."""
        body = request if isinstance(request, bytes) else request.SerializeToString()
        if act is None and signed:
            act = self.act(method, body, key=key)
        metadata = [(METADATA_KEY, act)] if act is not None else []
        send: Any = self.channel.unary_unary(method)
        try:
            reply: bytes = send(body, metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            raise as_zongheng(error) from None
        return reply

    def stream(self, method: str, request: Message) -> list[bytes]:
        """As call, unsigned, for a method that streams its reply."""
        try:
            replies = self.unsigned(method, request.SerializeToString(), streams=True)
        except grpc.RpcError as error:
            raise as_zongheng(error) from None
        assert isinstance(replies, list)
        return replies

    def unsigned(self, method: str, body: bytes, *, streams: bool = False) -> bytes | list[bytes]:
        """As call, unsigned, with gRPC's own errors."""
        if streams:
            stream: Any = self.channel.unary_stream(method)
            return list(stream(body, timeout=5))
        send: Any = self.channel.unary_unary(method)
        reply: bytes = send(body, timeout=5)
        return reply

    def act(
        self,
        method: str,
        body: bytes,
        *,
        key: SigningKey | None = None,
        nonce: bytes | None = None,
        now_ms: int | None = None,
        audience: str | None = None,
        tenant: str | None = None,
        on_behalf: bool = False,
    ) -> bytes:
        return sign_act(
            method=method,
            request=body,
            tenant=tenant or self.identity.tenant,
            operator="王小明",
            audience=audience or self.identity.hub_id,
            key=key or self.identity.signing(),
            nonce=nonce,
            now_ms=now_ms,
            on_behalf=on_behalf,
        )


def as_zongheng(error: grpc.RpcError) -> ZonghengError:
    failed: Any = error
    details = dict(failed.trailing_metadata() or ()).get(STATUS_KEY)
    return ZonghengError.from_status(details, failed.code().value[0], failed.details() or "")


@contextmanager
def running_hub(
    folder: Path, *, database: str | None = None, sign_in: SignIn | None = None
) -> Iterator[RunningHub]:
    hub = start(folder, database=database, sign_in=sign_in)
    try:
        yield hub
    finally:
        hub.stop()


@contextmanager
def client_of(identity: Identity) -> Iterator[RawClient]:
    credentials = grpc.ssl_channel_credentials(
        identity.ca_pem, identity.channel_key_pem, identity.channel_pem
    )
    with grpc.secure_channel(identity.grpc_address, credentials) as channel:
        yield RawClient(identity, channel)


def province_of(hub: RunningHub) -> Identity:
    identity = Identity.from_json(hub.province_identity.read_text("utf-8"))
    return replace(identity, grpc_address=hub.grpc_address, web_address=hub.web_address)
