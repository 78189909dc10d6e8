"""An exchange through the real kernel, log and store: sealed, counted and evidenced."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.sharing_hub import (
    CITY,
    DAY_MS,
    GRANTEE,
    OWNER,
    SHARING,
    STRANGER,
    SharingHub,
)
from zongheng_hub.store import Tx
from zongheng_hub.tenancy.operators import registering
from zongheng_hub.tenancy.operators.rules import Account
from zongheng_protos import errors
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_protos.tenancy.v1.operators_pb2 import ROLE_APPROVER, ROLE_DATA_STEWARD
from zongheng_sdk.exchange import ExchangeEvidence, verify_exchange
from zongheng_tenants.grant import sign_grant
from zongheng_tenants.ids import new_id
from zongheng_tenants.parcel import RECIPIENT, SENDER, sign_receipt

MARKERS = [f"标记{secrets.token_hex(8)}" for _ in range(3)]
ROWS = [
    {"name": f"王{MARKERS[0]}", "village": MARKERS[1], "income": "4200", "phone": MARKERS[2]},
    {"name": "李雷", "village": "西沟村", "income": "9000", "phone": "13900005678"},
    {"name": "欧阳修", "village": "南坪村", "income": "5000", "phone": ""},
]


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SharingHub]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    made = await SharingHub.build(where, tmp_path / "parcels")
    yield made
    await asyncio.to_thread(made.house.store.close)


@pytest_asyncio.fixture
async def small(tmp_path: Path) -> AsyncIterator[SharingHub]:
    """A hub on SQLite."""
    made = await SharingHub.build(tmp_path / "hub.sqlite3", tmp_path / "parcels")
    yield made
    await asyncio.to_thread(made.house.store.close)


async def test_a_whole_exchange_is_read_evidenced_and_verified_offline(hub: SharingHub) -> None:
    opened = await hub.exchange(ROWS)
    assert [record["village"] for record in opened.records()] == [MARKERS[1], "南坪村"]

    evidence = await hub.evidence(opened.parcel_id)
    verdict = verify_exchange(ExchangeEvidence.from_json(evidence.to_json()), hub.vkey)

    assert verdict.ok, str(verdict)
    assert "✗" not in str(verdict)
    assert len(verdict.checks) > 20


async def test_the_hub_holds_no_plaintext_after_an_exchange(
    small: SharingHub, tmp_path: Path
) -> None:
    await small.exchange(ROWS)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.parent.parent == small.blobs for path in files)
    for path in files:
        content = path.read_bytes()
        for marker in MARKERS:
            assert marker.encode() not in content, f"{marker} is in {path.name}"


async def test_uses_are_counted_once_an_act_and_end(small: SharingHub) -> None:
    grant, envelope = await small.granted(max_uses=2)
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    nonce = secrets.token_bytes(16)
    first = await small.fetch(parcel.parcel_id, nonce=nonce)
    again = await small.fetch(parcel.parcel_id, nonce=nonce)
    assert first == again
    await small.fetch(parcel.parcel_id)
    with pytest.raises(errors.GrantExceeded, match="2 uses"):
        await small.fetch(parcel.parcel_id)
    uses = await small.house.call(
        small.units[OWNER], SHARING + "GetGrant", pb.GetGrantRequest(grant_id=grant.id)
    )
    assert uses.uses == 2


async def test_the_last_use_goes_to_one_of_many_who_race(hub: SharingHub) -> None:
    grant, envelope = await hub.granted(max_uses=1)
    parcel = hub.seal(envelope, ROWS)
    await hub.put(grant.id, parcel)
    await hub.deliver(grant.id, parcel)
    racing = [hub.fetch(parcel.parcel_id) for _ in range(20)]
    outcomes = await asyncio.gather(*racing, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, errors.GrantExceeded)]
    assert len(refused) == 19
    assert sum(isinstance(outcome, pb.FetchParcelReply) for outcome in outcomes) == 1


async def test_only_the_grantee_fetches_and_reads(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    for code in (STRANGER, OWNER, CITY, "140000"):
        with pytest.raises(errors.NotRelated):
            await small.fetch(parcel.parcel_id, code)
        with pytest.raises(errors.NotRelated):
            await small.read(parcel.parcel_id, code=code)


async def test_chunks_are_read_between_fetch_and_receipt_only(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    with pytest.raises(errors.StateConflict, match="fetch parcel"):
        await small.read(parcel.parcel_id)
    opened = await small.open(parcel.parcel_id)
    receipt = opened.sign_receipt(small.units[GRANTEE].signing(), now_ms=small.house.now_ms)
    await small.sign(parcel.parcel_id, receipt)
    with pytest.raises(errors.StateConflict):
        await small.read(parcel.parcel_id)
    with pytest.raises(errors.StateConflict, match="receipt"):
        await small.sign(parcel.parcel_id, receipt)
    await small.fetch(parcel.parcel_id)
    assert [part.sealed for part in await small.read(parcel.parcel_id)] == list(parcel.chunks)


async def test_a_broken_read_goes_on_where_it_stopped(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    many = [{**ROWS[0], "village": secrets.token_hex(40_000)} for _ in range(30)]
    parcel = small.seal(envelope, many)
    assert len(parcel.chunks) == 3
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    await small.fetch(parcel.parcel_id)
    rest = await small.read(parcel.parcel_id, start=1)
    assert [(part.index, part.sealed) for part in rest] == [
        (1, parcel.chunks[1]),
        (2, parcel.chunks[2]),
    ]
    assert await small.read(parcel.parcel_id, start=3) == []


async def test_nothing_moves_once_the_grant_has_expired(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel, late = small.seal(envelope, ROWS), small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    await small.fetch(parcel.parcel_id)
    small.house.later(31 * DAY_MS)
    for moving in (
        small.put(grant.id, late),
        small.deliver(grant.id, late),
        small.fetch(parcel.parcel_id),
        small.read(parcel.parcel_id),
    ):
        with pytest.raises((errors.GrantExceeded, errors.StateConflict)):
            await moving


async def test_a_grant_that_the_owner_did_not_sign_is_refused(small: SharingHub) -> None:
    dataset = await small.offer()
    grant = small.draw_up(dataset, await small.ask(dataset))
    owner = small.units[OWNER]
    for key in (small.units[STRANGER].signing(), small.units[GRANTEE].signing()):
        request = pb.GrantDataRequest(request_id=grant.request_id, grant=sign_grant(grant, key))
        with pytest.raises(errors.SignatureInvalid):
            await small.house.call(owner, SHARING + "GrantData", request)
    request = pb.GrantDataRequest(
        request_id=grant.request_id, grant=sign_grant(grant, owner.signing())
    )
    for code in (STRANGER, GRANTEE, CITY):
        with pytest.raises(errors.NotRelated):
            await small.house.call(small.units[code], SHARING + "GrantData", request)
    await small.hand_in(grant)
    with pytest.raises(errors.StateConflict):
        await small.hand_in(small.draw_up(dataset, grant.request_id))
    other = small.draw_up(dataset, await small.ask(dataset))
    with pytest.raises(errors.Exists):
        await small.hand_in(dataclasses.replace(other, id=grant.id))


async def test_who_asked_for_data_does_not_grant_it_wherever_they_work(small: SharingHub) -> None:
    """One person, known by their OpenID subject, with an account at either unit."""
    dataset = await small.offer()
    grant = small.draw_up(dataset, await small.ask(dataset))
    owner, grantee = small.units[OWNER], small.units[GRANTEE]

    def register(tx: Tx) -> None:
        for unit, name, role in (
            (grantee, "王某某", ROLE_DATA_STEWARD),
            (owner, "王二", ROLE_APPROVER),
        ):
            account = Account(
                new_id("o"), unit.tenant, name, frozenset({role}), oidc_subject="sub-017"
            )
            registering.register(tx, account, login="", must_set_up=False, now_ms=0, log_index=None)

    await small.house.store.write(register)
    request = pb.GrantDataRequest(
        request_id=grant.request_id, grant=sign_grant(grant, owner.signing())
    )
    small.house.operators.forget(owner.tenant)

    with pytest.raises(errors.OwnRequest, match="王二"):
        await small.house.call(owner, SHARING + "GrantData", request, operator="王二")
    await small.house.call(owner, SHARING + "GrantData", request, operator="别人")


async def test_what_is_not_shared_cannot_be_asked_for(small: SharingHub) -> None:
    dataset = await small.offer()
    with pytest.raises(errors.Invalid, match="phone"):
        await small.ask(dataset, fields=("name", "phone"))
    with pytest.raises(errors.NotFound):
        await small.ask("d_nothing")


async def test_chunks_sent_again_change_nothing_and_others_are_refused(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.put(grant.id, parcel)
    swapped = dataclasses.replace(parcel, chunks=(b"other bytes",))
    with pytest.raises(errors.Exists):
        await small.put(grant.id, swapped)
    assert (small.blobs / parcel.parcel_id / "0").read_bytes() == parcel.chunks[0]
    (small.blobs / parcel.parcel_id / "0").unlink()  # as after a crash between row and file
    with pytest.raises(errors.StateConflict, match="chunk 0"):
        await small.deliver(grant.id, parcel)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    with pytest.raises(errors.StateConflict, match="delivered"):
        await small.deliver(grant.id, parcel)
    with pytest.raises(errors.StateConflict, match="delivered"):
        await small.put(grant.id, dataclasses.replace(parcel, chunks=(*parcel.chunks, b"more")))


async def test_a_parcel_belongs_to_one_grant(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    other, _ = await small.granted()
    with pytest.raises(errors.StateConflict, match="another grant"):
        await small.put(other.id, parcel)
    with pytest.raises(errors.Invalid, match="another grant"):
        await small.deliver(other.id, parcel)


async def test_a_delivery_must_be_whole_and_signed_for(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel, other = small.seal(envelope, ROWS), small.seal(envelope, ROWS)
    with pytest.raises(errors.StateConflict, match="not been handed in"):
        await small.deliver(grant.id, parcel)
    await small.put(grant.id, parcel)
    wrong_receipts = {
        "of another parcel": other.receipt,
        "by another": sign_receipt(
            manifest=parcel.manifest,
            role=SENDER,
            tenant=small.units[OWNER].tenant,
            key=small.units[STRANGER].signing(),
            now_ms=small.house.now_ms,
        ),
        "in another role": sign_receipt(
            manifest=parcel.manifest,
            role=RECIPIENT,
            tenant=small.units[OWNER].tenant,
            key=small.units[OWNER].signing(),
            now_ms=small.house.now_ms,
        ),
    }
    for receipt in wrong_receipts.values():
        with pytest.raises((errors.Invalid, errors.SignatureInvalid)):
            await small.deliver(grant.id, dataclasses.replace(parcel, receipt=receipt))
    await small.put(grant.id, dataclasses.replace(parcel, chunks=(*parcel.chunks, b"one too many")))
    with pytest.raises(errors.StateConflict, match="more chunks"):
        await small.deliver(grant.id, parcel)


async def test_a_receipt_must_be_the_grantees_for_this_parcel(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    unit = small.units[GRANTEE]
    good = sign_receipt(
        manifest=parcel.manifest,
        role=RECIPIENT,
        tenant=unit.tenant,
        key=unit.signing(),
        now_ms=small.house.now_ms,
    )
    with pytest.raises(errors.StateConflict, match="fetched"):
        await small.sign(parcel.parcel_id, good)
    await small.fetch(parcel.parcel_id)
    with pytest.raises(errors.ZonghengError):
        await small.sign(parcel.parcel_id, parcel.receipt)
    await small.sign(parcel.parcel_id, good)


async def test_a_damaged_chunk_is_never_handed_out(small: SharingHub) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    await small.fetch(parcel.parcel_id)
    (small.blobs / parcel.parcel_id / "0").write_bytes(b"damaged")
    with pytest.raises(errors.Internal, match="damaged"):
        await small.read(parcel.parcel_id)


async def test_the_catalogue_shows_strangers_title_and_fields_only(hub: SharingHub) -> None:
    dataset = await hub.offer()

    async def seen(code: str) -> Any:
        request = pb.ListDatasetsRequest(owner=hub.units[OWNER].tenant)
        reply = await hub.house.call(hub.units[code], SHARING + "ListDatasets", request)
        (entry,) = reply.datasets
        return entry

    for code in (OWNER, CITY, "140000"):
        assert (await seen(code)).rows == 3
    for code in (GRANTEE, STRANGER):
        entry = await seen(code)
        assert (entry.id, entry.title, len(entry.fields)) == (dataset, "困难家庭名册", 4)
        assert (entry.detail, entry.rows) == ("", 0)
    await hub.ask(dataset)
    assert (await seen(GRANTEE)).detail == "每月更新"
    assert (await seen(STRANGER)).detail == ""


async def test_requests_are_seen_by_both_sides_and_nobody_else(hub: SharingHub) -> None:
    opened = await hub.exchange(ROWS)

    async def seen(code: str) -> Any:
        reply = await hub.house.call(
            hub.units[code], SHARING + "ListRequests", pb.ListRequestsRequest()
        )
        return list(reply.requests)

    (made,), (to_answer,) = await seen(GRANTEE), await seen(OWNER)
    assert made == to_answer
    assert list(made.parcel_ids) == [opened.parcel_id]
    assert made.grant_id == opened.grant.id
    assert await seen(STRANGER) == []
    for method, request in (
        ("GetGrant", pb.GetGrantRequest(grant_id=made.grant_id)),
        ("GetExchange", pb.GetExchangeRequest(parcel_id=opened.parcel_id)),
    ):
        with pytest.raises(errors.NotRelated):
            await hub.house.call(hub.units[STRANGER], SHARING + method, request)
        for code in (OWNER, GRANTEE, CITY):
            assert await hub.house.call(hub.units[code], SHARING + method, request)


async def test_an_exchange_without_the_recipients_receipt_is_said_to_be_open(
    small: SharingHub,
) -> None:
    grant, envelope = await small.granted()
    parcel = small.seal(envelope, ROWS)
    await small.put(grant.id, parcel)
    await small.deliver(grant.id, parcel)
    verdict = verify_exchange(await small.evidence(parcel.parcel_id), small.vkey)
    assert not verdict.ok
    assert any("not been signed yet" in check.reason for check in verdict.failures)
