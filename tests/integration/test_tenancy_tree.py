"""The tree as the kernel serves it: pages, parents, codes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.tenancy_house import DIVISIONS, HUB_ID, TENANCY, House, build, by_code
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.divisions import parse_divisions
from zongheng_hub.tenancy.founding import import_divisions
from zongheng_protos.errors import DivisionUnknown, Exists, Invalid
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await build(where)
    yield built
    built.store.close()


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[House]:
    built = await build(tmp_path / "hub.sqlite3")
    yield built
    built.store.close()


async def test_the_hub_tells_anyone_which_root_to_trust(lite: House) -> None:
    reply = await lite.call(None, TENANCY + "GetHub", pb.GetHubRequest())

    assert hashlib.sha256(reply.root).hexdigest() == reply.root_fingerprint
    assert (reply.hub_id, reply.province_id) == (HUB_ID, lite.province.tenant)


async def test_an_unknown_division_code_is_named(lite: House) -> None:
    with pytest.raises(DivisionUnknown, match="149999"):
        await lite.call(lite.province, TENANCY + "GetTenant", by_code("149999"))


async def test_the_tree_is_read_page_by_page_without_gap_or_repeat(house: House) -> None:
    codes: list[str] = []
    token = ""
    while True:
        request = pb.ListTenantsRequest(page_size=3, page_token=token)
        reply = await house.call(house.province, TENANCY + "ListTenants", request)
        codes += [one.code for one in reply.tenants]
        token = reply.next_page_token
        if not token:
            break

    assert codes == sorted(house.by_code)


async def test_children_are_listed_by_parent_and_level(house: House) -> None:
    request = pb.ListTenantsRequest(parent_id=house.province.tenant, level=pb.LEVEL_COUNTY)
    reply = await house.call(house.province, TENANCY + "ListTenants", request)

    assert [one.code for one in reply.tenants] == ["140481"]


@pytest.mark.parametrize("token", ["?", "AAAA", "MTQwMDAwfA", "ééé"])
async def test_a_page_token_of_ones_own_making_is_refused(lite: House, token: str) -> None:
    with pytest.raises(Invalid, match="page_token"):
        await lite.call(
            lite.province, TENANCY + "ListTenants", pb.ListTenantsRequest(page_token=token)
        )


async def test_a_tree_is_imported_once(lite: House) -> None:
    divisions = parse_divisions(DIVISIONS)

    with pytest.raises(Exists):
        await lite.store.write(lambda tx: import_divisions(tx, divisions, now_ms=1))


async def test_ancestors_and_descendants_follow_parents(house: House) -> None:
    codes = house.by_code
    up = await house.store.read(lambda c: service.ancestors(c, codes["140105001"]))
    down = await house.store.read(lambda c: service.descendants(c, codes["140100"]))

    assert up == (codes["140000"], codes["140100"], codes["140105"])
    assert set(down) == {codes["140105"], codes["140106"], codes["140105001"]}
    assert down[-1] == codes["140105001"]
    assert await house.store.read(lambda c: service.ancestors(c, codes["140000"])) == ()
