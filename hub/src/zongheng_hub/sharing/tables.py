"""The tables of sharing: what is offered, asked for, granted and delivered; no content of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Table, text
from sqlmodel import Field, SQLModel


class DatasetRow(SQLModel, table=True):
    """A catalogue entry. fields: a list of {name, title, sharing_class}."""

    __tablename__ = "dataset"

    id: str = Field(primary_key=True, max_length=64)
    owner: str = Field(index=True, max_length=64)
    title: str
    detail: str
    fields: Any = Field(sa_type=JSON)
    rows: int = Field(sa_type=BigInteger)
    offered_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)


class DataRequestRow(SQLModel, table=True):
    """Who asked for which fields of a dataset, and what for."""

    __tablename__ = "data_request"

    id: str = Field(primary_key=True, max_length=64)
    dataset_id: str = Field(foreign_key="dataset.id", index=True, max_length=64)
    owner: str = Field(index=True, max_length=64)
    requester: str = Field(index=True, max_length=64)
    purpose: str
    legal_basis: str
    fields: Any = Field(sa_type=JSON)
    requested_ms: int = Field(sa_type=BigInteger)
    requested_by: str = Field(
        default="", max_length=80, sa_column_kwargs={"server_default": text("''")}
    )
    log_index: int = Field(sa_type=BigInteger)


class DataGrantRow(SQLModel, table=True):
    """The grant that answered a request, as its owner signed it, and how often it was used.

    revoked_ms is 0 until the owner takes it back.
    """

    __tablename__ = "data_grant"

    id: str = Field(primary_key=True, max_length=64)
    request_id: str = Field(foreign_key="data_request.id", unique=True, max_length=64)
    dataset_id: str = Field(foreign_key="dataset.id", index=True, max_length=64)
    owner: str = Field(max_length=64)
    grantee: str = Field(max_length=64)
    envelope: bytes
    not_before_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    max_uses: int = Field(sa_type=BigInteger)
    uses: int = Field(default=0, sa_type=BigInteger)
    granted_ms: int = Field(sa_type=BigInteger)
    log_index: int = Field(sa_type=BigInteger)
    revoked_ms: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class ParcelRow(SQLModel, table=True):
    """A delivered parcel. Readable from a fetch until the recipient's receipt."""

    __tablename__ = "parcel"

    id: str = Field(primary_key=True, max_length=64)
    grant_id: str = Field(foreign_key="data_grant.id", index=True, max_length=64)
    owner: str = Field(max_length=64)
    grantee: str = Field(max_length=64)
    chunks: int
    manifest: bytes
    sender_receipt: bytes
    recipient_receipt: bytes = b""
    readable: bool = False
    delivered_ms: int = Field(sa_type=BigInteger)
    delivered_index: int = Field(sa_type=BigInteger)
    received_ms: int | None = Field(default=None, sa_type=BigInteger)
    received_index: int | None = Field(default=None, sa_type=BigInteger)


class ParcelFetchRow(SQLModel, table=True):
    """One use of a grant: its grantee fetched a parcel."""

    __tablename__ = "parcel_fetch"

    log_index: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    parcel_id: str = Field(foreign_key="parcel.id", index=True, max_length=64)
    fetched_ms: int = Field(sa_type=BigInteger)


class ParcelChunkRow(SQLModel, table=True):
    """A sealed chunk that was handed in; its bytes are a file of Blobs.

    put_ms is 0 for chunks handed in before that was noted.
    """

    __tablename__ = "parcel_chunk"

    parcel_id: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    grant_id: str = Field(foreign_key="data_grant.id", index=True, max_length=64)
    sha256: bytes
    size: int
    put_ms: int = Field(default=0, sa_type=BigInteger, index=True)


class ParcelCredentialRow(SQLModel, table=True):
    """A link of a party's chain as it stood when the party signed for a parcel, root first."""

    __tablename__ = "parcel_credential"

    parcel_id: str = Field(foreign_key="parcel.id", primary_key=True, max_length=64)
    tenant_id: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    envelope: bytes
    log_index: int = Field(sa_type=BigInteger)


def _table(row: type[SQLModel]) -> Table:
    table = row.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    assert isinstance(table, Table)
    return table


DATASET = _table(DatasetRow)
DATA_REQUEST = _table(DataRequestRow)
DATA_GRANT = _table(DataGrantRow)
PARCEL = _table(ParcelRow)
PARCEL_FETCH = _table(ParcelFetchRow)
PARCEL_CHUNK = _table(ParcelChunkRow)
PARCEL_CREDENTIAL = _table(ParcelCredentialRow)
