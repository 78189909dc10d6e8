"""What a division table would make of the tree."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from zongheng_hub.tenancy.divisions import Division, packaged_divisions, parse_divisions
from zongheng_hub.tenancy.tree.diff import Diff, compare
from zongheng_hub.tenancy.tree.unit import CLOSED, Unit
from zongheng_protos.errors import DivisionUnknown, Invalid
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb

HEADER = "code,name,level,type,parent,parent_name,old_code\n"
BASE = [
    "140000,山西省,province,省,,,",
    "140400,长治市,prefecture,地级市,140000,,",
    "140402,城区,county,市辖区,140400,,",
    "140411,郊区,county,市辖区,140400,,",
    "140481,潞城市,county,县级市,140400,,",
    "140402001,东街街道,township,街道,140402,,",
]


def read(rows: Iterable[str]) -> tuple[Division, ...]:
    return parse_divisions((HEADER + "\n".join(rows) + "\n").encode())


def tree(rows: Iterable[str]) -> list[Unit]:
    ids: dict[str, str] = {}
    units = []
    for place, one in enumerate(read(rows)):
        ids[one.code] = f"t_{place}"
        units.append(
            Unit(
                id=ids[one.code],
                parent_id=ids.get(one.parent, ""),
                level=one.level,
                name=one.name,
                code=one.code,
                kind=one.kind,
            )
        )
    return units


def diff(rows: Iterable[str], living: list[Unit] | None = None) -> Diff:
    numbers = itertools.count()
    return compare(read(rows), living or tree(BASE), lambda: f"t_new{next(numbers)}")


def said(found: Diff) -> list[tuple[str, ...]]:
    return [
        (*(pb.TreeChange.Name(c).removeprefix("TREE_CHANGE_") for c in one.changes), one.after.name)
        for one in found.differences
    ]


def but(*changed: str) -> list[str]:
    """BASE with rows of the same code, or the same old code, replaced and others added."""
    rows = {row.split(",")[0]: row for row in BASE}
    for row in changed:
        cells = row.split(",")
        for old in cells[6].split(";"):
            rows.pop(old, None)
        rows[cells[0]] = row
    return list(rows.values())


def test_the_same_table_changes_nothing() -> None:
    found = diff(BASE)

    assert (found.differences, found.obstacles, found.unchanged) == ((), (), len(BASE))


def test_a_recoding_is_found_by_its_old_code_and_not_taken_for_one_gone_and_one_added() -> None:
    found = diff(but("140406,潞城区,county,市辖区,140400,,140481"))

    assert said(found) == [("RENAMED", "RECODED", "潞城区")]
    assert found.differences[0].after.id == found.differences[0].before.id  # type: ignore[union-attr]  # there is one


def test_further_old_codes_are_those_of_units_merged_into_it() -> None:
    rows = [row for row in BASE if not row.startswith("140402")]
    rows = [row for row in rows if not row.startswith("140411")]
    rows += [
        "140403,潞州区,county,市辖区,140400,,140402;140411",
        "140403001,东街街道,township,街道,140403,,140402001",
    ]
    found = diff(rows)

    assert said(found) == [
        ("RENAMED", "RECODED", "潞州区"),
        ("RECODED", "东街街道"),
        ("MERGED", "郊区"),
    ]
    merged = found.differences[-1].after
    assert (merged.state, merged.successor_id) == (CLOSED, found.differences[0].after.id)
    assert found.obstacles == ()


def test_departments_of_a_merged_unit_go_along_with_it() -> None:
    living = [*tree(BASE), Unit("t_d", "t_3", tenancy.LEVEL_DEPARTMENT, "郊区民政局")]
    rows = [row for row in BASE if not row.startswith("140411")]
    rows = [
        row.replace("140400,,", "140400,,140411") if row.startswith("140402,") else row
        for row in rows
    ]
    found = diff(rows, living)

    (moved,) = [one for one in found.differences if one.after.id == "t_d"]
    assert (moved.changes, moved.after.parent_id) == ((), "t_2")


def test_what_the_table_lacks_is_gone_and_what_lives_below_it_is_in_the_way() -> None:
    found = diff([row for row in BASE if not row.startswith("140481")])
    assert said(found) == [("GONE", "潞城市")]

    living = [*tree(BASE), Unit("t_d", "t_4", tenancy.LEVEL_DEPARTMENT, "潞城市民政局")]
    found = diff([row for row in BASE if not row.startswith("140481")], living)
    assert found.obstacles == ("潞城市 (140481) has 1 living below it",)


def test_levels_that_the_table_lacks_and_units_without_code_are_left_alone() -> None:
    living = [
        *tree(BASE),
        Unit("t_d", "t_2", tenancy.LEVEL_DEPARTMENT, "城区民政局"),
        Unit("t_e", "t_1", tenancy.LEVEL_EXTRA, "高新区", "140471"),
    ]
    found = diff([row for row in BASE if "township" not in row], living)

    assert found.differences == ()


def test_a_county_that_comes_directly_under_the_province_is_moved() -> None:
    found = diff(but("140481,潞城市,county,县级市,140000,,"))

    assert said(found) == [("MOVED", "潞城市")]
    assert found.differences[0].after.parent_id == "t_0"


def test_new_units_come_parents_first() -> None:
    found = diff(
        [
            *BASE,
            "140500001,北街街道,township,街道,140502,,",
            "140502,城区,county,市辖区,140500,,",
            "140500,晋城市,prefecture,地级市,140000,,",
        ]
    )

    assert said(found) == [("ADDED", "晋城市"), ("ADDED", "城区"), ("ADDED", "北街街道")]
    city, district, street = (one.after for one in found.differences)
    assert (district.parent_id, street.parent_id) == (city.id, district.id)


def test_two_units_may_exchange_their_codes() -> None:
    found = diff(
        [
            *BASE[:2],
            "140402,郊区,county,市辖区,140400,,",
            "140411,城区,county,市辖区,140400,,",
            *BASE[4:],
        ]
    )

    assert [one.changes for one in found.differences] == [(pb.TREE_CHANGE_RENAMED,)] * 2


def test_the_hash_is_of_table_and_tree_but_not_of_new_ids() -> None:
    rows = [*BASE, "140500,晋城市,prefecture,地级市,140000,,"]
    first = diff(rows).sha256(b"table")
    again = compare(read(rows), tree(BASE), lambda: "t_another").sha256(b"table")
    changed = [replace(unit, name="某市") if unit.id == "t_4" else unit for unit in tree(BASE)]

    assert first == again
    assert diff(rows).sha256(b"other table") != first
    assert diff(rows, changed).sha256(b"table") != first


def test_a_table_of_another_province_is_refused() -> None:
    with pytest.raises(Invalid, match=r"陕西省 \(610000\), this hub of 山西省 \(140000\)"):
        diff(["610000,陕西省,province,省,,,"])


def test_an_old_code_that_is_still_in_use_is_refused() -> None:
    with pytest.raises(Invalid, match="a code of the table"):
        diff([*BASE, "140406,潞城区,county,市辖区,140400,,140481"])
    with pytest.raises(Invalid, match="another row"):
        diff(
            [
                *BASE[:4],
                BASE[5],
                "140406,潞城区,county,市辖区,140400,,140481",
                "140407,潞城东区,county,市辖区,140400,,140481",
            ]
        )
    with pytest.raises(DivisionUnknown, match="row 2"):
        read(["140406,潞城区,county,市辖区,140400,,潞城"])


def test_a_unit_whose_level_would_change_stands_in_the_way() -> None:
    living = [
        replace(unit, level=tenancy.LEVEL_EXTRA) if unit.id == "t_4" else unit
        for unit in tree(BASE)
    ]
    found = diff(BASE, living)

    assert "is of level extra in the tree and county in the table" in found.obstacles[0]


def test_a_whole_province_is_compared_with_itself_in_no_time() -> None:
    divisions = packaged_divisions("140000")
    ids = {one.code: f"t_{one.code}" for one in divisions}
    living = [
        Unit(ids[one.code], ids.get(one.parent, ""), one.level, one.name, one.code, kind=one.kind)
        for one in divisions
    ]
    found = compare(divisions, living, lambda: "t_new")

    assert (found.differences, found.unchanged) == ((), 1412)
