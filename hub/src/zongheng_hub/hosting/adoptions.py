"""The settings under which a unit may call a module, read at most once a second for each."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

LIFE_SECONDS = 1.0
MAX_KEPT = 100_000

Read = Callable[[str, str], Awaitable[Mapping[str, Any]]]


class Adoptions:
    """Remembers what read gave for one second; a refusal is never remembered."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._kept: dict[tuple[str, str], tuple[float, Mapping[str, Any]]] = {}

    async def settings_of(self, tenant: str, module_id: str) -> Mapping[str, Any]:
        """The adoption's settings.

        Raises:
            NotAdopted: the unit has not adopted the module.
        """
        now = time.monotonic()
        kept = self._kept.get((tenant, module_id))
        if kept is not None and kept[0] > now:
            return kept[1]
        settings = await self._read(tenant, module_id)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[(tenant, module_id)] = (now + LIFE_SECONDS, settings)
        return settings
