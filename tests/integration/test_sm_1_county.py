"""A county with SM2 keys under an INTL-1 province: enrolled, calls, shares both ways, proven."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_sdk.exchange import verify_exchange
from zongheng_sdk.identity_file import read_identity
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.act import signer_of
from zongheng_tenants.credential import verify_chain
from zongheng_tenants.suites import INTL_1, SM_1, suite_of

SM_COUNTY, INTL_COUNTY, SM_CITY_COUNTY = "140105", "140106", "140121"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol(SM_COUNTY, suite=SM_1).catalogue.adopt("snap")
        running.enrol(SM_CITY_COUNTY, suite=SM_1)
        yield running


@pytest.fixture
def households(tmp_path: Path) -> Path:
    path = tmp_path / "households.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "card"))
        writer.writerows((f"王某{n}", f"1401051990{n:08d}") for n in range(20))
    return path


def test_the_credential_pins_the_suite_under_a_root_of_another(local: LocalHub) -> None:
    identity = local.enrol(SM_COUNTY).identity
    root = identity.root_fingerprint
    suites = [
        verify_chain(identity.chain[:length], root_fingerprint=root, at_ms=None).suite
        for length in range(1, len(identity.chain) + 1)
    ]
    assert suites[0] == INTL_1
    assert suites[-1] == SM_1 == identity.suite


def test_a_report_is_filed_and_its_act_carries_sm3_alone(local: LocalHub) -> None:
    county = local.enrol(SM_COUNTY)
    snap = county.module("snap")
    filed = snap.file_report(source_id="m-1", title="路灯不亮", detail="第三天了")
    assert snap.get_report(report_id=filed.report_id).report.title == "路灯不亮"
    act = county._session.sign("/x/Y", b"request")
    parts, key = signer_of(act)
    statement = ActStatement.FromString(parts.payload)
    assert key == county.identity.signing().id
    assert statement.request_sm3 == suite_of(SM_1).digest(b"request")
    assert statement.request_sha256 == b""
    assert hashlib.sha256(b"request").digest() not in act


@pytest.mark.parametrize(
    ("owner", "grantee"),
    [(SM_COUNTY, INTL_COUNTY), (INTL_COUNTY, SM_COUNTY), (SM_COUNTY, SM_CITY_COUNTY)],
    ids=["SM-1 to INTL-1", "INTL-1 to SM-1", "SM-1 to SM-1"],
)
def test_data_is_shared_between_suites_and_the_exchange_is_proven(
    local: LocalHub, households: Path, owner: str, grantee: str
) -> None:
    gives, takes = local.enrol(owner), local.enrol(grantee)
    dataset = gives.sharing.offer(f"低收入家庭 {owner} {grantee}", source=households)
    request = takes.sharing.request(dataset.id, purpose="核对低保资格", fields=["name", "card"])
    granted = gives.sharing.grant(request.id, fields={"name": "name", "card": "none"})
    delivered = gives.sharing.deliver(granted.grant_id, households)
    parcel = takes.sharing.fetch(delivered.parcel_id).parcel
    assert parcel.records()[0] == {"name": "王**", "card": "140105199000000000"}
    verdict = verify_exchange(takes.sharing.evidence(delivered.parcel_id), takes.identity.log_vkey)
    assert verdict.ok, [str(check) for check in verdict.checks if not check.ok]


def test_the_identity_file_says_the_suite(local: LocalHub) -> None:
    assert read_identity(local.folder / "units" / SM_COUNTY).suite == SM_1
