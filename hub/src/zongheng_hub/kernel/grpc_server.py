"""The gRPC port: admitted, then read; raw bytes in, raw bytes out, one handler a method."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
import grpc.aio

from zongheng_hub.kernel.identity import Channel
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.methods import Method
from zongheng_hub.kernel.quota import Share
from zongheng_hub.kernel.slow import Patience
from zongheng_protos.errors import Internal, Malformed, NotEnrolled, TooLarge, ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_tenants.act import METADATA_KEY, RECEIPT_KEY

log = logging.getLogger("zongheng.grpc")

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_METADATA_BYTES = 16 * 1024
STATUS_KEY = "grpc-status-details-bin"
MAX_READ_BYTES = 64 * 1024
"""Of a request of the read class: it names things and carries none."""
READ_SECONDS = 10.0
"""How long the one message of a request may take to arrive."""
WRITE_SECONDS = 30.0
"""How long a stream's chunk may wait for its reader."""
_MAX_CHANNELS = 10_000
_CODES = {code.value[0]: code for code in grpc.StatusCode}

ReadCertificate = Callable[[bytes], Channel]
Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"


SERVER_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", MAX_METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
    ("grpc.so_reuseport", 0),
    ("grpc.optimization_target", "throughput"),
    # What one connection may have under way; the rest waits with its sender. gRPC refuses what is
    # opened beyond it before it costs us anything, also to whoever opens and cancels at once.
    ("grpc.max_concurrent_streams", 128),
    # No compression: nothing can swell, and no secret shows in a length.
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.max_allowed_incoming_connections", 2000),
    # A connection lives half an hour, and five minutes when nothing goes over it.
    ("grpc.max_connection_age_ms", 30 * 60_000),
    ("grpc.max_connection_age_grace_ms", 5 * 60_000),
    ("grpc.max_connection_idle_ms", 5 * 60_000),
    ("grpc.server_handshake_timeout_ms", 10_000),
    # Dead peers are found after half a minute; whoever pings more often than every ten seconds
    # is told to go away.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 3),
)


class PortInUse(Exception):
    """The hub cannot listen where it was told to."""


