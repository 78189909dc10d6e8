"""The tile map of Shanxi."""

from __future__ import annotations

from zongheng_hub.tenancy.tilegrid import tile_grid
from zongheng_hub.web.tiles import tile_map

MAP = tile_map(tile_grid("140000"))


def test_every_county_has_a_square_of_its_own() -> None:
    assert len(MAP.tiles) == 117
    assert len({(tile.column, tile.row) for tile in MAP.tiles}) == 117


def test_every_city_is_named_once_beside_its_counties() -> None:
    squares = {(tile.column, tile.row) for tile in MAP.tiles}

    assert len({city.name for city in MAP.cities}) == len(MAP.cities) == 11
    assert not squares & {(city.column, city.row) for city in MAP.cities}


def test_names_fit_their_squares() -> None:
    short = {tile.name: tile.short for tile in MAP.tiles}

    assert (short["云冈区"], short["临县"], short["矿区"]) == ("云冈", "临县", "矿区")
    assert max(map(len, short.values())) == 3


def test_a_line_runs_between_cities_and_none_within() -> None:
    at = {(tile.column, tile.row): tile for tile in MAP.tiles}
    for tile in MAP.tiles:
        right = at.get((tile.column + 1, tile.row))
        assert ("br" in tile.edges) == (right is None or right.city != tile.city)
