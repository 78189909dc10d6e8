"""Evidence holds over rotations and later revocations: from a real hub, verified offline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zongheng_sdk import Hub
from zongheng_sdk.audit import revoked_in_log
from zongheng_sdk.cli.app import app
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.exchange import ExchangeEvidence, verify_exchange
from zongheng_sdk.notes import verify_checkpoint
from zongheng_sdk.testing import LocalHub
from zongheng_sdk.tiles import open_source

CITY, OWNER, GRANTEE = "140100", "140105", "140106"


@pytest.fixture(params=["sqlite", "postgresql"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalHub]:
    options = {}
    if request.param == "postgresql":
        options["database"] = request.getfixturevalue("postgresql_url")
    with LocalHub(tmp_path / "hub", **options) as running:
        yield running


@pytest.fixture
def households(tmp_path: Path) -> Path:
    path = tmp_path / "households.csv"
    path.write_text("name,town\n王某,高平镇\n李某,北城街道\n", encoding="utf-8")
    return path


def new_keys(local: LocalHub, code: str) -> None:
    city, unit = local.enrol(CITY), local.enrol(code)
    pending = unit.rotate()
    city.tenancy.approve(pending.enrolment_id)
    assert pending.collect() is not None


def granted(local: LocalHub, households: Path) -> str:
    owner, grantee = local.enrol(OWNER), local.enrol(GRANTEE)
    dataset = owner.sharing.offer("低收入家庭", source=households)
    request = grantee.sharing.request(dataset.id, purpose="核对低保资格", fields=["name"])
    return owner.sharing.grant(request.id, fields={"name": "name"}).grant_id


def opened_anew(local: LocalHub, code: str) -> Hub:
    folder = local.enrol(code).folder
    assert folder is not None
    return Hub.open(folder, operator="测试员")


def test_evidence_holds_where_both_parties_changed_their_keys_meanwhile(
    local: LocalHub, households: Path
) -> None:
    grant_id = granted(local, households)
    new_keys(local, OWNER)
    with opened_anew(local, OWNER) as owner:
        delivered = owner.sharing.deliver(grant_id, households)
    new_keys(local, GRANTEE)
    with opened_anew(local, GRANTEE) as grantee:
        assert grantee.sharing.fetch(delivered.parcel_id).parcel.rows == 2
        evidence = grantee.sharing.evidence(delivered.parcel_id)
        again = ExchangeEvidence.from_json(evidence.to_json())
        verdict = verify_exchange(again, grantee.identity.log_vkey)
    assert verdict.ok, str(verdict)
    assert len(evidence.earlier_chains) >= 2


def published(log: str, vkey: str, least: int) -> int:
    """The size of the published log, once it has so many entries."""
    read = open_source(log)
    for _ in range(200):
        size = verify_checkpoint(read("checkpoint") or b"", vkey).size
        if size >= least:
            return size
        time.sleep(0.05)
    raise AssertionError(f"the log was not published up to {least} entries")


def test_what_was_exchanged_before_a_revocation_stays_proven_and_the_log_says_so(
    local: LocalHub, households: Path, tmp_path: Path
) -> None:
    delivered = local.enrol(OWNER).sharing.deliver(granted(local, households), households)
    grantee = local.enrol(GRANTEE)
    grantee.sharing.fetch(delivered.parcel_id)
    city = local.enrol(CITY)
    owner_id = local.enrol(OWNER).identity.tenant
    (held,) = city.revocations.credentials(owner_id).credentials
    ended = city.revocations.revoke_credential(held.id, reason="lost")
    assert ended.receipt is not None

    evidence = grantee.sharing.evidence(delivered.parcel_id)
    vkey = grantee.identity.log_vkey
    verdict = verify_exchange(evidence, vkey)
    assert verdict.ok, str(verdict)
    assert f"{held.id} was revoked afterwards, in entry {ended.receipt.index}" in str(verdict)

    file, key = tmp_path / "exchange.json", tmp_path / "log.vkey"
    file.write_text(evidence.to_json(), encoding="utf-8")
    key.write_text(vkey, encoding="utf-8")
    log = f"{local.web_address}/tlog"
    size = published(log, vkey, ended.receipt.index + 1)
    assert revoked_in_log(log, size) == {held.id: ended.receipt.index}
    result = CliRunner().invoke(
        app,
        ["audit", "verify", "--vkey", str(key), "--log", log, "--exchange", str(file)],
    )
    assert result.exit_code == 0, result.output
    assert "1 revocations in the whole log" in result.output
    assert "was revoked afterwards" in result.output


def test_who_has_not_renewed_since_its_parent_came_back_delivers_all_the_same(
    local: LocalHub, households: Path
) -> None:
    owner, city, grantee = local.enrol(OWNER), local.enrol(CITY), local.enrol(GRANTEE)
    grant_id = granted(local, households)
    stale = owner.identity.chain
    (held,) = local.province.revocations.credentials(city.identity.tenant).credentials
    local.province.revocations.revoke_credential(held.id, reason="lost")
    assert city.folder is not None
    pending = begin_enrolment(local.province.tenancy.invite(CITY), city.folder)
    local.province.tenancy.approve(pending.enrolment_id)
    assert pending.collect() is not None
    with opened_anew(local, CITY) as again:
        assert len(again.tenancy.reissue_all()) == 2

    assert owner.identity.chain == stale
    delivered = owner.sharing.deliver(grant_id, households)
    assert owner.identity.chain != stale
    grantee.sharing.fetch(delivered.parcel_id)
    evidence = grantee.sharing.evidence(delivered.parcel_id)
    verdict = verify_exchange(evidence, grantee.identity.log_vkey)
    assert verdict.ok, str(verdict)
