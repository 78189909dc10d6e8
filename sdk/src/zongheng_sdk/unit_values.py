"""What units speak of: a change and what it concerns, a unit's past, what a table would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from zongheng_sdk.receipts import Receipt
from zongheng_sdk.tenancy import Level, Tenant

TreeChange = Literal["added", "renamed", "recoded", "moved", "merged", "gone"]


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change concerns: the unit and all that live below it, and what they have."""

    units: int
    enrolled: int
    open_needs: int
    adoptions: int
    grants: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A unit after a change.

    Attributes:
        tenant: as it is now, or would be.
        also: others that are different too: what stood below a merged unit.
        receipt: where the act stands in the log; None of a dry run.
        effects: of a dry run: what the change would concern.
    """

    tenant: Tenant
    also: tuple[Tenant, ...] = ()
    receipt: Receipt | None = None
    effects: Effects | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A unit as it was from one change to the next.

    Attributes:
        act: what made it so, such as "tenant.recoded".
        from_ms, to_ms: Unix milliseconds; to_ms is 0 while it still is so.
        recorded_ms, log_index: when the hub recorded it, and where in the log.
        legal_basis: such as 民函〔2026〕12号.
        effective_on: "2026-11-01".
    """

    tenant: Tenant
    act: str
    from_ms: int
    to_ms: int
    recorded_ms: int
    log_index: int
    legal_basis: str
    effective_on: str
    note: str
    actor_id: str
    operator: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One unit that a table would change; old_… are as the tree has them, empty when it is new."""

    changes: tuple[TreeChange, ...]
    tenant_id: str
    level: Level
    code: str
    name: str
    kind: str
    parent_code: str
    old_code: str
    old_name: str
    old_kind: str
    old_parent_code: str


@dataclass(frozen=True, slots=True)
class TableDiff:
    """What a division table would change.

    Attributes:
        differences: at most 5,000; counts are of all.
        obstacles: why it would be refused; empty: it would not.
        sha256: what import_table wants, so that what is carried out is what was shown.
    """

    differences: tuple[Difference, ...]
    counts: dict[TreeChange, int]
    unchanged: int
    obstacles: tuple[str, ...]
    sha256: bytes
    table_sha256: bytes


@dataclass(frozen=True, slots=True)
class Imported:
    """A table that was carried out; its SHA-256 stands in the log."""

    table_sha256: bytes
    receipt: Receipt | None
    counts: dict[TreeChange, int] = field(default_factory=dict)
