"""The CA's certificates open a real mTLS channel, and only they do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.tenancy_house import csr_of
from zongheng_hub.tenancy.ca import ChannelAuthority, ChannelIdentity, channel_identity

WHO = "/test.Service/Who"


def now_ms() -> int:
    """Real time: the handshake checks dates by the machine's clock."""
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Server:
    authority: ChannelAuthority
    port: int
    seen: list[ChannelIdentity]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    authority = ChannelAuthority.create(hub_id="h_1", name="test", now_ms=now_ms())
    key, certificate = authority.server_certificate([], now_ms=now_ms())
    seen: list[ChannelIdentity] = []

    async def who(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        (pem,) = context.auth_context()["x509_pem_cert"]
        seen.append(channel_identity(pem))
        return request

    listening = grpc.aio.server()
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(who)
    listening.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("test.Service", {"Who": handler}),)
    )
    credentials = grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=authority.pem, require_client_auth=True
    )
    port = listening.add_secure_port("127.0.0.1:0", credentials)
    await listening.start()
    yield Server(authority, port, seen)
    await listening.stop(None)


async def ask(server: Server, issuer: ChannelAuthority) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = issuer.issue_channel_certificate(csr_of(key), "h_1", "t_1", now_ms())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    credentials = grpc.ssl_channel_credentials(server.authority.pem, private, pem)
    async with grpc.aio.secure_channel(f"127.0.0.1:{server.port}", credentials) as channel:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(WHO)
        reply: bytes = await call(b"hello", timeout=10)
    return reply


async def test_a_channel_certificate_says_who_is_calling(server: Server) -> None:
    assert await ask(server, server.authority) == b"hello"

    assert [(one.hub_id, one.tenant) for one in server.seen] == [("h_1", "t_1")]


async def test_a_certificate_of_another_ca_opens_no_channel(server: Server) -> None:
    other = ChannelAuthority.create(hub_id="h_1", name="test", now_ms=now_ms())

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(server, other)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    assert server.seen == []
