"""Proofs made from a published log's tiles (RFC 6962 section 2.1.2): nobody has to be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from zongheng_sdk.proofs import HASH_BYTES, ProofInvalid, merkle_root
from zongheng_sdk.tiles import WIDTH, TileSource, tile_path

_HEIGHT = 8


@dataclass(slots=True)
class TileTree:
    """The tree of the first size entries of a published log, read from its tiles as needed.

    What it gives is not proven: a proof that was made from wrong tiles does not hold.
    """

    read: TileSource
    size: int
    _seen: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """PROOF(old, D[size]).

        Raises:
            ProofInvalid: old is not within 1 to size, or a tile is missing or malformed.
        """
        if not 0 < old <= self.size:
            raise ProofInvalid(f"no proof leads from {old} entries to {self.size}")
        return tuple(self._subproof(old, 0, self.size, whole=True))

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """PATH(index, D[size]), from the leaf towards the root.

        Raises:
            ProofInvalid: there is no such entry, or a tile is missing or malformed.
        """
        if not 0 <= index < self.size:
            raise ProofInvalid(f"entry {index} can't be in a log of {self.size}")
        path = []
        first, end = 0, self.size
        while end - first > 1:
            middle = first + _split(end - first)
            if index < middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(first, middle))
                first = middle
        return tuple(reversed(path))

    def root(self, first: int, end: int) -> bytes:
        """The root over entries first to end, end not included. Raises ProofInvalid."""
        width = end - first
        height = width.bit_length() - 1
        if width == 1 << height:
            return self._node(height, first >> height)
        split = first + _split(width)
        return merkle_root([self.root(first, split), self.root(split, end)])

    def _subproof(self, old: int, first: int, end: int, *, whole: bool) -> list[bytes]:
        width = end - first
        if old == width:
            return [] if whole else [self.root(first, end)]
        split = _split(width)
        if old <= split:
            below = self._subproof(old, first, first + split, whole=whole)
            return [*below, self.root(first + split, end)]
        below = self._subproof(old - split, first + split, end, whole=False)
        return [*below, self.root(first, first + split)]

    def _node(self, height: int, index: int) -> bytes:
        level, above = divmod(height, _HEIGHT)
        number, start = divmod(index << above, WIDTH)
        return merkle_root(self._tile(level, number)[start : start + (1 << above)])

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self._seen:
            width = min(WIDTH, (self.size >> _HEIGHT * level) - number * WIDTH)
            path = tile_path(level, number, width)
            tile = self.read(path)
            if (
                tile is None and width < WIDTH
            ):  # filled meanwhile: the part is gone, the whole there
                tile = self.read(tile_path(level, number))
            if tile is None or len(tile) % HASH_BYTES or len(tile) < width * HASH_BYTES:
                raise ProofInvalid(f"{path} is {'missing' if tile is None else 'malformed'}")
            self._seen[level, number] = [
                tile[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)
            ]
        return self._seen[level, number]


def _split(width: int) -> int:
    """The largest power of two below width."""
    return 1 << (width - 1).bit_length() - 1
