"""A unit that lost its keys comes back under its id; a hub runs without the root's private key."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from zongheng_hub.testing import start
from zongheng_protos.errors import CredentialRevoked, FileInTheWay, ZonghengError
from zongheng_sdk import Hub
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.identity_file import read_identity
from zongheng_sdk.rotating import begin_rotation
from zongheng_sdk.testing import LocalHub

CITY, COUNTY, TOWN = "140100", "140105", "140105001"
OPERATOR = "测试员"


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "hub") as running:
        yield running


def test_a_county_that_lost_its_keys_keeps_id_and_history(lite: LocalHub, tmp_path: Path) -> None:
    city, county, town = lite.enrol(CITY), lite.enrol(COUNTY), lite.enrol(TOWN)
    filed = county.needs.file(kind="training", title="网格员操作培训")
    held = city.revocations.credentials(county.identity.tenant).credentials[0]

    city.revocations.revoke_credential(held.id, reason="lost")
    with pytest.raises(ZonghengError):
        county.needs.file(kind="training", title="吊销之后不能报送")
    with pytest.raises(ZonghengError):
        town.tenancy.tenant(code=TOWN)

    pending = begin_enrolment(city.tenancy.invite(COUNTY), tmp_path / "again")
    city.tenancy.approve(pending.enrolment_id)
    path = pending.collect()
    assert path is not None
    with Hub.open(path, operator=OPERATOR) as again:
        assert again.identity.tenant == county.identity.tenant
        assert filed.id in {need.id for need in again.needs.list()}
        again.needs.file(kind="training", title="重新入网照常报送")
        (issued,) = again.tenancy.reissue_all()
        assert issued.tenant.code == TOWN
        time.sleep(1.1)
        town.tenancy.tenant(code=TOWN)


def lost_and_invited(lite: LocalHub) -> tuple[Path, str]:
    """The folder of a county whose credential was revoked, and its new invitation."""
    city, county = lite.enrol(CITY), lite.enrol(COUNTY, passphrase="vier alte Worte da")
    folder = county.folder
    assert folder is not None
    held = city.revocations.credentials(county.identity.tenant).credentials[0]
    city.revocations.revoke_credential(held.id, reason="lost")
    return folder, city.tenancy.invite(COUNTY)


def test_a_unit_comes_back_in_its_own_folder_and_the_old_identity_is_kept_aside(
    lite: LocalHub,
) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY, passphrase="vier alte Worte da")
    folder = county.folder
    assert folder is not None
    begin_rotation(folder, operator=OPERATOR)  # never signed for: its keys go with the revocation
    county.tenancy.invite(TOWN)
    folder, invitation = lost_and_invited(lite)
    old = (folder / "identity.json").read_bytes()

    pending = begin_enrolment(invitation, folder, passphrase="vier neue Worte hier")
    assert pending.collect() is None
    assert (folder / "identity.json").read_bytes() == old  # nothing is replaced before it holds
    city.tenancy.approve(pending.enrolment_id)
    assert pending.collect() == folder / "identity.json"
    assert pending.replaced.read_bytes() == old
    assert not (folder / "rotation.json").exists()
    assert not (folder / "enrolment.json").exists()

    time.sleep(1.1)
    county.needs.file(kind="training", title="开着的程序换用新钥匙")
    with Hub.open(folder, operator=OPERATOR, passphrase="vier neue Worte hier") as again:
        assert again.tenancy.invite(TOWN).startswith("zh1.")


def test_a_unit_that_was_revoked_keeps_no_keys_that_wait(lite: LocalHub) -> None:
    folder, _ = lost_and_invited(lite)
    with pytest.raises(CredentialRevoked):
        begin_rotation(folder, operator=OPERATOR)
    assert not (folder / "rotation.json").exists()


def test_another_units_identity_is_never_replaced(lite: LocalHub) -> None:
    folder, invitation = lost_and_invited(lite)
    other = lite.enrol("140106").folder
    assert other is not None
    theirs = (other / "identity.json").read_bytes()
    pending = begin_enrolment(invitation, other)
    lite.enrol(CITY).tenancy.approve(pending.enrolment_id)
    with pytest.raises(FileInTheWay, match="another unit"):
        pending.collect()
    assert (other / "identity.json").read_bytes() == theirs

    (other / "identity.json").rename(other / "theirs.json")  # as the message says
    again = begin_enrolment(invitation, other)
    path = again.collect()
    assert path is not None
    assert read_identity(path).tenant == lite.enrol(COUNTY).identity.tenant
    assert folder != other


def test_what_is_no_identity_of_this_province_stays_and_the_invitation_is_not_spent(
    lite: LocalHub, tmp_path: Path
) -> None:
    invitation = lite.invite(CITY)
    for text in (
        "{}",
        "\0",
        '{"tenant": "t_x", "web_address": "", "log_vkey": "", "root_fingerprint": "00"}',
    ):
        (tmp_path / "identity.json").write_text(text, encoding="utf-8")
        with pytest.raises(FileInTheWay, match="--folder"):
            begin_enrolment(invitation, tmp_path)
    assert (tmp_path / "identity.json").read_text(encoding="utf-8") == text
    pending = begin_enrolment(invitation, tmp_path / "elsewhere")
    assert pending.enrolment_id


def test_a_hub_whose_root_was_founded_elsewhere_runs_without_its_private_key(
    tmp_path: Path,
) -> None:
    with LocalHub(tmp_path / "offline") as ceremony:
        kept = tmp_path / "stick"
        kept.mkdir()
        shutil.copy(_identity_of(ceremony), kept / "identity.json")
    served = tmp_path / "served"
    shutil.copytree(
        tmp_path / "offline" / "hub", served, ignore=shutil.ignore_patterns("province", "*.lock")
    )

    running = start(served)
    try:
        assert not (served / "province").exists()
        root = read_identity(kept)
        secrets = (root.signing_key, root.sealing_key)
        for file in served.rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                assert not any(secret in content for secret in secrets), file
        moved = replace(root, web_address=running.web_address, grpc_address=running.grpc_address)
        with Hub.open(moved, operator=OPERATOR) as province:
            pending = begin_enrolment(province.tenancy.invite(CITY), tmp_path / "city")
            province.tenancy.approve(pending.enrolment_id)
            assert pending.collect() is not None
    finally:
        running.stop()


def _identity_of(local: LocalHub) -> Path:
    return local.folder / "hub" / "province" / "identity.json"
