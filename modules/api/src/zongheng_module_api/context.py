"""What a module gets of the hub: who calls, the time, its settings, its own store, the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection, CursorResult, Executable, Row, Table

T = TypeVar("T")


class Transaction(Protocol):
    """A transaction in the module's own store."""

    def execute(
        self, statement: Executable, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; with a list of rows, once for each."""
        ...

    def insert(self, table: Table, row: dict[str, Any]) -> None:
        """Insert one row that names its columns; the quickest way to keep what was filed."""
        ...

    def one(self, statement: Executable) -> Row[Any] | None:
        """The first row, or None."""
        ...

    def all(self, statement: Executable) -> Sequence[Row[Any]]: ...


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act came to.

    Attributes:
        reply: what the caller gets, now and whenever the same act is sent again.
        subject: id of the thing acted on; goes into the log, so never a name or content.
        parties: other tenants concerned.
    """

    reply: Message
    subject: str = ""
    parties: tuple[str, ...] = ()


class ModuleContext(Protocol):
    """One call, as a module sees it.

    Attributes:
        tenant: the calling unit's id. A module MUST keep each tenant's rows apart.
        operator: the person named in the act; empty on reads.
        now_ms: the hub's clock, Unix milliseconds. Modules never read another clock.
        settings: what the unit set when it adopted the module, defaults filled in.
    """

    tenant: str
    operator: str
    now_ms: int
    settings: Mapping[str, Any]

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work with a read-only connection to the module's own store."""
        ...

    async def act(self, work: Callable[[Transaction], Effect]) -> Message:
        """Carry out an act: its rows in the module's store, its entry in the log, once.

        work must be repeatable: values in, rows out, nothing else. When the same act was carried
        out before, work does not run and the first reply is returned.
        """
        ...
