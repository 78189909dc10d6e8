"""Carries a flow's steps out: on a blocking channel for Hub, on grpc.aio for AsyncHub."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import grpc.aio

from zongheng_sdk import channel
from zongheng_sdk.flow import (
    Call,
    Flow,
    NextMessage,
    OpenStream,
    Reply,
    Step,
    Together,
    Wait,
    Work,
)

if TYPE_CHECKING:
    from zongheng_tenants.identity import Identity

T = TypeVar("T")
GRACE = 30.0
AT_ONCE = 64
"""Calls under way at once over one channel; a hub refuses what goes far beyond that."""


class SyncDriver:
    """Blocks the calling thread; safe to use from several threads."""

    def __init__(self, identity: Identity, address: str) -> None:
        self._address = address
        self._identity = identity
        self._channel: grpc.Channel | None = None
        self._methods: dict[str, Callable[..., Any]] = {}
        self._lock = threading.Lock()
        self._room = threading.Semaphore(AT_ONCE)

    def run(self, flow: Flow[T]) -> T:
        """Take every step of flow; what it returns or raises."""
        return _drive(flow, self._perform)

    def close(self) -> None:
        """Calls under way end with Unavailable; a later call connects anew."""
        with self._lock:
            old, self._channel = self._channel, None
            self._methods.clear()
        if old is not None:
            old.close()

    def reopen(self, identity: Identity) -> None:
        """Go on with another certificate; calls under way end on the old channel."""
        with self._lock:
            self._channel, self._identity = None, identity
            self._methods.clear()

    def _perform(self, step: Step) -> Any:
        match step:
            case Call():
                return self._call(step)
            case OpenStream(call):
                stream = self._method(call.method.path, stream=True)
                return stream(call.request, timeout=call.timeout, metadata=channel.metadata(call))
            case NextMessage(stream):
                try:
                    return next(stream, None)
                except grpc.RpcError as error:
                    raise channel.refusal(error, self._identity, self._address) from None
            case Wait(seconds):
                time.sleep(seconds)
            case Work(run):
                return run()
            case Together(flows, limit):
                return self._together(flows, limit)

    def _call(self, call: Call) -> Reply:
        method = self._method(call.method.path, stream=False)
        try:
            with self._room:
                body, done = method(
                    call.request, timeout=call.timeout, metadata=channel.metadata(call)
                )
        except grpc.RpcError as error:
            raise channel.refusal(error, self._identity, self._address) from None
        return channel.reply_of(body, done.trailing_metadata())

    def _method(self, path: str, *, stream: bool) -> Callable[..., Any]:
        with self._lock:
            if self._channel is None:
                secure = channel.credentials(self._identity)
                self._channel = grpc.secure_channel(self._address, secure, channel.OPTIONS)
            known = self._methods.get(path)
            if known is None:
                opened = self._channel
                known = opened.unary_stream(path) if stream else opened.unary_unary(path).with_call
                self._methods[path] = known
            return known

    def _together(self, flows: Sequence[Flow[Any]], limit: int) -> list[Any]:
        if limit == 1 or len(flows) < 2:
            return [self._outcome(flow) for flow in flows]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(limit, len(flows)), "zongheng") as pool:
            return list(pool.map(self._outcome, flows))

    def _outcome(self, flow: Flow[Any]) -> Any:
        from zongheng_protos.errors import ZonghengError

        try:
            return self.run(flow)
        except ZonghengError as error:
            return error


class AsyncDriver:
    """Belongs to the event loop in which it is first used."""

    def __init__(self, identity: Identity, address: str) -> None:
        self._address = address
        self._identity = identity
        self._channel: grpc.aio.Channel | None = None
        self._methods: dict[str, Callable[..., Any]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self, flow: Flow[T]) -> T:
        """Take every step of flow; what it returns or raises."""
        return await _drive_async(flow, self._perform)

    async def close(self, *, grace: float | None = None) -> None:
        """Calls under way get grace seconds to end; a later call connects anew."""
        old, self._channel = self._channel, None
        self._methods.clear()
        if old is not None:
            await old.close(grace)

    async def reopen(self, identity: Identity) -> None:
        """Go on with another certificate; calls under way end on the old channel."""
        self._identity = identity
        await self.close(grace=GRACE)

    async def _perform(self, step: Step) -> Any:
        match step:
            case Call():
                return await self._call(step)
            case OpenStream(call):
                stream = self._method(call.method.path, stream=True)
                return stream(call.request, timeout=call.timeout, metadata=channel.metadata(call))
            case NextMessage(stream):
                try:
                    message = await stream.read()
                except grpc.aio.AioRpcError as error:
                    raise channel.refusal(error, self._identity, self._address) from None
                return None if message is grpc.aio.EOF else message
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Work(run):
                return await asyncio.to_thread(run)
            case Together(flows, limit):
                return await self._together(flows, limit)

    async def _call(self, call: Call) -> Reply:
        method = self._method(call.method.path, stream=False)
        try:
            async with self._room:
                doing = method(call.request, timeout=call.timeout, metadata=channel.metadata(call))
                return channel.reply_of(await doing, await doing.trailing_metadata())
        except grpc.aio.AioRpcError as error:
            raise channel.refusal(error, self._identity, self._address) from None

    def _method(self, path: str, *, stream: bool) -> Callable[..., Any]:
        if self._channel is None:
            secure = channel.credentials(self._identity)
            self._channel = grpc.aio.secure_channel(self._address, secure, channel.OPTIONS)
        known = self._methods.get(path)
        if known is None:
            opened = self._channel
            known = opened.unary_stream(path) if stream else opened.unary_unary(path)
            self._methods[path] = known
        return known

    async def _together(self, flows: Sequence[Flow[Any]], limit: int) -> list[Any]:
        from zongheng_protos.errors import ZonghengError

        room = asyncio.Semaphore(limit)

        async def outcome(flow: Flow[Any]) -> Any:
            async with room:
                try:
                    return await self.run(flow)
                except ZonghengError as error:
                    return error

        return list(await asyncio.gather(*map(outcome, flows)))


def _drive(flow: Flow[T], perform: Callable[[Step], Any]) -> T:
    try:
        step = next(flow)
        while True:
            try:
                result = perform(step)
            except Exception as error:
                step = flow.throw(error)
            else:
                step = flow.send(result)
    except StopIteration as end:
        returned: T = end.value
        return returned
    finally:
        flow.close()


async def _drive_async(flow: Flow[T], perform: Callable[[Step], Awaitable[Any]]) -> T:
    try:
        step = next(flow)
        while True:
            try:
                result = await perform(step)
            except Exception as error:
                step = flow.throw(error)
            else:
                step = flow.send(result)
    except StopIteration as end:
        returned: T = end.value
        return returned
    finally:
        flow.close()
