"""Tiles lie where C2SP tlog-tiles says, and hold what it says."""

from __future__ import annotations

from collections import Counter

import pytest

from zongheng_hub.tlog.tiles import ENTRIES, Tile, new_tiles, node_reader, number_path, pack_bundle
from zongheng_hub.tlog.tree import leaf_hash, node_hash


@pytest.mark.parametrize(
    ("number", "path"),
    [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")],
)
def test_a_number_is_spelt_in_groups_of_three(number: int, path: str) -> None:
    assert number_path(number) == path


def test_a_tile_is_found_by_level_number_and_width() -> None:
    assert Tile(0, 1234).path == "tile/0/x001/234"
    assert Tile(2, 0, 17).path == "tile/2/000.p/17"
    assert Tile(ENTRIES, 273, 112).path == "tile/entries/273.p/112"


def test_a_tree_of_70000_has_the_tiles_the_specification_names() -> None:
    tiles = [tile for tile in new_tiles(0, 70_000) if tile.level != ENTRIES]
    full = Counter(tile.level for tile in tiles if tile.width == 256)
    partial = {tile.path for tile in tiles if tile.width < 256}
    assert full == {0: 273, 1: 1}
    assert partial == {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}


def test_tiles_that_did_not_change_are_not_new() -> None:
    assert [tile.path for tile in new_tiles(255, 257)] == [
        "tile/entries/000",
        "tile/entries/001.p/1",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
    ]
    assert list(new_tiles(257, 257)) == []
    assert [tile.path for tile in new_tiles(257, 258)] == [
        "tile/entries/001.p/2",
        "tile/0/001.p/2",
    ]


def test_a_bundle_holds_each_entry_after_its_length() -> None:
    assert pack_bundle([b"", b"a" * 258]) == b"\0\0" + b"\1\2" + b"a" * 258


def test_subtrees_are_read_out_of_the_tile_that_holds_them() -> None:
    hashes = [leaf_hash(b"%d" % number) for number in range(4)]
    node = node_reader(lambda level, number: b"".join(hashes) if level == number == 0 else b"")
    assert node(0, 3) == hashes[3]
    assert node(1, 1) == node_hash(hashes[2], hashes[3])
    with pytest.raises(LookupError, match="tile/0/000 holds too few"):
        node(3, 0)
