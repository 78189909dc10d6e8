"""The evidence of an exchange, made without a hub over a log in memory."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from google.protobuf.message import Message

from tests.unit.tenants.parties import (
    GRANTEE,
    HOUSEHOLDS,
    NOW_MS,
    OWNER,
    PROVINCE,
    Party,
    grant_of,
)
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.tenancy.v1 import revocation_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.exchange import EntryEvidence, ExchangeEvidence
from zongheng_tenants.act import sign_act
from zongheng_tenants.grant import sign_grant
from zongheng_tenants.keys import SigningKey
from zongheng_tenants.parcel import RECIPIENT, SealedParcel, seal_rows, sign_receipt
from zongheng_tenants.revocation import Revocation, sign_snapshot

ORIGIN = "zongheng.test/exchange"
_SHARING = "/zongheng.sharing.v1.SharingService/"
_TENANCY = "/zongheng.tenancy.v1.TenancyService/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act; what differs from how it should be is given by tests."""

    kind: str
    method: str
    actor: Party
    subject: str
    request: bytes
    time_ms: int
    key: SigningKey | None = None
    on_behalf: bool = False
    audience: str = "h_test"
    tenant: str = ""


@dataclass(slots=True)
class Case:
    """An exchange whose steps tests may change before it is logged."""

    grant: bytes
    parcel: SealedParcel
    recipient_receipt: bytes
    steps: list[Step]
    owner_chain: tuple[bytes, ...] = OWNER.chain
    grantee_chain: tuple[bytes, ...] = GRANTEE.chain
    earlier_chains: tuple[tuple[bytes, ...], ...] = ()
    revoked: tuple[Revocation, ...] = ()
    listed_ms: int = NOW_MS + 6
    lister: Party = PROVINCE
    log_key: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def vkey(self) -> str:
        typed = b"\x01" + self.log_key.public
        return f"{ORIGIN}+{self._key_hash().hex()}+{base64.b64encode(typed).decode()}"

    def change(self, kind: str, change: Callable[[Step], Step]) -> None:
        self.steps = [change(step) if step.kind == kind else step for step in self.steps]

    def logged(self) -> ExchangeEvidence:
        """Log the steps in order and gather the evidence."""
        logged = [_entry(index, step) for index, step in enumerate(self.steps)]
        hashes = [hashlib.sha256(b"\0" + entry.leaf).digest() for entry in logged]
        return ExchangeEvidence(
            grant=self.grant,
            manifest=self.parcel.manifest,
            sender_receipt=self.parcel.receipt,
            recipient_receipt=self.recipient_receipt,
            owner_chain=self.owner_chain,
            grantee_chain=self.grantee_chain,
            entries=tuple(
                replace(entry, proof=tuple(path(entry.index, hashes))) for entry in logged
            ),
            checkpoint=self._checkpoint(len(hashes), root(hashes)),
            earlier_chains=self.earlier_chains,
            revocations=sign_snapshot(
                hub_id="h_test",
                revoked=self.revoked,
                previous=None,
                number=1,
                key=self.lister.console,
                now_ms=self.listed_ms,
            ),
        )

    def revoke(self, kind: int, identifier: str, log_index: int) -> None:
        """Say in the hub's list that something was revoked by an entry of the log."""
        lost = revocation_pb2.REVOCATION_REASON_LOST
        one = Revocation(kind, identifier, lost, NOW_MS, log_index, "t_owner")
        self.revoked = (*self.revoked, one)

    def _checkpoint(self, size: int, top: bytes) -> bytes:
        text = f"{ORIGIN}\n{size}\n{base64.b64encode(top).decode()}\n"
        signature = base64.b64encode(self._key_hash() + self.log_key.sign(text.encode())).decode()
        return f"{text}\n— {ORIGIN} {signature}\n".encode()

    def _key_hash(self) -> bytes:
        named = ORIGIN.encode() + b"\n\x01" + self.log_key.public
        return hashlib.sha256(named).digest()[:4]


