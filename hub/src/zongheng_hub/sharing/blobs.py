"""Sealed chunks as files: written beside, flushed, then renamed, so a name means whole bytes."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path

from zongheng_hub.sharing.rules import PARCEL_ID
from zongheng_protos.errors import Internal, Invalid, StoreFull

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Blobs:
    """Files <root>/<parcel id>/<position>. Holds ciphertext only."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, parcel_id: str, position: int, sealed: bytes) -> None:
        """Keep a chunk; on the disk for good when this returns.

        Raises:
            StoreFull: the disk is full; nothing is kept.
        """
        path = self._path(parcel_id, position)
        beside = path.with_name(f".{position}.{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with beside.open("xb") as file:
                    file.write(sealed)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
            _flush_folder(path.parent)
            _flush_folder(self._root)
        except OSError as error:
            if error.errno in _FULL:
                raise StoreFull(f"chunk {position} of {parcel_id} does not fit the disk") from error
            raise

    def get(self, parcel_id: str, position: int) -> bytes:
        """A chunk's bytes.

        Raises:
            Internal: a chunk that was handed in is gone from the disk.
        """
        try:
            return self._path(parcel_id, position).read_bytes()
        except FileNotFoundError as error:
            raise Internal(f"chunk {position} of parcel {parcel_id} is gone from disk") from error

    def has(self, parcel_id: str, position: int) -> bool:
        """Whether a chunk is kept."""
        return self._path(parcel_id, position).is_file()

    def set_aside(self, parcel_id: str) -> Path | None:
        """Take a parcel's chunks out of reach, at once; gives where they lie now, for remove."""
        folder = self._path(parcel_id, 0).parent
        aside = folder.with_name(f".{parcel_id}.{secrets.token_hex(8)}")
        try:
            folder.rename(aside)
        except FileNotFoundError:
            return None
        return aside

    @staticmethod
    def remove(aside: Path) -> None:
        """Remove what was set aside."""
        shutil.rmtree(aside)

    def _path(self, parcel_id: str, position: int) -> Path:
        if not PARCEL_ID.fullmatch(parcel_id) or position < 0:
            raise Invalid("a parcel id is p_ and 20 to 40 letters and digits")
        return self._root / parcel_id / str(position)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
