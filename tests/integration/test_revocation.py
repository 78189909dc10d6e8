"""Revocation over real sockets: within a second, on open connections, at every replica."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.running_hub import RawClient, as_zongheng, client_of
from tests.integration.tenancy_house import csr_of
from zongheng_hub.tenancy import ca
from zongheng_hub.tenancy.ca import ChannelAuthority, channel_identity
from zongheng_hub.testing import RunningHub, start
from zongheng_protos import errors
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tenancy.v1 import tree_pb2 as tree_pb
from zongheng_sdk.client import Hub
from zongheng_sdk.enrolling import begin_enrolment
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.identity import Identity
from zongheng_tenants.revocation import follow, read_snapshot

REVOCATION = "/zongheng.tenancy.v1.RevocationService/"
GET_TENANT = "/zongheng.tenancy.v1.TenancyService/GetTenant"
FILE_NEED = "/zongheng.needs.v1.NeedsService/FileNeed"
NEED = needs.FileNeedRequest(
    kind=needs.NEED_KIND_DATA, title="没有户表数据", urgency=needs.URGENCY_NORMAL
)
LOST = pb.REVOCATION_REASON_LOST


@pytest.fixture
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        yield running


@pytest.fixture
def province(local: LocalHub) -> Iterator[RawClient]:
    with client_of(local.province.identity) as client:
        yield client


@pytest.fixture
def county(local: LocalHub) -> Iterator[RawClient]:
    with client_of(local.enrol("140105").identity) as client:
        yield client


def credential_of(identity: Identity) -> Credential:
    root = identity.root_fingerprint
    return verify_chain(identity.chain, root_fingerprint=root, at_ms=None)


def revoke(by: RawClient, credential_id: str) -> pb.RevokeReply:
    request = pb.RevokeCredentialRequest(credential_id=credential_id, reason=LOST)
    return pb.RevokeReply.FromString(by.call(REVOCATION + "RevokeCredential", request))


def read_own(client: RawClient) -> bytes:
    request = tenancy.GetTenantRequest(tenant_id=client.identity.tenant)
    return client.call(GET_TENANT, request, signed=False)


class Listening:
    """A stream that is open and silent, read on a thread of its own."""

    def __init__(self, client: RawClient, since: int) -> None:
        stream: Any = client.channel.unary_stream(REVOCATION + "WatchRevocations")
        self.received: list[bytes] = []
        self.error: errors.ZonghengError | None = None
        self.ended_at = 0.0
        request = pb.GetRevocationsRequest(since=since)
        self._call = stream(request.SerializeToString(), timeout=60)
        self._call.initial_metadata  # noqa: B018  # opened
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            self.received.extend(self._call)
        except grpc.RpcError as error:
            self.error = as_zongheng(error)
        self.ended_at = time.monotonic()

    def join(self) -> None:
        self._thread.join(20)
        assert self.ended_at, "the stream did not end"

    def close(self) -> None:
        self._call.cancel()
        self._thread.join(20)


def newest(client: RawClient) -> int:
    reply = client.call(REVOCATION + "GetRevocations", pb.GetRevocationsRequest(), signed=False)
    root = credential_of(replace(client.identity, chain=client.identity.chain[:1]))
    envelope = pb.GetRevocationsReply.FromString(reply).snapshots[-1]
    return read_snapshot(envelope, root=root, hub_id=client.identity.hub_id).number


def wait_for(what: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


def test_a_silent_stream_ends_within_a_second_of_its_unit_being_revoked(
    province: RawClient, county: RawClient
) -> None:
    listening = Listening(county, newest(county))
    time.sleep(0.3)
    began = time.monotonic()
    revoke(province, credential_of(county.identity).id)
    listening.join()
    took = listening.ended_at - began
    print(f"revoked mid-stream: ended after {took * 1000:.0f} ms")
    assert took < 1
    assert isinstance(listening.error, errors.CredentialRevoked), listening.error


def test_a_revoked_unit_and_all_below_it_are_refused_on_open_connections(
    local: LocalHub, province: RawClient, county: RawClient
) -> None:
    with client_of(local.enrol("140100").identity) as city:
        read_own(county)
        preview = pb.PreviewRevocationReply.FromString(
            province.call(
                REVOCATION + "PreviewRevocation",
                pb.PreviewRevocationRequest(credential_id=credential_of(city.identity).id),
            )
        )
        assert (preview.tenant_id, preview.units_below) == (city.identity.tenant, 1)
        revoke(province, credential_of(city.identity).id)
        for client in (city, county):
            with pytest.raises(errors.CredentialRevoked):
                read_own(client)
            with pytest.raises(errors.CredentialRevoked):
                client.call(FILE_NEED, NEED)


def test_a_suspended_unit_ends_too_and_goes_on_once_resumed(
    province: RawClient, county: RawClient
) -> None:
    tree = "/zongheng.tenancy.v1.TreeService/"
    tenant = county.identity.tenant
    basis = tree_pb.Basis(legal_basis="晋政发〔2026〕1号")
    listening = Listening(county, newest(county))
    time.sleep(0.3)
    began = time.monotonic()
    suspend = tree_pb.SuspendTenantRequest(tenant_id=tenant, basis=basis)
    province.call(tree + "SuspendTenant", suspend)
    listening.join()
    print(f"suspended mid-stream: ended after {(listening.ended_at - began) * 1000:.0f} ms")
    assert listening.ended_at - began < 1
    assert isinstance(listening.error, errors.TenantSuspended), listening.error
    with pytest.raises(errors.TenantSuspended, match="小店区"):
        read_own(county)
    resume = tree_pb.ResumeTenantRequest(tenant_id=tenant, basis=basis)
    province.call(tree + "ResumeTenant", resume)
    time.sleep(0.6)
    read_own(county)


def test_a_unit_revokes_itself_and_nobody_beside_or_below_does(
    local: LocalHub, county: RawClient
) -> None:
    with client_of(local.enrol("140106").identity) as sister:
        with pytest.raises(errors.NotRelated):
            revoke(sister, credential_of(county.identity).id)
        with pytest.raises(errors.NotRelated):
            revoke(county, credential_of(local.enrol("140100").identity).id)
    reply = revoke(county, credential_of(county.identity).id)
    assert [one.tenant_id for one in reply.revoked] == [county.identity.tenant]
    with pytest.raises(errors.CredentialRevoked):
        read_own(county)


def test_the_root_cannot_be_revoked_through_the_hub(province: RawClient) -> None:
    root = credential_of(province.identity)
    with pytest.raises(errors.StateConflict, match="root"):
        revoke(province, root.id)
    for key in root.keys:
        with pytest.raises(errors.StateConflict, match="root"):
            province.call(REVOCATION + "RevokeKey", pb.RevokeKeyRequest(key_id=key, reason=LOST))


def test_a_revoked_key_signs_nothing_more_and_the_channel_still_reads(
    province: RawClient, county: RawClient
) -> None:
    request = pb.RevokeKeyRequest(key_id=county.identity.signing().id, reason=LOST)
    province.call(REVOCATION + "RevokeKey", request)
    with pytest.raises(errors.KeyRevoked):
        county.call(FILE_NEED, NEED)
    read_own(county)
    with pytest.raises(errors.StateConflict, match="already"):
        province.call(REVOCATION + "RevokeKey", request)


def test_a_revoked_channel_certificate_is_refused_and_renewal_helps(
    local: LocalHub, province: RawClient, county: RawClient
) -> None:
    serial = f"{channel_identity(county.identity.channel_pem).serial:x}"
    listed = pb.ListCredentialsReply.FromString(
        province.call(
            REVOCATION + "ListCredentials",
            pb.ListCredentialsRequest(tenant_id=county.identity.tenant),
        )
    )
    assert [one.serial for one in listed.channels] == [serial]
    province.call(REVOCATION + "RevokeChannel", pb.RevokeChannelRequest(serial=serial, reason=LOST))
    with pytest.raises(errors.ChannelRevoked):
        read_own(county)
    hub = local.enrol("140105")
    hub.renew()  # signed with the unit's key, over plain HTTP
    assert hub.tenancy.tenant(hub.identity.tenant).enrolled


def test_a_revoked_unit_is_invited_and_enrols_again_with_new_keys(
    local: LocalHub, province: RawClient, county: RawClient
) -> None:
    revoke(province, credential_of(county.identity).id)
    city = local.enrol("140100")
    assert not city.tenancy.tenant(county.identity.tenant).enrolled
    pending = begin_enrolment(city.tenancy.invite("140105"), local.folder / "again")
    city.tenancy.approve(pending.enrolment_id)
    path = pending.collect()
    assert path is not None
    with Hub.open(path, operator="王小明") as again:
        assert again.tenancy.tenant(again.identity.tenant).enrolled
        again.needs.file(kind="data", title="没有户表数据")
    # Whoever holds the old file neither acts nor reads in the unit's name.
    with pytest.raises(errors.ChannelRevoked):
        county.call(FILE_NEED, NEED)
    with pytest.raises(errors.ChannelRevoked):
        county.call(
            "/zongheng.needs.v1.NeedsService/ListNeeds", needs.ListNeedsRequest(), signed=False
        )


def test_an_expired_certificate_ends_open_streams_and_calls_on_its_open_connection(
    local: LocalHub, county: RawClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = short_lived(local, county.identity, monkeypatch, seconds=4)
    with client_of(short) as client:
        read_own(client)
        listening = Listening(client, newest(client))
        ends = channel_identity(short.channel_pem).not_after_ms / 1000
        listening.join()
        late = time.time() - ends
        print(f"expired mid-stream: ended {late * 1000:.0f} ms after the certificate")
        assert isinstance(listening.error, errors.ChannelExpired), listening.error
        assert 0 <= late < 1
        with pytest.raises(errors.ChannelExpired):
            read_own(client)


def short_lived(
    local: LocalHub, identity: Identity, monkeypatch: pytest.MonkeyPatch, *, seconds: int
) -> Identity:
    keys = local.folder / "hub" / "keys"
    authority = ChannelAuthority.load(
        (keys / "ca.key.pem").read_bytes(), (keys / "ca.pem").read_bytes()
    )
    monkeypatch.setattr(ca, "CHANNEL_LIFE", timedelta(seconds=seconds))
    key = ec.generate_private_key(ec.SECP256R1())
    now_ms = int(time.time() * 1000)
    pem = authority.issue_channel_certificate(csr_of(key), identity.hub_id, identity.tenant, now_ms)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return replace(identity, channel_pem=pem, channel_key_pem=private)


def test_every_snapshot_is_pushed_at_once_and_follows_the_one_before(
    local: LocalHub, province: RawClient, county: RawClient
) -> None:
    with client_of(local.enrol("140106").identity) as sister:
        listening = Listening(sister, 0)
        wait_for(lambda: len(listening.received) == 1)
        revoke(province, credential_of(county.identity).id)
        wait_for(lambda: len(listening.received) == 2, 1)
        listening.close()
    root = credential_of(province.identity)
    known = None
    for reply in map(pb.GetRevocationsReply.FromString, listening.received):
        for envelope in reply.snapshots:
            shown = read_snapshot(envelope, root=root, hub_id=province.identity.hub_id)
            known = follow(known, shown, now_ms=int(time.time() * 1000))
    assert known is not None
    ended = {(one.kind, one.reason) for one in known.revoked.values()}
    assert ended == {(pb.REVOKED_KIND_CREDENTIAL, LOST), (pb.REVOKED_KIND_CHANNEL, LOST)}
    assert (pb.REVOKED_KIND_CREDENTIAL, credential_of(county.identity).id) in known.revoked


def test_a_revocation_at_one_replica_ends_streams_at_another_within_a_second(
    tmp_path: Path, postgresql_url: str
) -> None:
    with LocalHub(tmp_path, database=postgresql_url) as local:
        county = local.enrol("140105").identity
        other = replica(tmp_path, postgresql_url)
        try:
            moved = replace(county, grpc_address=other.grpc_address)
            with client_of(local.province.identity) as province, client_of(moved) as client:
                listening = Listening(client, newest(client))
                time.sleep(0.3)
                revoke(province, credential_of(county).id)
                began = time.monotonic()
                listening.join()
                took = listening.ended_at - began
                print(f"revoked at the other replica: ended after {took * 1000:.0f} ms")
                assert took < 1
                assert isinstance(listening.error, errors.CredentialRevoked)
                with pytest.raises(errors.CredentialRevoked):
                    read_own(client)
        finally:
            other.stop()


def replica(folder: Path, database: str) -> RunningHub:
    """A second hub on the same database, with the same keys."""
    shutil.copytree(folder / "hub", folder / "replica", ignore=shutil.ignore_patterns("lock"))
    return start(folder / "replica", database=database)
