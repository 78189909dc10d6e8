"""A county's program against a real hub: enrolment, needs, modules, log, on both clients."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from zongheng_protos.errors import (
    ChannelExpired,
    CredentialForeign,
    DivisionUnknown,
    Invalid,
    InvitationInvalid,
    ModuleUnknown,
    NotFound,
    NotRelated,
    SignatureInvalid,
    Unavailable,
)
from zongheng_sdk import AsyncHub, Hub, Identity, Resource, enrol, renew
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.identity_file import InvitationBook, read_identity
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.invitation import Invitation, hub_fingerprint

COUNTY, NEIGHBOUR, CITY = "140105", "140106", "140100"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol(COUNTY).catalogue.adopt("snap")
        yield running


@pytest.fixture
def county(local: LocalHub) -> Hub:
    return local.enrol(COUNTY)


def test_a_need_travels_up_and_a_resource_comes_down(local: LocalHub, county: Hub) -> None:
    filed = county.needs.file(kind="training", title="网格员操作培训", households=40)
    assert filed.state == "filed"
    assert filed.clocks[0].limit_days > 0
    assert filed.receipt is not None
    assert local.province.needs.accept(filed.id, note="已受理").state == "accepted"
    answered = local.province.needs.answer(
        filed.id, text="下周开班", resources=[Resource("training", "网格员培训班")]
    )
    assert [resource.title for resource in answered.resources] == ["网格员培训班"]
    assert county.needs.confirm(filed.id).state == "confirmed"
    assert [event.act for event in county.needs.get(filed.id).events] == [
        "need.filed",
        "need.accepted",
        "need.answered",
        "need.confirmed",
    ]
    assert filed.id in {need.id for need in county.needs.list(state="confirmed")}


def test_another_county_may_not_read_it(local: LocalHub, county: Hub) -> None:
    need = county.needs.file(kind="data", title="需要低保比对数据")
    with pytest.raises(NotRelated):
        local.enrol(NEIGHBOUR).needs.get(need.id)


def test_a_receipt_is_proven_in_the_log(county: Hub) -> None:
    before = county.log.checkpoint()
    need = county.needs.file(kind="data", title="需要低保比对数据")
    assert need.receipt is not None
    proven = county.log.prove(need.receipt)
    assert proven.entry.act.act == "need.filed"
    assert proven.entry.act.subject == need.id
    content = county.log.content(need.receipt.index)
    assert need.receipt.commits_to(content.envelope)
    county.log.prove_growth(before, county.log.checkpoint())
    with pytest.raises(SignatureInvalid, match="not the one of the receipt"):
        county.log.prove(replace(need.receipt, leaf=b"another"))


def test_a_module_is_called_without_generated_code(county: Hub) -> None:
    snap = county.module("snap")
    filed = snap.file_report(source_id="m-1", title="路灯不亮", detail="第三天了")
    assert filed.receipt.index > 0
    assert snap.get_report(report_id=filed.report_id).report.title == "路灯不亮"
    assert county.module("snap") is snap


def test_what_the_hub_refuses_says_why(county: Hub) -> None:
    with pytest.raises(ModuleUnknown, match="nothing"):
        county.module("nothing")
    with pytest.raises(Invalid, match="title"):
        county.needs.file(kind="data", title="短")
    with pytest.raises(NotFound):
        county.needs.get("n_nothing")
    with pytest.raises(DivisionUnknown):
        county.tenancy.tenant(code="999999")


def test_the_tree_is_listed_by_level(local: LocalHub) -> None:
    cities = local.province.tenancy.tenants(local.province.identity.tenant, level="city")
    assert len(cities) == 11
    assert CITY in {city.code for city in cities}


def test_several_threads_share_one_hub(county: Hub) -> None:
    with ThreadPoolExecutor(4) as pool:
        needs = list(
            pool.map(lambda n: county.needs.file(kind="data", title=f"需要数据{n}"), range(12))
        )
    assert len({need.id for need in needs}) == 12


async def test_the_async_hub_does_the_same(local: LocalHub, county: Hub) -> None:
    async with AsyncHub.open(county.identity, operator="李某某") as hub:
        snap = await hub.module("snap")
        filed = await asyncio.gather(
            *(snap.file_report(title=f"第{n}条", detail="…") for n in range(8))
        )
        assert len({reply.report_id for reply in filed}) == 8
        need = await hub.needs.file(kind="data", title="需要低保比对数据")
        assert need.events[0].operator == "李某某"
        assert need.receipt is not None
        await hub.log.prove(need.receipt)
        with pytest.raises(NotFound):
            await hub.needs.get("n_nothing")
        with pytest.raises(Invalid):
            await hub.needs.file(kind="data", title="短")


def test_a_hub_that_is_away_is_named_and_found_again(local: LocalHub, county: Hub) -> None:
    hub = Hub.open(county.identity, operator="王某某", timeout=1.0)
    with hub:
        with local.away(), pytest.raises(Unavailable, match="cannot be reached"):
            hub.needs.list()
        with Hub.open(county.identity, timeout=20.0) as patient:
            patient.needs.list()


def test_a_call_that_began_while_the_hub_was_away_succeeds_when_it_is_back(
    local: LocalHub, county: Hub
) -> None:
    filed = []
    with Hub.open(county.identity, operator="王某某", timeout=60.0) as hub:
        calling = threading.Thread(
            target=lambda: filed.append(hub.needs.file(kind="data", title="需要低保比对数据"))
        )
        with local.away():
            calling.start()
        calling.join()
    assert [need.state for need in filed] == ["filed"]


def test_enrolment_goes_on_where_it_was_interrupted(local: LocalHub, tmp_path: Path) -> None:
    invitation = local.invite("140107")
    first = begin_enrolment(invitation, tmp_path)
    assert first.collect() is None
    again = begin_enrolment(invitation, tmp_path)
    assert again.enrolment_id == first.enrolment_id
    city = local.enrol(CITY)
    (waiting,) = [e for e in city.tenancy.enrolments() if e.id == first.enrolment_id]
    assert waiting.fingerprint == again.fingerprint
    city.tenancy.approve(waiting)
    path = enrol(invitation, tmp_path, timeout=5)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["identity.json"]
    with Hub.open(path, operator="王某某") as hub:
        assert hub.identity.name == "杏花岭区"
        assert hub.needs.list() == ()
    with pytest.raises(InvitationInvalid, match="has been used"):
        begin_enrolment(invitation, tmp_path)


def test_a_used_or_mangled_invitation_is_refused(local: LocalHub, tmp_path: Path) -> None:
    invitation = local.invite("140108")
    begin_enrolment(invitation, tmp_path / "first")
    with pytest.raises(InvitationInvalid):
        begin_enrolment(invitation, tmp_path / "second")
    with pytest.raises(InvitationInvalid, match="copy it whole"):
        begin_enrolment(invitation[:-9], tmp_path / "third")


def test_a_parent_does_not_sign_for_keys_that_another_secret_vouches_for(
    local: LocalHub, tmp_path: Path
) -> None:
    invitation = local.invite("140109")
    pending = begin_enrolment(invitation, tmp_path)
    city = local.enrol(CITY)
    other = replace(Invitation.decode(invitation), secret=b"x" * 16).encode()
    with pytest.raises(InvitationInvalid, match="do not sign"):
        city.tenancy.approve(pending.enrolment_id, invitation=other)
    assert pending.collect() is None
    with Hub.open(city.identity, operator="王某某") as elsewhere:
        with pytest.raises(InvitationInvalid, match="not kept here"):
            elsewhere.tenancy.approve(pending.enrolment_id)
        elsewhere.tenancy.approve(pending.enrolment_id, invitation=invitation)
    assert pending.collect() is not None


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("140121", {"ca_pem": b"another CA"}),
        ("140122", {"log_vkey": "another+00000000+AA"}),
        ("140123", {"hub_id": "h_another"}),
    ],
)
def test_an_enrolment_that_another_hub_answers_is_refused(
    local: LocalHub, tmp_path: Path, code: str, other: dict[str, Any]
) -> None:
    city = local.enrol(CITY)
    identity = city.identity
    ours: dict[str, Any] = {
        "hub_id": identity.hub_id,
        "ca_pem": identity.ca_pem,
        "log_vkey": identity.log_vkey,
    }
    named = hub_fingerprint(**{**ours, **other})
    invitation = local.invite(code)
    astray = replace(Invitation.decode(invitation), hub_fingerprint=named)
    with pytest.raises(CredentialForeign, match="not the hub that the invitation names"):
        begin_enrolment(astray.encode(), tmp_path)

    # The invitation was not spent; and who answers is looked at again when the credential comes.
    pending = begin_enrolment(invitation, tmp_path)
    city.tenancy.approve(pending.enrolment_id)
    with pytest.raises(CredentialForeign, match="not the hub that the invitation names"):
        replace(pending, invitation=astray).collect()
    assert not (tmp_path / "identity.json").exists()
    assert pending.collect() is not None


def test_an_invitations_secret_is_forgotten_once_it_is_used(
    local: LocalHub, tmp_path: Path
) -> None:
    city = local.enrol(CITY)
    assert city.folder is not None
    book = InvitationBook(city.folder / "invitations.json")
    invitation = local.invite("140110")
    identifier = Invitation.decode(invitation).id
    assert book.invited(identifier) is not None
    city.tenancy.approve(begin_enrolment(invitation, tmp_path).enrolment_id)
    assert book.invited(identifier) is None


def test_the_channel_certificate_is_renewed_in_place(local: LocalHub) -> None:
    county = local.enrol(NEIGHBOUR)
    assert county.folder is not None
    before = county.identity.channel_pem
    renewed = renew(county.folder / "identity.json", operator="王某某")
    assert renewed.channel_pem != before
    county.renew()
    assert county.identity.channel_pem not in (before, renewed.channel_pem)
    assert county.needs.list() == ()


def test_a_channel_certificate_is_renewed_by_itself_when_it_is_due(
    local: LocalHub, tmp_path: Path
) -> None:
    identity = local.enrol(NEIGHBOUR).identity
    old = replace(identity, channel_pem=expired_certificate(identity))
    (tmp_path / "identity.json").write_text(old.to_json(), encoding="utf-8")
    with Hub.open(tmp_path) as hub:
        assert isinstance(hub.needs.list(), tuple)
        assert hub.identity.channel_pem != old.channel_pem
    assert read_identity(tmp_path) == hub.identity


async def test_the_async_hub_renews_by_itself_too(local: LocalHub) -> None:
    identity = local.enrol(NEIGHBOUR).identity
    old = replace(identity, channel_pem=expired_certificate(identity))
    async with AsyncHub.open(old) as hub:
        await asyncio.gather(hub.needs.list(), hub.log.checkpoint())
        assert hub.identity.channel_pem != old.channel_pem


def test_an_expired_channel_is_named_where_it_cannot_be_renewed(local: LocalHub) -> None:
    identity = local.enrol(NEIGHBOUR).identity
    old = replace(identity, channel_pem=expired_certificate(identity), web_address="127.0.0.1:1")
    with Hub.open(old, timeout=2.0) as hub, pytest.raises(ChannelExpired, match="迎泽区"):
        hub.needs.list()


def expired_certificate(identity: Identity) -> bytes:
    """One that the hub's CA did not sign, over since yesterday."""
    key = serialization.load_pem_private_key(identity.channel_key_pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "expired")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=8))
        .not_valid_after(now - timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)
