"""A small province with a real kernel, store and log, and units that enrol in it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.message import Message

from zongheng_hub.catalogue import rpc as catalogue_rpc
from zongheng_hub.catalogue.shelf import OfferedModule
from zongheng_hub.dealings import dealings
from zongheng_hub.kernel.identity import Identities
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.store import Entry, Store, Tx, open_store
from zongheng_hub.store.migrate import migrate
from zongheng_hub.tenancy import rpc as tenancy_rpc
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.divisions import parse_divisions
from zongheng_hub.tenancy.founding import ROOTED, Founded, found_province
from zongheng_hub.tenancy.operators import rpc as operators_rpc
from zongheng_hub.tenancy.operators.book import StoredOperators
from zongheng_hub.tenancy.tree import rpc as tree_rpc
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_hub.web.sign_ins import insert_link
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_tenants.act import sign_act
from zongheng_tenants.enrolment import (
    Enrolment,
    Terms,
    check_enrolment,
    credential_for,
    prepare,
)
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import LIFE_MS, Invitation, keys_digest
from zongheng_tenants.keys import HeldOpener, HeldSigner, Opener, SealingKey, Signer, SigningKey
from zongheng_tenants.possession import open_challenge

M = TypeVar("M", bound=Message)
HUB_ID = "h_test"
START_MS = 1_770_000_000_000
TENANCY = "/zongheng.tenancy.v1.TenancyService/"
CATALOGUE = "/zongheng.catalogue.v1.CatalogueService/"

# 140481 stands under 140000 here, as a county that the province runs itself would.
DIVISIONS = """code,name,level,type,parent,parent_name
140000,山西省,province,省,,
140100,太原市,prefecture,地级市,140000,山西省
140200,大同市,prefecture,地级市,140000,山西省
140105,小店区,county,市辖区,140100,太原市
140106,迎泽区,county,市辖区,140100,太原市
140212,新荣区,county,市辖区,140200,大同市
140481,潞城县,county,县,140000,山西省
140105001,坞城街道,township,街道,140105,小店区
""".replace("\n", "\r\n").encode()


@dataclass(frozen=True, slots=True)
class Modules:
    """A shelf with what it was given."""

    offered: tuple[OfferedModule, ...] = ()

    def modules(self) -> tuple[OfferedModule, ...]:
        return self.offered

    def module(self, module_id: str) -> OfferedModule | None:
        return next((one for one in self.offered if one.id == module_id), None)


@dataclass(frozen=True, slots=True)
class Handed:
    """What an invited unit holds between invitation and credential."""

    invitation: Invitation
    signing: Signer
    sealing: Opener
    csr: bytes

    @property
    def digest(self) -> bytes:
        return keys_digest(self.invitation.id, self.csr, self.signing.public, self.sealing.public)

    def request(self, answer: bytes) -> pb.EnrolRequest:
        proof, mac = prepare(self.invitation, self.signing, self.sealing, self.csr, answer)
        return pb.EnrolRequest(
            invitation_id=self.invitation.id,
            token=self.invitation.token,
            csr=self.csr,
            signing_key=self.signing.public,
            sealing_key=self.sealing.public,
            proof=proof,
            invitation_mac=mac,
            answer=answer,
        )


@dataclass
class House:
    """A hub without ports. now_ms is its clock."""

    store: Store
    kernel: Kernel
    authority: ChannelAuthority
    credentials: Credentials
    province: Identity
    by_code: dict[str, str]
    console: ConsoleKeys
    operators: StoredOperators
    clock: list[int] = field(default_factory=lambda: [START_MS])

    @property
    def now_ms(self) -> int:
        return self.clock[0]

    def later(self, ms: int) -> None:
        self.clock[0] += ms

    async def call(
        self,
        who: Identity | None,
        name: str,
        message: Message,
        nonce: bytes | None = None,
        operator: str = "王某某",
    ) -> Any:
        """The reply to a call, signed by who."""
        request = message.SerializeToString()
        act = None
        if who is not None:
            act = sign_act(
                method=name,
                request=request,
                tenant=who.tenant,
                operator=operator,
                audience=HUB_ID,
                key=who.signing(),
                now_ms=self.now_ms,
                nonce=nonce,
            )
        reply = await self.kernel.handle(name, request, act=act)
        return self.kernel.method(name).reply_class.FromString(reply.payload)

    async def in_console(self, tenant: str, operator: str, name: str, message: Message) -> Any:
        """The reply to a call that the hub signs for an operator in the console."""
        request = message.SerializeToString()
        act = sign_act(
            method=name,
            request=request,
            tenant=tenant,
            operator=operator,
            audience=HUB_ID,
            key=self.console.key_of(tenant),
            now_ms=self.now_ms,
            on_behalf=True,
        )
        reply = await self.kernel.handle(name, request, act=act)
        return self.kernel.method(name).reply_class.FromString(reply.payload)

    async def invite(self, parent: Identity, tenant: str, terms: Terms | None = None) -> Invitation:
        secret = Invitation.new_secret()
        token = Invitation("", "", "", secret).token
        reply = await self.call(
            parent,
            TENANCY + "Invite",
            pb.InviteRequest(
                tenant_id=tenant,
                token_sha256=hashlib.sha256(token).digest(),
                expires_ms=self.now_ms + LIFE_MS,
                rights=sorted(terms.rights or ()) if terms else (),  # type: ignore[arg-type]  # numbers
                depth=terms.depth if terms else None,
                life_ms=terms.life_ms if terms else 0,
            ),
        )
        return Invitation(reply.invitation_id, "", self.credentials.root_fingerprint, secret)

    async def answer(self, handed: Handed) -> bytes:
        """What opens the hub's challenge."""
        asked = pb.ChallengeRequest(keys_digest=handed.digest, sealing_key=handed.sealing.public)
        reply = await self.call(None, TENANCY + "Challenge", asked)
        return open_challenge(reply.wrapped, handed.sealing, handed.digest)

    async def request(self, handed: Handed) -> pb.EnrolRequest:
        return handed.request(await self.answer(handed))

    async def enrol(self, handed: Handed) -> str:
        reply = await self.call(None, TENANCY + "Enrol", await self.request(handed))
        return cast(str, reply.enrolment_id)

    async def pending(self, parent: Identity, enrolment_id: str) -> Enrolment:
        reply = await self.call(parent, TENANCY + "ListEnrolments", pb.ListEnrolmentsRequest())
        (found,) = [one for one in reply.enrolments if one.id == enrolment_id]
        return Enrolment(**{name: getattr(found, name) for name in Enrolment.__dataclass_fields__})

    async def credential(
        self, parent: Identity, enrolment: Enrolment, terms: Terms | None = None
    ) -> bytes:
        request = pb.GetTenantRequest(tenant_id=enrolment.tenant_id)
        tenant = (await self.call(parent, TENANCY + "GetTenant", request)).tenant
        return credential_for(
            enrolment,
            name=tenant.name,
            code=tenant.code,
            level=tenant.level,
            parent=parent,
            now_ms=self.now_ms,
            terms=terms,
        )

    async def issue(
        self, parent: Identity, tenant: str, enrolment_id: str, credential: bytes
    ) -> pb.IssueCredentialReply:
        request = pb.IssueCredentialRequest(
            tenant_id=tenant, enrolment_id=enrolment_id, credential=credential
        )
        reply = await self.call(parent, TENANCY + "IssueCredential", request)
        return cast(pb.IssueCredentialReply, reply)

    async def enrolled(self, parent: Identity, code: str, terms: Terms | None = None) -> Identity:
        """A unit that has gone the whole way."""
        tenant = self.by_code[code]
        handed = hand(await self.invite(parent, tenant, terms))
        enrolment_id = await self.enrol(handed)
        enrolment = await self.pending(parent, enrolment_id)
        check_enrolment(enrolment, handed.invitation.secret)
        credential = await self.credential(parent, enrolment, terms)
        await self.issue(parent, tenant, enrolment_id, credential)
        request = pb.CollectCredentialRequest(enrolment_id=enrolment_id)
        collected = await self.call(None, TENANCY + "CollectCredential", request)
        assert collected.ready
        return identity(
            tenant=tenant,
            chain=tuple(collected.chain),
            root_fingerprint=self.credentials.root_fingerprint,
            signing=handed.signing,
            sealing=handed.sealing,
            channel_pem=collected.channel_pem,
        )


