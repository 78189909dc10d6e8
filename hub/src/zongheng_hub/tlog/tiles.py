"""Where C2SP tlog-tiles puts a tree's hashes and entries, and how it packs them; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from zongheng_hub.tlog.tree import HASH_BYTES, NodeReader, perfect_root

WIDTH = 256
HEIGHT = 8
FULL_BYTES = WIDTH * HASH_BYTES
MAX_ENTRY_BYTES = 0xFFFF
ENTRIES = -1
"""The level of entry bundles, which are laid out like the tiles of level 0."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile or entry bundle.

    Attributes:
        level: 0 holds leaf hashes, each further one the roots of full tiles below; ENTRIES.
        number: counted from the left.
        width: 1 to 256 hashes or entries.
    """

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is found below the log's address, such as "tile/0/x001/234.p/5"."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"


def number_path(number: int) -> str:
    """1234067 is "x001/x234/067"."""
    path = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        path = f"x{number % 1000:03}/{path}"
    return path


_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


def read_path(path: str) -> Tile | None:
    """The tile that a path names, spelt as Tile.path spells it; None when it names none."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, number, width = found.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(number.replace("x", "").replace("/", "")),
        WIDTH if width is None else int(width),
    )
    return tile if tile.path == path else None


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles and bundles that a tree of new leaves has and one of old leaves had not.

    Bundles come first, then tiles from the bottom up; each level from the left.
    """
    for level in (ENTRIES, *range(levels(new))):
        shift = HEIGHT * max(level, 0)
        had, has = old >> shift, new >> shift
        if had == has:
            continue
        for number in range(had // WIDTH, has // WIDTH):
            yield Tile(level, number)
        if has % WIDTH:
            yield Tile(level, has // WIDTH, has % WIDTH)


def levels(size: int) -> int:
    """How many levels of hash tiles a tree of size leaves has."""
    count = 0
    while size >> HEIGHT * count:
        count += 1
    return count


def pack_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries in the form of a bundle: each after its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_hashes(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def node_reader(tile: Callable[[int, int], bytes]) -> NodeReader:
    """Reads any perfect subtree out of tiles.

    Args:
        tile: gives the hashes of a tile by level and number, as far as they are there.
    """

    def node(height: int, index: int) -> bytes:
        level, above = divmod(height, HEIGHT)
        first = index << above
        start = first % WIDTH * HASH_BYTES
        stored = tile(level, first // WIDTH)
        hashes = stored[start : start + (HASH_BYTES << above)]
        if len(hashes) != HASH_BYTES << above:
            raise LookupError(f"{Tile(level, first // WIDTH).path} holds too few hashes")
        return perfect_root(split_hashes(hashes))

    return node
