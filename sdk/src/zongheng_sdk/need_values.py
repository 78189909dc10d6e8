"""What needs speak of: needs, their clocks, the resources that come back, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zongheng_sdk.receipts import Receipt

NeedKind = Literal["data", "module", "funds", "equipment", "people", "training", "rule", "unclear"]
Urgency = Literal["normal", "urgent"]
NeedState = Literal["filed", "accepted", "answered", "confirmed"]
ClockStage = Literal["accept", "answer", "deliver"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline in working days.

    Attributes:
        started_ms, stopped_ms: Unix milliseconds; stopped_ms is 0 while it runs.
        limit_days, spent_days: working days.
        due: the last day, "2026-11-25".
        days_left: working days; negative when late.
    """

    stage: ClockStage
    started_ms: int
    stopped_ms: int
    limit_days: int
    spent_days: int
    due: str
    days_left: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Resource:
    """反哺资源: what comes back down; reference is a module's or a grant's id, where it is one."""

    kind: NeedKind
    title: str
    detail: str = ""
    reference: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class NeedEvent:
    """One act on a need, with its place in the log."""

    act: str
    tenant_id: str
    operator: str
    time_ms: int
    text: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Need:
    """A need and all that happened to it; receipt is there when it came from an act."""

    id: str
    kind: NeedKind
    title: str
    detail: str
    urgency: Urgency
    state: NeedState
    households: int
    place: str
    wanted_by: str
    filed_ms: int
    filer_id: str
    filer_name: str
    handler_id: str
    handler_name: str
    clocks: tuple[Clock, ...]
    resources: tuple[Resource, ...]
    events: tuple[NeedEvent, ...]
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class NeedCount:
    """How many needs of a kind a unit filed: open, late, due within three working days, closed."""

    tenant_id: str
    kind: NeedKind
    open: int
    late: int
    due_soon: int
    confirmed: int
