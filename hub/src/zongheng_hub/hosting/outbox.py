"""A module's outbox: what it did, kept with its rows until the log has it.

A module's store is its own database, so its rows and the log cannot share one
commit. The act is written beside the rows first; the log takes it next, under the
same key; what a crash leaves between the two is carried over at the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from zongheng_hub.store import Tx, fast

metadata = MetaData()

act_table = Table(
    "hosted_act",
    metadata,
    Column("key", LargeBinary(64), primary_key=True),
    Column("kind", String(80), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("key_id", String(40), nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("subject", String(80), nullable=False),
    Column("parties", Text, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("logged", Boolean, nullable=False),
)
Index(
    "hosted_act_waiting",
    act_table.c.time_ms,
    sqlite_where=act_table.c.logged.is_(False),
    postgresql_where=act_table.c.logged.is_(False),
)
_KEPT = ("key", "kind", "envelope", "key_id", "time_ms", "subject", "parties", "reply")
_BY_KEY = f"SELECT {', '.join(_KEPT)} FROM hosted_act WHERE key = ?"
_MARK = update(act_table).where(act_table.c.key == bindparam("wanted")).values(logged=True)


@dataclass(frozen=True, slots=True)
class HostedAct:
    """An act that a module has carried out."""

    key: bytes
    kind: str
    envelope: bytes
    key_id: str
    time_ms: int
    subject: str
    parties: tuple[str, ...]
    reply: bytes


def put(tx: Tx, act: HostedAct) -> None:
    """Keep an act beside the rows it made."""
    tx.insert(
        act_table,
        {
            "key": act.key,
            "kind": act.kind,
            "envelope": act.envelope,
            "key_id": act.key_id,
            "time_ms": act.time_ms,
            "subject": act.subject,
            "parties": ",".join(act.parties),
            "reply": act.reply,
            "logged": False,
        },
    )


def find(tx: Tx, key: bytes) -> HostedAct | None:
    """The act kept under key."""
    row = fast.first(tx.connection, _BY_KEY, (key,))
    return None if row is None else _as_act(dict(zip(_KEPT, row, strict=True)))


def waiting(connection: Connection, limit: int = 1000) -> list[HostedAct]:
    """Acts that the log may not have yet."""
    rows = connection.execute(
        select(*(act_table.c[name] for name in _KEPT))
        .where(act_table.c.logged.is_(False))
        .order_by(act_table.c.time_ms)
        .limit(limit)
    ).mappings()
    return [_as_act(dict(row)) for row in rows]


def mark_logged(tx: Tx, keys: Sequence[bytes]) -> None:
    """The log has these."""
    tx.execute(_MARK, [{"wanted": key} for key in keys])


def _as_act(values: dict[str, Any]) -> HostedAct:
    values["parties"] = tuple(party for party in values["parties"].split(",") if party)
    return HostedAct(**values)
