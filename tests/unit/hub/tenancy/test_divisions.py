"""A division table is read whole or refused with the row that is wrong."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.tenancy.divisions import packaged_divisions, parse_divisions
from zongheng_hub.tenancy.tilegrid import tile_grid
from zongheng_protos.errors import DivisionUnknown, Invalid, ZonghengError
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb

HEADER = "code,name,level,type,parent,parent_name"
PROVINCE = "140000,山西省,province,省,,"
CITY = "140100,太原市,prefecture,地级市,140000,山西省"
COUNTY = "140105,小店区,county,市辖区,140100,太原市"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{row}\r\n" for row in (header, *rows)).encode()


def test_the_packaged_table_holds_the_whole_province() -> None:
    divisions = packaged_divisions("140000")

    levels = Counter(division.level for division in divisions)
    assert levels == {
        pb.LEVEL_PROVINCE: 1,
        pb.LEVEL_CITY: 11,
        pb.LEVEL_COUNTY: 117,
        pb.LEVEL_TOWNSHIP: 1283,
    }


def test_parents_come_before_their_children_whatever_the_order_of_rows() -> None:
    divisions = parse_divisions(table(COUNTY, CITY, PROVINCE))

    assert [division.code for division in divisions] == ["140000", "140100", "140105"]


def test_the_parent_is_the_one_named_and_not_the_one_the_digits_suggest() -> None:
    kunshan = "320583,昆山市,county,县级市,320000,江苏省"
    divisions = parse_divisions(
        table("320000,江苏省,province,省,,", "320500,苏州市,prefecture,地级市,320000,", kunshan)
    )

    assert {d.code: d.parent for d in divisions}["320583"] == "320000"


def test_a_byte_order_mark_does_not_hide_the_first_column() -> None:
    assert len(parse_divisions(b"\xef\xbb\xbf" + table(PROVINCE))) == 1


@pytest.mark.parametrize("column", HEADER.split(","))
def test_a_missing_column_is_named(column: str) -> None:
    header = ",".join(name for name in HEADER.split(",") if name != column)

    with pytest.raises(Invalid, match=rf"lacks the column {column};"):
        parse_divisions(table("140000,山西省,province,省,", header=header))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((PROVINCE, PROVINCE), "row 3: code 140000 already stands in row 2"),
        ((PROVINCE, "140100,太原市,prefecture"), "row 3: it has not as many fields"),
        ((PROVINCE, CITY + ",extra"), "row 3: it has not as many fields"),
        ((PROVINCE, CITY.replace("prefecture", "市")), "row 3: level '市' is none of province"),
        ((PROVINCE, CITY.replace("太原市", " ")), "row 3: 140100 has no name"),
        ((PROVINCE, CITY.replace("山西省", "陕西省")), "row 3: the parent of 140100 is called"),
        ((PROVINCE.replace(",,", ",140000,"),), "row 2: 140000 is a province and has a parent"),
        ((PROVINCE, "140100,太原市,prefecture,地级市,140100,"), "row 3: .* does not stand below"),
        ((PROVINCE, PROVINCE.replace("14", "15", 1)), "row 3: 150000 is a second province"),
        ((), "no province"),
        ((PROVINCE, '140100,"太原市'), "row 3: the division table is no CSV"),
    ],
)
def test_a_malformed_row_is_named(rows: tuple[str, ...], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        parse_divisions(table(*rows))


def test_an_unknown_parent_is_named_with_its_row() -> None:
    with pytest.raises(DivisionUnknown, match="row 3: the parent of 140105, 140100, is not in"):
        parse_divisions(table(PROVINCE, COUNTY))


@pytest.mark.parametrize("code", ["", "14010", "1401051", "14O100", "１４０１００", "140100 "])
def test_a_code_of_another_shape_is_named_with_its_row(code: str) -> None:
    with pytest.raises(DivisionUnknown, match=r"row 3: .* is no division code"):
        parse_divisions(table(PROVINCE, CITY.replace("140100", code)))


def test_a_table_in_another_encoding_is_refused_by_row() -> None:
    with pytest.raises(Invalid, match="row 2: the division table is not UTF-8"):
        parse_divisions(HEADER.encode() + b"\r\n" + PROVINCE.encode("gb18030") + b"\r\n")


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_by_name(noise: bytes) -> None:
    with pytest.raises(ZonghengError):
        parse_divisions(noise)


@given(st.binary(max_size=200))
def test_random_rows_under_a_right_header_never_crash(noise: bytes) -> None:
    with pytest.raises(ZonghengError):
        parse_divisions(HEADER.encode() + b"\r\n" + noise)


@pytest.mark.parametrize("code", ["150000", "14", "../../etc"])
def test_a_province_without_a_packaged_table_is_named(code: str) -> None:
    with pytest.raises(DivisionUnknown):
        packaged_divisions(code)


def test_every_county_has_its_own_tile() -> None:
    tiles = tile_grid("140000")
    counties = {d.code for d in packaged_divisions("140000") if d.level == pb.LEVEL_COUNTY}

    assert {tile.code for tile in tiles} == counties
    assert len({(tile.column, tile.row) for tile in tiles}) == 117
