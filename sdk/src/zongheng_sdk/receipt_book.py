"""What this unit holds the log to: its receipts, and every entry that concerned it when it looked.

One SQLite file beside the identity (WAL, synchronous=FULL): what is kept survives a power cut.
Whoever dropped or rewrote such an entry afterwards is found out by `zongheng audit reconcile`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from zongheng_sdk.receipts import Receipt

RECEIPTS = "receipts.sqlite3"
_VERSION = 1
_BUSY_SECONDS = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS receipt (
  idx INTEGER NOT NULL,
  leaf BLOB NOT NULL,
  salt BLOB NOT NULL,
  envelope BLOB NOT NULL,
  own INTEGER NOT NULL,
  kept_ms INTEGER NOT NULL,
  PRIMARY KEY (idx, leaf)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looked (
  id INTEGER PRIMARY KEY CHECK (id = 1), note BLOB NOT NULL, size INTEGER NOT NULL
);
"""
_KEEP = """
INSERT INTO receipt (idx, leaf, salt, envelope, own, kept_ms) VALUES (?, ?, ?, ?, 1, ?)
ON CONFLICT (idx, leaf) DO UPDATE SET salt = excluded.salt, envelope = excluded.envelope, own = 1
"""
_NOTE = """
INSERT OR IGNORE INTO receipt (idx, leaf, salt, envelope, own, kept_ms) VALUES (?, ?, ?, ?, ?, ?)
"""
_LOOKED = "INSERT OR REPLACE INTO looked (id, note, size) VALUES (1, ?, ?)"
_log = logging.getLogger("zongheng")


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry that this unit holds the log to.

    Attributes:
        salt, envelope: open the leaf's commitment; empty for acts of others.
        own: a receipt came for it, so this unit's own SDK made the act.
    """

    index: int
    leaf: bytes
    salt: bytes
    envelope: bytes
    own: bool


class ReceiptBook:
    """Receipts in a unit's folder; used by any number of threads, and by several processes."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened before something is kept or asked for."""
        self._path = folder / RECEIPTS
        self._db: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._pending: list[tuple[int, bytes, bytes, bytes, int]] = []

    def keep(self, receipt: Receipt, envelopes: Sequence[bytes]) -> None:
        """Keep the receipt of an act, on disk when this returns; many at once share a commit.

        The act was carried out, so a receipt that cannot be kept is told of and fails nothing.

        Args:
            envelopes: the act as it was signed; the receipt is for one of them.
        """
        envelope = next(filter(receipt.commits_to, envelopes), b"")
        row = (receipt.index, receipt.leaf, receipt.salt, envelope, _now_ms())
        self._pending.append(row)
        with self._lock:
            rows, self._pending = self._pending, []
            if not rows:
                return  # another thread's commit took it along
            import sqlite3

            from zongheng_protos.errors import ZonghengError

            try:
                with self._opened() as db:
                    db.executemany(_KEEP, rows)
            except (sqlite3.Error, ZonghengError) as error:
                _log.warning("receipt of entry %d could not be kept: %s", receipt.index, error)

    def note(self, entries: Iterable[tuple[int, bytes]], note: bytes, size: int) -> None:
        """Keep entries (index, leaf) that concern this unit, and up to where it has looked.

        Args:
            note: the checkpoint under which they are proven; size: how many entries of it were
                looked at.
        """
        rows = [(index, leaf, b"", b"", 0, _now_ms()) for index, leaf in entries]
        with self._lock, self._opened() as db:
            db.executemany(_NOTE, rows)
            db.execute(_LOOKED, (note, size))

    def looked(self) -> tuple[bytes, int]:
        """The checkpoint last looked at, and how many of its entries; empty and 0: none yet."""
        with self._lock, self._opened() as db:
            row = db.execute("SELECT note, size FROM looked").fetchone()
        return (bytes(row[0]), int(row[1])) if row else (b"", 0)

    def kept(self) -> list[Kept]:
        """Everything, by index."""
        with self._lock, self._opened() as db:
            rows = db.execute("SELECT idx, leaf, salt, envelope, own FROM receipt ORDER BY idx")
            return [Kept(index, leaf, salt, env, bool(own)) for index, leaf, salt, env, own in rows]

    def forget_content(self, indices: Iterable[int]) -> None:
        """Let go of what opens entries whose content was shredded; their leaves stay."""
        with self._lock, self._opened() as db:
            db.execute("PRAGMA secure_delete=ON")
            db.executemany(
                "UPDATE receipt SET salt = x'', envelope = x'' WHERE idx = ?",
                [(index,) for index in indices],
            )

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _opened(self) -> sqlite3.Connection:
        """A transaction on the file, made when it is first needed.

        Raises:
            FileUnusable: it cannot be made or is none.
            Exists: a newer SDK wrote it.
        """
        if self._db is None:
            self._db = self._open()
        return self._db

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        from zongheng_protos.errors import Exists, FileUnusable

        try:
            with suppress(FileExistsError):
                self._path.touch(0o600, exist_ok=False)
            db = sqlite3.connect(self._path, check_same_thread=False, timeout=_BUSY_SECONDS)
        except (OSError, sqlite3.Error) as error:
            raise FileUnusable(f"{self._path} cannot be opened: {error}") from error
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found > _VERSION:
                raise Exists(f"{self._path} was written by a newer zongheng-sdk: update this one")
            db.executescript(_TABLES)
            db.execute(f"PRAGMA user_version={_VERSION}")
        except sqlite3.Error as error:
            db.close()
            raise FileUnusable(f"{self._path} is no file of receipts: {error}") from error
        except BaseException:
            db.close()
            raise
        return db


def _now_ms() -> int:
    return int(time.time() * 1000)
