"""A disk that tears: full for a while, or gone with the power in the middle of an operation."""

from __future__ import annotations

import errno
import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path

from zongheng_hub.tlog.files import Disk


class TornDisk(Disk):
    """Counts operations, fails those in `full` and dies by SIGKILL at number `dies_at`.

    A failed or last write leaves a part of its content. With the process dies the power: what was
    never synced is torn, and renames whose folder was never synced may be undone.
    """

    def __init__(
        self, dice: random.Random, *, dies_at: int | None = None, full: range = range(0)
    ) -> None:
        self._dice = dice
        self._dies_at = dies_at
        self._full = full
        self._done = 0
        self._unsynced: set[Path] = set()
        self._renamed: list[tuple[Path, bytes | None]] = []

    def write(self, path: Path, content: bytes) -> None:
        number = self._counted()
        if number == self._dies_at or number in self._full:
            super().write(path, content[: self._dice.randint(0, len(content))])
            self._unsynced.add(path)
            if number == self._dies_at:
                self._die()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        super().write(path, content)
        self._unsynced.add(path)

    def sync(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if self._counted() == self._dies_at:
                self._die()
            super().sync([path])
            self._unsynced.discard(path)
            self._renamed = [each for each in self._renamed if each[0].parent != path]

    def rename(self, path: Path, to: Path) -> None:
        if self._counted() == self._dies_at:
            self._die()
        before = to.read_bytes() if to.exists() else None
        super().rename(path, to)
        self._renamed.append((to, before))
        if path in self._unsynced:
            self._unsynced.remove(path)
            self._unsynced.add(to)

    def remove(self, path: Path) -> None:
        if self._counted() == self._dies_at:
            self._die()
        super().remove(path)

    def _counted(self) -> int:
        self._done += 1
        return self._done

    def _die(self) -> None:
        for path in self._unsynced:
            if path.exists():
                content = path.read_bytes()
                path.write_bytes(content[: self._dice.randint(0, len(content))])
        for path, before in reversed(self._renamed):
            if self._dice.random() < 0.5:
                continue
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(before)
        os.kill(os.getpid(), signal.SIGKILL)