def by_code(code: str) -> pb.GetTenantRequest:
    return pb.GetTenantRequest(code=code)


def hand(invitation: Invitation) -> Handed:
    return Handed(invitation, SigningKey.generate(), SealingKey.generate(), make_csr())


def make_csr(curve: ec.EllipticCurve | None = None) -> bytes:
    return csr_of(ec.generate_private_key(curve or ec.SECP256R1()))


def csr_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def identity(
    *,
    tenant: str,
    chain: tuple[bytes, ...],
    root_fingerprint: str,
    signing: Signer,
    sealing: Opener,
    channel_pem: bytes = b"",
) -> Identity:
    return Identity(
        hub_id=HUB_ID,
        tenant=tenant,
        name="",
        grpc_address="",
        web_address="",
        root_fingerprint=root_fingerprint,
        log_vkey="",
        chain=chain,
        signing_key=cast(HeldSigner, signing).private_bytes(),
        sealing_key=cast(HeldOpener, sealing).private_bytes(),
        channel_key_pem=b"",
        channel_pem=channel_pem,
        ca_pem=b"",
    )


def genesis(founded: Founded) -> Entry:
    """The log's first entry, under which the tree and the root stand; its leaf proves nothing."""
    return Entry(
        key=b"genesis",
        leaf=b"genesis",
        act=ROOTED,
        actor=founded.tenant,
        subject=founded.tenant,
        time_ms=START_MS,
        salt=b"",
        envelope=b"",
        request=founded.root,
        reply=b"",
    )


