"""The counties' places in the tile map: a grid of squares, a heavy line between cities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

_SUFFIXES = ("自治县", "县", "区", "市")


class GridSquare(Protocol):
    """A county's place, column from the west and row from the north."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def city(self) -> str: ...

    @property
    def column(self) -> int: ...

    @property
    def row(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Tile:
    """One county.

    Attributes:
        column, row: from 1, as in the grid's table.
        edges: which sides border another city: "bt", "bb", "bl", "br".
    """

    code: str
    name: str
    city: str
    column: int
    row: int
    edges: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """云冈 for 云冈区; 临县 and 矿区 stay as they are."""
        for suffix in _SUFFIXES:
            bare = self.name.removesuffix(suffix)
            if bare != self.name and len(bare) >= 2:
                return bare
        return self.name


@dataclass(frozen=True, slots=True)
class CityName:
    """Where a city's name stands in the grid's empty squares; side is "e" or "w" of its tiles."""

    name: str
    column: int
    row: int
    side: str


@dataclass(frozen=True, slots=True)
class TileMap:
    tiles: tuple[Tile, ...]
    cities: tuple[CityName, ...]


def tile_map(grid: Iterable[GridSquare]) -> TileMap:
    """The map of a grid of counties."""
    squares = list(grid)
    left = min((square.column for square in squares), default=0) - 1
    top = min((square.row for square in squares), default=0) - 1
    bare = [
        Tile(each.code, each.name, each.city, each.column - left, each.row - top)
        for each in squares
    ]
    at = {(tile.column, tile.row): tile for tile in bare}
    tiles = tuple(
        Tile(tile.code, tile.name, tile.city, tile.column, tile.row, _edges(tile, at))
        for tile in sorted(bare, key=lambda tile: (tile.row, tile.column))
    )
    return TileMap(tiles, tuple(_city_names(tiles, at)))


def _edges(tile: Tile, at: Mapping[tuple[int, int], Tile]) -> tuple[str, ...]:
    sides = {"bt": (0, -1), "bb": (0, 1), "bl": (-1, 0), "br": (1, 0)}
    edges = []
    for name, (across, down) in sides.items():
        neighbour = at.get((tile.column + across, tile.row + down))
        if neighbour is None or neighbour.city != tile.city:
            edges.append(name)
    return tuple(edges)


def _city_names(tiles: Iterable[Tile], at: Mapping[tuple[int, int], Tile]) -> Iterable[CityName]:
    """For each city the free square beside its tiles that lies nearest to its middle."""
    width = max((column for column, _ in at), default=0)
    taken: set[tuple[int, int]] = set()
    by_city: dict[str, list[Tile]] = {}
    for tile in tiles:
        by_city.setdefault(tile.city, []).append(tile)
    for city, own in by_city.items():
        middle = sum(tile.row for tile in own) / len(own)
        free = [
            CityName(city.removesuffix("市"), tile.column + step, tile.row, side)
            for tile in own
            for step, side in ((-1, "e"), (1, "w"))
            if 1 <= tile.column + step <= width
            and (tile.column + step, tile.row) not in at
            and (tile.column + step, tile.row) not in taken
        ]
        if free:
            best = min(free, key=lambda name: (abs(name.row - middle), name.column))
            taken.add((best.column, best.row))
            yield best
