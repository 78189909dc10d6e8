"""Reading a division table: GB/T 2260 codes, each row naming its parent explicitly."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from zongheng_protos.errors import DivisionUnknown, Invalid
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb

OLD_CODE = "old_code"
"""An optional column: former codes, parted by ";"."""
COLUMNS = ("code", "name", "level", "type", "parent", "parent_name")
LEVELS = {
    "province": pb.LEVEL_PROVINCE,
    "prefecture": pb.LEVEL_CITY,
    "county": pb.LEVEL_COUNTY,
    "township": pb.LEVEL_TOWNSHIP,
}
_CODE = re.compile(r"[0-9]{6}([0-9]{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Division:
    """One row of a division table.

    Attributes:
        level: number of tenancy.v1.Level.
        kind: as the table says it, such as 县级市.
        parent: the parent's code; empty for the province.
        old_codes: codes it had before, and those of units merged into it since.
    """

    code: str
    name: str
    level: int
    kind: str
    parent: str
    old_codes: tuple[str, ...] = ()


def packaged_divisions(province_code: str) -> tuple[Division, ...]:
    """The division table that ships with the hub.

    Raises:
        DivisionUnknown: none ships for this province.
    """
    return parse_divisions(packaged_table("divisions", province_code))


def packaged_table(name: str, province_code: str) -> bytes:
    """The bytes of data/<name>_<province_code>.csv.

    Raises:
        DivisionUnknown: there is none.
    """
    if not re.fullmatch("[0-9]{6}", province_code, re.ASCII):
        raise DivisionUnknown(f"{province_code!r} is no province's division code: give six digits")
    folder = resources.files("zongheng_hub.tenancy") / "data"
    file = folder / f"{name}_{province_code}.csv"
    if not file.is_file():
        raise DivisionUnknown(
            f"no table of {name} ships for province {province_code}: name one of your own"
        )
    return file.read_bytes()


def parse_divisions(table: bytes) -> tuple[Division, ...]:
    """The divisions of a CSV table (UTF-8; columns code,name,level,type,parent,parent_name).

    Rows may stand in any order; parents come first in the result.

    Raises:
        Invalid: the table or a row is malformed, a code stands twice, or levels do not descend.
        DivisionUnknown: a code has not 6 or 9 digits, or a parent is not in the table.
        Both name the row, counted in lines with the header as 1.
    """
    rows = _read(table)
    by_code: dict[str, tuple[int, Division]] = {}
    names: dict[str, str] = {}
    for line, row in rows:
        division = _division(line, row)
        if division.code in by_code:
            first = by_code[division.code][0]
            raise Invalid(f"row {line}: code {division.code} already stands in row {first}")
        by_code[division.code] = (line, division)
        names[division.code] = row["parent_name"]
    for line, division in by_code.values():
        _check_parent(line, division, names[division.code], by_code)
    _check_one_province(by_code.values())
    divisions = (division for _, division in by_code.values())
    return tuple(sorted(divisions, key=lambda division: division.level))


def _read(table: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        text = table.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = table.count(b"\n", 0, error.start) + 1
        raise Invalid(f"row {line}: the division table is not UTF-8") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = reader.fieldnames or ()
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise Invalid(
                f"the division table lacks the column {', '.join(missing)}; "
                f"it needs {','.join(COLUMNS)}"
            )
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise Invalid(
            f"row {reader.reader.line_num}: the division table is no CSV: {error}"
        ) from error
    for line, row in rows:
        if None in row or None in row.values():
            raise Invalid(f"row {line}: it has not as many fields as the header")
    return rows


def _division(line: int, row: dict[str, str]) -> Division:
    code, level = row["code"], row["level"]
    if not _CODE.fullmatch(code):
        raise DivisionUnknown(f"row {line}: {code!r} is no division code: it has 6 or 9 digits")
    if level not in LEVELS:
        raise Invalid(f"row {line}: level {level!r} is none of {', '.join(LEVELS)}")
    if not row["name"].strip():
        raise Invalid(f"row {line}: {code} has no name")
    old_codes = tuple(filter(None, re.split("[; ]+", row.get(OLD_CODE, ""))))
    for old in old_codes:
        if not _CODE.fullmatch(old):
            raise DivisionUnknown(f"row {line}: {old!r} is no division code: it has 6 or 9 digits")
    return Division(code, row["name"].strip(), LEVELS[level], row["type"], row["parent"], old_codes)


def _check_parent(
    line: int,
    division: Division,
    parent_name: str,
    by_code: dict[str, tuple[int, Division]],
) -> None:
    code = division.code
    if division.level == pb.LEVEL_PROVINCE:
        if division.parent:
            raise Invalid(f"row {line}: {code} is a province and has a parent, {division.parent}")
        return
    if division.parent not in by_code:
        named = division.parent or "nothing"
        raise DivisionUnknown(f"row {line}: the parent of {code}, {named}, is not in the table")
    parent = by_code[division.parent][1]
    if parent.level >= division.level:
        raise Invalid(f"row {line}: {code} does not stand below its parent {parent.code} in level")
    if parent_name and parent_name != parent.name:
        raise Invalid(
            f"row {line}: the parent of {code} is called {parent_name}, "
            f"but {parent.code} is {parent.name}"
        )


def _check_one_province(rows: Iterable[tuple[int, Division]]) -> None:
    provinces = [(n, division) for n, division in rows if division.level == pb.LEVEL_PROVINCE]
    if not provinces:
        raise Invalid("the division table has no province")
    if len(provinces) > 1:
        line, second = provinces[1]
        raise Invalid(f"row {line}: {second.code} is a second province; a table has one")
