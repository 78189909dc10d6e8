"""A module's methods from the descriptors that the hub serves; no generated code is needed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message

from zongheng_protos.errors import ReplyUnusable
from zongheng_sdk.catalogue import Module, ServedModule
from zongheng_sdk.flow import Flow
from zongheng_sdk.methods import method_of
from zongheng_sdk.operation import Area, Async, AsyncBound, Bound, Mode, Run, Sync, SyncBound
from zongheng_sdk.records import Record, fill
from zongheng_sdk.session import Session, parsed, receive


class ModuleProxy(Area[Mode]):
    """A module as an object: each RPC is a method in snake_case, its fields keyword arguments.

    Methods give Records; those that stream give a tuple of them.
    """

    def __init__(self, session: Session, run: Run, served: ServedModule) -> None:
        super().__init__(session, run)
        self.about: Module = served.module
        service = service_of(served)
        self._calls: dict[str, MethodDescriptor] = {
            snake_case(method.name): method for method in service.methods
        }

    def method_names(self) -> tuple[str, ...]:
        """Its methods, as they are called here."""
        return tuple(self._calls)

    def request(self, method: str) -> Message:
        """An empty request of a method: its fields can be looked at. Raises AttributeError."""
        self._bound(method)
        made: Message = message_factory.GetMessageClass(self._calls[method].input_type)()
        return made

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._calls]

    def __repr__(self) -> str:
        return f"<module {self.about.id} {self.about.version}: {', '.join(self._calls)}>"

    def __getattr__(self, name: str) -> Bound[..., Any]:
        return self._bound(name)

    def _bound(self, name: str) -> Bound[..., Any]:
        method = self.__dict__.get("_calls", {}).get(name)
        if method is None:
            known = ", ".join(self.__dict__.get("_calls", ()))
            raise AttributeError(f"the module has no method {name}; its methods: {known}")

        def call(_: object, **fields: Any) -> Flow[Any]:
            return _call(self._session, method, name, fields)

        call.__name__, call.__qualname__ = name, f"{self.about.id}.{name}"
        call.__doc__ = f"{method.full_name}({', '.join(f.name for f in method.input_type.fields)})"
        return self._session.bound(self, call)


class SyncModuleProxy(ModuleProxy[Sync]):
    """hub.module("snap") of a Hub."""

    def __getattr__(self, name: str) -> SyncBound[..., Any]:
        bound = self._bound(name)
        assert isinstance(bound, SyncBound)
        return bound


class AsyncModuleProxy(ModuleProxy[Async]):
    """await hub.module("snap") of an AsyncHub."""

    def __getattr__(self, name: str) -> AsyncBound[..., Any]:
        bound = self._bound(name)
        assert isinstance(bound, AsyncBound)
        return bound


def proxy_for(session: Session, run: Run, served: ServedModule) -> ModuleProxy[Any]:
    """The proxy that fits a session's mode."""
    kind = AsyncModuleProxy if session.bound is AsyncBound else SyncModuleProxy
    return kind(session, run, served)


def service_of(served: ServedModule) -> ServiceDescriptor:
    """The module's service, in a pool of its own: two versions never meet.

    Raises:
        ReplyUnusable: the hub's descriptors do not hold together.
    """
    try:
        files = descriptor_pb2.FileDescriptorSet.FromString(served.descriptors)
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.AddSerializedFile(file.SerializeToString())
        service: ServiceDescriptor = pool.FindServiceByName(served.module.service)
    except (DecodeError, TypeError, KeyError) as error:
        raise ReplyUnusable(
            f"the descriptors of module {served.module.id} do not hold together: {error}"
        ) from error
    return service


@lru_cache(maxsize=1024)
def snake_case(name: str) -> str:
    """FileReport → file_report, GetURL → get_url."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _call(
    session: Session, descriptor: MethodDescriptor, name: str, fields: dict[str, Any]
) -> Flow[Any]:
    request = message_factory.GetMessageClass(descriptor.input_type)()
    fill(request, fields, call=name)
    reply_type = message_factory.GetMessageClass(descriptor.output_type)
    method = method_of(descriptor)
    if method.streams:
        handle = yield from session.stream(descriptor, request)
        found = []
        while (message := (yield from receive(handle, reply_type))) is not None:
            found.append(Record(message))
        return tuple(found)
    reply, receipt = yield from session.exchange(method, request.SerializeToString())
    return Record(parsed(reply.body, reply_type), receipt)