class Gate(grpc.GenericRpcHandler):
    """Lets calls in, in the order of what their checks cost, and hands them to the kernel.

    Every method is served as if its requests streamed: so a call is admitted before its body is
    read, and what is not admitted stays with the sender (HTTP/2 flow control).
    """

    def __init__(
        self, kernel: Kernel, read_certificate: ReadCertificate, patience: Patience
    ) -> None:
        self._kernel = kernel
        self._admission = kernel.admission
        self._read_certificate = read_certificate
        self._patience = patience
        self._channels: dict[bytes, Channel] = {}
        self._handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        name: str = details.method
        handler = self._handlers.get(name)
        if handler is None:
            method = self._kernel.methods.get(name)
            if method is not None and method.stream is not None:
                handler = grpc.stream_stream_rpc_method_handler(self._streaming(method))
            else:
                quota = options.QUOTA_READ if method is None else method.quota
                handler = grpc.stream_unary_rpc_method_handler(self._unary(name, quota))
            if method is not None:  # unknown names are the caller's to choose: never kept
                self._handlers[name] = handler
        return handler

    def _unary(self, name: str, quota: int) -> Any:
        limit = body_limit(quota)
        admission = self._admission
        places = admission.places(quota)

        async def call(_requests: object, context: Context) -> bytes:
            share = None
            try:
                channel = self._channel(context)
                share = admission.share(channel.tenant)
                outside = admission.enter(share, quota)
                if outside is not None:
                    await admission.wait_outside(share, outside)
                try:
                    request = await self._body(context, limit)
                    large = len(request) if len(request) > MAX_READ_BYTES else 0
                    if large:
                        admission.take_bytes(large)
                    try:
                        if not places.take(share.name):
                            await places.wait(share)
                        try:
                            reply = await self._kernel.handle(
                                name, request, channel=channel, act=_act(context)
                            )
                        finally:
                            places.give(share.name)
                    finally:
                        admission.bytes_held -= large
                finally:
                    admission.leave(share)
            except ZonghengError as error:
                await self._refuse(context, error, name, share)
                raise AssertionError("abort returned") from error
            except Exception as error:
                await self._refuse(context, _unforeseen(error, name), name, share)
                raise AssertionError("abort returned") from error
            if quota == options.QUOTA_BULK:
                share.spend_bytes(len(request) + len(reply.payload), time.monotonic())
            if reply.receipt is not None:
                context.set_trailing_metadata(((RECEIPT_KEY, reply.receipt),))
            return reply.payload

        return call

    def _streaming(self, method: Method) -> Any:
        name, quota, limit = method.name, method.quota, body_limit(method.quota)
        admission = self._admission

        async def call(_requests: object, context: Context) -> None:
            share = None
            try:
                channel = self._channel(context)
                share = admission.share(channel.tenant)
                admission.enter_stream(share, quota)
                try:
                    request = await self._body(context, limit)
                    async for chunk in self._kernel.handle_stream(
                        name, request, channel=channel, act=_act(context)
                    ):
                        await self._patience.wait(
                            context.write(chunk), WRITE_SECONDS, "reading the stream"
                        )
                        if quota == options.QUOTA_BULK:
                            pause = share.spend_bytes(len(chunk), time.monotonic())
                            if pause:
                                await asyncio.sleep(pause)
                finally:
                    admission.leave_stream(share)
            except asyncio.CancelledError:  # while a chunk was being written
                ended = self._kernel.live.verdict()
                if ended is None:
                    raise
                await self._refuse(context, ended, name, share)
            except ZonghengError as error:
                await self._refuse(context, error, name, share)
            except Exception as error:
                await self._refuse(context, _unforeseen(error, name), name, share)

        return call

    async def _body(self, context: Context, limit: int) -> bytes:
        body: Any = await self._patience.wait(context.read(), READ_SECONDS, "sending the request")
        if body is grpc.aio.EOF:
            raise Malformed("the call came without a message")
        if len(body) > limit:
            raise TooLarge(f"the request has {len(body):,} bytes; at most {limit:,} are taken here")
        return bytes(body)

    async def _refuse(
        self, context: Context, error: ZonghengError, name: str, share: Share | None
    ) -> None:
        # Not the message: it may repeat what the caller sent.
        log.info("%s refused: %s", name, error.reason_name)
        if error.retry_after is not None and share is not None:
            await self._admission.turn_away(share, error)
        await context.abort(_CODES[error.code], error.message, ((STATUS_KEY, error.to_status()),))

    def _channel(self, context: Context) -> Channel:
        shown: Any = context.auth_context()
        certificates = shown.get("x509_pem_cert")
        if not certificates:
            raise NotEnrolled("the channel shows no client certificate")
        pem = bytes(certificates[0])
        channel = self._channels.get(pem)
        if channel is None:
            if len(self._channels) >= _MAX_CHANNELS:
                self._channels.clear()
            channel = self._channels[pem] = self._read_certificate(pem)
        return channel


def body_limit(quota: int) -> int:
    """The most bytes of a request, by quota class."""
    return MAX_READ_BYTES if quota == options.QUOTA_READ else MAX_MESSAGE_BYTES


def _act(context: Context) -> bytes | None:
    for key, value in context.invocation_metadata() or ():
        if key == METADATA_KEY:
            return value if isinstance(value, bytes) else value.encode()
    return None


def _unforeseen(error: Exception, name: str) -> ZonghengError:
    log.error("%s failed", name, exc_info=error)
    return Internal("the hub failed at this call; its log holds the cause")


def bind(
    kernel: Kernel,
    *,
    host: str,
    port: int,
    server_key_pem: bytes,
    server_pem: bytes,
    ca_pem: bytes,
    read_certificate: ReadCertificate,
    patience: Patience,
) -> tuple[grpc.aio.Server, int]:
    """The mTLS gRPC server, bound but not started, and its port (0 chooses a free one).

    Raises:
        PortInUse: something else listens there.
    """
    server = grpc.aio.server(options=SERVER_OPTIONS)
    server.add_generic_rpc_handlers((Gate(kernel, read_certificate, patience),))
    credentials = grpc.ssl_server_credentials(
        [(server_key_pem, server_pem)], root_certificates=ca_pem, require_client_auth=True
    )
    _check_free(host, port)
    try:
        bound = server.add_secure_port(f"{host}:{port}", credentials)
    except RuntimeError as error:
        raise PortInUse(_taken(host, port)) from error
    if bound == 0:
        raise PortInUse(f"cannot listen on {host}:{port}: choose another address with --host")
    return server, bound


def _check_free(host: str, port: int) -> None:
    """Ask the system before gRPC does, which would write lines of its own to the terminal."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise PortInUse(_taken(host, port)) from error
            raise PortInUse(
                f"cannot listen on {host} ({error.strerror}): name an address of this machine "
                "with --host"
            ) from error


def _taken(host: str, port: int) -> str:
    return (
        f"port {port} on {host} is taken or not allowed: stop what listens there or choose another "
        "with --port"
    )