async def build(where: Path | str, modules: tuple[OfferedModule, ...] = ()) -> House:
    """A house with its tables, tree and root; whoever builds it closes its store."""
    store = open_store(where, journal=Sequencer(SigningKey.generate(), "zongheng.test/log"))
    migrate(store.writer)
    signing, sealing = SigningKey.generate(), SealingKey.generate()
    console = ConsoleKeys(ConsoleKeys.new_master())

    def found(tx: Tx) -> Founded:
        founded = found_province(
            tx,
            parse_divisions(DIVISIONS),
            signing=signing,
            sealing_key=sealing.public,
            console=console,
            now_ms=START_MS,
        )
        tx.append(genesis(founded))
        return founded

    founded = await store.write(found)
    authority = await asyncio.to_thread(
        ChannelAuthority.create, hub_id=HUB_ID, name="test CA", now_ms=START_MS
    )
    clock = [START_MS]
    credentials = Credentials(store, founded.root_fingerprint, clock=lambda: clock[0])
    operators = StoredOperators(store)
    kernel = Kernel(
        identities=Identities(HUB_ID, credentials, operators=operators),
        recorder=Recorder(store),
        clock=lambda: clock[0],
    )
    card = tenancy_rpc.HubCard(
        hub_id=HUB_ID,
        province_id=founded.tenant,
        grpc_address="127.0.0.1:1",
        ca_pem=authority.pem,
        root=founded.root,
        root_fingerprint=founded.root_fingerprint,
        log_vkey="vkey",
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
            tree_rpc.room(store, dealings(lambda: clock[0])),
            operators_rpc.room(
                store=store, operators=operators, credentials=credentials, links=insert_link
            ),
            catalogue_rpc.room(store=store, shelf=Modules(modules)),
        ]
    )
    province = identity(
        tenant=founded.tenant,
        chain=(founded.root,),
        root_fingerprint=founded.root_fingerprint,
        signing=signing,
        sealing=sealing,
    )
    return House(
        store=store,
        kernel=kernel,
        authority=authority,
        credentials=credentials,
        province=province,
        by_code=dict(founded.by_code),
        console=console,
        operators=operators,
        clock=clock,
    )
