"""What has to hold of an exchange, from the log's key down to both receipts, check by check."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.exchange_evidence import EntryEvidence, ExchangeEvidence
from zongheng_sdk.notes import Checkpoint, verify_checkpoint
from zongheng_sdk.proofs import leaf_hash, verify_inclusion
from zongheng_tenants.act import MAX_SKEW_MS, signer_of, verify_act
from zongheng_tenants.credential import Credential, fingerprint, verify_chain
from zongheng_tenants.grant import Grant, verify_grant
from zongheng_tenants.parcel import RECIPIENT, SENDER, verify_manifest, verify_receipt

T = TypeVar("T")
M = TypeVar("M", bound=Message)
ROOTED, CREDENTIALED = "tenancy.rooted", "tenant.credentialed"
REISSUED = "credential.reissued"
REQUESTED, GRANTED, DELIVERED = "data.requested", "data.granted", "parcel.delivered"
FETCHED, RECEIVED = "parcel.fetched", "parcel.received"
_ONCE = (REQUESTED, GRANTED, DELIVERED, RECEIVED)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: what has to hold.
        ok: whether it does.
        reason: what was found; what is wrong where it does not hold.
    """

    what: str
    ok: bool
    reason: str = ""

    def __str__(self) -> str:
        mark = "✓" if self.ok else "✗"
        return f"{mark} {self.what}" + (f": {self.reason}" if self.reason else "")


class _Fails(Exception):
    """A check does not hold; the message says why."""


@dataclass(frozen=True, slots=True)
class _Act:
    """An entry with its leaf read; what the leaf says is believed only once it is proven."""

    entry: EntryEvidence
    leaf: Leaf

    @property
    def name(self) -> str:
        return f"entry {self.entry.index} ({self.leaf.act})"


@dataclass(slots=True)
class _Case:
    evidence: ExchangeEvidence
    checks: list[Check] = field(default_factory=list)
    acts: list[_Act] = field(default_factory=list)
    credentials: dict[bytes, Credential] = field(default_factory=dict)

    def check(self, what: str, look: Callable[[], T]) -> T | None:
        """Look at one thing; None where it does not hold. A look that gives text gives a reason."""
        try:
            found = look()
        except (_Fails, ZonghengError, DecodeError, ValueError) as error:
            self.checks.append(Check(what, False, str(error) or type(error).__name__))
            return None
        self.checks.append(Check(what, True, found if isinstance(found, str) else ""))
        return found

    def of(self, kind: str) -> list[_Act]:
        return [act for act in self.acts if act.leaf.act == kind]

    def one(self, kind: str) -> _Act:
        found = self.of(kind)
        if len(found) != 1:
            raise _Fails(f"the evidence has {len(found)} entries {kind}, not one")
        return found[0]

    def party(self, chain: Sequence[bytes]) -> Credential:
        """The verified credential at a chain's end."""
        found = self.credentials.get(hashlib.sha256(chain[-1]).digest()) if chain else None
        if found is None:
            raise _Fails("the party's credential was not proven")
        return found


def check_exchange(evidence: ExchangeEvidence, vkey: str) -> list[Check]:
    """Every check of an exchange. vkey: the log's verifier key, the only thing trusted."""
    case = _Case(evidence)
    head = case.check("the checkpoint is signed by the log", lambda: _head(evidence, vkey))
    for entry in evidence.entries:
        _check_entry(case, entry, head)
    case.check("the evidence names each entry once, in order", lambda: _ordered(evidence))
    for name, chain in (("owner", evidence.owner_chain), ("grantee", evidence.grantee_chain)):
        case.check(
            f"the {name}'s credentials lead back to the log's first entry and only narrow",
            lambda chain=chain: _chain(case, chain),  # type: ignore[misc]
        )
    _check_issuing(case)
    for act in case.acts:
        case.check(f"{act.name} is signed by who acted", lambda act=act: _signed(case, act))  # type: ignore[misc]
    case.check("all acts were meant for one hub", lambda: _audience(case))
    _check_content(case)
    return case.checks


