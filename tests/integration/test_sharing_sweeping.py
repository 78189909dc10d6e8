"""Uploads are bounded in bytes, and what was begun and given up is let go, rows and files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.sharing_hub import SharingHub
from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.sharing.delivery import ABANDONED_MS
from zongheng_hub.sharing.sweeping import sweep
from zongheng_protos.errors import Quota

ROWS = [{"name": "王某", "village": "西沟村", "income": "4200", "phone": "13900005678"}]


@pytest.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SharingHub]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    made = await SharingHub.build(where, tmp_path / "parcels")
    yield made
    await asyncio.to_thread(made.house.store.close)


async def swept(hub: SharingHub) -> int:
    return await sweep(hub.house.store, Blobs(hub.blobs), hub.house.now_ms)


async def test_a_parcel_given_up_is_let_go_and_may_be_handed_in_again(hub: SharingHub) -> None:
    grant, envelope = await hub.granted()
    parcel = hub.seal(envelope, ROWS)
    await hub.put(grant.id, parcel)
    assert await swept(hub) == 0
    hub.house.later(ABANDONED_MS + 1)
    assert await swept(hub) == 1
    assert list(hub.blobs.iterdir()) == []
    assert await swept(hub) == 0
    await hub.put(grant.id, parcel)
    await hub.deliver(grant.id, parcel)


async def test_a_delivered_parcel_stays_however_old(hub: SharingHub) -> None:
    grant, envelope = await hub.granted()
    parcel = hub.seal(envelope, ROWS)
    await hub.put(grant.id, parcel)
    await hub.deliver(grant.id, parcel)
    hub.house.later(10 * ABANDONED_MS)
    assert await swept(hub) == 0
    assert len(list(hub.blobs.iterdir())) == 1


async def test_bytes_begun_and_not_delivered_are_bounded(
    hub: SharingHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, envelope = await hub.granted()
    parcel = hub.seal(envelope, ROWS)
    monkeypatch.setattr("zongheng_hub.sharing.delivery.MOST_BEGUN_BYTES", 10)
    with pytest.raises(Quota, match="hold 0 bytes") as refused:
        await hub.put(grant.id, parcel)
    assert refused.value.limit == "10 bytes begun"
