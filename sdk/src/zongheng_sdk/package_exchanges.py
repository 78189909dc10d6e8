"""Who was shown whose data, under which grant: the exchanges in an audit package, checked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_sdk.package_acts import ProvenAct, ProvenActs
from zongheng_sdk.package_findings import Fails, Findings
from zongheng_tenants.grant import Grant, verify_grant
from zongheng_tenants.parcel import RECIPIENT, SENDER, verify_manifest, verify_receipt

OFFERED, REQUESTED, GRANTED = "dataset.offered", "data.requested", "data.granted"
DELIVERED, FETCHED, RECEIVED = "parcel.delivered", "parcel.fetched", "parcel.received"


@dataclass(frozen=True, slots=True)
class Showing:
    """One parcel of data that one unit was shown.

    Attributes:
        parcel_id: what was delivered; rows as both receipts say.
        grant: under which it was; purpose, fields, dates and uses are in it.
        title: of the dataset, where its entry is in the package.
        fetched: the acts in which it was fetched.
        received: the recipient has signed for it.
    """

    parcel_id: str
    grant: Grant
    title: str
    rows: int
    fetched: tuple[ProvenAct, ...]
    received: bool


@dataclass(slots=True)
class _Exchanges:
    acts: ProvenActs
    by_subject: dict[tuple[str, str], list[ProvenAct]] = field(default_factory=dict)

    def of(self, kind: str, subject: str) -> list[ProvenAct]:
        return self.by_subject.get((kind, subject), [])

    def one(self, kind: str, subject: str) -> ProvenAct:
        found = self.of(kind, subject)
        if len(found) != 1:
            raise Fails(f"{len(found)} proven entries {kind} about {subject} are here, not one")
        return found[0]

    def showing(self, parcel_id: str) -> Showing:
        delivered = self.one(DELIVERED, parcel_id)
        request = sharing.DeliverParcelRequest.FromString(delivered.entry.request)
        owner = self.acts.parties[delivered.leaf.actor]
        granted = self.one(GRANTED, request.grant_id)
        envelope = sharing.GrantDataRequest.FromString(granted.entry.request).grant
        grant = verify_grant(envelope, owner)
        if grant.id != request.grant_id or granted.leaf.actor != grant.owner:
            raise Fails(f"entry {granted.index} grants something else")
        manifest = verify_manifest(request.manifest, grant=envelope, sender=owner)
        if manifest.parcel_id != parcel_id or grant.owner != delivered.leaf.actor:
            raise Fails(f"entry {delivered.index} delivers something else")
        verify_receipt(request.receipt, manifest=request.manifest, role=SENDER, signer=owner)
        grant.check_time(delivered.leaf.time_ms)
        self._asked(grant)
        if granted.index > delivered.index:
            raise Fails(f"entry {delivered.index} delivers before entry {granted.index} grants")
        return Showing(
            parcel_id,
            grant,
            self._title(grant.dataset_id),
            manifest.rows,
            self._fetched(grant, parcel_id, delivered.index),
            self._received(grant, parcel_id, request.manifest),
        )

    def _asked(self, grant: Grant) -> None:
        asked = self.one(REQUESTED, grant.request_id)
        request = sharing.RequestDataRequest.FromString(asked.entry.request)
        if asked.leaf.actor != grant.grantee or request.dataset_id != grant.dataset_id:
            raise Fails(f"entry {asked.index} asks for something else")
        if request.purpose != grant.purpose or set(grant.columns) - set(request.fields):
            raise Fails(f"grant {grant.id} goes beyond what entry {asked.index} asks for")

    def _fetched(self, grant: Grant, parcel_id: str, after: int) -> tuple[ProvenAct, ...]:
        fetched = self.of(FETCHED, parcel_id)
        for act in fetched:
            if act.leaf.actor != grant.grantee or act.index <= after:
                raise Fails(f"entry {act.index} fetches what {grant.id} does not grant it")
            grant.check_time(act.leaf.time_ms)
            self.acts.ended.check(f"grant {grant.id}", (grant.id,), act.index)
        if len(fetched) > grant.max_uses:
            raise Fails(f"it was fetched {len(fetched)} times, {grant.max_uses} are allowed")
        return tuple(fetched)

    def _received(self, grant: Grant, parcel_id: str, manifest: bytes) -> bool:
        for act in self.of(RECEIVED, parcel_id):
            receipt = sharing.SignReceiptRequest.FromString(act.entry.request).receipt
            grantee = self.acts.parties[grant.grantee]
            verify_receipt(receipt, manifest=manifest, role=RECIPIENT, signer=grantee)
            return True
        return False

    def _title(self, dataset_id: str) -> str:
        for act in self.of(OFFERED, dataset_id):
            return sharing.OfferDatasetRequest.FromString(act.entry.request).title
        return ""


def prove_showings(
    acts: ProvenActs, wanted: Collection[int], findings: Findings
) -> tuple[Showing, ...]:
    """Every parcel that an act of the answer is about, checked from request to receipt."""
    exchanges = _Exchanges(acts)
    for act in acts.acts.values():
        exchanges.by_subject.setdefault((act.leaf.act, act.leaf.subject), []).append(act)
    chosen = set(wanted)
    parcels = sorted(
        {
            act.leaf.subject
            for act in acts.acts.values()
            if act.index in chosen and act.leaf.act in (DELIVERED, FETCHED, RECEIVED)
        }
    )
    complete = [one for one in parcels if exchanges.of(DELIVERED, one)]
    found = findings.each(
        "每次数据提供都有申请、授权在先，字段、用途、期限、次数均未超出",
        "each time data was shown it had been asked for and granted, within fields, purpose, dates "
        "and uses",
        ((f"parcel {one}", partial(exchanges.showing, one)) for one in complete),
    )
    beyond = [one for one in parcels if one not in complete]
    if beyond:
        findings.leave_open(
            "部分数据包的授权或提供条目不在包内，或内容已销毁",
            "for some parcels what grants or delivers them is not here, or was shredded",
            ", ".join(beyond),
        )
    return tuple(one for one in found if one is not None)
