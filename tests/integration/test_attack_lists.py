"""What one unit piles up neither breaks a list for others nor fills the disk unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.running_hub import RawClient, client_of
from zongheng_protos.errors import Quota
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.ids import new_id

SERVICE = "/zongheng.sharing.v1.SharingService/"
OWNER, GRANTEE = "140105", "140106"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        yield running


@pytest.fixture
def owner(local: LocalHub) -> Iterator[RawClient]:
    with client_of(local.enrol(OWNER).identity) as client:
        yield client


def test_a_catalogue_of_more_than_one_message_is_read_page_by_page(
    local: LocalHub, owner: RawClient
) -> None:
    shared = pb.SHARING_CLASS_CONDITIONAL
    fields = [
        pb.Field(name=f"field{n:03}" + "名" * 50, title="标题" * 30, sharing_class=shared)
        for n in range(200)
    ]
    offers = [pb.OfferDatasetRequest(title=f"数据集{n}", fields=fields) for n in range(60)]
    ids = [
        pb.OfferDatasetReply.FromString(owner.call(f"{SERVICE}OfferDataset", offer)).dataset.id
        for offer in offers
    ]
    seen = [dataset.id for dataset in local.enrol(GRANTEE).sharing.datasets()]
    assert [one for one in seen if one in ids] == ids
    first = pb.ListDatasetsReply.FromString(
        owner.call(f"{SERVICE}ListDatasets", pb.ListDatasetsRequest(), signed=False)
    )
    assert first.next_page_token and first.ByteSize() < 2_000_000


def test_requests_past_one_page_are_all_found(local: LocalHub) -> None:
    dataset = local.enrol(OWNER).sharing.offer("低收入家庭", fields=["name"], rows=1)
    grantee = local.enrol(GRANTEE)
    asked = [
        grantee.sharing.request(dataset.id, purpose=f"第{n}次核对", fields=["name"]).id
        for n in range(230)
    ]
    assert [one.id for one in local.enrol(OWNER).sharing.requests() if one.id in asked] == asked


def test_parcels_that_are_begun_and_never_delivered_are_limited(
    local: LocalHub, owner: RawClient
) -> None:
    dataset = local.enrol(OWNER).sharing.offer("残疾人名单", fields=["name"], rows=1)
    asked = local.enrol(GRANTEE).sharing.request(dataset.id, purpose="核对补贴", fields=["name"])
    granted = local.enrol(OWNER).sharing.grant(asked.id, fields={"name": "none"})
    parcels = [new_id("p") for _ in range(5)]
    for parcel in parcels[:4]:
        owner.call(f"{SERVICE}PutChunk", chunk(granted.grant_id, parcel, 0), signed=False)
    with pytest.raises(Quota, match="begun and not delivered"):
        owner.call(f"{SERVICE}PutChunk", chunk(granted.grant_id, parcels[4], 0), signed=False)
    owner.call(f"{SERVICE}PutChunk", chunk(granted.grant_id, parcels[0], 1), signed=False)


def chunk(grant_id: str, parcel_id: str, index: int) -> pb.PutChunkRequest:
    return pb.PutChunkRequest(grant_id=grant_id, parcel_id=parcel_id, index=index, sealed=b"sealed")
