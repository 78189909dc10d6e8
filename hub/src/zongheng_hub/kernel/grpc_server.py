"""The gRPC port: raw bytes in, raw bytes out, one handler for every method."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from zongheng_hub.kernel.identity import Channel
from zongheng_hub.kernel.kernel import Kernel
from zongheng_protos.errors import Internal, NotEnrolled, ZonghengError
from zongheng_tenants.act import METADATA_KEY, RECEIPT_KEY

log = logging.getLogger("zongheng.grpc")

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_METADATA_BYTES = 16 * 1024
STATUS_KEY = "grpc-status-details-bin"
_MAX_CHANNELS = 10_000
_CODES = {code.value[0]: code for code in grpc.StatusCode}

ReadCertificate = Callable[[bytes], Channel]


class PortInUse(Exception):
    """The hub cannot listen where it was told to."""


class Gate(grpc.GenericRpcHandler):
    """Hands every call to the kernel as it came."""

    def __init__(self, kernel: Kernel, read_certificate: ReadCertificate) -> None:
        self._kernel = kernel
        self._read_certificate = read_certificate
        self._channels: dict[bytes, Channel] = {}
        self._handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        name: str = details.method
        handler = self._handlers.get(name)
        if handler is None:
            method = self._kernel.methods.get(name)
            if method is not None and method.stream is not None:
                handler = grpc.unary_stream_rpc_method_handler(self._streaming(name))
            else:
                handler = grpc.unary_unary_rpc_method_handler(self._unary(name))
            if method is not None:  # unknown names are the caller's to choose: never kept
                self._handlers[name] = handler
        return handler

    def _unary(self, name: str) -> Any:
        async def call(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
            try:
                reply = await self._kernel.handle(
                    name, request, channel=self._channel(context), act=_act(context)
                )
            except ZonghengError as error:
                await _refuse(context, error, name)
                raise AssertionError("abort returned") from error
            except Exception as error:
                await _refuse(context, _unforeseen(error, name), name)
                raise AssertionError("abort returned") from error
            if reply.receipt is not None:
                context.set_trailing_metadata(((RECEIPT_KEY, reply.receipt),))
            return reply.payload

        return call

    def _streaming(self, name: str) -> Any:
        async def call(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
            try:
                async for chunk in self._kernel.handle_stream(
                    name, request, channel=self._channel(context), act=_act(context)
                ):
                    await context.write(chunk)
            except asyncio.CancelledError:  # while a chunk was being written
                ended = self._kernel.live.verdict()
                if ended is None:
                    raise
                await _refuse(context, ended, name)
            except ZonghengError as error:
                await _refuse(context, error, name)
            except Exception as error:
                await _refuse(context, _unforeseen(error, name), name)

        return call

    def _channel(self, context: grpc.aio.ServicerContext[bytes, bytes]) -> Channel:
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


def _act(context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes | None:
    for key, value in context.invocation_metadata() or ():
        if key == METADATA_KEY:
            return value if isinstance(value, bytes) else value.encode()
    return None


async def _refuse(
    context: grpc.aio.ServicerContext[bytes, bytes], error: ZonghengError, name: str
) -> None:
    log.info("%s refused: %s: %s", name, error.reason_name, error.message)
    await context.abort(_CODES[error.code], error.message, ((STATUS_KEY, error.to_status()),))


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
) -> tuple[grpc.aio.Server, int]:
    """The mTLS gRPC server, bound but not started, and its port (0 chooses a free one).

    Raises:
        PortInUse: something else listens there.
    """
    server = grpc.aio.server(
        options=(
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.so_reuseport", 0),
            ("grpc.optimization_target", "throughput"),
            ("grpc.keepalive_permit_without_calls", 1),
        )
    )
    server.add_generic_rpc_handlers((Gate(kernel, read_certificate),))
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