def _head(evidence: ExchangeEvidence, vkey: str) -> Checkpoint:
    return verify_checkpoint(evidence.checkpoint, vkey)


def _check_entry(case: _Case, entry: EntryEvidence, head: Checkpoint | None) -> None:
    def included() -> None:
        if head is None:
            raise _Fails("there is no valid checkpoint to prove it against")
        verify_inclusion(
            index=entry.index,
            size=head.size,
            leaf=leaf_hash(entry.leaf),
            proof=entry.proof,
            root=head.root,
        )

    def commits() -> Leaf:
        leaf = Leaf.FromString(entry.leaf)
        expected = hmac.digest(entry.salt, entry.envelope, "sha256")
        if not hmac.compare_digest(expected, leaf.commitment):
            raise _Fails("the leaf commits to another envelope")
        return leaf

    case.check(f"entry {entry.index} is in the log", included)
    leaf = case.check(f"entry {entry.index} commits to its act", commits)
    if leaf is not None:
        case.acts.append(_Act(entry, leaf))


def _ordered(evidence: ExchangeEvidence) -> None:
    indices = [entry.index for entry in evidence.entries]
    if not indices or indices != sorted(set(indices)):
        raise _Fails("entries are missing, doubled or out of order")


def _chain(case: _Case, chain: Sequence[bytes]) -> str:
    first = case.one(ROOTED)
    if first.entry.index != 0:
        raise _Fails(f"the root was logged in entry {first.entry.index}, not in the first")
    root = fingerprint(first.entry.request)
    delivered = case.one(DELIVERED)
    verify_chain(chain, root_fingerprint=root, at_ms=delivered.leaf.time_ms)
    found = [
        verify_chain(chain[:length], root_fingerprint=root, at_ms=None)
        for length in range(1, len(chain) + 1)
    ]
    # A unit that changed its keys stands here with each credential under which something was done.
    case.credentials.update({credential.sha256: credential for credential in found})
    return " → ".join(credential.name or credential.tenant for credential in found)


def _check_issuing(case: _Case) -> None:
    issued: dict[bytes, _Act] = {}
    for act in (*case.of(CREDENTIALED), *case.of(REISSUED)):

        def read(act: _Act = act) -> bytes:
            if act.leaf.act == REISSUED:
                return _read(act, tenancy.ReissueRequest).credential
            return _read(act, tenancy.IssueCredentialRequest).credential

        envelope = case.check(f"{act.name} can be read", read)
        if envelope is not None:
            issued[hashlib.sha256(envelope).digest()] = act
    for credential in case.credentials.values():
        if credential.ancestors:

            def logged(credential: Credential = credential) -> str:
                act = issued.get(credential.sha256)
                if act is None:
                    raise _Fails("no entry of the evidence issued it")
                if act.leaf.actor != credential.ancestors[-1]:
                    raise _Fails(f"entry {act.entry.index} issued it in another unit's name")
                return f"entry {act.entry.index}"

            case.check(f"the credential of {credential.tenant} was issued in the log", logged)


def _signed(case: _Case, act: _Act) -> str:
    of = [one for one in case.credentials.values() if one.tenant == act.leaf.actor]
    if not of:
        raise _Fails(f"{act.leaf.actor} acted, and its credential was not proven")
    parts, key_id = signer_of(act.entry.envelope)
    signer = next((one for one in of if key_id in one.keys), of[0])
    key = signer.keys.get(key_id)
    if key is None or key.use == credential_pb2.KEY_USE_SEALING:
        raise _Fails(f"{key_id} is no signing key of {act.leaf.actor}")
    claimed = ActStatement.FromString(parts.payload)
    statement = verify_act(
        act.entry.envelope,
        parts,
        key.verifier(),
        method=_METHODS.get(act.leaf.act, ""),
        request=act.entry.request,
        audience=claimed.audience,
        now_ms=act.leaf.time_ms,
    ).statement
    if statement.tenant != act.leaf.actor:
        raise _Fails(f"the act was signed for {statement.tenant}, the log says {act.leaf.actor}")
    by_hub = key.use == credential_pb2.KEY_USE_CONSOLE
    if by_hub != statement.on_behalf:
        raise _Fails("the act does not say truly whether the hub signed on the unit's behalf")
    who = statement.operator or "operator not named"
    return f"{who} ({signer.name or signer.tenant}{', signed by the hub on behalf' * by_hub})"


