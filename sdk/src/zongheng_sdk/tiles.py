"""Reading a published log: paths and bundles of C2SP tlog-tiles, from a folder or over HTTP."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from zongheng_protos.errors import Unavailable
from zongheng_sdk.proofs import ProofInvalid

WIDTH = 256
MAX_FILE_BYTES = WIDTH * (2 + 0xFFFF)
TIMEOUT_SECONDS = 30

TileSource = Callable[[str], bytes | None]
"""Gives the file at a path below the log's address; None where there is none."""


def open_source(where: str | Path) -> TileSource:
    """The published log in a folder, or at an http(s) address such as "https://…/tlog"."""
    if isinstance(where, str) and where.startswith(("http://", "https://")):
        return _http_source(where.rstrip("/"))
    return _folder_source(Path(where))


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """The path of a tile of hashes."""
    return f"tile/{level}/{_spell(number, width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """The path of a bundle of entries."""
    return f"tile/entries/{_spell(number, width)}"


def split_bundle(bundle: bytes, width: int) -> list[bytes]:
    """The entries in a bundle that should hold width of them.

    Raises:
        ProofInvalid: it holds more, fewer, or half an entry.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle) or at + 2 > len(bundle):
            raise ProofInvalid(f"entry {len(entries)} of the bundle is cut off")
        entries.append(bundle[at + 2 : end])
        at = end
    if len(entries) != width:
        raise ProofInvalid(f"the bundle holds {len(entries)} entries, not {width}")
    return entries


def _spell(number: int, width: int) -> str:
    digits = f"{number:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    spelt = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return spelt if width == WIDTH else f"{spelt}.p/{width}"


def _folder_source(folder: Path) -> TileSource:
    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    return read


def _http_source(address: str) -> TileSource:
    def read(path: str) -> bytes | None:
        try:
            with urllib.request.urlopen(f"{address}/{path}", timeout=TIMEOUT_SECONDS) as answer:
                content: bytes = answer.read(MAX_FILE_BYTES + 1)
                return content
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (404, 410):
                    return None
                raise Unavailable(f"{address}/{path} answered {error.code}") from error
        except OSError as error:
            raise Unavailable(f"{address} cannot be reached: {error}") from error

    return read
