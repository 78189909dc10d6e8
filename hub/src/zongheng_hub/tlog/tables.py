"""The log in the database: entries, tiles of hashes, and the one head."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel

# SQLite keeps a table in the order of an INTEGER key; of a BIGINT one it makes a second index.
_KEY = BigInteger().with_variant(Integer(), "sqlite")


def _bytes(**options: Any) -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False, **options))


class LogEntryRow(SQLModel, table=True):
    """One act. salt, envelope, request and reply may be emptied later; the leaf never changes."""

    __tablename__ = "log_entry"
    __table_args__ = (Index("log_entry_subject", "subject", "idx"),)

    idx: int = Field(sa_column=Column(_KEY, primary_key=True, autoincrement=False))
    key: bytes = _bytes(unique=True)
    leaf: bytes = _bytes()
    act: str
    actor: str
    subject: str
    time_ms: int = Field(sa_type=BigInteger)
    salt: bytes = _bytes()
    envelope: bytes = _bytes()
    request: bytes = _bytes()
    reply: bytes = _bytes()


class LogActorRow(SQLModel, table=True):
    """An entry by who acted; by_actor.py adds them in lots."""

    __tablename__ = "log_actor"
    __table_args__ = ({"sqlite_with_rowid": False},)

    actor: str = Field(primary_key=True)
    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class LogActorEndRow(SQLModel, table=True):
    """How many entries are indexed by actor; always the one row with id 1."""

    __tablename__ = "log_actor_end"

    id: int = Field(default=1, primary_key=True)
    indexed: int = Field(sa_type=BigInteger)


class LogTileRow(SQLModel, table=True):
    """The hashes of one tile, as many as there are."""

    __tablename__ = "log_tile"

    level: int = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hashes: bytes = _bytes()


class LogHeadRow(SQLModel, table=True):
    """The head of the log; always the one row with id 1."""

    __tablename__ = "log_head"

    id: int = Field(default=1, primary_key=True)
    size: int = Field(sa_type=BigInteger)
    root: bytes = _bytes()
    checkpoint: bytes = _bytes()


class LogSuccessionRow(SQLModel, table=True):
    """A key of the log that follows another, and the province's envelope that says so."""

    __tablename__ = "log_succession"

    new_vkey: str = Field(primary_key=True, max_length=512)
    old_vkey: str = Field(unique=True, max_length=512)
    envelope: bytes = _bytes()
    size: int = Field(sa_type=BigInteger)
    time_ms: int = Field(sa_type=BigInteger)


class LogWitnessRow(SQLModel, table=True):
    """A witness of the log: where it is, what it cosigned last, what is wrong with it."""

    __tablename__ = "log_witness"

    vkey: str = Field(primary_key=True, max_length=512)
    url: str = Field(max_length=512)
    added_ms: int = Field(sa_type=BigInteger)
    size: int = Field(sa_type=BigInteger)
    cosigned_ms: int = Field(sa_type=BigInteger)
    trouble: str = Field(max_length=16)
    detail: str = Field(max_length=512)
    since_ms: int = Field(sa_type=BigInteger)
    evidence: bytes = _bytes()


class LogOfferRow(SQLModel, table=True):
    """A published checkpoint that witnesses cosign, and their signature lines."""

    __tablename__ = "log_offer"

    size: int = Field(sa_column=Column(_KEY, primary_key=True, autoincrement=False))
    note: bytes = _bytes()
    lines: str = Field(sa_type=Text)
    offered_ms: int = Field(sa_type=BigInteger)
    witnessed_ms: int = Field(sa_type=BigInteger)


class LogQuorumRow(SQLModel, table=True):
    """How many witnesses the quorum takes, if the province has said so; the one row with id 1."""

    __tablename__ = "log_quorum"

    id: int = Field(default=1, primary_key=True)
    needed: int
