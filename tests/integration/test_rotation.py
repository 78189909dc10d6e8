"""Keys change with no failed call, parents sign anew: over real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from zongheng_protos.errors import (
    EnrolmentRejected,
    Exists,
    SignatureInvalid,
    StateConflict,
    ZonghengError,
)
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_sdk import Hub
from zongheng_sdk.identity_file import read_identity
from zongheng_sdk.rotating import begin_rotation
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.credential import verify_chain

CITY, COUNTY, OTHER, TOWN = "140100", "140105", "140106", "140105001"
OPERATOR = "测试员"


@pytest.fixture(params=["sqlite", "postgresql"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalHub]:
    options = {}
    if request.param == "postgresql":
        options["database"] = request.getfixturevalue("postgresql_url")
    with LocalHub(tmp_path / "hub", **options) as running:
        yield running


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "hub") as running:
        yield running


def file_of(hub: Hub) -> Path:
    assert hub.folder is not None
    return hub.folder / "identity.json"


def test_keys_change_under_load_and_no_call_fails(local: LocalHub) -> None:
    city, county = local.enrol(CITY), local.enrol(COUNTY)
    path = file_of(county)
    before = county.identity
    failures: list[BaseException] = []
    calls = [0] * 8
    stop = threading.Event()

    def keep_calling(place: int) -> None:
        while not stop.is_set():
            try:
                if place % 2:
                    county.tenancy.tenant(code=COUNTY)
                else:
                    county.needs.file(kind="training", title="换钥期间照常报送")
            except BaseException as error:
                failures.append(error)
                return
            calls[place] += 1

    callers = [threading.Thread(target=keep_calling, args=(place,)) for place in range(8)]
    for caller in callers:
        caller.start()
    time.sleep(0.5)
    pending = begin_rotation(path, operator=OPERATOR)
    (waiting,) = city.tenancy.enrolments()
    assert waiting.rotates
    assert waiting.fingerprint == pending.fingerprint
    city.tenancy.approve(waiting)
    assert pending.collect() is not None
    deadline = time.monotonic() + 30
    while county.identity.signing_key == before.signing_key and time.monotonic() < deadline:
        time.sleep(0.1)
    switched = list(calls)
    time.sleep(1.0)
    stop.set()
    for caller in callers:
        caller.join()

    assert failures == []
    assert county.identity.signing_key != before.signing_key
    assert county.identity.channel_pem != before.channel_pem
    assert all(after > at for after, at in zip(calls, switched, strict=True))


def test_the_old_key_the_new_key_and_no_key(lite: LocalHub) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY)
    old = county.identity
    pending = county.rotate()
    city.tenancy.approve(pending.enrolment_id)
    new = pending.collect()
    assert new is not None

    for identity in (old, new):
        with Hub.open(identity, operator=OPERATOR) as hub:
            hub.needs.file(kind="training", title="新旧钥匙都能用")
    neither = replace(new, signing_key=lite.enrol(OTHER).identity.signing_key)
    with Hub.open(neither, operator=OPERATOR) as hub, pytest.raises(ZonghengError):
        hub.needs.file(kind="training", title="别人的钥匙不行")


def test_an_interrupted_rotation_goes_on_with_the_same_keys(lite: LocalHub) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY)
    first = county.rotate()
    again = begin_rotation(file_of(county), operator=OPERATOR)

    assert (again.enrolment_id, again.fingerprint) == (first.enrolment_id, first.fingerprint)
    assert again.collect() is None
    city.tenancy.approve(again.enrolment_id)
    assert again.collect() is not None
    assert not (file_of(county).parent / "rotation.json").exists()


def test_a_rotation_that_is_rejected_leaves_the_old_keys(lite: LocalHub) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY)
    pending = county.rotate()
    city.tenancy.reject(pending.enrolment_id, reason="电话核对不符")

    with pytest.raises(EnrolmentRejected, match="电话核对不符"):
        pending.collect()
    with pytest.raises(ZonghengError):
        city.tenancy.approve(pending.enrolment_id)
    county.needs.file(kind="training", title="换钥之后照常报送")
    (settled,) = (e for e in city.tenancy.enrolments(with_settled=True) if e.rotates)
    assert (settled.state, settled.reason) == ("rejected", "电话核对不符")


def test_a_hub_that_swaps_the_keys_of_a_rotation_is_found_out(lite: LocalHub) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY)
    other = lite.enrol(OTHER)
    county.rotate()
    (waiting,) = city.tenancy.enrolments()
    forged = replace(
        waiting,
        handed_in=replace(waiting.handed_in, signing_key=other.identity.signing().public),
    )

    with pytest.raises(ZonghengError, match="do not sign"):
        city.tenancy.approve(forged)
    elsewhere = replace(waiting.handed_in, tenant_id=other.identity.tenant)
    with pytest.raises(SignatureInvalid):
        city.tenancy.approve(replace(waiting, tenant_id=other.identity.tenant, handed_in=elsewhere))


def test_the_province_has_nobody_above_to_sign_for_new_keys(lite: LocalHub) -> None:
    with pytest.raises(StateConflict):
        lite.province.rotate()


def test_parcels_sealed_to_the_key_before_still_open(lite: LocalHub, tmp_path: Path) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY)
    source = tmp_path / "rows.csv"
    source.write_text("code,name\n1,甲\n2,乙\n", encoding="utf-8")
    dataset = city.sharing.offer("单位名录", source=source)
    asked = county.sharing.request(dataset.id, purpose="核对名称", fields=["name"])
    granted = city.sharing.grant(asked.id, fields={"name": "none"}, max_uses=4)
    parcel = city.sharing.deliver(granted.grant_id, source)
    for unit, parent in ((county, city), (city, lite.province)):
        pending = unit.rotate()
        parent.tenancy.approve(pending.enrolment_id)
        pending.collect()
    time.sleep(1.1)

    fetched = county.sharing.fetch(parcel.parcel_id)

    assert fetched.parcel.rows == 2
    assert county.identity.earlier_sealing_keys
    # and under a grant that the owner signed with its key before, newly sealed to the new one
    again = city.sharing.deliver(granted.grant_id, source)
    assert county.sharing.fetch(again.parcel_id).parcel.rows == 2


def test_reissue_gives_children_the_new_chain_with_nothing_done_by_them(lite: LocalHub) -> None:
    city, county = lite.enrol(CITY), lite.enrol(COUNTY)
    pending = city.rotate()
    lite.province.tenancy.approve(pending.enrolment_id)
    pending.collect()
    time.sleep(1.1)

    issued = city.tenancy.reissue_all()
    assert [one.tenant.code for one in issued] == [COUNTY]

    county.renew()
    assert county.identity.chain[-1] == issued[0].envelope
    assert county.identity.chain[-2] == city.identity.chain[-1]
    assert read_identity(file_of(county)).chain == county.identity.chain
    county.needs.file(kind="training", title="换钥之后照常报送")
    credential = verify_chain(
        county.identity.chain, root_fingerprint=county.identity.root_fingerprint, at_ms=None
    )
    key = credential.key_for(credential_pb2.KEY_USE_SIGNING)
    assert key.public == county.identity.signing().public


def test_an_enrolled_unit_is_not_invited_over_its_keys(lite: LocalHub) -> None:
    lite.enrol(COUNTY)
    with pytest.raises(Exists):
        lite.enrol(CITY).tenancy.invite(COUNTY)
