"""Sharing from the SDK against a real hub: granted, cut, masked, sealed, opened, proven."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from zongheng_protos.errors import GrantExceeded, Invalid, NotFound
from zongheng_sdk import AsyncHub
from zongheng_sdk.exchange import verify_exchange
from zongheng_sdk.sharing_values import DataRequest
from zongheng_sdk.testing import LocalHub

OWNER, GRANTEE = "140105", "140106"
COLUMNS = ("name", "card", "town", "income", "phone", "note")
MARKER = "不可外传的备注"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        yield running


@pytest.fixture
def households(tmp_path: Path) -> Path:
    path = tmp_path / "households.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(100):
            town = ("高平镇", "北城街道")[n % 2]
            writer.writerow([f"王某{n}", f"14010519900101{n:04d}", town, 3000 + n, "139", MARKER])
    return path


def asked(local: LocalHub, households: Path) -> DataRequest:
    dataset = local.enrol(OWNER).sharing.offer("低收入家庭", source=households)
    assert (dataset.rows, tuple(f.name for f in dataset.fields)) == (100, COLUMNS)
    return local.enrol(GRANTEE).sharing.request(
        dataset.id, purpose="核对低保资格", fields=["name", "card", "town"]
    )


def test_only_what_was_granted_arrives_and_the_exchange_is_proven(
    local: LocalHub, households: Path
) -> None:
    owner, grantee = local.enrol(OWNER), local.enrol(GRANTEE)
    request = asked(local, households)
    granted = owner.sharing.grant(
        request.id,
        fields={"name": "name", "card": "last_four", "town": "none"},
        rows=["town=高平镇"],
    )
    delivered = owner.sharing.deliver(granted.grant_id, households)
    assert delivered.rows == 50
    fetched = grantee.sharing.fetch(delivered.parcel_id)
    first = fetched.parcel.records()[0]
    assert first == {"name": "王**", "card": "*" * 14 + "0000", "town": "高平镇"}
    assert {row["town"] for row in fetched.parcel.records()} == {"高平镇"}
    assert MARKER.encode() not in fetched.parcel.rows_csv

    evidence = grantee.sharing.evidence(delivered.parcel_id)
    vkey = grantee.identity.log_vkey
    assert verify_exchange(evidence, vkey).ok
    assert not verify_exchange(replace(evidence, grant=evidence.grant[:-1] + b"\0"), vkey).ok

    with pytest.raises(GrantExceeded):
        grantee.sharing.fetch(delivered.parcel_id)
    (found,) = [q for q in owner.sharing.requests() if q.id == request.id]
    assert found.parcel_ids == (delivered.parcel_id,)


def test_equal_values_stay_equal_under_a_pseudonym_and_across_deliveries(
    local: LocalHub, households: Path
) -> None:
    owner, grantee = local.enrol(OWNER), local.enrol(GRANTEE)
    seen = []
    for _ in range(2):
        granted = owner.sharing.grant(
            asked(local, households), fields={"town": "pseudonym", "name": "none"}
        )
        delivered = owner.sharing.deliver(granted.grant_id, households)
        rows = grantee.sharing.fetch(delivered.parcel_id).parcel.records()
        seen.append({row["town"] for row in rows})
    assert len(seen[0]) == 2
    assert seen[0] == seen[1]
    assert "高平镇" not in seen[0]
    assert owner.folder is not None
    assert (owner.folder / "pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_a_table_of_a_database_is_shared_as_well(
    local: LocalHub, households: Path, tmp_path: Path
) -> None:
    database = tmp_path / "households.sqlite3"
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("CREATE TABLE household (name TEXT, card TEXT, town TEXT)")
        db.execute("INSERT INTO household VALUES ('王某', '140105199001010001', '高平镇')")
    owner = local.enrol(OWNER)
    granted = owner.sharing.grant(asked(local, households), fields=["name", "card"])
    delivered = owner.sharing.deliver(granted.grant_id, database, table="household")
    parcel = local.enrol(GRANTEE).sharing.fetch(delivered.parcel_id).parcel
    assert parcel.records() == [{"name": "王某", "card": "140105199001010001"}]


def test_data_that_lacks_a_granted_field_is_not_delivered(
    local: LocalHub, households: Path, tmp_path: Path
) -> None:
    poor = tmp_path / "poor.csv"
    poor.write_text("name\n王某\n", encoding="utf-8")
    owner = local.enrol(OWNER)
    granted = owner.sharing.grant(asked(local, households), fields=["name", "card"])
    with pytest.raises(Invalid, match="card"):
        owner.sharing.deliver(granted.grant_id, poor)


def test_a_request_of_others_cannot_be_granted(local: LocalHub) -> None:
    with pytest.raises(NotFound, match="q_nothing"):
        local.enrol(OWNER).sharing.grant("q_nothing", fields=["name"])


def test_a_parcel_of_many_chunks_arrives_whole(
    local: LocalHub, households: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    rows = [f"王某{n},{n:0200d}" for n in range(16_000)]
    large.write_text("name,card\n" + "\n".join(rows) + "\n", encoding="utf-8")
    owner = local.enrol(OWNER)
    granted = owner.sharing.grant(asked(local, households), fields=["name", "card"])
    delivered = owner.sharing.deliver(granted.grant_id, large)
    assert delivered.chunks > 3
    parcel = local.enrol(GRANTEE).sharing.fetch(delivered.parcel_id).parcel
    assert parcel.rows == 16_000
    assert parcel.rows_csv.decode().splitlines()[1:] == rows


async def test_the_async_hub_shares_as_well(local: LocalHub, households: Path) -> None:
    request = asked(local, households)
    async with (
        AsyncHub.open(local.enrol(OWNER).identity, operator="王某某") as owner,
        AsyncHub.open(local.enrol(GRANTEE).identity, operator="李某某") as grantee,
    ):
        granted = await owner.sharing.grant(request, fields=["name"], rows=["income<=3009"])
        delivered = await owner.sharing.deliver(granted.grant_id, households)
        fetched = await grantee.sharing.fetch(delivered.parcel_id)
        assert fetched.parcel.rows == 10
        evidence = await grantee.sharing.evidence(delivered.parcel_id)
        assert verify_exchange(evidence, grantee.identity.log_vkey).ok
