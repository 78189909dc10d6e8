"""The channel CA changes under units that go on calling; nobody enrols anew, nobody is cut off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zongheng_hub.channel_cas import ca_state, load_cas, retire, rotate, switch
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.settings import Settings
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_protos.errors import (
    ClockSkew,
    CredentialForeign,
    Exists,
    SignatureInvalid,
    StateConflict,
    Unavailable,
)
from zongheng_sdk import Hub
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.channel_authorities import read_authorities, sign_authorities
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.suites import INTL_1, suite_of

NOW = timedelta()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "hub")


def certificates(pem: bytes) -> int:
    return pem.count(b"BEGIN CERTIFICATE")


def reaches(hub: Hub) -> bool:
    return hub.tenancy.tenant(code="140100").enrolled


def test_units_pass_through_all_steps_with_no_failed_call(
    local: LocalHub, settings: Settings
) -> None:
    city = local.enrol("140100")
    before = city.identity.ca_pem

    with local.away():
        rotate(settings)
    assert reaches(city)  # the hub's certificate is still the old CA's
    city.renew()
    local.province.renew()
    assert certificates(city.identity.ca_pem) == 2

    with local.away():
        switch(settings, after=NOW)
    assert reaches(city)
    county = local.enrol("140105")
    assert before not in county.identity.ca_pem

    with local.away():
        retire(settings, after=NOW)
    for unit in (city, county, local.province):
        assert reaches(unit)
    city.renew()
    assert certificates(city.identity.ca_pem) == 1
    assert city.identity.ca_pem != before
    assert ca_state(settings).step == "steady"


def test_a_unit_that_slept_through_the_change_renews_and_is_back(
    local: LocalHub, settings: Settings
) -> None:
    city = local.enrol("140100")
    with local.away():
        rotate(settings)
    with local.away():
        switch(settings, after=NOW)
    with local.away():
        retire(settings, after=NOW)

    with Hub.open(city.identity, operator="测试员", timeout=2) as late:
        with pytest.raises(Unavailable):
            reaches(late)
        late.renew()
        assert reaches(late)


def test_steps_come_in_order_and_in_their_time(local: LocalHub, settings: Settings) -> None:
    with pytest.raises(StateConflict, match="first zongheng-hub ca rotate"):
        switch(settings)
    with pytest.raises(StateConflict, match="first zongheng-hub ca switch"):
        retire(settings)
    rotate(settings)
    with pytest.raises(Exists, match="under way"):
        rotate(settings)
    with pytest.raises(StateConflict, match="cut off"):
        switch(settings)
    assert ca_state(settings).step == "rotating"


def test_a_ca_that_cannot_be_read_keeps_the_hub_from_starting(
    local: LocalHub, settings: Settings
) -> None:
    rotate(settings)
    folder = DataFolder(settings.data)
    good = folder.secret("ca.next.key.pem")
    stranger = ChannelAuthority.create(hub_id="h_x", name="x", now_ms=int(time.time() * 1000))
    folder.make_secret("ca.next.key.pem", stranger.private_pem())
    with pytest.raises(ValueError, match="do not belong together"):
        load_cas(folder)
    folder.make_secret("ca.next.key.pem", good)
    assert certificates(load_cas(folder).trusted) == 2


def test_a_ca_that_is_about_to_end_is_told(local: LocalHub, settings: Settings) -> None:
    cas = load_cas(DataFolder(settings.data))
    ends = ca_state(settings).ends
    assert cas.alarm(datetime.now(UTC)) == ""
    assert "zongheng-hub ca rotate" in cas.alarm(ends - timedelta(days=89))


def root_of(local: LocalHub) -> Credential:
    identity = local.province.identity
    return verify_chain(identity.chain[:1], root_fingerprint=identity.root_fingerprint, at_ms=None)


def test_nobody_on_the_way_slips_a_ca_of_their_own_in(local: LocalHub) -> None:
    root, hub_id, now_ms = root_of(local), local.province.identity.hub_id, int(time.time() * 1000)
    thief = suite_of(INTL_1).new_signing()
    forged = sign_authorities(hub_id=hub_id, pem=b"mine", key=thief, now_ms=now_ms)
    with pytest.raises(SignatureInvalid):
        read_authorities(forged, root=root, hub_id=hub_id, now_ms=now_ms)


def test_what_was_said_of_the_cas_before_or_elsewhere_does_not_count(
    local: LocalHub, settings: Settings
) -> None:
    identity, now_ms = local.province.identity, int(time.time() * 1000)
    held = ConsoleKeys(DataFolder(settings.data).secret("console.key")).key_of(identity.tenant)
    said = sign_authorities(hub_id=identity.hub_id, pem=b"pem", key=held, now_ms=now_ms)
    root = root_of(local)

    assert read_authorities(said, root=root, hub_id=identity.hub_id, now_ms=now_ms) == b"pem"
    with pytest.raises(ClockSkew):
        read_authorities(said, root=root, hub_id=identity.hub_id, now_ms=now_ms + 300_001)
    with pytest.raises(CredentialForeign):
        read_authorities(said, root=root, hub_id="h_other", now_ms=now_ms)
