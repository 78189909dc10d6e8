"""The yardstick: a bare grpc.aio echo on uvloop that does nothing else."""

from __future__ import annotations

import asyncio
import signal

import grpc
import grpc.aio
import uvloop


class _Echo(grpc.GenericRpcHandler):
    def __init__(self) -> None:
        async def echo(request: bytes, context: object) -> bytes:
            return request

        self._handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
            echo
        )

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        return self._handler


async def serve() -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(None)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
