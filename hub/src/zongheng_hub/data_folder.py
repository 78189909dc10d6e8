"""The data folder: its format, its lock, its keys. Whoever can read keys/ can be the hub."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from zongheng_hub.settings import GRPC_PORT, WEB_PORT
from zongheng_tenants.keys import SigningKey

FORMAT = 1
NEXT_LOG_KEY = "log.next.key"


class DataFolderError(Exception):
    """The data folder cannot be used; says why and what to do."""


@dataclass(frozen=True, slots=True)
class About:
    """What hub.json says.

    Attributes:
        origin: the log's name on its checkpoints.
        root_fingerprint: SHA-256 of the root credential's envelope, hex.
        database: where the tables are; None: hub.sqlite3 in this folder.
        host, public_host, port, web_port: where serve listens unless it is told otherwise.
    """

    hub_id: str
    province_code: str
    province_id: str
    origin: str
    root_fingerprint: str
    database: str | None = None
    host: str = "127.0.0.1"
    public_host: str = "127.0.0.1"
    port: int = GRPC_PORT
    web_port: int = WEB_PORT


class DataFolder:
    """Paths and secrets of one hub."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    @property
    def database(self) -> Path:
        return self.path / "hub.sqlite3"

    @property
    def tlog(self) -> Path:
        return self.path / "tlog"

    @property
    def parcels(self) -> Path:
        return self.path / "parcels"

    @property
    def province_identity(self) -> Path:
        return self.path / "province" / "identity.json"

    def module_database(self, module_id: str) -> Path:
        folder = self.path / "modules" / module_id
        _make_private(folder)
        return folder / "store.sqlite3"

    def note_serving(self, web_address: str) -> None:
        """Remember where the console is served now."""
        write_private(self.path / "serving.json", json.dumps({"web": web_address}).encode())

    def serving(self) -> str:
        """Where the console was served last; empty when it never was."""
        try:
            web = json.loads((self.path / "serving.json").read_text("utf-8"))["web"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return str(web)

    @property
    def made(self) -> bool:
        return (self.path / "hub.json").exists()

    def lock(self) -> None:
        """Keep other hubs out of this folder until close.

        Raises:
            DataFolderError: another hub holds it, or it cannot be written to.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = (self.path / "lock").open("w")
            for name in ("keys", "province", "modules"):  # as earlier versions made them
                if (self.path / name).is_dir():
                    (self.path / name).chmod(0o700)
        except OSError as error:
            raise DataFolderError(f"cannot write to {self.path}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.close()
            raise DataFolderError(
                f"another hub is running on {self.path}: stop it, or use another --data"
            ) from error
        self._lock = handle

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def about(self) -> About:
        """What hub.json says.

        Raises:
            DataFolderError: there is no hub here, or a newer version made it.
        """
        try:
            fields = json.loads((self.path / "hub.json").read_text("utf-8"))
        except FileNotFoundError:
            raise DataFolderError(
                f"no hub in {self.path}: make one with zongheng-hub init --data {self.path}"
            ) from None
        except ValueError as error:
            raise DataFolderError(f"{self.path}/hub.json is damaged: {error}") from error
        written = fields.pop("format", None)
        if written != FORMAT:
            raise DataFolderError(
                f"{self.path} has format {written}, this version reads {FORMAT}: install the "
                "version of zongheng-hub that wrote it, or a newer one"
            )
        return About(**fields)

    def write_about(self, about: About) -> None:
        text = json.dumps({"format": FORMAT, **asdict(about)}, ensure_ascii=False, indent=1)
        write_private(self.path / "hub.json", text.encode())

    def secret(self, name: str) -> bytes:
        """A key from keys/."""
        try:
            return (self.path / "keys" / name).read_bytes()
        except OSError as error:
            raise DataFolderError(
                f"{self.path}/keys/{name} cannot be read ({error.strerror}): restore keys/ from "
                "the backup"
            ) from error

    def make_secret(self, name: str, value: bytes) -> bytes:
        """Keep a key under keys/, readable by the hub's user alone."""
        write_private(self.path / "keys" / name, value)
        return value

    def has_secret(self, name: str) -> bool:
        return (self.path / "keys" / name).exists()

    def secret_since(self, name: str) -> datetime:
        """When a key was put where it is."""
        return datetime.fromtimestamp((self.path / "keys" / name).stat().st_mtime, UTC)

    def move_secret(self, name: str, to: str, *, keep: bool = False) -> None:
        """Put a key in the place of another, which is gone then; with keep, a copy of it."""
        self.make_secret(to, self.secret(name))
        if not keep:
            self.drop_secret(name)

    def drop_secret(self, name: str) -> None:
        (self.path / "keys" / name).unlink()

    def log_key(self) -> SigningKey:
        return SigningKey(self.secret("log.key"))

    def next_log_key(self) -> SigningKey | None:
        """The key made to follow the log's own, where there is one."""
        if not (self.path / "keys" / NEXT_LOG_KEY).exists():
            return None
        return SigningKey(self.secret(NEXT_LOG_KEY))

    def retire_log_key(self) -> None:
        """Put the next key in the place of the log's own, which is gone then."""
        keys = self.path / "keys"
        (keys / NEXT_LOG_KEY).replace(keys / "log.key")


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, for this user alone."""
    for missing in (*reversed(folder.parents), folder):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only this user may read, all or nothing."""
    _make_private(path.parent)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    scratch.replace(path)
