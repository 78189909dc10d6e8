"""The catalogue: modules on offer, which of them the tenant has adopted, how much it calls them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from zongheng_protos.catalogue.v1 import catalogue_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.operation import Area, Mode, operation
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.session import Session
from zongheng_sdk.words import number, word

Track = Literal["stable", "pilot"]
_METHODS = pb.DESCRIPTOR.services_by_name["CatalogueService"].methods_by_name


@dataclass(frozen=True, slots=True)
class Module:
    """A module on offer.

    Attributes:
        service: its gRPC service, "zongheng.snap.v1.SnapService".
        settings_schema: JSON Schema of its settings.
    """

    id: str
    title: str
    title_en: str
    owner: str
    version: str
    service: str
    settings_schema: str
    summary: str


@dataclass(frozen=True, slots=True)
class ServedModule:
    """A module with the descriptors to call it by (a serialised FileDescriptorSet)."""

    module: Module
    descriptors: bytes


@dataclass(frozen=True, slots=True)
class Adoption:
    """A tenant's choice of a module; settings is JSON."""

    tenant_id: str
    module_id: str
    track: Track
    version: str
    settings: str
    adopted_ms: int
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of one module on one day ("2026-11-20", Beijing time)."""

    module_id: str
    day: str
    calls: int
    failures: int


class Catalogue(Area[Mode]):
    """hub.catalogue."""

    @operation
    def modules(self) -> Flow[tuple[Module, ...]]:
        """Every module on offer."""
        reply, _ = yield from self._session.unary(
            _METHODS["ListModules"], pb.ListModulesRequest(), pb.ListModulesReply
        )
        return tuple(_module(module) for module in reply.modules)

    @operation
    def module(self, module_id: str) -> Flow[ServedModule]:
        """One module with its descriptors; hub.module(…) makes them callable.

        Raises:
            ModuleUnknown: the hub has no such module.
        """
        return (yield from served_module(self._session, module_id))

    @operation
    def adopt(
        self,
        module_id: str,
        *,
        track: Track = "stable",
        settings: Mapping[str, Any] | None = None,
    ) -> Flow[Adoption]:
        """接入: choose a module; adopting again changes track or settings.

        Raises:
            Invalid: the settings do not fit the module's schema.
        """
        request = pb.AdoptRequest(
            module_id=module_id,
            track=cast(Any, number(pb.Track.DESCRIPTOR, track, field="track")),
            settings="" if settings is None else json.dumps(settings, ensure_ascii=False),
        )
        reply, receipt = yield from self._session.unary(_METHODS["Adopt"], request, pb.AdoptReply)
        return _adoption(reply.adoption, receipt)

    @operation
    def adoptions(self, module_id: str = "", *, own: bool = False) -> Flow[tuple[Adoption, ...]]:
        """Who has adopted what: this unit and all below it, or (own) this unit alone.

        Args:
            module_id: of one module only; empty: of all.
        """
        found: list[Adoption] = []
        token = ""
        while True:
            request = pb.ListAdoptionsRequest(module_id=module_id, own=own, page_token=token)
            reply, _ = yield from self._session.unary(
                _METHODS["ListAdoptions"], request, pb.ListAdoptionsReply
            )
            found += (_adoption(adoption, None) for adoption in reply.adoptions)
            token = reply.next_page_token
            if not token:
                return tuple(found)

    @operation
    def usage(self, *, days: int = 7) -> Flow[tuple[Usage, ...]]:
        """Calls a day over the last days (1 to 90), today included."""
        reply, _ = yield from self._session.unary(
            _METHODS["ListUsage"], pb.ListUsageRequest(days=days), pb.ListUsageReply
        )
        return tuple(Usage(u.module_id, u.day, u.calls, u.failures) for u in reply.usage)


def served_module(session: Session, module_id: str) -> Flow[ServedModule]:
    """See Catalogue.module."""
    reply, _ = yield from session.unary(
        _METHODS["GetModule"], pb.GetModuleRequest(module_id=module_id), pb.GetModuleReply
    )
    return ServedModule(_module(reply.module), reply.descriptors)


def _module(module: pb.Module) -> Module:
    return Module(
        id=module.id,
        title=module.title,
        title_en=module.title_en,
        owner=module.owner,
        version=module.version,
        service=module.service,
        settings_schema=module.settings_schema,
        summary=module.summary,
    )


def _adoption(adoption: pb.Adoption, receipt: Receipt | None) -> Adoption:
    return Adoption(
        tenant_id=adoption.tenant_id,
        module_id=adoption.module_id,
        track=cast(Track, word(pb.Track.DESCRIPTOR, adoption.track)),
        version=adoption.version,
        settings=adoption.settings,
        adopted_ms=adoption.adopted_ms,
        receipt=receipt,
    )
