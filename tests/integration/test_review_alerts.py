"""Alerts are raised by rule and by hand, explained by those concerned, closed by auditors."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.review_hub import ReviewHub
from tests.integration.sharing_hub import (
    CITY,
    DAY_MS,
    GRANTEE,
    OWNER,
    PURPOSE,
    SHARING,
    STRANGER,
    SharingHub,
)
from zongheng_hub.review import rules
from zongheng_hub.review.watching import WATCHER
from zongheng_hub.store import Tx
from zongheng_hub.tlog import witnesses
from zongheng_protos.errors import (
    Forbidden,
    GrantExceeded,
    GrantRevoked,
    Invalid,
    NotRelated,
    OwnRequest,
    PurposeUncovered,
    StateConflict,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.sharing.v1 import sharing_pb2
from zongheng_tenants.cosignature import witness_key
from zongheng_tenants.enrolment import Terms
from zongheng_tenants.grant import sign_grant
from zongheng_tenants.keys import SigningKey

PROVINCE = "140000"
ROWS = [{"name": "王某", "village": "东村", "income": "3000", "phone": "1"}]


@pytest.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ReviewHub]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await ReviewHub.build(where, tmp_path / "parcels")
    yield built
    built.sharing.house.store.close()


async def delivered(sharing: SharingHub, *, max_uses: int = 2) -> tuple[str, str]:
    """Ids of a grant and of the parcel delivered under it."""
    grant, envelope = await sharing.granted(max_uses=max_uses)
    parcel = sharing.seal(envelope, ROWS)
    await sharing.put(grant.id, parcel)
    await sharing.deliver(grant.id, parcel)
    return grant.id, parcel.parcel_id


async def raised(hub: ReviewHub, about: str = OWNER, by: str = CITY) -> pb.Alert:
    request = pb.RaiseAlertRequest(tenant_id=hub.tenant(about), text="取数理由不明", entries=[0])
    alert: pb.Alert = (await hub.call(by, "RaiseAlert", request)).alert
    return alert


def closing(alert: pb.Alert) -> pb.CloseAlertRequest:
    verdict = pb.ALERT_VERDICT_UNFOUNDED
    return pb.CloseAlertRequest(alert_id=alert.id, verdict=verdict, text="依据已核对")


async def test_an_alert_lives_from_open_over_explained_to_closed_and_each_step_is_logged(
    hub: ReviewHub,
) -> None:
    alert = await raised(hub)
    assert (alert.state, alert.rule) == (pb.ALERT_STATE_OPEN, pb.ALERT_RULE_BY_HAND)
    explaining = pb.ExplainAlertRequest(alert_id=alert.id, text="低保季度复核，见文件")
    explained = (await hub.call(OWNER, "ExplainAlert", explaining)).alert
    assert explained.state == pb.ALERT_STATE_EXPLAINED
    closed = (await hub.call(CITY, "CloseAlert", closing(alert), "孙某某")).alert
    assert (closed.state, closed.verdict) == (
        pb.ALERT_STATE_CLOSED,
        pb.ALERT_VERDICT_UNFOUNDED,
    )
    acts = ["alert.closed", "alert.explained", "alert.raised"]
    assert await hub.acts(OWNER, about=alert.id) == acts
    assert await hub.acts(CITY, act="alert.*") == acts
    assert [step.act for step in closed.steps] == acts[::-1]
    for late in (explaining, closing(alert)):
        name = "ExplainAlert" if late is explaining else "CloseAlert"
        with pytest.raises(StateConflict):
            await hub.call(CITY, name, late)


async def test_a_unit_does_not_close_what_is_about_itself_nor_anyone_what_they_explained(
    hub: ReviewHub,
) -> None:
    alert = await raised(hub)
    with pytest.raises(NotRelated):
        await hub.call(OWNER, "CloseAlert", closing(alert))
    explaining = pb.ExplainAlertRequest(alert_id=alert.id, text="市里代为说明")
    await hub.call(CITY, "ExplainAlert", explaining)
    with pytest.raises(OwnRequest):
        await hub.call(CITY, "CloseAlert", closing(alert))
    await hub.call(PROVINCE, "CloseAlert", closing(alert), "另一人")
    own = await raised(hub, PROVINCE, PROVINCE)
    assert (await hub.call(PROVINCE, "CloseAlert", closing(own))).alert.verdict


async def test_alerts_are_seen_by_the_unit_concerned_and_auditors_above_alone(
    hub: ReviewHub,
) -> None:
    alert = await raised(hub)
    for code in (OWNER, CITY, PROVINCE):
        assert [each.id for each in await hub.alerts(code)] == [alert.id]
    for code in (STRANGER, GRANTEE, "140200"):
        assert await hub.alerts(code) == []
        assert await hub.alerts(code, tenant_id=hub.tenant(OWNER)) == []
        with pytest.raises(NotRelated):
            await hub.call(code, "GetAlert", pb.GetAlertRequest(alert_id=alert.id))
        with pytest.raises(NotRelated):
            await hub.call(
                code, "ExplainAlert", pb.ExplainAlertRequest(alert_id=alert.id, text="?")
            )
    with pytest.raises(NotRelated):
        await raised(hub, GRANTEE, CITY)


async def test_without_the_right_to_audit_nobody_raises_closes_or_looks_below(
    hub: ReviewHub,
) -> None:
    house = hub.sharing.house
    held = hub.sharing.credential(PROVINCE).rights - {options.RIGHT_AUDIT}
    narrowed = await house.enrolled(house.province, "140481", Terms(rights=frozenset(held)))
    hub.sharing.units["140481"] = narrowed
    alert = await raised(hub, "140481", PROVINCE)
    assert [each.id for each in await hub.alerts("140481")] == [alert.id]
    with pytest.raises(Forbidden):
        await raised(hub, "140481", "140481")
    with pytest.raises(Forbidden):
        await hub.call("140481", "CloseAlert", closing(alert))


async def test_by_hand_nobody_speaks_for_the_rules(hub: ReviewHub) -> None:
    request = pb.RaiseAlertRequest(
        tenant_id=hub.tenant(OWNER),
        text="冒充规则",
        rule=pb.ALERT_RULE_VOLUME,
        figures={"count": 9},
    )
    alert = (await hub.call(PROVINCE, "RaiseAlert", request)).alert
    assert (alert.rule, dict(alert.figures)) == (pb.ALERT_RULE_BY_HAND, {})
    request.entries.append(10**6)
    with pytest.raises(Invalid, match="entries that are in the log"):
        await hub.call(PROVINCE, "RaiseAlert", request)


async def test_an_ended_grant_that_is_tried_raises_one_alert_a_day(hub: ReviewHub) -> None:
    _, parcel_id = await delivered(hub.sharing)
    hub.sharing.house.later(31 * DAY_MS)
    for _ in range(3):
        with pytest.raises((GrantExceeded, GrantRevoked)):
            await hub.sharing.fetch(parcel_id)
    assert await hub.watcher.look() == 1
    assert await hub.watcher.look() == 0
    assert await hub.new_watcher().look() == 0
    (alert,) = await hub.alerts(GRANTEE)
    assert (alert.rule, alert.subject) == (pb.ALERT_RULE_GRANT_ENDED, parcel_id)
    steps = (await hub.call(GRANTEE, "GetAlert", pb.GetAlertRequest(alert_id=alert.id))).alert.steps
    assert (steps[0].tenant_id, steps[0].operator) == (hub.tenant(PROVINCE), WATCHER)
    (entry,) = (await hub.search(GRANTEE, about=alert.id)).entries
    assert entry.index == steps[0].log_index and entry.operator == WATCHER


async def test_a_grant_for_another_purpose_than_asked_raises_an_alert(hub: ReviewHub) -> None:
    dataset = await hub.sharing.offer()
    grant = hub.sharing.draw_up(dataset, await hub.sharing.ask(dataset))
    other = replace(grant, purpose="营销")
    envelope = sign_grant(other, hub.sharing.units[OWNER].signing())
    request = sharing_pb2.GrantDataRequest(request_id=grant.request_id, grant=envelope)
    with pytest.raises(PurposeUncovered):
        await hub.sharing.house.call(hub.sharing.units[OWNER], SHARING + "GrantData", request)
    assert await hub.watcher.look() == 1
    (alert,) = await hub.alerts(CITY)
    assert (alert.rule, alert.subject) == (pb.ALERT_RULE_PURPOSE, grant.request_id)
    assert alert.tenant_id == hub.tenant(OWNER) and PURPOSE


async def test_many_refused_calls_in_ten_minutes_raise_an_alert(hub: ReviewHub) -> None:
    _, parcel_id = await delivered(hub.sharing)
    for _ in range(rules.BURST - 1):
        with pytest.raises(NotRelated):
            await hub.sharing.fetch(parcel_id, code=STRANGER, nonce=secrets.token_bytes(16))
    assert await hub.watcher.look() == 0
    with pytest.raises(NotRelated):
        await hub.sharing.fetch(parcel_id, code=STRANGER)
    assert await hub.watcher.look() == 1
    (alert,) = await hub.alerts(STRANGER)
    assert alert.rule == pb.ALERT_RULE_REFUSALS
    assert alert.figures["count"] == rules.BURST


async def test_a_parcel_without_a_receipt_raises_an_alert_after_three_days(hub: ReviewHub) -> None:
    _, parcel_id = await delivered(hub.sharing)
    await hub.sharing.fetch(parcel_id)
    await hub.watcher.look()
    hub.sharing.house.later(rules.RECEIPT_MS)
    before = {alert.id for alert in await hub.alerts(PROVINCE)}
    assert await hub.watcher.look() == 1
    (alert,) = [each for each in await hub.alerts(PROVINCE) if each.id not in before]
    assert (alert.rule, alert.subject) == (pb.ALERT_RULE_RECEIPT_MISSING, parcel_id)
    assert alert.figures["hours"] == 72 and len(alert.entries) == 1
    assert await hub.watcher.look() == 0


async def test_far_more_fetches_than_usual_raise_an_alert_with_their_entries(
    hub: ReviewHub,
) -> None:
    _, parcel_id = await delivered(hub.sharing, max_uses=50)
    for _ in range(rules.FEW_FETCHES):
        await hub.sharing.fetch(parcel_id)
    await hub.watcher.look()
    found = [a for a in await hub.alerts(GRANTEE) if a.rule == pb.ALERT_RULE_VOLUME]
    assert len(found) == 1
    assert dict(found[0].figures) == {"count": rules.FEW_FETCHES, "usual": 0}
    assert len(found[0].entries) == rules.FEW_FETCHES
    assert found[0].tenant_id == hub.tenant(GRANTEE)


async def test_a_silent_witness_raises_an_alert_about_the_province(hub: ReviewHub) -> None:
    house = hub.sharing.house

    def add(tx: Tx) -> None:
        for name, ago in (("audit.office/w1", rules.WITNESS_MS), ("county/w2", 1)):
            key = witness_key(name, SigningKey.generate().public)
            witnesses.add(tx, key.vkey, "", now_ms=house.now_ms - ago)

    await house.store.write(add)
    assert await hub.watcher.look() == 1
    (alert,) = await hub.alerts(PROVINCE)
    assert (alert.rule, alert.subject) == (pb.ALERT_RULE_WITNESS_SILENT, "audit.office/w1")
    assert await hub.alerts(CITY) == []
    assert await hub.watcher.look() == 0


async def test_pages_of_alerts_follow_each_other(hub: ReviewHub) -> None:
    made = [(await raised(hub)).id for _ in range(5)]
    found: list[str] = []
    token = ""
    while True:
        request = pb.ListAlertsRequest(page_size=2, page_token=token)
        reply = await hub.call(CITY, "ListAlerts", request)
        found += [alert.id for alert in reply.alerts]
        assert (reply.open, reply.explained) == (5, 0)
        token = reply.next_page_token
        if not token:
            break
    assert found == made[::-1]


async def test_a_saved_search_is_its_operators_alone(hub: ReviewHub) -> None:
    search = pb.SearchLogRequest(purpose=PURPOSE, act="parcel.*", page_size=9)
    saving = pb.SaveSearchRequest(search=pb.SavedSearch(name="低保取数", search=search))
    await hub.call(CITY, "SaveSearch", saving)

    async def names(code: str, operator: str) -> list[str]:
        listing = pb.ListSavedSearchesRequest()
        reply = await hub.call(code, "ListSavedSearches", listing, operator)
        return [f"{one.name} {one.search.purpose} {one.search.page_size}" for one in reply.searches]

    assert await names(CITY, "王某某") == [f"低保取数 {PURPOSE} 0"]
    assert await names(CITY, "孙某某") == [] == await names(OWNER, "王某某")
    saving.search.search.Clear()
    await hub.call(CITY, "SaveSearch", saving)
    assert await names(CITY, "王某某") == []


async def test_disclosures_are_told_to_the_owner_and_auditors_above_alone(hub: ReviewHub) -> None:
    opened = await hub.sharing.exchange(ROWS)
    assert opened is not None
    (offered,) = (await hub.search(PROVINCE, act="dataset.offered")).entries
    asking = pb.ListDisclosuresRequest(dataset_id=offered.dataset_id)
    for code in (OWNER, CITY, PROVINCE):
        reply = await hub.call(code, "ListDisclosures", asking)
        ((parcel,),) = [one.parcels for one in reply.disclosures]
        assert (parcel.rows, parcel.fetches[0].operator) == (1, "王某某")
        assert parcel.received_index > parcel.fetches[0].log_index > parcel.delivered_index
    for code in (GRANTEE, STRANGER, "140200"):
        with pytest.raises(NotRelated):
            await hub.call(code, "ListDisclosures", asking)
