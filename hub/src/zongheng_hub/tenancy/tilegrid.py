"""The schematic map of a province: one square tile a county."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from zongheng_hub.tenancy.divisions import packaged_table


@dataclass(frozen=True, slots=True)
class Tile:
    """A county's place on the grid: column from the west, row from the north, both from 0."""

    code: str
    name: str
    city: str
    column: int
    row: int


def tile_grid(province_code: str) -> tuple[Tile, ...]:
    """The tiles of a province.

    Raises:
        DivisionUnknown: no grid ships for it.
    """
    text = packaged_table("tilegrid", province_code).decode("utf-8")
    return tuple(
        Tile(row["code"], row["name"], row["city"], int(row["col"]), int(row["row"]))
        for row in csv.DictReader(io.StringIO(text, newline=""))
    )
