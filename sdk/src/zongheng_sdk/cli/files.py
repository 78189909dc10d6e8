"""Files that the command line reads and writes: what is wrong with one is said in words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from zongheng_protos.errors import FileInTheWay, FileUnusable


def read_text(path: Path) -> str:
    """A file's text, UTF-8.

    Raises:
        FileUnusable: there is no such file, or it cannot be read; names it once.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileUnusable(f"there is no file {path}") from None
    except IsADirectoryError:
        raise FileUnusable(f"{path} is a folder, not a file") from None
    except UnicodeDecodeError:
        raise FileUnusable(f"{path} is not text in UTF-8") from None
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror}") from error


def read_bytes(path: Path, *, most: int) -> bytes:
    """A file's bytes, at most so many and one more.

    Raises:
        FileUnusable: there is no such file, or it cannot be read; names it once.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        raise FileUnusable(f"there is no file {path}") from None
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror}") from error


@contextmanager
def new_file(out: Path) -> Iterator[Callable[[bytes], None]]:
    """What writes a file, mode 0600, that bears its name only once the block has ended well.

    It is made before the block begins, so that what can be had only once is not asked for in vain.

    Raises:
        FileInTheWay: there is something of that name; found after the block, what was written stays
            under the name that the error gives.
        FileUnusable: its folder does not exist or is not writable, or the disk took no more.
    """
    if out.exists():
        raise FileInTheWay(f"{out} exists: choose another name")
    written = _beside(out)

    def write(content: bytes) -> None:
        try:
            with written.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FileUnusable(f"{out} cannot be written: {error.strerror}") from error

    try:
        yield write
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    try:
        out.hardlink_to(written)
    except FileExistsError:
        raise FileInTheWay(
            f"{out} has come to exist meanwhile: what was written is {written}"
        ) from None
    except OSError:  # a file system without links
        written.replace(out)
    else:
        written.unlink()


def _beside(out: Path) -> Path:
    folder = out.parent
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{out.name}.")
    except (FileNotFoundError, NotADirectoryError):
        raise FileUnusable(f"{out} cannot be written: there is no folder {folder}") from None
    except PermissionError:
        raise FileUnusable(
            f"{out} cannot be written: the folder {folder} is not writable"
        ) from None
    except OSError as error:
        raise FileUnusable(f"{out} cannot be written: {error.strerror}") from error
    os.close(handle)
    return Path(name)
