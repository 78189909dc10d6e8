"""Needs through the kernel: filed, accepted, answered, confirmed and reopened, by whom and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.needs_hub import (
    CITY,
    COUNTY,
    OTHER_COUNTY,
    PROVINCE,
    TOWNSHIP,
    NeedsHub,
    ms,
    open_hub_store,
)
from zongheng_protos.errors import Invalid, NotFound, NotRelated, StateConflict
from zongheng_protos.needs.v1 import needs_pb2 as pb
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_protos.tlog.v1.tlog_pb2 import Receipt


@pytest.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NeedsHub]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    store = open_hub_store(where)
    yield await NeedsHub(store).found()
    store.close()


def clock(need: pb.Need, stage: int) -> pb.Clock:
    (found,) = (each for each in need.clocks if each.stage == stage)
    return found


async def test_a_filed_need_goes_to_the_province_and_its_clock_is_set(hub: NeedsHub) -> None:
    need = await hub.file(
        detail="全镇逐户抄表", households=2143, wanted_by="2026-12-15", place="静游镇"
    )
    assert (need.filer_name, need.handler_name) == ("娄烦县", "山西省")
    assert need.state == pb.NEED_STATE_FILED
    assert (need.households, need.wanted_by, need.place) == (2143, "2026-12-15", "静游镇")
    (accept,) = need.clocks
    assert (accept.limit_days, accept.due, accept.days_left) == (2, "2026-11-24", 2)
    assert accept.legal_basis.startswith("本省时限表第1项")


async def test_a_need_passes_from_filed_to_confirmed(hub: NeedsHub) -> None:
    hub.at("2026-10-09T18:24")
    need_id = (await hub.file()).id
    hub.at("2026-10-12T09:10")
    assert (await hub.accept(need_id)).state == pb.NEED_STATE_ACCEPTED
    hub.at("2026-10-22T11:30")
    resource = pb.Resource(
        kind=pb.NEED_KIND_DATA, title="户表数据授权", detail="六个字段", reference="g_1"
    )
    answered = await hub.answer(need_id, resources=[resource])
    assert answered.state == pb.NEED_STATE_ANSWERED
    hub.at("2026-11-16T09:42")
    confirmed = await hub.confirm(need_id)
    assert confirmed.state == pb.NEED_STATE_CONFIRMED
    assert [(c.stage, c.spent_days, c.days_left) for c in confirmed.clocks] == [
        (pb.CLOCK_STAGE_ACCEPT, 2, 0),
        (pb.CLOCK_STAGE_ANSWER, 8, 2),
        (pb.CLOCK_STAGE_DELIVER, 17, 3),
    ]
    assert confirmed.clocks[2].stopped_ms == ms("2026-11-16T09:42")
    (given,) = confirmed.resources
    assert given.id.startswith("r_")
    assert (given.title, given.reference) == ("户表数据授权", "g_1")
    assert await hub.get(need_id) == confirmed


async def test_every_event_names_its_operator_and_its_place_in_the_log(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    await hub.accept(need_id, note="转省能源局承办")
    await hub.answer(need_id, "同意提供比对数据")
    await hub.reopen(need_id)
    need = await hub.get(need_id)
    assert [each.act for each in need.events] == [
        "need.filed",
        "need.accepted",
        "need.answered",
        "need.reopened",
    ]
    assert [each.log_index for each in need.events] == [0, 1, 2, 3]
    assert [each.text for each in need.events] == [
        "",
        "转省能源局承办",
        "同意提供比对数据",
        "数据打不开",
    ]
    assert {each.operator for each in need.events} == {"王某某"}


async def test_the_log_names_the_parties_but_neither_operator_nor_content(hub: NeedsHub) -> None:
    request = pb.FileNeedRequest(kind=pb.NEED_KIND_DATA, title="缺少户表数据", detail="标记一二三")
    payload, receipt = await hub.act_bytes(COUNTY, request, "李某某")
    need = pb.FileNeedReply.FromString(payload).need
    written = Receipt.FromString(receipt).leaf
    leaf = Leaf.FromString(written)
    assert (leaf.act, leaf.actor, leaf.subject) == ("need.filed", hub.ids[COUNTY], need.id)
    assert list(leaf.parties) == [hub.ids[PROVINCE]]
    assert all(word.encode() not in written for word in ("李某某", "缺少户表数据", "标记一二三"))


async def test_an_act_sent_twice_files_one_need(hub: NeedsHub) -> None:
    request = pb.FileNeedRequest(kind=pb.NEED_KIND_DATA, title="缺少户表数据")
    first, _ = await hub.act_bytes(COUNTY, request, nonce=bytes(16))
    again, receipt = await hub.act_bytes(COUNTY, request, nonce=bytes(16))
    assert again == first
    assert Receipt.FromString(receipt).replayed
    assert len(await hub.titles(COUNTY)) == 1


async def test_reopening_lets_the_deliver_clock_go_on_from_where_it_stood(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    await hub.accept(need_id)
    answered = await hub.answer(need_id)
    hub.at("2026-12-01T10:00")
    reopened = await hub.reopen(need_id)
    assert reopened.state == pb.NEED_STATE_ACCEPTED
    hub.at("2026-12-03T10:00")
    again = await hub.answer(need_id, "换一种格式再给")
    deliver = clock(again, pb.CLOCK_STAGE_DELIVER)
    assert deliver.started_ms == clock(answered, pb.CLOCK_STAGE_DELIVER).started_ms
    assert (deliver.spent_days, deliver.days_left, deliver.due) == (9, 11, "2026-12-18")
    answer = clock(again, pb.CLOCK_STAGE_ANSWER)
    assert answer == clock(answered, pb.CLOCK_STAGE_ANSWER)


async def test_resources_of_a_second_answer_join_those_of_the_first(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    await hub.accept(need_id)
    await hub.answer(need_id, resources=[pb.Resource(kind=pb.NEED_KIND_DATA, title="第一项")])
    await hub.reopen(need_id)
    more = [pb.Resource(kind=pb.NEED_KIND_MODULE, title=title) for title in ("第二项", "第三项")]
    need = await hub.answer(need_id, resources=more)
    assert [each.title for each in need.resources] == ["第一项", "第二项", "第三项"]
    assert len({each.id for each in need.resources}) == 3


async def test_a_step_that_does_not_follow_is_refused_and_leaves_no_trace(hub: NeedsHub) -> None:
    need = await hub.file()
    with pytest.raises(StateConflict, match=r"FILED \(待受理\).*may follow: accept \(受理\)"):
        await hub.confirm(need.id)
    assert (await hub.get(need.id)).events == need.events


async def test_of_two_who_accept_at_once_one_is_told_that_it_is_done(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    results = await asyncio.gather(*(hub.accept(need_id) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(each, pb.Need) for each in results) == 1
    assert sum(isinstance(each, StateConflict) for each in results) == 4
    assert len((await hub.get(need_id)).events) == 2


async def test_only_the_filer_confirms_and_only_the_handler_accepts(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    for stranger in (COUNTY, CITY, OTHER_COUNTY, TOWNSHIP):
        with pytest.raises(NotRelated):
            await hub.accept(need_id, stranger)
    await hub.accept(need_id)
    await hub.answer(need_id)
    for stranger in (PROVINCE, CITY, OTHER_COUNTY, TOWNSHIP):
        with pytest.raises(NotRelated):
            await hub.confirm(need_id, stranger)


async def test_a_need_is_read_by_its_filer_those_above_and_its_handler(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    for code in (COUNTY, CITY, PROVINCE):
        assert (await hub.get(need_id, code)).id == need_id
    for stranger in (OTHER_COUNTY, TOWNSHIP):
        with pytest.raises(NotRelated):
            await hub.get(need_id, stranger)


@pytest.mark.parametrize("need_id", ["n_unknown", "n_\0", "n_' OR 1=1"])
async def test_a_need_that_does_not_exist_is_not_found(hub: NeedsHub, need_id: str) -> None:
    with pytest.raises(NotFound, match="there is no need"):
        await hub.get(need_id)
    with pytest.raises(NotFound, match="there is no need"):
        await hub.accept(need_id)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"wanted_by": "2026-02-30"}, "wanted_by"),
        ({"title": "      "}, "title"),
        ({"detail": "a\0b"}, "detail"),
        ({"kind": 0}, "kind"),
        ({"households": 10_000_001}, "households"),
    ],
)
async def test_a_filing_that_makes_no_sense_is_refused_by_field(
    hub: NeedsHub, fields: dict[str, object], named: str
) -> None:
    with pytest.raises(Invalid, match=named):
        await hub.file(COUNTY, **fields)
    assert await hub.titles(PROVINCE) == []


async def test_a_resource_without_title_or_kind_is_refused(hub: NeedsHub) -> None:
    need_id = (await hub.file()).id
    await hub.accept(need_id)
    for resource in (pb.Resource(title="没有种类"), pb.Resource(kind=pb.NEED_KIND_DATA)):
        with pytest.raises(Invalid, match="resources"):
            await hub.answer(need_id, resources=[resource])


async def test_a_list_holds_ones_own_needs_those_below_and_those_one_handles(
    hub: NeedsHub,
) -> None:
    for code, title in ((TOWNSHIP, "镇里的需求"), (COUNTY, "县里的需求"), (CITY, "市里的需求")):
        await hub.file(code, title=title)
        hub.now_ms += 1000
    assert await hub.titles(PROVINCE) == ["市里的需求", "县里的需求", "镇里的需求"]
    assert await hub.titles(CITY) == ["市里的需求", "县里的需求", "镇里的需求"]
    assert await hub.titles(COUNTY) == ["县里的需求", "镇里的需求"]
    assert await hub.titles(TOWNSHIP) == ["镇里的需求"]
    assert await hub.titles(OTHER_COUNTY) == []


async def test_pages_together_hold_every_need_once(hub: NeedsHub) -> None:
    for number in range(7):
        await hub.file(title=f"需求第{number}件")
    found: list[str] = []
    token = ""
    while True:
        request = pb.ListNeedsRequest(page_size=3, page_token=token)
        reply = await hub.read(PROVINCE, request, pb.ListNeedsReply)
        found += [need.title for need in reply.needs]
        token = reply.next_page_token
        if not token:
            break
    assert sorted(found) == [f"需求第{number}件" for number in range(7)]


async def test_a_page_of_long_needs_fits_into_one_message(hub: NeedsHub) -> None:
    for _ in range(80):
        await hub.file(detail="长" * 4000)
    reply = await hub.read(PROVINCE, pb.ListNeedsRequest(page_size=500), pb.ListNeedsReply)
    assert reply.ByteSize() < 4 * 1024 * 1024
    assert 0 < len(reply.needs) < 80
    assert reply.next_page_token


async def test_a_list_may_be_narrowed_to_a_state(hub: NeedsHub) -> None:
    await hub.file(title="还没受理的")
    await hub.accept((await hub.file(title="已经受理的")).id)
    assert await hub.titles(PROVINCE, state=pb.NEED_STATE_FILED) == ["还没受理的"]
    assert await hub.titles(PROVINCE, state=pb.NEED_STATE_ACCEPTED) == ["已经受理的"]
    assert await hub.titles(PROVINCE, state=pb.NEED_STATE_CONFIRMED) == []


@pytest.mark.parametrize("token", ["1", "n_\0", "n_需求"])
async def test_a_page_token_that_nobody_gave_is_refused(hub: NeedsHub, token: str) -> None:
    with pytest.raises(Invalid, match="page_token"):
        await hub.titles(PROVINCE, page_token=token)


async def test_counts_are_by_county_and_kind_and_include_the_townships(hub: NeedsHub) -> None:
    hub.at("2026-11-02T08:00")
    await hub.file(TOWNSHIP)
    answered = await hub.file(COUNTY)
    await hub.accept(answered.id)
    hub.at("2026-11-20T08:00")
    await hub.file(COUNTY)
    await hub.file(OTHER_COUNTY, kind=pb.NEED_KIND_FUNDS)
    done = await hub.file(OTHER_COUNTY, kind=pb.NEED_KIND_FUNDS)
    await hub.accept(done.id)
    await hub.answer(done.id)
    await hub.confirm(done.id, OTHER_COUNTY)
    reply = await hub.read(PROVINCE, pb.CountNeedsRequest(), pb.CountNeedsReply)
    figures = {
        (c.tenant_id, c.kind): (c.open, c.late, c.due_soon, c.confirmed) for c in reply.counts
    }
    assert figures == {
        (hub.ids[COUNTY], pb.NEED_KIND_DATA): (3, 2, 1, 0),
        (hub.ids[OTHER_COUNTY], pb.NEED_KIND_FUNDS): (1, 0, 1, 1),
    }


async def test_counts_hold_only_what_one_may_see(hub: NeedsHub) -> None:
    await hub.file(COUNTY)
    reply = await hub.read(OTHER_COUNTY, pb.CountNeedsRequest(), pb.CountNeedsReply)
    assert len(reply.counts) == 0


async def test_the_operators_name_is_stored_with_the_event(hub: NeedsHub) -> None:
    await hub.file()
    query = text("SELECT operator FROM need_event")
    assert hub.store.read_now(lambda db: db.execute(query).scalars().all()) == ["王某某"]
