"""The SDK goes by the newest list of revocations only, and shares nothing without a fresh one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zongheng_protos import errors
from zongheng_sdk.client import Hub
from zongheng_sdk.revocations import REVOCATIONS
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.revocation import Snapshot, sign_snapshot

ROWS = "card,name\n14010519900101123X,王小明\n".encode()


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        running.enrol("140105")
        yield running


def granted(local: LocalHub, owner: Hub, grantee: Hub, folder: Path) -> tuple[str, Path]:
    """A grant of owner's to grantee, and the data it is about."""
    source = folder / "rows.csv"
    source.write_bytes(ROWS)
    dataset = owner.sharing.offer("低保名单", source=source)
    asked = grantee.sharing.request(dataset.id, purpose="低保资格比对", fields=["name"])
    return owner.sharing.grant(asked.id, fields=["name"], max_uses=3).grant_id, source


def test_the_list_is_kept_beside_the_identity_and_only_goes_on(local: LocalHub) -> None:
    county = local.enrol("140105")
    first = county.revocations.latest()
    assert county.folder is not None
    kept = county.folder / REVOCATIONS
    assert kept.read_bytes() == first.envelope
    grant_id, _ = granted(local, county, local.enrol("140106"), county.folder)
    ended = county.revocations.revoke_grant(grant_id, reason="policy")
    second = county.revocations.latest()
    assert (second.number, ended.number) == (ended.number, second.number)
    assert second.number > first.number
    assert kept.read_bytes() == second.envelope
    with pytest.raises(errors.GrantRevoked):
        second.check_grant(grant_id)


def test_nothing_is_delivered_or_fetched_under_a_grant_that_was_taken_back(
    local: LocalHub, tmp_path: Path
) -> None:
    owner, grantee = local.enrol("140105"), local.enrol("140106")
    grant_id, source = granted(local, owner, grantee, tmp_path)
    parcel = owner.sharing.deliver(grant_id, source).parcel_id
    grantee.sharing.fetch(parcel)
    owner.revocations.revoke_grant(grant_id, reason="policy")
    owner.revocations.latest()
    with pytest.raises(errors.GrantRevoked):
        owner.sharing.deliver(grant_id, source)
    with pytest.raises(errors.GrantRevoked):
        grantee.sharing.fetch(parcel)
    with pytest.raises(errors.NotRelated):
        grantee.revocations.revoke_grant(grant_id, reason="policy")


def test_nothing_is_sealed_to_a_revoked_unit_though_the_hub_still_shows_its_credential(
    local: LocalHub, tmp_path: Path
) -> None:
    owner, grantee = local.enrol("140105"), local.enrol("140107")
    grant_id, source = granted(local, owner, grantee, tmp_path)
    shown = owner.tenancy.credential(grantee.identity.tenant)
    held = grantee.revocations.credentials()
    local.province.revocations.revoke_credential(held.credentials[0].id, reason="compromised")
    latest = owner.revocations.latest()
    with pytest.raises(errors.CredentialRevoked):
        latest.check_credential(shown)
    with pytest.raises(errors.ZonghengError):
        owner.sharing.deliver(grant_id, source)


def test_without_a_fresh_list_nothing_is_shared(
    local: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, grantee = local.enrol("140105"), local.enrol("140106")
    grant_id, source = granted(local, owner, grantee, tmp_path)
    latest = owner.revocations.latest()
    session: Any = owner.sharing._session
    monkeypatch.setattr(session, "now_ms", lambda: latest.next_ms)  # the hub shows nothing newer
    for call in (
        lambda: owner.sharing.deliver(grant_id, source),
        lambda: grantee_fetch(local, latest, monkeypatch),
    ):
        with pytest.raises(errors.RevocationsStale):
            call()


def grantee_fetch(local: LocalHub, latest: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    grantee = local.enrol("140106")
    grantee.revocations.latest()
    session: Any = grantee.sharing._session
    monkeypatch.setattr(session, "now_ms", lambda: latest.next_ms + 3_600_000)
    grantee.sharing.fetch("p_none")


def test_a_list_that_was_put_back_or_split_is_refused(local: LocalHub, tmp_path: Path) -> None:
    county = local.enrol("140105")
    latest = county.revocations.latest()
    signer = _province_console(local)
    now_ms = int(time.time() * 1000)

    def made(number: int) -> bytes:
        return sign_snapshot(
            hub_id=latest.hub_id,
            revoked=[],
            previous=None,
            number=number,
            key=signer,
            now_ms=now_ms,
        )

    other = tmp_path / "unit"
    assert county.folder is not None
    shutil.copytree(county.folder, other)
    (other / REVOCATIONS).write_bytes(made(latest.number + 5))  # what this unit has seen before
    with Hub.open(other, operator="王小明") as opened:
        book = opened._revoked
        known, _ = book.known(opened.identity)
        for envelope in (made(latest.number + 4), latest.envelope):
            with pytest.raises(errors.RevocationsForked):
                book.keep([envelope], known, opened.identity, now_ms)
        assert (other / REVOCATIONS).read_bytes() == made(latest.number + 5)
        with pytest.raises(errors.SignatureInvalid):
            book.keep([_signed_by_county(county, latest)], known, opened.identity, now_ms)


def _province_console(local: LocalHub) -> Any:
    from zongheng_hub.tenancy.console_keys import ConsoleKeys

    master = (local.folder / "hub" / "keys" / "console.key").read_bytes()
    return ConsoleKeys(master).key_of(local.province.identity.tenant)


def _signed_by_county(county: Hub, latest: Snapshot) -> bytes:
    return sign_snapshot(
        hub_id=latest.hub_id,
        revoked=[],
        previous=None,
        number=latest.number + 9,
        key=county.identity.signing(),
        now_ms=latest.issued_ms,
    )


def test_a_unit_sees_how_its_credential_keys_and_channels_stand(local: LocalHub) -> None:
    county = local.enrol("140105")
    held = county.revocations.credentials()
    (credential,) = held.credentials
    assert credential.standing == "active"
    assert {key.use for key in credential.keys} == {"signing", "sealing", "console"}
    assert len(held.channels) == 1
    shown = local.province.revocations.preview(credential.id)
    assert (shown.tenant_id, shown.units_below) == (county.identity.tenant, 0)
    with pytest.raises(errors.Invalid, match="reason"):
        county.revocations.revoke_credential(credential.id, reason="whim")  # type: ignore[arg-type]  # no reason
