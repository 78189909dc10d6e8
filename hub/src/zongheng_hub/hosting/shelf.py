"""The hosted modules as the catalogue offers them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zongheng_hub.catalogue.service import OfferedModule
from zongheng_hub.hosting.plugins import descriptors_of
from zongheng_module_api import Module


class ModuleShelf:
    """What is on offer; see catalogue.shelf.Shelf."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._offered = {module.manifest.id: _offer(module) for module in modules}

    def modules(self) -> Sequence[OfferedModule]:
        return list(self._offered.values())

    def module(self, module_id: str) -> OfferedModule | None:
        return self._offered.get(module_id)


def _offer(module: Module) -> OfferedModule:
    manifest = module.manifest
    return OfferedModule(
        id=manifest.id,
        title=manifest.title,
        title_en=manifest.title_en,
        owner=manifest.owner,
        version=manifest.version,
        service=module.service.full_name,
        settings_schema=manifest.settings_schema,
        summary=manifest.summary,
        descriptors=descriptors_of(module.service),
    )
