"""CatalogueService: wire messages in, wire messages out."""

from __future__ import annotations

from sqlalchemy import Connection

from zongheng_hub.catalogue import rules, service
from zongheng_hub.catalogue.shelf import OfferedModule, Shelf
from zongheng_hub.kernel.call import Call, Outcome, Room
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import service as tenancy
from zongheng_protos.catalogue.v1 import catalogue_pb2 as pb
from zongheng_protos.errors import Invalid, ModuleUnknown
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy_pb


def room(*, store: Store, shelf: Shelf) -> Room:
    """The catalogue as the kernel serves it."""
    catalogue = _Catalogue(store, shelf)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["CatalogueService"],
        handlers={
            "ListModules": catalogue.list_modules,
            "GetModule": catalogue.get_module,
            "Adopt": catalogue.adopt,
            "ListAdoptions": catalogue.list_adoptions,
            "CountAdoptions": catalogue.count_adoptions,
            "ListUsage": catalogue.list_usage,
        },
    )


class _Catalogue:
    def __init__(self, store: Store, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf

    async def list_modules(
        self, _call: Call, _request: pb.ListModulesRequest
    ) -> pb.ListModulesReply:
        return pb.ListModulesReply(modules=[_module(one) for one in self._shelf.modules()])

    async def get_module(self, _call: Call, request: pb.GetModuleRequest) -> pb.GetModuleReply:
        module = self._offered(request.module_id)
        return pb.GetModuleReply(module=_module(module), descriptors=module.descriptors)

    async def adopt(self, call: Call, request: pb.AdoptRequest) -> bytes:
        module = self._offered(request.module_id)
        settings = rules.effective_settings(request.settings, module.settings_schema)

        def work(tx: Tx, index: int) -> Outcome:
            adoption = service.Adoption(
                tenant_id=call.caller.tenant,
                module_id=module.id,
                track=request.track or pb.TRACK_STABLE,
                version=module.version,
                settings=settings,
                adopted_ms=call.now_ms,
                log_index=index,
            )
            service.adopt(tx, adoption)
            return Outcome(pb.AdoptReply(adoption=_adoption(adoption)), subject=module.id)

        return await call.record(work)

    async def list_adoptions(
        self, call: Call, request: pb.ListAdoptionsRequest
    ) -> pb.ListAdoptionsReply:
        tenant = call.caller.tenant
        if request.module_id:
            self._offered(request.module_id)

        after = _read_page_token(request.page_token)
        whose = tenancy.itself(tenant) if request.own else tenancy.itself_and_below(tenant)

        def look(connection: Connection) -> list[service.Adoption]:
            return service.adoptions(connection, whose, request.module_id, after=after)

        page = await self._store.read(look)
        return pb.ListAdoptionsReply(
            adoptions=[_adoption(one) for one in page],
            next_page_token=_page_token(page[-1]) if len(page) == service.PAGE else "",
        )

    async def count_adoptions(
        self, call: Call, _request: pb.CountAdoptionsRequest
    ) -> pb.CountAdoptionsReply:
        whose = tenancy.itself_and_below(call.caller.tenant)
        counts, counties = await self._store.read(
            lambda c: service.count_adoptions(c, whose, tenancy_pb.LEVEL_COUNTY)
        )
        return pb.CountAdoptionsReply(
            counts=[
                pb.AdoptionCount(module_id=module, track=track, units=units)  # type: ignore[arg-type]  # number of the enum
                for (module, track), units in sorted(counts.items())
            ],
            counties=counties,
        )

    async def list_usage(self, call: Call, request: pb.ListUsageRequest) -> pb.ListUsageReply:
        is_province = not call.caller.ancestors
        whose = None if is_province else call.caller.tenant
        since = rules.first_day(call.now_ms, request.days)
        counted = await self._store.read(lambda c: service.usage(c, whose, since))
        return pb.ListUsageReply(
            usage=[
                pb.Usage(
                    module_id=one.module_id, day=one.day, calls=one.calls, failures=one.failures
                )
                for one in counted
            ]
        )

    def _offered(self, module_id: str) -> OfferedModule:
        module = self._shelf.module(module_id)
        if module is None:
            on_offer = ", ".join(one.id for one in self._shelf.modules()) or "none"
            raise ModuleUnknown(f"there is no module {module_id}; on offer: {on_offer}")
        return module


def _page_token(last: service.Adoption) -> str:
    return f"{last.module_id}|{last.tenant_id}"


def _read_page_token(token: str) -> tuple[str, str]:
    module, bar, tenant = token.partition("|")
    if token and (not bar or not module.isascii() or not tenant.startswith("t_")):
        raise Invalid(f"page_token {token!r} is not one that ListAdoptions gave")
    return module, tenant


def _module(module: OfferedModule) -> pb.Module:
    return pb.Module(
        id=module.id,
        title=module.title,
        title_en=module.title_en,
        owner=module.owner,
        version=module.version,
        service=module.service,
        settings_schema=module.settings_schema,
        summary=module.summary,
    )


def _adoption(adoption: service.Adoption) -> pb.Adoption:
    return pb.Adoption(
        tenant_id=adoption.tenant_id,
        module_id=adoption.module_id,
        track=adoption.track,  # type: ignore[arg-type]  # number of the enum
        version=adoption.version,
        settings=adoption.settings,
        adopted_ms=adoption.adopted_ms,
    )
