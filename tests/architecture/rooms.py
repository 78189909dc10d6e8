"""An import-linter contract: a room of the hub is entered only by its door (DESIGN.md, 3)."""

from __future__ import annotations

from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


class RoomsContract(Contract):
    """No module outside a room imports anything of it but the room itself and its door.

    Options:
        rooms: packages.
        door: name of the module that others may import, such as "service".
        composers: modules, with all below them, that may import everything.
    """

    type_name = "rooms"

    rooms = fields.SetField(subfield=fields.ModuleField())
    door = fields.StringField()
    composers = fields.SetField(subfield=fields.ModuleField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        rooms = [room.name for room in cast("set[Module]", self.rooms)]
        composers = [module.name for module in cast("set[Module] | None", self.composers) or ()]
        broken = sorted(
            (importer, imported)
            for room in rooms
            for imported in graph.find_descendants(room)
            if imported != f"{room}.{self.door}"
            for importer in graph.find_modules_that_directly_import(imported)
            if not any(_within(importer, insider) for insider in (room, *composers))
        )
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        broken: list[Any] = check.metadata["broken"]
        for importer, imported in broken:
            output.print_error(f"{importer} may not import {imported}: go by its room's door")
        output.new_line()


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
