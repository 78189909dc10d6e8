"""A module's outbox: what it did, kept with its rows until the log has it.

A module's store is its own database, so its rows and the log cannot share one
commit. The act is written beside the rows first; the log takes it next, under the
same key; what a crash leaves between the two is carried over at the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    insert,
    select,
    update,
)

from zongheng_hub.store import Tx

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
    Index("hosted_act_waiting", "logged"),
)
_INSERT = insert(act_table)
_BY_KEY = select(act_table).where(act_table.c.key == bindparam("wanted"))
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
    tx.execute(
        _INSERT,
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
    row = tx.connection.execute(_BY_KEY, {"wanted": key}).first()
    return None if row is None else _as_act(row._mapping)


def waiting(connection: Connection, limit: int = 1000) -> list[HostedAct]:
    """Acts that the log may not have yet."""
    rows = connection.execute(
        select(act_table).where(act_table.c.logged.is_(False)).limit(limit)
    ).mappings()
    return [_as_act(row) for row in rows]


def mark_logged(tx: Tx, keys: Sequence[bytes]) -> None:
    """The log has these."""
    tx.execute(_MARK, [{"wanted": key} for key in keys])


def _as_act(row: object) -> HostedAct:
    values = dict(row)  # type: ignore[call-overload]  # a RowMapping
    values.pop("logged")
    values["parties"] = tuple(p for p in values["parties"].split(",") if p)
    return HostedAct(**values)
