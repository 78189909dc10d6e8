"""What sharing speaks of: datasets, requests, grants' fields and conditions, parcels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from zongheng_protos.errors import ArgumentInvalid
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_protos.sharing.v1 import statement_pb2 as statement
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.words import number, word
from zongheng_tenants.grant import Condition, GrantedField
from zongheng_tenants.parcel import OpenedParcel

SharingClass = Literal["unconditional", "conditional", "not_shared"]
Mask = Literal["none", "name", "last_four", "pseudonym"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a dataset; sharing_class as in the national catalogue rules."""

    name: str
    title: str = ""
    sharing_class: SharingClass = "conditional"


@dataclass(frozen=True, slots=True)
class Dataset:
    """An entry of the catalogue: what a unit has, not the data. owner is a tenant's id."""

    id: str
    owner: str
    title: str
    detail: str
    fields: tuple[Field, ...]
    rows: int
    offered_ms: int
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class DataRequest:
    """One unit asks another for fields of a dataset, for a purpose.

    Attributes:
        grant_id: empty until granted.
        parcel_ids: what has been delivered on it.
    """

    id: str
    dataset_id: str
    owner: str
    requester: str
    purpose: str
    legal_basis: str
    fields: tuple[str, ...]
    requested_ms: int
    grant_id: str
    parcel_ids: tuple[str, ...]
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant that was signed here and handed in; envelope is the signed form."""

    grant_id: str
    envelope: bytes
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A parcel that was sealed here and handed in."""

    parcel_id: str
    rows: int
    chunks: int
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A parcel opened here; its recipient's receipt has been signed and handed in.

    Attributes:
        parcel: rows_csv, records(), grant.
        fetched, received: the log's receipts for the two acts.
    """

    parcel: OpenedParcel
    fetched: Receipt | None
    received: Receipt | None


def granted_fields(
    fields: Mapping[str, Mask] | Sequence[str | GrantedField],
) -> tuple[GrantedField, ...]:
    """Fields as grants hold them: {"name": "name", "id": "last_four"}, or names, not masked.

    Raises:
        ArgumentInvalid: there is no such mask.
    """
    if isinstance(fields, Mapping):
        masks = statement.Mask.DESCRIPTOR
        return tuple(
            GrantedField(name, number(masks, mask, field=f"the mask of {name}"))
            for name, mask in fields.items()
        )
    return tuple(f if isinstance(f, GrantedField) else GrantedField(f) for f in fields)


_CONDITION = re.compile(r"\s*(?P<field>.+?)\s*(?P<sign>>=|<=|=|\bin\b)\s*(?P<value>.*?)\s*", re.S)
_SIGNS = {
    "=": statement.OPERATOR_EQUALS,
    ">=": statement.OPERATOR_AT_LEAST,
    "<=": statement.OPERATOR_AT_MOST,
    "in": statement.OPERATOR_IN,
}


def condition(given: str | Condition) -> Condition:
    """A row's condition: "town=高平镇", "income<=6000", "town in 高平镇,北城街道".

    Raises:
        ArgumentInvalid: it has none of =, >=, <=, in.
    """
    if isinstance(given, Condition):
        return given
    parts = _CONDITION.fullmatch(given)
    if parts is None:
        raise ArgumentInvalid(
            f"{given!r} is no condition: write FIELD=VALUE, >=, <= or FIELD in A,B"
        )
    sign, value = parts["sign"], parts["value"]
    values = tuple(v.strip() for v in value.split(",")) if sign == "in" else (value,)
    return Condition(parts["field"], _SIGNS[sign], values)


def dataset_from(dataset: pb.Dataset, receipt: Receipt | None = None) -> Dataset:
    return Dataset(
        id=dataset.id,
        owner=dataset.owner,
        title=dataset.title,
        detail=dataset.detail,
        fields=tuple(Field(f.name, f.title, _class(f.sharing_class)) for f in dataset.fields),
        rows=dataset.rows,
        offered_ms=dataset.offered_ms,
        receipt=receipt,
    )


def request_from(request: pb.DataRequest, receipt: Receipt | None = None) -> DataRequest:
    return DataRequest(
        id=request.id,
        dataset_id=request.dataset_id,
        owner=request.owner,
        requester=request.requester,
        purpose=request.purpose,
        legal_basis=request.legal_basis,
        fields=tuple(request.fields),
        requested_ms=request.requested_ms,
        grant_id=request.grant_id,
        parcel_ids=tuple(request.parcel_ids),
        receipt=receipt,
    )


def _class(value: int) -> SharingClass:
    return cast(SharingClass, word(pb.SharingClass.DESCRIPTOR, value))
