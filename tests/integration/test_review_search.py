"""The log is searched by party, dataset, purpose, time and act; and only by those it concerns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.review_hub import ReviewHub, acts_of, tenants_of
from tests.integration.sharing_hub import CITY, GRANTEE, OWNER, PURPOSE, STRANGER
from tests.integration.tenancy_house import START_MS
from zongheng_hub.review.indexing import Indexer
from zongheng_hub.tenancy import service as tenancy
from zongheng_protos.errors import Invalid, NotEnrolled
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_tenants.enrolment import Terms

PROVINCE = "140000"
ROWS = [{"name": "王某", "village": "东村", "income": "3000", "phone": "1"}]
EXCHANGED = [
    *("parcel.received", "parcel.fetched", "parcel.delivered"),
    *("data.granted", "data.requested"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ReviewHub]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await ReviewHub.build(where, tmp_path / "parcels")
    await built.sharing.exchange(ROWS)
    yield built
    built.sharing.house.store.close()


async def test_an_exchange_is_found_by_dataset_purpose_act_and_parties(hub: ReviewHub) -> None:
    assert await hub.acts(PROVINCE, purpose="低保") == EXCHANGED
    assert await hub.acts(PROVINCE, purpose="别的") == []
    assert await hub.acts(PROVINCE, dataset="困难家庭") == [*EXCHANGED, "dataset.offered"]
    assert await hub.acts(PROVINCE, act="parcel.*", party=hub.tenant(GRANTEE)) == EXCHANGED[:3]
    assert await hub.acts(PROVINCE, act="data.granted") == ["data.granted"]
    both = {"party": hub.tenant(OWNER), "counterparty": hub.tenant(GRANTEE)}
    assert await hub.acts(PROVINCE, **both) == EXCHANGED
    assert await hub.acts(PROVINCE, party=hub.tenant(STRANGER), act="parcel.*") == []


async def test_what_is_found_says_who_acted_for_what_purpose(hub: ReviewHub) -> None:
    (fetched,) = (await hub.search(PROVINCE, act="parcel.fetched")).entries
    assert fetched.operator == "王某某"
    assert (fetched.dataset_title, fetched.purpose) == ("困难家庭名册", PURPOSE)
    assert fetched.dataset_id.startswith("d_") and fetched.grant_id.startswith("g_")
    by_grant = await hub.acts(PROVINCE, about=fetched.grant_id)
    assert by_grant == EXCHANGED
    by_dataset = await hub.acts(PROVINCE, about=fetched.dataset_id)
    assert by_dataset == [*EXCHANGED, "dataset.offered"]


async def test_time_narrows_to_the_millisecond(hub: ReviewHub) -> None:
    entries = (await hub.search(PROVINCE, dataset="困难")).entries
    times = [hub.sharing.house.now_ms, START_MS]
    assert len(entries) == 6
    late = await hub.acts(PROVINCE, dataset="困难", since_ms=times[0])
    early = await hub.acts(PROVINCE, dataset="困难", until_ms=times[0])
    assert late and early and sorted(late + early) == sorted(acts_of(entries))
    assert await hub.acts(PROVINCE, dataset="困难", since_ms=times[0] + 1) == []


async def test_pages_follow_each_other_without_gap_or_overlap(hub: ReviewHub) -> None:
    whole = [entry.index for entry in (await hub.search(PROVINCE, page_size=500)).entries]
    assert whole == list(range(len(whole) - 1, -1, -1))
    for narrowed in ({}, {"party": hub.tenant(OWNER)}, {"act": "tenan*"}):
        wanted = [e.index for e in (await hub.search(PROVINCE, page_size=500, **narrowed)).entries]
        found: list[int] = []
        token = ""
        while True:
            reply = await hub.search(PROVINCE, page_size=3, page_token=token, **narrowed)
            found += [entry.index for entry in reply.entries]
            token = reply.next_page_token
            if not token:
                break
        assert found == wanted


async def test_a_unit_finds_what_concerns_it_and_nothing_else(hub: ReviewHub) -> None:
    own = hub.tenant(STRANGER)
    for entry in (await hub.search(STRANGER, page_size=500)).entries:
        assert own in tenants_of(entry)
    nothing = ({"purpose": PURPOSE}, {"dataset": "困难"}, {"act": "parcel.*"})
    for narrowed in (*nothing, {"party": hub.tenant(OWNER), "act": "data.granted"}):
        reply = await hub.search(STRANGER, **narrowed)
        assert (list(reply.entries), reply.next_page_token) == ([], "")
    assert await hub.acts(GRANTEE, purpose=PURPOSE) == EXCHANGED
    assert await hub.acts(GRANTEE, act="dataset.offered") == []


async def test_an_auditor_finds_what_concerns_the_units_below_as_the_tree_stands(
    hub: ReviewHub,
) -> None:
    house = hub.sharing.house
    below = set(await house.store.read(lambda c: tenancy.descendants(c, hub.tenant(CITY))))
    found = (await hub.search(CITY, page_size=500)).entries
    assert any(hub.tenant(OWNER) in tenants_of(entry) for entry in found)
    for entry in found:
        assert tenants_of(entry) & (below | {hub.tenant(CITY)})
    assert await hub.acts(CITY, purpose=PURPOSE) == EXCHANGED


async def test_without_the_right_to_audit_a_unit_finds_only_its_own(hub: ReviewHub) -> None:
    house = hub.sharing.house
    held = hub.sharing.credential(PROVINCE).rights - {options.RIGHT_AUDIT}
    terms = Terms(rights=frozenset(held))
    hub.sharing.units["140481"] = await house.enrolled(house.province, "140481", terms)
    own = hub.tenant("140481")
    found = (await hub.search("140481", page_size=500)).entries
    assert found and all(own in tenants_of(entry) for entry in found)


async def test_nobody_searches_without_a_credential(hub: ReviewHub) -> None:
    with pytest.raises(NotEnrolled):
        await hub.sharing.house.call(
            None, "/zongheng.review.v1.ReviewService/SearchLog", pb.SearchLogRequest()
        )
    with pytest.raises(Invalid):
        await hub.search(PROVINCE, page_size=501)
    with pytest.raises(Invalid):
        await hub.search(PROVINCE, page_token="x")


async def test_two_replicas_index_each_entry_once(hub: ReviewHub) -> None:
    house = hub.sharing.house
    beside = Indexer(house.store)
    before = (await hub.search(PROVINCE)).indexed
    await hub.sharing.offer()
    assert await beside.step() == 1
    assert await hub.indexer.step() == 0
    reply = await hub.search(PROVINCE, act="dataset.offered")
    assert reply.indexed == reply.size == before + 1
    assert len(reply.entries) == 2


async def test_a_search_that_finds_little_stops_and_says_where_to_go_on(
    hub: ReviewHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zongheng_hub.review.searching.MOST_SEEN", 1)
    monkeypatch.setattr("zongheng_hub.review.rules.window", lambda size, hits, wanted: 2)
    monkeypatch.setattr("zongheng_hub.review.searching.window", lambda size, hits, wanted: 2)
    found: list[str] = []
    token, pages = "", 0
    while pages < 100:
        reply = await hub.search(PROVINCE, act="parcel.*", page_token=token)
        found += acts_of(reply.entries)
        token, pages = reply.next_page_token, pages + 1
        if not token:
            break
    assert found == EXCHANGED[:3]
    assert pages > 1