def _audience(case: _Case) -> str:
    hubs = {
        ActStatement.FromString(signer_of(act.entry.envelope)[0].payload).audience
        for act in case.acts
    }
    if len(hubs) != 1:
        raise _Fails(f"acts were signed for {len(hubs)} hubs")
    return hubs.pop()


def _check_content(case: _Case) -> None:
    evidence = case.evidence
    grant = case.check("the grant is signed by the data's owner", lambda: _grant(case))
    manifest = case.check(
        "the manifest is the owner's and under this grant", lambda: _manifest(case)
    )
    case.check(
        "the sender's receipt is for this manifest",
        lambda: _receipt(case, evidence.sender_receipt, SENDER, evidence.owner_chain),
    )
    case.check(
        "the recipient's receipt is for this manifest",
        lambda: _receipt(case, evidence.recipient_receipt, RECIPIENT, evidence.grantee_chain),
    )
    if grant is None or manifest is None:
        case.checks.append(
            Check("the log's entries tell of this exchange", False, "grant or manifest fails")
        )
        return
    parcel = manifest.parcel_id
    case.check("the parcel is sealed to a key of the grantee", lambda: _sealed_to(case, manifest))
    case.check("the grantee asked for these fields and this purpose", lambda: _asked(case, grant))
    case.check("the owner handed in this grant", lambda: _handed_in(case, grant))
    case.check("the owner delivered this parcel", lambda: _delivered(case, grant, parcel))
    case.check(
        "the grantee fetched it within dates and uses", lambda: _fetched(case, grant, parcel)
    )
    case.check("the grantee handed in its receipt", lambda: _received(case, grant, parcel))
    case.check("each step came after the one before", lambda: _steps(case))


def _grant(case: _Case) -> Grant:
    grant = verify_grant(case.evidence.grant, case.party(case.evidence.owner_chain))
    grant.check_grantee(case.party(case.evidence.grantee_chain).tenant)
    return grant


def _manifest(case: _Case) -> statement_pb2.ParcelManifest:
    owner = case.party(case.evidence.owner_chain)
    return verify_manifest(case.evidence.manifest, grant=case.evidence.grant, sender=owner)


def _receipt(case: _Case, receipt: bytes, role: int, chain: Sequence[bytes]) -> str:
    if not receipt:
        raise _Fails("it has not been signed yet")
    manifest = case.evidence.manifest
    found = verify_receipt(receipt, manifest=manifest, role=role, signer=case.party(chain))
    return f"{found.rows} rows"


def _sealed_to(case: _Case, manifest: statement_pb2.ParcelManifest) -> None:
    key = case.party(case.evidence.grantee_chain).keys.get(manifest.sealing_key_id)
    if key is None or key.use != credential_pb2.KEY_USE_SEALING:
        raise _Fails(f"{manifest.sealing_key_id} is no sealing key of {manifest.recipient}")


def _asked(case: _Case, grant: Grant) -> str:
    act = case.one(REQUESTED)
    request = _read(act, sharing.RequestDataRequest)
    _expect(act, actor=grant.grantee, subject=grant.request_id)
    if request.dataset_id != grant.dataset_id or request.purpose != grant.purpose:
        raise _Fails("the grant is for another dataset or purpose than was asked for")
    beyond = sorted(set(grant.columns) - set(request.fields))
    if beyond:
        raise _Fails(f"nobody asked for {', '.join(beyond)}")
    return f"{grant.purpose} ({', '.join(grant.columns)})"