def make_case(*, delivering: Party = OWNER) -> Case:
    """A sound exchange of two rows.

    Args:
        delivering: the owner with other keys than it granted with.
    """
    grant = grant_of()
    envelope = sign_grant(grant, OWNER.signing)
    parcel = seal_rows(
        rows=HOUSEHOLDS,
        grant=envelope,
        sender=replace(delivering.credential, earlier=(OWNER.credential,)),
        recipient=GRANTEE.credential,
        signing_key=delivering.signing,
        now_ms=NOW_MS,
    )
    receipt = sign_receipt(
        manifest=parcel.manifest,
        role=RECIPIENT,
        tenant=GRANTEE.tenant,
        key=GRANTEE.signing,
        now_ms=NOW_MS + 4,
    )
    asked = sharing.RequestDataRequest(
        dataset_id=grant.dataset_id, purpose=grant.purpose, fields=grant.columns
    )
    granted = sharing.GrantDataRequest(request_id=grant.request_id, grant=envelope)
    delivered = sharing.DeliverParcelRequest(
        grant_id=grant.id, manifest=parcel.manifest, receipt=parcel.receipt
    )
    fetched = sharing.FetchParcelRequest(parcel_id=parcel.parcel_id)
    received = sharing.SignReceiptRequest(parcel_id=parcel.parcel_id, receipt=receipt)
    rooted = Step(
        kind="tenancy.rooted",
        method="tenancy.rooted",
        actor=PROVINCE,
        subject=PROVINCE.tenant,
        request=PROVINCE.chain[0],
        time_ms=NOW_MS - 100,
    )
    steps = [
        rooted,
        _issued(OWNER),
        _issued(GRANTEE),
        _step("data.requested", "RequestData", GRANTEE, grant.request_id, asked, 1),
        _step("data.granted", "GrantData", OWNER, grant.id, granted, 2),
        _step("parcel.delivered", "DeliverParcel", delivering, parcel.parcel_id, delivered, 3),
        _step("parcel.fetched", "FetchParcel", GRANTEE, parcel.parcel_id, fetched, 4),
        _step("parcel.received", "SignReceipt", GRANTEE, parcel.parcel_id, received, 5),
    ]
    case = Case(envelope, parcel, receipt, steps)
    if delivering is not OWNER:
        case.steps.insert(5, _issued(delivering))
        case.owner_chain, case.earlier_chains = delivering.chain, (OWNER.chain,)
    return case


def root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written."""
    if len(hashes) == 1:
        return hashes[0]
    half = _half(len(hashes))
    return hashlib.sha256(b"\1" + root(hashes[:half]) + root(hashes[half:])).digest()


def path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, as it is written."""
    if len(hashes) == 1:
        return []
    half = _half(len(hashes))
    if index < half:
        return [*path(index, hashes[:half]), root(hashes[half:])]
    return [*path(index - half, hashes[half:]), root(hashes[:half])]


def _half(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def _issued(party: Party) -> Step:
    request = tenancy.IssueCredentialRequest(
        tenant_id=party.tenant, enrolment_id="e_1", credential=party.chain[-1]
    )
    return Step(
        kind="tenant.credentialed",
        method=_TENANCY + "IssueCredential",
        actor=PROVINCE,
        subject=party.tenant,
        request=request.SerializeToString(),
        time_ms=NOW_MS - 50,
    )


def _step(kind: str, method: str, actor: Party, subject: str, request: Message, after: int) -> Step:
    return Step(
        kind=kind,
        method=_SHARING + method,
        actor=actor,
        subject=subject,
        request=request.SerializeToString(),
        time_ms=NOW_MS + after,
    )


def _entry(index: int, step: Step) -> EntryEvidence:
    envelope = sign_act(
        method=step.method,
        request=step.request,
        tenant=step.tenant or step.actor.tenant,
        operator="王某某",
        audience=step.audience,
        key=step.key or step.actor.signing,
        now_ms=step.time_ms,
        on_behalf=step.on_behalf,
    )
    salt = secrets.token_bytes(32)
    leaf = Leaf(
        version=1,
        act=step.kind,
        time_ms=step.time_ms,
        actor=step.actor.tenant,
        subject=step.subject,
        commitment=hmac.digest(salt, envelope, "sha256"),
    )
    return EntryEvidence(
        index=index,
        leaf=leaf.SerializeToString(deterministic=True),
        salt=salt,
        envelope=envelope,
        request=step.request,
        proof=(),
    )
