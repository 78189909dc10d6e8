"""The counties' places in the tile map: a grid of squares, a heavy line between cities."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_SUFFIXES = ("自治县", "县", "区", "市")


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


def read_tiles(path: Path) -> TileMap:
    """The map in a CSV with the columns code, name, city, col, row (from 0 or 1).

    Raises:
        OSError, KeyError, ValueError: the file is not there or not such a table.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    left = min(int(line["col"]) for line in lines) - 1
    top = min(int(line["row"]) for line in lines) - 1
    bare = [
        Tile(
            line["code"], line["name"], line["city"], int(line["col"]) - left, int(line["row"]) - top
        )
        for line in lines
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


def _city_names(
    tiles: Iterable[Tile], at: Mapping[tuple[int, int], Tile]
) -> Iterable[CityName]:
    """For each city the free square beside its tiles that lies nearest to its middle."""
    width = max(column for column, _ in at)
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
