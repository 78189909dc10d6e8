"""What the catalogue asks of hosting: which modules are on offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OfferedModule:
    """A module as the catalogue shows it.

    Attributes:
        owner: the provincial unit that answers for it.
        service: the gRPC service, "zongheng.snap.v1.SnapService".
        settings_schema: JSON Schema (2020-12) of the settings, with defaults.
        descriptors: a serialised google.protobuf.FileDescriptorSet, dependencies first.
    """

    id: str
    title: str
    title_en: str
    owner: str
    version: str
    service: str
    settings_schema: str
    summary: str
    descriptors: bytes


class Shelf(Protocol):
    """The modules that this hub has loaded."""

    def modules(self) -> Sequence[OfferedModule]:
        """All of them, ordered by id."""
        ...

    def module(self, module_id: str) -> OfferedModule | None:
        """The module with this id, or None."""
        ...
