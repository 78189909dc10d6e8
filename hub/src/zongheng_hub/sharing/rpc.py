"""The SharingService: wire messages in and out, signatures checked before anything is recorded."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.kernel.paging import page_of
from zongheng_hub.sharing import delivery, evidence, rules, service
from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.sharing.delivery import Delivery
from zongheng_hub.sharing.rules import DataRequest, Dataset, Field
from zongheng_hub.sharing.service import Tenancy
from zongheng_hub.store import Store, Tx
from zongheng_protos.errors import Internal, StateConflict
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_tenants.credential import Credential
from zongheng_tenants.grant import verify_grant
from zongheng_tenants.ids import new_id
from zongheng_tenants.parcel import RECIPIENT, SENDER, verify_manifest, verify_receipt

CredentialOf = Callable[[str], Awaitable[Credential]]


def room(store: Store, blobs: Blobs, tenancy: Tenancy, credential_of: CredentialOf) -> Room:
    """The sharing room.

    Args:
        blobs: where sealed chunks lie.
        tenancy: tenancy's service.
        credential_of: a tenant's verified credential.
    """
    handlers = _Handlers(store, blobs, tenancy, credential_of)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["SharingService"],
        handlers={
            "OfferDataset": handlers.offer_dataset,
            "ListDatasets": handlers.list_datasets,
            "RequestData": handlers.request_data,
            "ListRequests": handlers.list_requests,
            "GrantData": handlers.grant_data,
            "GetGrant": handlers.get_grant,
            "PutChunk": handlers.put_chunk,
            "DeliverParcel": handlers.deliver_parcel,
            "FetchParcel": handlers.fetch_parcel,
            "SignReceipt": handlers.sign_receipt,
            "GetExchange": handlers.get_exchange,
        },
        streams={"ReadChunks": handlers.read_chunks},
        subjects={
            "request_id": handlers.request_subject,
            "grant_id": handlers.grant_subject,
            "parcel_id": handlers.parcel_subject,
        },
    )


class _Handlers:
    def __init__(
        self, store: Store, blobs: Blobs, tenancy: Tenancy, credential_of: CredentialOf
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._tenancy = tenancy
        self._credential_of = credential_of

    async def offer_dataset(self, call: Call, request: pb.OfferDatasetRequest) -> bytes:
        dataset = Dataset(
            id=new_id("d", now_ms=call.now_ms),
            owner=call.caller.tenant,
            title=request.title,
            detail=request.detail,
            fields=tuple(Field(f.name, f.title, f.sharing_class) for f in request.fields),
            rows=request.rows,
            offered_ms=call.now_ms,
        )

        def work(tx: Tx, index: int) -> Outcome:
            service.offer(tx, index, dataset)
            return Outcome(pb.OfferDatasetReply(dataset=_dataset(dataset)), subject=dataset.id)

        return await call.record(work)

    async def list_datasets(
        self, call: Call, request: pb.ListDatasetsRequest
    ) -> pb.ListDatasetsReply:
        rules.check_known(request.owner, "tenant")
        found = await self._store.read(
            lambda connection: service.datasets(
                connection,
                viewer=call.caller.tenant,
                tenancy=self._tenancy,
                owner=request.owner,
                after=request.page_token,
            )
        )
        page, token = page_of([_dataset(one) for one in found], service.PAGE)
        return pb.ListDatasetsReply(datasets=page, next_page_token=token)

    async def request_data(self, call: Call, request: pb.RequestDataRequest) -> bytes:
        asked = DataRequest(
            id=new_id("q", now_ms=call.now_ms),
            dataset_id=request.dataset_id,
            owner="",
            requester=call.caller.tenant,
            purpose=request.purpose,
            legal_basis=request.legal_basis,
            fields=tuple(request.fields),
            requested_ms=call.now_ms,
            requested_by=call.caller.operator,
        )

        def work(tx: Tx, index: int) -> Outcome:
            made = service.request(tx, index, asked)
            return Outcome(
                pb.RequestDataReply(request=_request(made)), subject=made.id, parties=(made.owner,)
            )

        return await call.record(work)

    async def list_requests(
        self, call: Call, request: pb.ListRequestsRequest
    ) -> pb.ListRequestsReply:
        tenant = call.caller.tenant
        found = await self._store.read(
            lambda c: service.data_requests(c, tenant, after=request.page_token)
        )
        page, token = page_of([_request(one) for one in found], service.PAGE)
        return pb.ListRequestsReply(requests=page, next_page_token=token)

    async def grant_data(self, call: Call, request: pb.GrantDataRequest) -> bytes:
        verified = verify_grant(request.grant, await self._credential_of(call.caller.tenant))

        def work(tx: Tx, index: int) -> Outcome:
            made = service.grant(
                tx,
                index,
                request_id=request.request_id,
                envelope=request.grant,
                verified=verified,
                granted_by=call.caller.operator,
                tenancy=self._tenancy,
                now_ms=call.now_ms,
            )
            reply = pb.GrantDataReply(grant_id=made.id)
            return Outcome(reply, subject=made.id, parties=(made.grantee,))

        return await call.record(work)

    async def get_grant(self, call: Call, request: pb.GetGrantRequest) -> pb.GetGrantReply:
        found = await self._store.read(lambda c: service.granted(c, request.grant_id))
        return pb.GetGrantReply(grant=found.envelope, uses=found.uses)

    async def put_chunk(self, call: Call, request: pb.PutChunkRequest) -> pb.PutChunkReply:
        digest = hashlib.sha256(request.sealed).digest()

        def work(tx: Tx) -> None:
            delivery.claim_chunk(
                tx,
                grant_id=request.grant_id,
                parcel_id=request.parcel_id,
                position=request.index,
                sha256=digest,
                size=len(request.sealed),
                now_ms=call.now_ms,
            )

        await self._store.write(work)
        # The place is claimed for these bytes, so writing them again changes nothing.
        place = (request.parcel_id, request.index)
        if not await asyncio.to_thread(self._blobs.has, *place):
            await asyncio.to_thread(self._blobs.put, *place, request.sealed)
        return pb.PutChunkReply()

    async def deliver_parcel(self, call: Call, request: pb.DeliverParcelRequest) -> bytes:
        under = await self._store.read(lambda c: service.granted(c, request.grant_id))
        owner = await self._credential_of(under.owner)
        grantee = await self._credential_of(under.grantee)
        manifest = verify_manifest(request.manifest, grant=under.envelope, sender=owner)
        rules.check_manifest(manifest, under.id, grantee, call.now_ms)
        verify_receipt(request.receipt, manifest=request.manifest, role=SENDER, signer=owner)
        parcel = Delivery(
            parcel_id=manifest.parcel_id,
            grant_id=under.id,
            manifest=request.manifest,
            receipt=request.receipt,
            chunk_sha256=tuple(manifest.chunk_sha256),
        )
        await asyncio.to_thread(self._check_kept, parcel)

        def work(tx: Tx, index: int) -> Outcome:
            made = delivery.deliver(tx, index, parcel, self._tenancy, call.now_ms)
            reply = pb.DeliverParcelReply(parcel_id=parcel.parcel_id)
            return Outcome(reply, subject=parcel.parcel_id, parties=(made.grantee,))

        return await call.record(work)

    def _check_kept(self, parcel: Delivery) -> None:
        for position in range(len(parcel.chunk_sha256)):
            if not self._blobs.has(parcel.parcel_id, position):
                raise StateConflict(
                    f"chunk {position} of parcel {parcel.parcel_id} has not been handed in"
                )

    async def fetch_parcel(self, call: Call, request: pb.FetchParcelRequest) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            parcel, under = delivery.fetch(tx, index, request.parcel_id, call.now_ms)
            reply = pb.FetchParcelReply(manifest=parcel.manifest, grant=under.envelope)
            return Outcome(reply, subject=parcel.id, parties=(parcel.owner,))

        return await call.record(work)

    async def read_chunks(
        self, call: Call, request: pb.ReadChunksRequest
    ) -> AsyncIterator[pb.ReadChunksReply]:
        parcel_id = request.parcel_id
        await self._store.read(lambda c: delivery.check_readable(c, parcel_id, call.now_ms))
        hashes = await self._store.read(lambda c: delivery.chunk_hashes(c, parcel_id))
        for index in range(request.start, len(hashes)):
            await self._store.read(lambda c: delivery.check_readable(c, parcel_id, call.now_ms))
            sealed = await asyncio.to_thread(self._blobs.get, parcel_id, index)
            if hashlib.sha256(sealed).digest() != hashes[index]:
                raise Internal(f"chunk {index} of parcel {parcel_id} is damaged on the hub's disk")
            yield pb.ReadChunksReply(index=index, sealed=sealed)

    async def sign_receipt(self, call: Call, request: pb.SignReceiptRequest) -> bytes:
        parcel = await self._store.read(lambda c: delivery.parcel(c, request.parcel_id))
        grantee = await self._credential_of(parcel.grantee)
        verify_receipt(request.receipt, manifest=parcel.manifest, role=RECIPIENT, signer=grantee)

        def work(tx: Tx, index: int) -> Outcome:
            delivery.receive(tx, index, parcel.id, request.receipt, self._tenancy, call.now_ms)
            return Outcome(pb.SignReceiptReply(), subject=parcel.id, parties=(parcel.owner,))

        return await call.record(work)

    async def get_exchange(self, call: Call, request: pb.GetExchangeRequest) -> pb.GetExchangeReply:
        found = await self._store.read(
            lambda c: evidence.exchange(c, request.parcel_id, self._tenancy)
        )
        return pb.GetExchangeReply(
            grant=found.grant,
            manifest=found.manifest,
            sender_receipt=found.sender_receipt,
            recipient_receipt=found.recipient_receipt,
            entries=found.entries,
            owner_chain=found.owner_chain,
            grantee_chain=found.grantee_chain,
            credential_entries=found.credential_entries,
            earlier_chains=[pb.EarlierChain(envelopes=chain) for chain in found.earlier_chains],
            revocations=found.revocations,
        )

    async def request_subject(self, request_id: str) -> Subject:
        found = await self._store.read(lambda c: service.data_request(c, request_id))
        return await self._subject(found.owner, found.requester)

    async def grant_subject(self, grant_id: str) -> Subject:
        found = await self._store.read(lambda c: service.granted(c, grant_id))
        return await self._subject(found.owner, found.grantee)

    async def parcel_subject(self, parcel_id: str) -> Subject:
        found = await self._store.read(lambda c: delivery.parcel(c, parcel_id))
        return await self._subject(found.owner, found.grantee)

    async def _subject(self, owner: str, grantee: str) -> Subject:
        above = await self._store.read(lambda c: self._tenancy.ancestors(c, owner))
        return Subject(owner=owner, owner_ancestors=above, grantees=frozenset((grantee,)))


def _dataset(dataset: Dataset) -> pb.Dataset:
    message = pb.Dataset(
        id=dataset.id,
        owner=dataset.owner,
        title=dataset.title,
        detail=dataset.detail,
        rows=dataset.rows,
        offered_ms=dataset.offered_ms,
    )
    for field in dataset.fields:
        message.fields.add(name=field.name, title=field.title, sharing_class=field.sharing_class)
    return message


def _request(request: DataRequest) -> pb.DataRequest:
    return pb.DataRequest(
        id=request.id,
        dataset_id=request.dataset_id,
        owner=request.owner,
        requester=request.requester,
        purpose=request.purpose,
        legal_basis=request.legal_basis,
        fields=request.fields,
        requested_ms=request.requested_ms,
        grant_id=request.grant_id,
        parcel_ids=request.parcel_ids,
    )
