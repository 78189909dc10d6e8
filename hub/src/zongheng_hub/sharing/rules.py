"""What may be offered, asked for, granted and delivered: decisions over values, nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from zongheng_protos.errors import (
    GrantExceeded,
    GrantRevoked,
    Invalid,
    NotFound,
    NotRelated,
    PurposeUncovered,
    StateConflict,
)
from zongheng_protos.sharing.v1 import sharing_pb2, statement_pb2
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import Credential
from zongheng_tenants.grant import Grant

MAX_ROWS = 2**63 - 1
PARCEL_ID = re.compile(r"p_[a-z0-9]{20,40}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CLASSES = (
    sharing_pb2.SHARING_CLASS_UNCONDITIONAL,
    sharing_pb2.SHARING_CLASS_CONDITIONAL,
    sharing_pb2.SHARING_CLASS_NOT_SHARED,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column on offer; sharing_class is a number of sharing.v1.SharingClass."""

    name: str
    title: str
    sharing_class: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """A catalogue entry."""

    id: str
    owner: str
    title: str
    detail: str
    fields: tuple[Field, ...]
    rows: int
    offered_ms: int

    @property
    def shareable(self) -> frozenset[str]:
        """Names of the fields that may be asked for."""
        closed = sharing_pb2.SHARING_CLASS_NOT_SHARED
        return frozenset(f.name for f in self.fields if f.sharing_class != closed)


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A request; grant_id is empty until it is granted.

    Attributes:
        requested_by: the requester's operator, as the act named them.
    """

    id: str
    dataset_id: str
    owner: str
    requester: str
    purpose: str
    legal_basis: str
    fields: tuple[str, ...]
    requested_ms: int
    requested_by: str = ""
    grant_id: str = ""
    parcel_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as the hub keeps it: its envelope, how often it was used, when it was taken back."""

    id: str
    request_id: str
    owner: str
    grantee: str
    envelope: bytes
    not_before_ms: int
    expires_ms: int
    max_uses: int
    uses: int
    revoked_ms: int = 0

    def check_open(self, now_ms: int) -> None:
        """Raises GrantRevoked; GrantExceeded outside its dates, see Grant.check_time."""
        if self.revoked_ms:
            raise GrantRevoked(f"{self.owner} took back grant {self.id}")
        if now_ms + MAX_SKEW_MS < self.not_before_ms:
            raise GrantExceeded(f"grant {self.id} is not valid yet")
        if now_ms >= self.expires_ms:
            raise GrantExceeded(f"grant {self.id} has expired")

    def check_use_left(self) -> None:
        """Raises GrantExceeded when every use is taken."""
        if self.uses >= self.max_uses:
            raise GrantExceeded(f"grant {self.id} allows {self.max_uses} uses, all are taken")


def check_offer(dataset: Dataset) -> None:
    """Raises Invalid for a catalogue entry that says too little or contradicts itself."""
    check_text("title", dataset.title)
    check_text("detail", dataset.detail)
    if dataset.rows > MAX_ROWS:
        raise Invalid(f"a dataset has at most {MAX_ROWS} rows")
    names = [field.name for field in dataset.fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"the dataset names field {', '.join(twice)} more than once")
    for field in dataset.fields:
        check_text("field name", field.name)
        check_text("field title", field.title)
        if field.sharing_class not in _CLASSES:
            raise Invalid(f"field {field.name} has no sharing class")


def check_request(request: DataRequest, dataset: Dataset) -> None:
    """Raises Invalid for a request of one's own data, or of fields that cannot be asked for."""
    check_text("purpose", request.purpose)
    check_text("legal basis", request.legal_basis)
    if request.requester == dataset.owner:
        raise Invalid(f"dataset {dataset.id} is your own: use it without asking")
    unknown = sorted(set(request.fields) - {field.name for field in dataset.fields})
    if unknown:
        raise Invalid(f"dataset {dataset.id} has no field {', '.join(unknown)}")
    closed = sorted(set(request.fields) - dataset.shareable)
    if closed:
        raise Invalid(f"field {', '.join(closed)} of dataset {dataset.id} is not shared")