def _handed_in(case: _Case, grant: Grant) -> None:
    act = case.one(GRANTED)
    request = _read(act, sharing.GrantDataRequest)
    _expect(act, actor=grant.owner, subject=grant.id)
    if request.grant != case.evidence.grant or request.request_id != grant.request_id:
        raise _Fails("the log's grant is another one")


def _delivered(case: _Case, grant: Grant, parcel_id: str) -> None:
    act = case.one(DELIVERED)
    request = _read(act, sharing.DeliverParcelRequest)
    _expect(act, actor=grant.owner, subject=parcel_id)
    grant.check_time(act.leaf.time_ms)
    evidence = case.evidence
    if (request.grant_id, request.manifest) != (grant.id, evidence.manifest):
        raise _Fails("the log's manifest is another one")
    if request.receipt != evidence.sender_receipt:
        raise _Fails("the log's receipt of the sender is another one")


def _fetched(case: _Case, grant: Grant, parcel_id: str) -> str:
    acts = case.of(FETCHED)
    for act in acts:
        _expect(act, actor=grant.grantee, subject=parcel_id)
        grant.check_time(act.leaf.time_ms)
        if _read(act, sharing.FetchParcelRequest).parcel_id != parcel_id:
            raise _Fails(f"{act.name} fetched another parcel")
    if not 1 <= len(acts) <= grant.max_uses:
        raise _Fails(f"it was fetched {len(acts)} times, {grant.max_uses} are allowed")
    return f"{len(acts)} of {grant.max_uses}"


def _received(case: _Case, grant: Grant, parcel_id: str) -> None:
    act = case.one(RECEIVED)
    request = _read(act, sharing.SignReceiptRequest)
    _expect(act, actor=grant.grantee, subject=parcel_id)
    if (request.parcel_id, request.receipt) != (parcel_id, case.evidence.recipient_receipt):
        raise _Fails("the log's receipt of the recipient is another one")


def _steps(case: _Case) -> None:
    asked, granted, delivered, received = (case.one(kind) for kind in _ONCE)
    fetched = case.of(FETCHED)
    if not fetched:
        raise _Fails("it was never fetched")
    steps = [asked, granted, delivered, min(fetched, key=lambda act: act.entry.index), received]
    for before, after in pairwise(steps):
        if before.entry.index >= after.entry.index:
            raise _Fails(f"{after.name} stands before {before.name} in the log")
        if before.leaf.time_ms > after.leaf.time_ms + MAX_SKEW_MS:
            raise _Fails(f"{after.name} is dated before {before.name}")
    strangers = [act.name for act in case.acts if act.leaf.act not in _METHODS]
    if strangers:
        raise _Fails(f"{', '.join(strangers)} has no place in an exchange")


def _expect(act: _Act, *, actor: str, subject: str) -> None:
    if act.leaf.actor != actor:
        raise _Fails(f"{act.name} is an act of {act.leaf.actor}, not of {actor}")
    if act.leaf.subject != subject:
        raise _Fails(f"{act.name} is about {act.leaf.subject}, not {subject}")


def _read(act: _Act, kind: type[M]) -> M:
    return kind.FromString(act.entry.request)


def _methods() -> dict[str, str]:
    """The method of each act type that an exchange and its credentials are made of."""
    found = {ROOTED: ROOTED}
    for file, name in ((sharing, "SharingService"), (tenancy, "TenancyService")):
        for method in file.DESCRIPTOR.services_by_name[name].methods:
            kind = method.GetOptions().Extensions[options.rule].act
            if kind in (*_ONCE, FETCHED, CREDENTIALED, REISSUED):
                found[kind] = f"/{method.containing_service.full_name}/{method.name}"
    return found


_METHODS = _methods()
