"""A division table is shown against the tree, then carried out as one act, or refused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.tenancy_house import DIVISIONS, TENANCY, House, build, by_code
from tests.integration.test_tree_changes import BASIS, TREE, change, history, tenant
from zongheng_hub.tenancy.tree import reading
from zongheng_protos.errors import CodeSucceeded, NotRelated, TreeChanged, UnitInUse
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as pb

LATER = """code,name,level,type,parent,parent_name,old_code
140000,山西省,province,省,,,
140100,太原市,prefecture,地级市,140000,山西省,
140200,大同市,prefecture,地级市,140000,山西省,
140105,小店区,county,市辖区,140100,太原市,140106
140212,新荣区,county,市辖区,140100,太原市,
140406,潞城区,county,市辖区,140200,大同市,140481
140105001,坞城街道,township,街道,140105,小店区,
140105002,营盘街道,township,街道,140105,小店区,
""".encode()


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await build(where)
    yield built
    built.store.close()


async def preview(house: House, table: bytes) -> pb.PreviewImportReply:
    request = pb.PreviewImportRequest(table=table)
    reply: pb.PreviewImportReply = await house.call(house.province, TREE + "PreviewImport", request)
    return reply


async def carry_out(house: House, table: bytes, diff_sha256: bytes) -> pb.ImportTreeReply:
    request = pb.ImportTreeRequest(table=table, diff_sha256=diff_sha256, basis=BASIS)
    reply: pb.ImportTreeReply = await house.call(house.province, TREE + "ImportTree", request)
    return reply


async def test_a_table_is_shown_carried_out_and_then_changes_nothing(house: House) -> None:
    shown = await preview(house, LATER)
    counted = (shown.added, shown.renamed, shown.recoded, shown.moved, shown.merged, shown.gone)
    assert counted == (1, 1, 1, 2, 1, 0)
    assert list(shown.obstacles) == []

    reply = await carry_out(house, LATER, shown.diff_sha256)

    assert reply.table_sha256 == hashlib.sha256(LATER).digest()
    luchang = await tenant(house, "140406")
    assert luchang.id == house.by_code["140481"]
    assert luchang.parent_id == house.by_code["140200"]
    newest = (await history(house, luchang.id))[0]
    assert (newest.act, newest.basis.legal_basis) == ("tree.imported", "民函〔2026〕12号")
    with pytest.raises(CodeSucceeded, match="小店区"):
        await tenant(house, "140106")
    again = await preview(house, LATER)
    assert (len(again.differences), again.unchanged) == (0, 8)


async def test_the_log_holds_the_tables_hash_in_one_entry(house: House) -> None:
    shown = await preview(house, LATER)
    await carry_out(house, LATER, shown.diff_sha256)
    mark = await house.store.read(reading.tree_mark)
    units = await house.store.read(
        lambda c: [
            one for one in reading.living(c) if reading.history(c, one.id)[0].log_index == mark
        ]
    )

    assert {one.code for one in units} == {"140212", "140406", "140105002"}


async def test_a_tree_that_has_changed_since_is_not_overwritten(house: House) -> None:
    shown = await preview(house, LATER)
    await change(house, "RenameTenant", tenant_id=house.by_code["140212"], name="新荣新区")

    with pytest.raises(TreeChanged):
        await carry_out(house, LATER, shown.diff_sha256)
    with pytest.raises(TreeChanged):
        await carry_out(house, LATER + b"\n", shown.diff_sha256)
    assert (await tenant(house, "140481")).name == "潞城县"


async def test_a_hand_made_department_does_not_stand_in_the_way_of_anything(house: House) -> None:
    await change(
        house,
        "AddTenant",
        parent_id=house.by_code["140106"],
        level=tenancy.LEVEL_DEPARTMENT,
        name="迎泽区民政局",
    )
    shown = await preview(house, LATER)
    await carry_out(house, LATER, shown.diff_sha256)

    below = await house.store.read(lambda c: reading.living_children(c, house.by_code["140105"]))
    assert "迎泽区民政局" in [one.name for one in below]


async def test_what_is_gone_but_lived_in_is_named_and_refused(house: House) -> None:
    table = DIVISIONS.replace(
        "140105,小店区,county,市辖区,140100,太原市\r\n".encode(), b""
    ).replace(
        "140105001,坞城街道,township,街道,140105,小店区".encode(),
        ("140106001,柳巷街道,township,街道,140106,迎泽区".encode()),
    )
    await change(
        house,
        "AddTenant",
        parent_id=house.by_code["140105"],
        level=tenancy.LEVEL_DEPARTMENT,
        name="小店区民政局",
    )
    shown = await preview(house, table)

    assert list(shown.obstacles) == ["小店区 (140105) has 1 living below it"]
    with pytest.raises(UnitInUse, match="小店区"):
        await carry_out(house, table, shown.diff_sha256)


async def test_only_the_province_imports(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    with pytest.raises(NotRelated, match="whole province"):
        await house.call(city, TREE + "PreviewImport", pb.PreviewImportRequest(table=LATER))
    request = pb.ImportTreeRequest(table=LATER, diff_sha256=bytes(32), basis=BASIS)
    with pytest.raises(NotRelated, match="whole province"):
        await house.call(city, TREE + "ImportTree", request)
    found = await house.call(city, TENANCY + "GetTenant", by_code("140481"))
    assert found.tenant.name == "潞城县"
