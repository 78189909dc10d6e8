"""The outbox's file: SQLite with WAL and synchronous=FULL, so what was put survives a power cut."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zongheng_protos.errors import FileUnusable, StoreFull
from zongheng_sdk.receipts import Receipt, read_receipt

State = Literal["waiting", "sent", "refused"]
_VERSION = 1
_BUSY_MS = 30_000
_TABLES = """
CREATE TABLE IF NOT EXISTS entry (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  once TEXT,
  tenant TEXT NOT NULL,
  operator TEXT NOT NULL,
  method TEXT NOT NULL,
  request BLOB NOT NULL,
  nonce BLOB NOT NULL UNIQUE,
  key_id TEXT NOT NULL DEFAULT '',
  put_ms INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  attempts INTEGER NOT NULL DEFAULT 0,
  reply BLOB,
  receipt BLOB,
  reason TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL DEFAULT '',
  UNIQUE (tenant, once)
);
CREATE INDEX IF NOT EXISTS entry_state ON entry (state, number);
CREATE TABLE IF NOT EXISTS signed (
  number INTEGER NOT NULL, envelope BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS signed_number ON signed (number);
CREATE TABLE IF NOT EXISTS module (
  id TEXT PRIMARY KEY, about TEXT NOT NULL, descriptors BLOB NOT NULL
);
"""
_COLUMNS = (
    "number, once, tenant, operator, method, request, nonce, key_id, put_ms, state, attempts, "
    "reply, receipt, reason, message"
)
_BY_KEY = f"SELECT {_COLUMNS} FROM entry WHERE tenant=? AND once=?"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act in the outbox.

    Attributes:
        number: order in which it was put.
        once: the caller's own key, unique for the tenant; None where it gave none.
        tenant, operator: whose act it is, and who does it.
        nonce: fixed when it was put: the hub carries it out once, however often it is sent.
        key_id: the key it was last sent with; empty before the first attempt.
        put_ms: Unix milliseconds.
        attempts: how often it was sent.
        reply, receipt: serialised, once sent.
        reason, message: why the hub refused it, or why the last attempt came to nothing.
    """

    number: int
    once: str | None
    tenant: str
    operator: str
    method: str
    request: bytes
    nonce: bytes
    key_id: str
    put_ms: int
    state: State = "waiting"
    attempts: int = 0
    reply: bytes | None = None
    receipt: bytes | None = None
    reason: str = ""
    message: str = ""

    @property
    def in_log(self) -> Receipt | None:
        """Where the act stands in the log; None until it is sent."""
        return read_receipt(self.receipt, None)


class OutboxStore:
    """One file; used by any number of threads, and by several processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            path, check_same_thread=False, isolation_level=None, timeout=_BUSY_MS / 1000
        )
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found > _VERSION:
                raise FileUnusable(f"{path} was written by a newer zongheng-sdk: update this one")
            self._db.executescript(_TABLES)
            self._db.execute(f"PRAGMA user_version={_VERSION}")
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def put(self, entries: Iterable[Entry]) -> list[Entry]:
        """Keep entries, all or none, on disk when this returns.

        Where `once` is known already, the kept entry stays as it is and is returned instead.
        """
        with self._transaction() as db:
            return [self._put(db, entry) for entry in entries]

    @staticmethod
    def _put(db: sqlite3.Connection, entry: Entry) -> Entry:
        if entry.once is not None:
            row = db.execute(_BY_KEY, (entry.tenant, entry.once)).fetchone()
            if row is not None:
                return Entry(*row)
        row = db.execute(
            "INSERT INTO entry (once, tenant, operator, method, request, nonce, put_ms) "
            f"VALUES (?,?,?,?,?,?,?) RETURNING {_COLUMNS}",
            (
                entry.once,
                entry.tenant,
                entry.operator,
                entry.method,
                entry.request,
                entry.nonce,
                entry.put_ms,
            ),
        ).fetchone()
        return Entry(*row)

    def waiting(self, tenant: str, *, limit: int) -> list[Entry]:
        """The next entries of a tenant to be sent, in the order they were put."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE state='waiting' AND tenant=? "
                "ORDER BY number LIMIT ?",
                (tenant, limit),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def sending(self, acts: Mapping[int, bytes], key_id: str) -> None:
        """Note, before it happens, how entries are signed now, and with which key.

        What the hub answers is held against it, also when the answer is to a later attempt.
        """
        with self._transaction() as db:
            db.executemany(
                "UPDATE entry SET attempts=attempts+1, key_id=? WHERE number=?",
                [(key_id, number) for number in acts],
            )
            db.executemany("INSERT INTO signed (number, envelope) VALUES (?,?)", acts.items())

    def signed(self, number: int) -> tuple[bytes, ...]:
        """An entry as it was signed so far, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT envelope FROM signed WHERE number=? ORDER BY rowid", (number,)
            ).fetchall()
        return tuple(envelope for (envelope,) in rows)

    def settle(self, entries: Iterable[Entry]) -> None:
        """Write what came of entries; one that another process has settled stays as it is."""
        settled = list(entries)
        with self._transaction() as db:
            db.executemany(
                "UPDATE entry SET state=?, reply=?, receipt=?, reason=?, message=? "
                "WHERE number=? AND state='waiting'",
                [(e.state, e.reply, e.receipt, e.reason, e.message, e.number) for e in settled],
            )
            db.executemany(
                "DELETE FROM signed WHERE number=?", [(e.number,) for e in settled if e.receipt]
            )

    def list(self, state: State | None = None) -> list[Entry]:
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE ? IS NULL OR state=? ORDER BY number",
                (state, state),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def find(self, tenant: str, once: str) -> Entry | None:
        with self._lock:
            row = self._db.execute(_BY_KEY, (tenant, once)).fetchone()
        return None if row is None else Entry(*row)

    def count_waiting(self, tenant: str) -> int:
        with self._lock:
            found: tuple[int] = self._db.execute(
                "SELECT count(*) FROM entry WHERE state='waiting' AND tenant=?", (tenant,)
            ).fetchone()
        return found[0]

    def resume(self, number: int) -> bool:
        """Put a refused entry back to be sent again."""
        with self._transaction() as db:
            changed = db.execute(
                "UPDATE entry SET state='waiting', reason='', message='' "
                "WHERE number=? AND state='refused'",
                (number,),
            )
            return changed.rowcount == 1

    def forget_sent(self) -> int:
        """Drop what was sent; its keys are forgotten with it. Gives the number of entries."""
        with self._transaction() as db:
            return db.execute("DELETE FROM entry WHERE state='sent'").rowcount

    def keep_module(self, module_id: str, about: str, descriptors: bytes) -> None:
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO module (id, about, descriptors) VALUES (?,?,?)",
                (module_id, about, descriptors),
            )

    def module(self, module_id: str) -> tuple[str, bytes] | None:
        with self._lock:
            row: tuple[str, bytes] | None = self._db.execute(
                "SELECT about, descriptors FROM module WHERE id=?", (module_id,)
            ).fetchone()
        return row

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise StoreFull(
                        "the disk is full: the outbox could not keep the act"
                    ) from error
                raise
