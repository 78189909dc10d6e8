"""What a witness keeps: its key, the logs it knows, and the newest checkpoint it cosigned of each.

    witness.json          name and private key; whoever can read it can be the witness
    <hash>.log            verifier keys of a log, a line each; <hash> is SHA-256 of the origin, hex
    <hash>.checkpoint     the newest checkpoint of that log that was cosigned, with the cosignature

A checkpoint is on the disk before anybody gets its cosignature. The folder belongs to one process.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from zongheng_protos.errors import FileInTheWay, FileUnusable, StateConflict
from zongheng_sdk.notes import Checkpoint, parse_note, parse_vkey, verify_log_checkpoint
from zongheng_tenants.cosignature import WitnessKey, cosignatures, witness_key
from zongheng_tenants.keys import SigningKey

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that this witness cosigned; time in Unix seconds, line with its newline."""

    checkpoint: Checkpoint
    time: int
    line: str


class WitnessFolder:
    """The folder of one witness."""

    def __init__(self, path: Path) -> None:
        """Raises FileUnusable: there is no witness, or its file is damaged."""
        self.path = path
        try:
            kept = json.loads((path / "witness.json").read_text("utf-8"))
            if kept["format"] != FORMAT:
                raise ValueError(f"format {kept['format']}")
            self.signing = SigningKey(base64.b64decode(kept["key"], validate=True))
            self.key: WitnessKey = witness_key(kept["name"], self.signing.public)
        except FileNotFoundError:
            raise FileUnusable(
                f"there is no witness in {path}: zongheng witness keygen makes one"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FileUnusable(f"{path}/witness.json cannot be used: {error}") from error
        self._held: IO[str] | None = None

    @staticmethod
    def make(path: Path, name: str) -> WitnessFolder:
        """Make a witness called name, with a new key.

        Raises:
            FileInTheWay: there is one.
            Invalid: name can't be a key's name.
            FileUnusable: path cannot be written to.
        """
        signing = SigningKey.generate()
        witness_key(name, signing.public)
        key = base64.b64encode(signing.private_bytes()).decode()
        text = json.dumps({"format": FORMAT, "name": name, "key": key}, ensure_ascii=False)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path / "witness.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise FileInTheWay(f"there is a witness in {path}") from None
        except OSError as error:
            raise FileUnusable(f"{path} cannot be written to: {error.strerror}") from error
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _sync(path)
        return WitnessFolder(path)

    def hold(self) -> None:
        """Keep other processes from cosigning out of this folder until close.

        Raises:
            StateConflict: another one holds it.
        """
        handle = (self.path / "lock").open("w")
        try:
            _lock(handle)
        except OSError:
            handle.close()
            raise StateConflict(f"another process is this witness already: {self.path}") from None
        self._held = handle

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def trust(self, vkey: str) -> bool:
        """Cosign what the log with this verifier key signs; whether that is new.

        Raises:
            NoteInvalid: it is no log's Ed25519 key.
        """
        vkey = vkey.strip()
        key = parse_vkey(vkey)
        known = self.keys_of(key.name)
        if vkey in known:
            return False
        lines = "".join(f"{each}\n" for each in (*known, vkey))
        self._write(f"{origin_hash(key.name)}.log", lines.encode())
        return True

    def origins(self) -> tuple[str, ...]:
        """The logs it knows."""
        vkeys = [file.read_text("utf-8").splitlines()[0] for file in self.path.glob("*.log")]
        return tuple(sorted(parse_vkey(vkey).name for vkey in vkeys))

    def keys_of(self, origin: str) -> tuple[str, ...]:
        """Verifier keys of a log, oldest first; none: it is not known."""
        try:
            return tuple((self.path / f"{origin_hash(origin)}.log").read_text("utf-8").splitlines())
        except FileNotFoundError:
            return ()

    def newest(self, origin: str) -> Cosigned | None:
        """What was cosigned last of a log.

        Raises:
            FileUnusable: it is not what this witness wrote. Without it the witness does not know
                what it vouched for, and MUST NOT go on: it takes a new key.
        """
        file = self.path / f"{origin_hash(origin)}.checkpoint"
        try:
            note = file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            parts = parse_note(note)
            checkpoint = verify_log_checkpoint(note, self.keys_of(origin))
        except Exception as error:
            raise FileUnusable(f"{file} is damaged: {error}") from error
        lines = note[len(parts.text.encode()) + 1 :].decode().splitlines()
        found = cosignatures(lines, parts.text.encode(), [self.key])
        if not found:
            raise FileUnusable(f"{file} is damaged: it does not bear this witness's cosignature")
        return Cosigned(checkpoint, found[0].time, found[0].line)

    def keep(self, origin: str, note: bytes) -> None:
        """Remember a cosigned checkpoint; on the disk when this returns."""
        self._write(f"{origin_hash(origin)}.checkpoint", note)

    def _write(self, name: str, content: bytes) -> None:
        scratch = self.path / f".{name}.new"
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self.path / name)
        _sync(self.path)


def origin_hash(origin: str) -> str:
    """Under which a witness shows what it cosigned of a log (C2SP tlog-witness)."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _sync(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(handle: IO[str]) -> None:
    """Raises OSError where another process holds it."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # Windows
        return
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
