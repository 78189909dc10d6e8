"""The log's files: each whole or not at all, and durable before whatever counts on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SYNCS_AT_ONCE = 16


class Disk:
    """What writing files asks of the operating system. Tests give one that fails or tears."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a file anew; nothing of it is durable yet."""
        path.write_bytes(content)

    def sync(self, paths: Sequence[Path]) -> None:
        """Make files' content, or what stands in folders, durable.

        Side by side, so that the file system's journal takes many with one write.
        """
        with ThreadPoolExecutor(min(SYNCS_AT_ONCE, len(paths) or 1)) as pool:
            for _ in pool.map(_sync, paths):
                pass

    def rename(self, path: Path, to: Path) -> None:
        path.replace(to)

    def remove(self, path: Path) -> None:
        """Remove a file or a folder with all in it; there may be none."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


class LogFiles:
    """The files of one log below a folder, by their names in it."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()

    def read(self, name: str) -> bytes | None:
        """The file's content; None where there is none."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, name: str) -> bool:
        return (self.folder / name).exists()

    def put(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Put files in place, whole or not at all; all are durable when this returns."""
        written: list[tuple[Path, Path]] = []
        changed: set[Path] = set()
        for name, content in contents:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            changed.update(self._folders_above(path))
            temporary = path.with_name(f".{path.name}.tmp")
            self._disk.write(temporary, content)
            written.append((temporary, path))
        self._disk.sync([temporary for temporary, _ in written])
        for temporary, path in written:
            self._disk.rename(temporary, path)
        self._disk.sync(sorted(changed))

    def remove(self, names: Iterable[str]) -> None:
        """Remove files or folders of files; not durably, for nothing counts on their absence."""
        for name in names:
            self._disk.remove(self.folder / name)

    def _folders_above(self, path: Path) -> Iterator[Path]:
        while path != self.folder:
            path = path.parent
            yield path


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
