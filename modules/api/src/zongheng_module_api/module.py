"""What a module is: a manifest, a service whose rules stand in its .proto, and handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from sqlalchemy import MetaData

from zongheng_module_api.context import ModuleContext

Handler = Callable[[ModuleContext, Any], Awaitable[Message]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the catalogue shows of a module.

    Attributes:
        id: short and stable, such as "snap".
        version: of this release, "1.0.0".
        owner: the provincial unit that answers for it.
        settings_schema: JSON Schema (2020-12) of what an adopting unit may set, with defaults.
    """

    id: str
    title: str
    title_en: str
    owner: str
    version: str
    summary: str
    settings_schema: str = '{"type": "object", "additionalProperties": false}'


@dataclass(frozen=True, slots=True)
class Module:
    """A service module.

    Attributes:
        service: the gRPC service; every method has a (zongheng.options.v1.rule).
        handlers: by method name; (context, request) to reply. A handler of an act returns what
            context.act returned.
        tables: the module's own tables, made in its own store.
    """

    manifest: Manifest
    service: ServiceDescriptor
    handlers: Mapping[str, Handler]
    tables: MetaData
