"""Packages after keys, credentials and the log's own key have changed, and after console acts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.audit_case import GRANTEE, OWNER, Case, shared_case
from tests.integration.web_client import WebClient
from zongheng_hub.log_key import make_next, retire
from zongheng_hub.settings import Settings
from zongheng_hub.testing import RunningHub
from zongheng_protos.tenancy.v1 import operators_pb2 as operators
from zongheng_sdk import AsyncHub, Hub
from zongheng_sdk.package_verify import verify_package


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with shared_case(tmp_path) as made:
        yield made


def exported(case: Case, unit: Hub) -> bytes:
    made = case.local.province.audit.export(reason="案号 7", tenant_id=unit.identity.tenant)
    assert made.verdict.ok, str(made.verdict)
    assert [one.parcel_id for one in made.verdict.showings] == [case.parcel_id]
    return made.data


def rotate(case: Case, unit: Hub) -> None:
    pending = unit.rotate()
    case.local.enrol("140100").tenancy.approve(pending.enrolment_id)
    assert pending.collect() is not None


def test_a_package_holds_after_both_parties_changed_their_keys(case: Case) -> None:
    rotate(case, case.owner)
    rotate(case, case.grantee)
    case.owner.needs.file(kind="training", title="换钥之后")
    data = exported(case, case.owner)
    exported(case, case.grantee)
    text = str(verify_package(data, case.root))
    assert text.count("need.filed") == 2


def test_what_a_unit_did_before_its_credential_was_revoked_stays_proven(case: Case) -> None:
    city = case.local.enrol("140100")
    held = city.revocations.credentials(case.owner.identity.tenant)
    credential = held.credentials[0].id
    city.revocations.revoke_credential(credential, reason="lost")
    exported(case, case.grantee)


def test_a_package_made_before_the_logs_key_changed_and_one_after_both_hold(
    case: Case, tmp_path: Path
) -> None:
    settings = Settings(data=case.local.folder / "hub")
    before = exported(case, case.owner)
    case.local.province.log.rotate_key(make_next(settings))
    exported(case, case.owner)
    with case.local.away():
        retire(settings, overlap_days=0)
    exported(case, case.owner)
    assert verify_package(before, case.root).ok


def test_acts_that_the_hub_signed_on_behalf_are_proven_and_said_to_be_so(case: Case) -> None:
    running = case.local._running
    assert isinstance(running, RunningHub)
    filed = next(one.index for one in case.owner.log.entries() if one.act.act == "need.filed")
    client = WebClient(running.web_address)
    link = running.sign_in_link(OWNER, "钱某某", roles=[operators.ROLE_ADMINISTRATOR])
    client.form("/sign-in", {"t": link.rpartition("t=")[2]})
    asked = client.get(f"/log/{filed}/shred").text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked))
    client.form(f"/log/{filed}/shred", {**fields, "basis": "当事人申请〔2026〕12号"})
    verdict = verify_package(exported(case, case.owner), case.root)
    (shredded,) = verdict.shredded
    assert (shredded.index, shredded.operator) == (filed, "钱某某")
    assert "钱某某，枢纽代签 signed by the hub on behalf" in str(verdict)


def test_the_async_hub_exports_as_well(case: Case) -> None:
    async def export() -> bytes:
        folder = case.local.folder / "units" / GRANTEE
        async with AsyncHub.open(folder, operator="测试员") as hub:
            return (await hub.audit.export(reason="自查")).data

    assert verify_package(asyncio.run(export()), case.root).ok
