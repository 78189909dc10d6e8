"""A small province with the sharing room behind the real kernel, log and store."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path

from sqlmodel import SQLModel

from tests.integration.tenancy_house import (
    DIVISIONS,
    HUB_ID,
    START_MS,
    House,
    identity,
)
from zongheng_hub.kernel.identity import Channel, Identities
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.sharing import rpc as sharing_rpc
from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.store import Entry, Tx, open_store
from zongheng_hub.tenancy import rpc as tenancy_rpc
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.divisions import parse_divisions
from zongheng_hub.tenancy.founding import Founded, found_province
from zongheng_hub.tenancy.operators.book import StoredOperators
from zongheng_hub.tenancy.revocation.revoking import SnapshotSigner, sign_if_due
from zongheng_hub.tlog import rpc as tlog_rpc
from zongheng_hub.tlog.keys import LogKeys
from zongheng_hub.tlog.leaf import make_leaf
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_protos.sharing.v1 import statement_pb2 as statement
from zongheng_protos.tlog.v1 import tlog_pb2
from zongheng_sdk.exchange import ExchangeEvidence, entries_needed, make_evidence
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.grant import Condition, Grant, GrantedField, make_grant, sign_grant
from zongheng_tenants.identity import Identity
from zongheng_tenants.keys import SealingKey, SigningKey
from zongheng_tenants.parcel import OpenedParcel, SealedParcel, open_parcel, seal_rows

SHARING = "/zongheng.sharing.v1.SharingService/"
LOG = "/zongheng.tlog.v1.LogService/"
OWNER, GRANTEE, STRANGER, CITY = "140105", "140212", "140106", "140100"
DAY_MS = 86_400_000
PURPOSE = "低保复核"
FIELDS = (
    pb.Field(name="name", title="姓名", sharing_class=pb.SHARING_CLASS_CONDITIONAL),
    pb.Field(name="village", title="村", sharing_class=pb.SHARING_CLASS_UNCONDITIONAL),
    pb.Field(name="income", title="收入", sharing_class=pb.SHARING_CLASS_CONDITIONAL),
    pb.Field(name="phone", title="电话", sharing_class=pb.SHARING_CLASS_NOT_SHARED),
)


class SharingHub:
    """Enrolled units that share; units are named by their division codes."""

    def __init__(self, house: House, blobs: Path, vkey: str) -> None:
        self.house = house
        self.blobs = blobs
        self.vkey = vkey
        self.units: dict[str, Identity] = {}

    @classmethod
    async def build(cls, where: Path | str, blobs: Path) -> SharingHub:
        """A province, two cities and three counties; whoever builds it closes house.store."""
        sequencer = Sequencer(SigningKey.generate(), "zongheng.test/sharing")
        store = open_store(where, journal=sequencer)
        SQLModel.metadata.create_all(store.writer)
        signing, sealing = SigningKey.generate(), SealingKey.generate()
        console = ConsoleKeys(ConsoleKeys.new_master())
        founded = await store.write(lambda tx: _found(tx, signing, sealing, console))
        authority = ChannelAuthority.create(hub_id=HUB_ID, name="test CA", now_ms=START_MS)
        credentials = Credentials(store, founded.root_fingerprint)
        clock = [START_MS]
        operators = StoredOperators(store)
        kernel = Kernel(
            identities=Identities(HUB_ID, credentials, operators=operators),
            recorder=Recorder(store),
            clock=lambda: clock[0],
        )
        log_keys = LogKeys(sequencer, lambda: None, founded.root, founded.root_fingerprint)
        card = tenancy_rpc.HubCard(
            hub_id=HUB_ID,
            province_id=founded.tenant,
            grpc_address="",
            ca_pem=authority.pem,
            root=founded.root,
            root_fingerprint=founded.root_fingerprint,
            log_vkey=sequencer.vkey,
        )
        kernel.serve(
            [
                tenancy_rpc.room(
                    store=store,
                    credentials=credentials,
                    authority=authority,
                    console_keys=console,
                    hub=card,
                ),
                sharing_rpc.room(store, Blobs(blobs), tenancy, credentials.credential_of),
                tlog_rpc.room(store, log_keys, tenancy.ancestors),
            ]
        )
        province = identity(
            tenant=founded.tenant,
            chain=(founded.root,),
            root_fingerprint=founded.root_fingerprint,
            signing=signing,
            sealing=sealing,
        )
        codes = dict(founded.by_code)
        house = House(
            store=store,
            kernel=kernel,
            authority=authority,
            credentials=credentials,
            province=province,
            by_code=codes,
            console=console,
            operators=operators,
            clock=clock,
        )
        hub = cls(house, blobs, sequencer.vkey)
        await hub._enrol_all()
        return hub

    async def _enrol_all(self) -> None:
        units = self.units
        units["140000"] = self.house.province
        for code, above in (
            (CITY, "140000"),
            ("140200", "140000"),
            (OWNER, CITY),
            (STRANGER, CITY),
            (GRANTEE, "140200"),
        ):
            units[code] = await self.house.enrolled(units[above], code)

    def credential(self, code: str) -> Credential:
        unit = self.units[code]
        return verify_chain(
            unit.chain, root_fingerprint=unit.root_fingerprint, at_ms=self.house.now_ms
        )

    async def offer(self, code: str = OWNER) -> str:
        request = pb.OfferDatasetRequest(
            title="困难家庭名册", detail="每月更新", fields=FIELDS, rows=3
        )
        reply = await self.house.call(self.units[code], SHARING + "OfferDataset", request)
        return str(reply.dataset.id)

    async def ask(
        self, dataset_id: str, *, fields: Iterable[str] = ("name", "village", "income")
    ) -> str:
        request = pb.RequestDataRequest(dataset_id=dataset_id, purpose=PURPOSE, fields=fields)
        reply = await self.house.call(self.units[GRANTEE], SHARING + "RequestData", request)
        return str(reply.request.id)

    def draw_up(self, dataset_id: str, request_id: str, *, max_uses: int = 2) -> Grant:
        return make_grant(
            request_id=request_id,
            dataset_id=dataset_id,
            owner=self.units[OWNER].tenant,
            grantee=self.units[GRANTEE].tenant,
            purpose=PURPOSE,
            fields=[
                GrantedField("name", statement.MASK_NAME),
                GrantedField("village"),
                GrantedField("income"),
            ],
            rows=[Condition("income", statement.OPERATOR_AT_MOST, ("5000",))],
            not_before_ms=self.house.now_ms,
            expires_ms=self.house.now_ms + 30 * DAY_MS,
            max_uses=max_uses,
        )

    async def hand_in(self, grant: Grant) -> bytes:
        """Sign a grant and hand it in; gives its envelope."""
        envelope = sign_grant(grant, self.units[OWNER].signing())
        request = pb.GrantDataRequest(request_id=grant.request_id, grant=envelope)
        await self.house.call(self.units[OWNER], SHARING + "GrantData", request)
        return envelope

    async def granted(self, *, max_uses: int = 2) -> tuple[Grant, bytes]:
        dataset = await self.offer()
        grant = self.draw_up(dataset, await self.ask(dataset), max_uses=max_uses)
        return grant, await self.hand_in(grant)

    def seal(self, envelope: bytes, rows: Iterable[dict[str, str]]) -> SealedParcel:
        return seal_rows(
            rows=rows,
            grant=envelope,
            sender=self.credential(OWNER),
            recipient=self.credential(GRANTEE),
            signing_key=self.units[OWNER].signing(),
            now_ms=self.house.now_ms,
        )

    async def put(self, grant_id: str, parcel: SealedParcel) -> None:
        for index, sealed in enumerate(parcel.chunks):
            request = pb.PutChunkRequest(
                grant_id=grant_id, parcel_id=parcel.parcel_id, index=index, sealed=sealed
            )
            await self.house.call(self.units[OWNER], SHARING + "PutChunk", request)

    async def deliver(self, grant_id: str, parcel: SealedParcel) -> None:
        request = pb.DeliverParcelRequest(
            grant_id=grant_id, manifest=parcel.manifest, receipt=parcel.receipt
        )
        await self.house.call(self.units[OWNER], SHARING + "DeliverParcel", request)

    async def fetch(
        self, parcel_id: str, code: str = GRANTEE, nonce: bytes | None = None
    ) -> pb.FetchParcelReply:
        request = pb.FetchParcelRequest(parcel_id=parcel_id)
        reply = await self.house.call(self.units[code], SHARING + "FetchParcel", request, nonce)
        assert isinstance(reply, pb.FetchParcelReply)
        return reply

    async def read(
        self, parcel_id: str, *, start: int = 0, code: str = GRANTEE
    ) -> list[pb.ReadChunksReply]:
        unit = self.units[code]
        channel = Channel(HUB_ID, unit.tenant, START_MS - DAY_MS, START_MS + 900 * DAY_MS)
        request = pb.ReadChunksRequest(parcel_id=parcel_id, start=start).SerializeToString()
        stream = self.house.kernel.handle_stream(SHARING + "ReadChunks", request, channel=channel)
        return [pb.ReadChunksReply.FromString(part) async for part in stream]

    async def open(self, parcel_id: str) -> OpenedParcel:
        """Fetch, read and open a parcel as its grantee."""
        fetched = await self.fetch(parcel_id)
        unit = self.units[GRANTEE]
        return open_parcel(
            manifest=fetched.manifest,
            grant=fetched.grant,
            chunks=[part.sealed for part in await self.read(parcel_id)],
            sender=self.credential(OWNER),
            recipient=unit.tenant,
            sealing_key=unit.sealing(),
        )

    async def sign(self, parcel_id: str, receipt: bytes) -> None:
        request = pb.SignReceiptRequest(parcel_id=parcel_id, receipt=receipt)
        await self.house.call(self.units[GRANTEE], SHARING + "SignReceipt", request)

    async def exchange(self, rows: Iterable[dict[str, str]]) -> OpenedParcel:
        """A whole exchange, from offer to the recipient's receipt, a minute a step."""
        grant, envelope = await self.granted()
        self.house.later(60_000)
        parcel = self.seal(envelope, rows)
        await self.put(grant.id, parcel)
        await self.deliver(grant.id, parcel)
        self.house.later(60_000)
        opened = await self.open(parcel.parcel_id)
        receipt = opened.sign_receipt(self.units[GRANTEE].signing(), now_ms=self.house.now_ms)
        await self.sign(parcel.parcel_id, receipt)
        return opened

    async def evidence(self, parcel_id: str) -> ExchangeEvidence:
        """What the province, above both parties, gathers."""
        province, call = self.units["140000"], self.house.call
        signer = SnapshotSigner(HUB_ID, self.house.console.key_of(province.tenant))
        await self.house.store.write(lambda tx: sign_if_due(tx, signer, self.house.now_ms))
        asked = pb.GetExchangeRequest(parcel_id=parcel_id)
        exchange = await call(province, SHARING + "GetExchange", asked)
        wanted = entries_needed(exchange)
        contents = [
            await call(province, LOG + "GetContent", tlog_pb2.GetContentRequest(index=index))
            for index in wanted
        ]
        proofs = {
            index: await call(None, LOG + "GetInclusion", tlog_pb2.GetInclusionRequest(index=index))
            for index in wanted
        }
        head = await call(None, LOG + "GetCheckpoint", tlog_pb2.GetCheckpointRequest())
        return make_evidence(
            exchange,
            contents=contents,
            proofs={index: tuple(proof.hashes) for index, proof in proofs.items()},
            checkpoint=head.checkpoint,
        )


def _found(tx: Tx, signing: SigningKey, sealing: SealingKey, console: ConsoleKeys) -> Founded:
    founded = found_province(
        tx,
        parse_divisions(DIVISIONS),
        signing=signing,
        sealing_key=sealing.public,
        console=console,
        now_ms=START_MS,
    )
    rooted, salt = "tenancy.rooted", secrets.token_bytes(32)
    envelope = sign_act(
        method=rooted,
        request=founded.root,
        tenant=founded.tenant,
        operator="",
        audience=HUB_ID,
        key=signing,
        now_ms=START_MS,
    )
    leaf = make_leaf(
        act=rooted,
        time_ms=START_MS,
        actor=founded.tenant,
        parties=(),
        subject=founded.tenant,
        envelope=envelope,
        salt=salt,
    )
    tx.append(
        Entry(
            key=hashlib.sha256(envelope).digest(),
            leaf=leaf,
            act=rooted,
            actor=founded.tenant,
            subject=founded.tenant,
            time_ms=START_MS,
            salt=salt,
            envelope=envelope,
            request=founded.root,
            reply=b"",
        )
    )
    return founded
