"""A need as this room takes it in and gives it out: plain values, no rows, no wire types."""

from __future__ import annotations

from dataclasses import dataclass

from zongheng_hub.needs.clocks import Reading, Urgency
from zongheng_hub.needs.rules import State


@dataclass(frozen=True, slots=True)
class Act:
    """Who takes a step, when, and where it stands in the log.

    Attributes:
        name: the act type, such as "need.filed".
        tenant, operator: the unit's id and the person acting for it.
        now_ms: the hub's clock, epoch milliseconds.
        log_index: the index in the log that the act gets.
    """

    name: str
    tenant: str
    operator: str
    now_ms: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Filing:
    """What a unit reports.

    Attributes:
        kind: number of needs.v1.NeedKind.
        households: how many are concerned; 0 when not said.
        wanted_by: "2026-12-15" or empty.
        place: free text.
    """

    kind: int
    title: str
    detail: str = ""
    urgency: Urgency = Urgency.NORMAL
    households: int = 0
    wanted_by: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """What comes back down.

    Attributes:
        kind: number of needs.v1.NeedKind.
        reference: id of the module or grant it points to, or empty.
        id: given by the hub when the answer is recorded.
        log_index: of the answer that named it.
    """

    kind: int
    title: str
    detail: str = ""
    reference: str = ""
    id: str = ""
    log_index: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One act in a need's life.

    Attributes:
        text: the note, answer or reason; empty where none was given.
    """

    act: str
    tenant: str
    operator: str
    time_ms: int
    text: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Need:
    """A need and how its clocks stand at the moment it was asked for.

    Attributes:
        clocks: oldest first; at most one of them runs.
        resources, events: oldest first; events are empty in lists.
    """

    id: str
    filer: str
    filer_name: str
    handler: str
    handler_name: str
    filing: Filing
    state: State
    filed_ms: int
    clocks: tuple[Reading, ...]
    resources: tuple[Resource, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def running(self) -> Reading | None:
        """The clock that runs; None once the need is confirmed."""
        return next((reading for reading in self.clocks if reading.clock.runs), None)


@dataclass(frozen=True, slots=True)
class Page:
    """Some needs, newest first.

    Attributes:
        next_page_token: empty when these were the last.
    """

    needs: tuple[Need, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class Count:
    """How the needs of one kind, filed in one county, stand.

    Attributes:
        tenant: the county (or city, or province) that filed or that the filer belongs to.
        kind: number of needs.v1.NeedKind.
        open: not yet confirmed; late and due_soon are among them.
        due_soon: at most three working days left, and not late.
    """

    tenant: str
    kind: int
    open: int
    late: int
    due_soon: int
    confirmed: int
