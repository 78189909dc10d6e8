"""A unit of the tree as values: what it is, what it was, and why it changes."""

from __future__ import annotations

from dataclasses import dataclass

from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb

ACTIVE = int(pb.TENANT_STATE_ACTIVE)
SUSPENDED = int(pb.TENANT_STATE_SUSPENDED)
CLOSED = int(pb.TENANT_STATE_CLOSED)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit at one moment.

    Attributes:
        parent_id: empty for the province.
        level, state: numbers of tenancy.v1.Level and tenancy.v1.TenantState.
        code: GB/T 2260, six or nine digits, or empty.
        uscc: GB 32100-2015, 18 characters, or empty.
        successor_id: who took over when it was merged; empty otherwise.
    """

    id: str
    parent_id: str
    level: int
    name: str
    code: str = ""
    uscc: str = ""
    kind: str = ""
    state: int = ACTIVE
    successor_id: str = ""

    @property
    def is_living(self) -> bool:
        return self.state != CLOSED

    @property
    def called(self) -> str:
        """How a message names it: name and code, or id."""
        return f"{self.name} ({self.code or self.id})"


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a change is made.

    Attributes:
        legal_basis: such as 民函〔2026〕12号.
        effective_on: "2026-11-01", or empty: from now on.
    """

    legal_basis: str
    effective_on: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The act that a change is recorded under.

    Attributes:
        act: such as "tenant.moved".
        actor_id, operator: the tenant that acted and the person acting for it.
        now_ms: the hub's clock, Unix milliseconds.
        log_index: the index in the log that the act gets.
    """

    act: str
    actor_id: str
    operator: str
    now_ms: int
    log_index: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Past:
    """A unit as it was from from_ms to to_ms (0: it still is), and the act that made it so."""

    unit: Unit
    act: str
    from_ms: int
    to_ms: int
    recorded_ms: int
    log_index: int
    basis: Basis
    actor_id: str
    operator: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a unit may not call.

    Attributes:
        state: SUSPENDED or CLOSED.
        by_id, by_name: the suspended or closed unit: itself or one above it.
    """

    state: int
    by_id: str
    by_name: str
