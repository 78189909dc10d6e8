"""The board: needs that a unit may see, narrowed by what stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from zongheng_hub.web.console import Visit
from zongheng_hub.web.ports import Desk, Session
from zongheng_hub.web.rulers import SOON_DAYS, Ruler, current, ruler
from zongheng_hub.web.words import KINDS, STATES
from zongheng_protos.needs.v1 import needs_pb2 as needs

PAGE_SIZE = 500
MOST = 5_000
OPEN_STATES = (
    needs.NEED_STATE_FILED,
    needs.NEED_STATE_ACCEPTED,
    needs.NEED_STATE_ANSWERED,
)
CLOCKS = ("late", "soon")


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the address asks for; 0 and "" do not narrow.

    Attributes:
        state: a NeedState, or 0 for all that are open, or -1 for all.
        clock: "late", or "soon" for at most three working days left.
        unit: id of a unit; needs from it and from below it.
        q: part of id, title or a unit's name.
    """

    state: int = 0
    kind: int = 0
    clock: str = ""
    unit: str = ""
    q: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> BoardFilter:
        state, kind, clock = query.get("state", ""), query.get("kind", ""), query.get("clock", "")
        return cls(
            state=-1 if state == "all" else int(state) if state in map(str, STATES) else 0,
            kind=int(kind) if kind in map(str, KINDS) else 0,
            clock=clock if clock in CLOCKS else "",
            unit=query.get("unit", "")[:64],
            q=query.get("q", "").strip()[:60],
        )

    @property
    def states(self) -> Sequence[int]:
        """Which states to list, each by itself; (0,) lists all."""
        if self.state == -1:
            return (0,)
        return (self.state,) if self.state else OPEN_STATES

    def address(self, **changes: object) -> str:
        """The board's address with some parts changed; None takes one away."""
        parts: dict[str, object] = {
            "state": "all" if self.state == -1 else self.state,
            "kind": self.kind,
            "clock": self.clock,
            "unit": self.unit,
            "q": self.q,
        }
        parts.update(changes)
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"/needs?{query}" if query else "/needs"

    @property
    def narrows(self) -> bool:
        return bool(self.state or self.kind or self.clock or self.unit or self.q)


@dataclass(frozen=True, slots=True)
class Listed:
    """Needs as listed; is_cut when there are more than the console reads."""

    needs: Sequence[needs.Need]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class BoardRow:
    need: needs.Need
    clock: needs.Clock | None
    ruler: Ruler | None
    filer: str


async def list_needs(desk: Desk, session: Session, states: Sequence[int]) -> Listed:
    """Every need in these states that the session's unit may see, at most MOST."""
    found: list[needs.Need] = []
    for state in states:
        token = ""
        while len(found) < MOST:
            request = needs.ListNeedsRequest(
                state=state,  # type: ignore[arg-type]  # a NeedState
                page_size=PAGE_SIZE,
                page_token=token,
            )
            method = "/zongheng.needs.v1.NeedsService/ListNeeds"
            reply = cast(needs.ListNeedsReply, await desk.call(session, method, request))
            found += reply.needs
            token = reply.next_page_token
            if not token:
                break
    return Listed(found[:MOST], len(found) >= MOST)


async def closed_count(desk: Desk, session: Session) -> int:
    """How many needs that the session's unit may see are confirmed as solved."""
    method = "/zongheng.needs.v1.NeedsService/CountNeeds"
    reply = cast(needs.CountNeedsReply, await desk.call(session, method, needs.CountNeedsRequest()))
    return sum(each.confirmed for each in reply.counts)


def board_rows(found: Sequence[needs.Need], wanted: BoardFilter, visit: Visit) -> list[BoardRow]:
    """The rows to show: least time left first, then those without a running clock, newest first."""
    rows = [board_row(need, visit) for need in found if _meets(need, wanted, visit)]
    return sorted(
        rows,
        key=lambda row: (
            row.clock is None,
            row.clock.days_left if row.clock else 0,
            row.clock.due if row.clock else "",
            -row.need.filed_ms,
        ),
    )


def board_row(need: needs.Need, visit: Visit) -> BoardRow:
    clock = current(need)
    shown = ruler(clock, visit.words, visit.today) if clock else None
    filer = visit.path(need.filer_id) if need.filer_id in visit.units else need.filer_name
    return BoardRow(need, clock, shown, filer or need.filer_id)


def _meets(need: needs.Need, wanted: BoardFilter, visit: Visit) -> bool:
    clock = current(need)
    if wanted.kind and need.kind != wanted.kind:
        return False
    if wanted.clock == "late" and not (clock and clock.days_left < 0):
        return False
    if wanted.clock == "soon" and not (clock and 0 <= clock.days_left <= SOON_DAYS):
        return False
    if wanted.unit and wanted.unit != need.filer_id:
        above = {unit.id for unit in visit.above(need.filer_id)}
        if wanted.unit not in above:
            return False
    if wanted.q:
        text = f"{need.id} {need.title} {visit.path(need.filer_id)} {need.handler_name}"
        return wanted.q.casefold() in text.casefold()
    return True
