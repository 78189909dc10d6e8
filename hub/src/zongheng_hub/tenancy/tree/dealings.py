"""What units have with other rooms that a change of the tree touches: a port, joined in app.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Select

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.tree.unit import Stamp


class Counter(Protocol):
    """Counts something of many units; whose selects their ids (and levels)."""

    def __call__(self, connection: Connection, whose: Select[Any]) -> int: ...


class Ender(Protocol):
    """Ends something of a unit; returns how many."""

    def __call__(self, tx: Tx, tenant_id: str) -> int: ...


class HandOver(Protocol):
    """Gives a unit's open needs, filed and handled, to its successor; returns how many."""

    def __call__(self, tx: Tx, tenant_id: str, successor_id: str, stamp: Stamp) -> int: ...


@dataclass(frozen=True, slots=True)
class Dealings:
    """The other rooms' answers.

    Attributes:
        open_needs: needs filed or handled by the units and not confirmed.
        adoptions: modules that they have adopted.
        grants: grants that they gave or hold and that have not run out.
    """

    open_needs: Counter
    adoptions: Counter
    grants: Counter
    end_adoptions: Ender
    hand_over_needs: HandOver