def check_grant(grant: Grant, request: DataRequest, dataset: Dataset, now_ms: int) -> None:
    """Whether a verified grant answers its request and stays within it.

    Raises:
        Invalid: it answers another request, or names a field that the dataset does not have.
        NotRelated: it is for someone else.
        PurposeUncovered: it is for another purpose.
        GrantExceeded: it gives what was not asked for, or is over already.
        StateConflict: the request has its grant.
    """
    if (grant.request_id, grant.dataset_id) != (request.id, request.dataset_id):
        raise Invalid(f"the grant answers request {grant.request_id}, not {request.id}")
    if (grant.owner, grant.grantee) != (request.owner, request.requester):
        raise NotRelated(f"the grant names other parties than request {request.id}")
    if grant.purpose != request.purpose:
        raise PurposeUncovered(f"the grant names another purpose than request {request.id}")
    beyond = sorted(set(grant.columns) - (set(request.fields) & dataset.shareable))
    if beyond:
        raise GrantExceeded(f"request {request.id} does not ask for field {', '.join(beyond)}")
    unknown = sorted(grant.touched_fields - {field.name for field in dataset.fields})
    if unknown:
        raise Invalid(f"dataset {dataset.id} has no field {', '.join(unknown)} to filter by")
    if now_ms >= grant.expires_ms:
        raise GrantExceeded(f"grant {grant.id} has expired")
    if request.grant_id:
        raise StateConflict(f"request {request.id} was granted before, as {request.grant_id}")


def check_manifest(
    manifest: statement_pb2.ParcelManifest, grant_id: str, grantee: Credential, now_ms: int
) -> None:
    """Whether a verified manifest can be delivered under this grant at this moment.

    Raises:
        Invalid: it names another grant, an id not of ours, a moment ahead, or a sealing key that
            the grantee's credential does not hold.
    """
    if manifest.grant_id != grant_id:
        raise Invalid(f"the manifest belongs to grant {manifest.grant_id}, not {grant_id}")
    if not PARCEL_ID.fullmatch(manifest.parcel_id):
        raise Invalid("the manifest's parcel id is none: p_ and 20 to 40 letters and digits")
    if manifest.time_ms > now_ms + MAX_SKEW_MS:
        raise Invalid(f"the manifest of parcel {manifest.parcel_id} is dated in the future")
    if manifest.rows > MAX_ROWS:
        raise Invalid(f"a parcel has at most {MAX_ROWS} rows")
    key_id = manifest.sealing_key_id
    key = grantee.signed_with(key_id).keys.get(key_id)
    if key is None or key.use != credential_pb2.KEY_USE_SEALING:
        raise Invalid(
            f"parcel {manifest.parcel_id} is sealed to a key that {grantee.tenant} does not hold"
        )


def check_chunks(
    parcel_id: str, listed: Sequence[bytes], held: Sequence[tuple[int, bytes]]
) -> None:
    """Raises StateConflict unless held chunks (position, SHA-256) are exactly those listed."""
    found = dict(held)
    for position, digest in enumerate(listed):
        if position not in found:
            raise StateConflict(f"chunk {position} of parcel {parcel_id} has not been handed in")
        if found[position] != digest:
            raise StateConflict(f"chunk {position} of parcel {parcel_id} is not the manifest's")
    if len(found) > len(listed):
        raise StateConflict(f"parcel {parcel_id} has more chunks than its manifest lists")


def catalogue_entry(dataset: Dataset) -> Dataset:
    """What a unit without relation to a dataset sees of it: title and fields."""
    return replace(dataset, detail="", rows=0)


def may_see_whole(dataset: Dataset, viewer: str, above: Collection[str], asked: bool) -> bool:
    """Whether a viewer stands in a relation: owner, above the owner, or a requester."""
    return viewer == dataset.owner or viewer in above or asked


def check_text(what: str, text: str) -> None:
    """Raises Invalid when a text holds control characters, which no database or screen takes."""
    if _CONTROL.search(text):
        raise Invalid(f"the {what} holds control characters")


def check_known(identifier: str, what: str) -> None:
    """Raises NotFound for what cannot be an identifier."""
    if _CONTROL.search(identifier):
        raise NotFound(f"there is no such {what}")
