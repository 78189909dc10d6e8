"""What has to hold of grant, parcel and receipts, and of the log's entries that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_sdk.exchange_case import (
    DELIVERED,
    FETCHED,
    GRANTED,
    METHODS,
    ONCE,
    RECEIVED,
    REQUESTED,
    Act,
    Case,
    Check,
    Fails,
    read_request,
)
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.grant import Grant, verify_grant
from zongheng_tenants.parcel import RECIPIENT, SENDER, verify_manifest, verify_receipt


def check_content(case: Case) -> None:
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


def _grant(case: Case) -> Grant:
    grant = verify_grant(case.evidence.grant, case.party(case.evidence.owner_chain))
    grant.check_grantee(case.party(case.evidence.grantee_chain).tenant)
    return grant


def _manifest(case: Case) -> statement_pb2.ParcelManifest:
    owner = case.party(case.evidence.owner_chain)
    return verify_manifest(case.evidence.manifest, grant=case.evidence.grant, sender=owner)


def _receipt(case: Case, receipt: bytes, role: int, chain: Sequence[bytes]) -> str:
    if not receipt:
        raise Fails("it has not been signed yet")
    manifest = case.evidence.manifest
    found = verify_receipt(receipt, manifest=manifest, role=role, signer=case.party(chain))
    return f"{found.rows} rows"


def _sealed_to(case: Case, manifest: statement_pb2.ParcelManifest) -> None:
    grantee = case.party(case.evidence.grantee_chain).signed_with(manifest.sealing_key_id)
    key = grantee.keys.get(manifest.sealing_key_id)
    if key is None or key.use != credential_pb2.KEY_USE_SEALING:
        raise Fails(f"{manifest.sealing_key_id} is no sealing key of {manifest.recipient}")


def _asked(case: Case, grant: Grant) -> str:
    act = case.one(REQUESTED)
    request = read_request(act, sharing.RequestDataRequest)
    expect(act, actor=grant.grantee, subject=grant.request_id)
    if request.dataset_id != grant.dataset_id or request.purpose != grant.purpose:
        raise Fails("the grant is for another dataset or purpose than was asked for")
    beyond = sorted(set(grant.columns) - set(request.fields))
    if beyond:
        raise Fails(f"nobody asked for {', '.join(beyond)}")
    return f"{grant.purpose} ({', '.join(grant.columns)})"


def _handed_in(case: Case, grant: Grant) -> None:
    act = case.one(GRANTED)
    request = read_request(act, sharing.GrantDataRequest)
    expect(act, actor=grant.owner, subject=grant.id)
    if request.grant != case.evidence.grant or request.request_id != grant.request_id:
        raise Fails("the log's grant is another one")


def _delivered(case: Case, grant: Grant, parcel_id: str) -> None:
    act = case.one(DELIVERED)
    request = read_request(act, sharing.DeliverParcelRequest)
    expect(act, actor=grant.owner, subject=parcel_id)
    grant.check_time(act.leaf.time_ms)
    evidence = case.evidence
    if (request.grant_id, request.manifest) != (grant.id, evidence.manifest):
        raise Fails("the log's manifest is another one")
    if request.receipt != evidence.sender_receipt:
        raise Fails("the log's receipt of the sender is another one")


def _fetched(case: Case, grant: Grant, parcel_id: str) -> str:
    acts = case.of(FETCHED)
    for act in acts:
        expect(act, actor=grant.grantee, subject=parcel_id)
        grant.check_time(act.leaf.time_ms)
        if read_request(act, sharing.FetchParcelRequest).parcel_id != parcel_id:
            raise Fails(f"{act.name} fetched another parcel")
    if not 1 <= len(acts) <= grant.max_uses:
        raise Fails(f"it was fetched {len(acts)} times, {grant.max_uses} are allowed")
    return f"{len(acts)} of {grant.max_uses}"


def _received(case: Case, grant: Grant, parcel_id: str) -> None:
    act = case.one(RECEIVED)
    request = read_request(act, sharing.SignReceiptRequest)
    expect(act, actor=grant.grantee, subject=parcel_id)
    if (request.parcel_id, request.receipt) != (parcel_id, case.evidence.recipient_receipt):
        raise Fails("the log's receipt of the recipient is another one")


def _steps(case: Case) -> None:
    asked, granted, delivered, received = (case.one(kind) for kind in ONCE)
    fetched = case.of(FETCHED)
    if not fetched:
        raise Fails("it was never fetched")
    steps = [asked, granted, delivered, min(fetched, key=lambda act: act.entry.index), received]
    for before, after in pairwise(steps):
        if before.entry.index >= after.entry.index:
            raise Fails(f"{after.name} stands before {before.name} in the log")
        if before.leaf.time_ms > after.leaf.time_ms + MAX_SKEW_MS:
            raise Fails(f"{after.name} is dated before {before.name}")
    strangers = [act.name for act in case.acts if act.leaf.act not in METHODS]
    if strangers:
        raise Fails(f"{', '.join(strangers)} has no place in an exchange")


def expect(act: Act, *, actor: str, subject: str) -> None:
    if act.leaf.actor != actor:
        raise Fails(f"{act.name} is an act of {act.leaf.actor}, not of {actor}")
    if act.leaf.subject != subject:
        raise Fails(f"{act.name} is about {act.leaf.subject}, not {subject}")
