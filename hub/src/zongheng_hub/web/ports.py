"""What the web asks of the rest of the hub: small protocols, declared where they are consumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from google.protobuf.message import Message


class GateReply(Protocol):
    """The serialised reply and, for an act, its receipt."""

    @property
    def payload(self) -> bytes: ...

    @property
    def receipt(self) -> bytes | None: ...


class GateMethod(Protocol):
    """What Connect has to know of a method to translate JSON."""

    @property
    def request_class(self) -> type[Message]: ...

    @property
    def reply_class(self) -> type[Message]: ...


class ConnectGate(Protocol):
    """The kernel, as the Connect endpoint uses it."""

    def method(self, name: str, /) -> GateMethod:
        """The method "/package.Service/Method". Raises MethodUnknown."""
        ...

    async def handle(self, name: str, request: bytes, /, *, act: bytes | None = None) -> GateReply:
        """Carry out one unary call over the exact request bytes. Raises ZonghengError."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """An operator signed in to the console.

    Attributes:
        id: 16 random bytes in hex; keys the forms' tokens. Not what the cookie holds.
        tenant: the unit's id.
        operator: the person, as the unit names them.
        operator_id: their account, "o_…".
        expires_ms: Unix time in milliseconds.
        must_set_up: whether they have to set a password and a second factor before anything else.
    """

    id: str
    tenant: str
    operator: str
    operator_id: str
    expires_ms: int
    must_set_up: bool = False


class SessionBook(Protocol):
    """Keeps sessions where every replica sees them."""

    absolute_ms: int

    async def open(self, operator_id: str, *, way: str, address: str, agent: str) -> str:
        """Begin a session; returns what its cookie holds."""
        ...

    async def find(self, token: str) -> Session | None:
        """The session of a cookie; None when there is none, or it is over."""
        ...

    async def end(self, operator_id: str, session_id: str) -> None:
        """End one of an operator's sessions."""
        ...


class Allowed(Protocol):
    """What the operator of a session may do: numbers of options.Right."""

    async def __call__(self, session: Session, /) -> frozenset[int]: ...

    def forget(self, tenant: str, /) -> None:
        """A unit's operators may have changed past this process: look anew."""
        ...


class Desk(Protocol):
    """Calls methods for people in the console.

    With a session the hub signs an act with the unit's console key, on behalf of the operator,
    for reads and acts alike. Without one only methods that are open to anyone succeed.
    """

    async def call(
        self,
        session: Session | None,
        method: str,
        message: Message,
        /,
        *,
        nonce: bytes | None = None,
    ) -> Message:
        """The reply to the method "/package.Service/Method".

        Args:
            nonce: 16 bytes for the act, so that a form sent twice acts once; None: a new one.

        Raises:
            ZonghengError: the call is refused; says why and what to do.
        """
        ...

    async def check_right(self, session: Session, right: int, path: str, /) -> None:
        """Whether unit and operator have a right (a number of options.Right) now.

        Raises:
            Forbidden: they have not; path is what needs it.
        """
        ...


class SignIns(Protocol):
    """One-time sign-in links."""

    async def mint(self, tenant: str, operator: str) -> str:
        """A new token of 128 bits, good for 15 minutes and once."""
        ...

    async def consume(self, token: str) -> tuple[str, str] | None:
        """(tenant, operator) the first time; None when used, expired or unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Unit:
    """A tenant as the console names it; level is a number of tenancy.v1.Level."""

    id: str
    name: str
    level: int
    code: str = ""
    parent_id: str = ""


class Directory(Protocol):
    """The units of the tree: names are public, as on any government's door."""

    async def units(self) -> Mapping[str, Unit]:
        """Every unit, by id."""
        ...


class NamedDay(Protocol):
    """A published day off or adjusted workday."""

    @property
    def day(self) -> date: ...

    @property
    def is_working(self) -> bool: ...

    @property
    def name(self) -> str: ...


class WorkCalendar(Protocol):
    """Which days count."""

    def is_working(self, day: date, /) -> bool: ...

    def nth(self, first: date, number: int, /) -> date:
        """The number-th working day on or after first."""
        ...

    def named_between(self, first: date, last: date, /) -> Sequence[NamedDay]: ...


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What to look for in the log; empty fields do not narrow.

    Attributes:
        act: an act type, "need.filed", or with a trailing "*" how one begins, "need.*".
        unit: the acting tenant's id.
        subject: the id of the thing acted on.
        since_ms, until_ms: recorded at or after, and before.
        below: only entries with a smaller index; pages on.
    """

    act: str = ""
    unit: str = ""
    subject: str = ""
    since_ms: int = 0
    until_ms: int = 0
    below: int | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry: its place in the log and the exact bytes of its leaf."""

    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class LogPage:
    """What was found.

    Attributes:
        rows: newest first, at most the limit asked for.
        total: how many entries meet the query, whatever the page.
        days: entries a day over the newest days, only those that have some, ascending.
    """

    rows: Sequence[LogRow]
    total: int
    days: Sequence[tuple[date, int]]


class LogBook(Protocol):
    """Searching the log; what it finds is proved by LogService, not by it."""

    async def search(self, query: LogQuery, *, limit: int) -> LogPage:
        """The newest entries that meet query, and how many there are."""
        ...
