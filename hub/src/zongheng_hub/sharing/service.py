"""Use cases of sharing, each one transaction; and what other rooms may ask of it.

The hub keeps evidence and sealed bytes; no function here ever holds a row of shared data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select, update

from zongheng_hub.sharing import rules
from zongheng_hub.sharing.rules import DataRequest, Dataset, Field, Granted
from zongheng_hub.sharing.tables import (
    DATA_GRANT,
    DATA_REQUEST,
    DATASET,
    PARCEL,
)
from zongheng_hub.sharing.tracing import Disclosed as Disclosed
from zongheng_hub.sharing.tracing import Disclosure as Disclosure
from zongheng_hub.sharing.tracing import Thread as Thread
from zongheng_hub.sharing.tracing import datasets_titled as datasets_titled
from zongheng_hub.sharing.tracing import disclosures as disclosures
from zongheng_hub.sharing.tracing import fetches as fetches
from zongheng_hub.sharing.tracing import requests_for as requests_for
from zongheng_hub.sharing.tracing import threads as threads
from zongheng_hub.sharing.tracing import unreceived as unreceived
from zongheng_hub.store import Tx
from zongheng_protos.errors import Exists, NotFound, OwnRequest
from zongheng_tenants.grant import Grant

PAGE = 200


class Tenancy(Protocol):
    """What sharing asks of tenancy's service."""

    def ancestors(self, connection: Connection, tenant_id: str) -> tuple[str, ...]: ...
    def chain(self, connection: Connection, tenant_id: str) -> tuple[bytes, ...]: ...
    def credential_entries(self, connection: Connection, tenant_id: str) -> tuple[int, ...]: ...
    def credentials_of(self, connection: Connection, tenant_id: str) -> tuple[Any, ...]: ...
    def links_of(self, connection: Connection, credential_id: str) -> tuple[Any, ...]: ...
    def latest_snapshot(self, connection: Connection) -> Any: ...
    def is_same_person(
        self, connection: Connection, one: tuple[str, str], other: tuple[str, str]
    ) -> bool: ...


def offer(tx: Tx, index: int, dataset: Dataset) -> None:
    """Enter a dataset into the catalogue. Raises Invalid."""
    rules.check_offer(dataset)
    fields = [
        {"name": f.name, "title": f.title, "sharing_class": f.sharing_class} for f in dataset.fields
    ]
    tx.execute(
        insert(DATASET).values(
            id=dataset.id,
            owner=dataset.owner,
            title=dataset.title,
            detail=dataset.detail,
            fields=fields,
            rows=dataset.rows,
            offered_ms=dataset.offered_ms,
            log_index=index,
        )
    )


def request(tx: Tx, index: int, asked: DataRequest) -> DataRequest:
    """Ask for fields of a dataset; gives the request with its owner. Raises NotFound, Invalid."""
    wanted = dataset(tx.connection, asked.dataset_id)
    rules.check_request(asked, wanted)
    tx.execute(
        insert(DATA_REQUEST).values(
            id=asked.id,
            dataset_id=wanted.id,
            owner=wanted.owner,
            requester=asked.requester,
            purpose=asked.purpose,
            legal_basis=asked.legal_basis,
            fields=list(asked.fields),
            requested_ms=asked.requested_ms,
            requested_by=asked.requested_by,
            log_index=index,
        )
    )
    return data_request(tx.connection, asked.id)


def grant(
    tx: Tx,
    index: int,
    *,
    request_id: str,
    envelope: bytes,
    verified: Grant,
    granted_by: str,
    tenancy: Tenancy,
    now_ms: int,
) -> Granted:
    """Take in the owner's grant.

    Args:
        verified: what envelope holds.
        granted_by: the owner's operator who hands it in.

    Raises:
        OwnRequest: the same person asked for the data.
        Invalid, NotRelated, GrantExceeded, StateConflict: see rules.check_grant.
        Exists: another grant has this id.
    """
    asked = data_request(tx.connection, request_id)
    asker, grantor = (asked.requester, asked.requested_by), (asked.owner, granted_by)
    if tenancy.is_same_person(tx.connection, asker, grantor):
        raise OwnRequest(f"{granted_by} asked for {asked.id} and cannot grant it")
    rules.check_grant(verified, asked, dataset(tx.connection, asked.dataset_id), now_ms)
    if tx.one(select(DATA_GRANT.c.id).where(DATA_GRANT.c.id == verified.id)) is not None:
        raise Exists(f"there is a grant {verified.id} already")
    tx.execute(
        insert(DATA_GRANT).values(
            id=verified.id,
            request_id=asked.id,
            dataset_id=asked.dataset_id,
            owner=asked.owner,
            grantee=asked.requester,
            envelope=envelope,
            not_before_ms=verified.not_before_ms,
            expires_ms=verified.expires_ms,
            max_uses=verified.max_uses,
            uses=0,
            granted_ms=now_ms,
            log_index=index,
        )
    )
    return granted(tx.connection, verified.id)


def end_grant(tx: Tx, grant_id: str, now_ms: int) -> None:
    """Nothing is delivered or fetched any more under a grant that its owner took back."""
    tx.execute(update(DATA_GRANT).where(DATA_GRANT.c.id == grant_id).values(revoked_ms=now_ms))


class Grants:
    """What revocation asks of sharing."""

    def owner(self, connection: Connection, grant_id: str) -> str:
        """Raises NotFound."""
        return granted(connection, grant_id).owner

    def end(self, tx: Tx, grant_id: str, now_ms: int) -> None:
        end_grant(tx, grant_id, now_ms)


def datasets(
    connection: Connection,
    *,
    viewer: str,
    tenancy: Tenancy,
    owner: str = "",
    after: str = "",
    limit: int = PAGE,
) -> list[Dataset]:
    """A page of the catalogue, oldest first, after an id.

    Entries are whole to those concerned; others see title and fields.
    """
    query = select(DATASET).where(DATASET.c.id > after).order_by(DATASET.c.id).limit(limit)
    if owner:
        query = query.where(DATASET.c.owner == owner)
    mine = select(DATA_REQUEST.c.dataset_id).where(DATA_REQUEST.c.requester == viewer)
    asked = set(connection.scalars(mine))
    above: dict[str, tuple[str, ...]] = {}
    found = []
    for entry in map(_as_dataset, connection.execute(query).all()):
        if entry.owner not in above:
            above[entry.owner] = tenancy.ancestors(connection, entry.owner)
        whole = rules.may_see_whole(entry, viewer, above[entry.owner], entry.id in asked)
        found.append(entry if whole else rules.catalogue_entry(entry))
    return found


def dataset(connection: Connection, dataset_id: str) -> Dataset:
    """Raises NotFound."""
    return _as_dataset(row_of(connection, DATASET, dataset_id, "dataset"))


def data_requests(
    connection: Connection, tenant: str, *, after: str = "", limit: int = PAGE
) -> list[DataRequest]:
    """Requests after an id that a tenant made or has to answer, oldest first."""
    concerned = or_(DATA_REQUEST.c.owner == tenant, DATA_REQUEST.c.requester == tenant)
    return _requests(connection, and_(concerned, DATA_REQUEST.c.id > after), limit)


def data_request(connection: Connection, request_id: str) -> DataRequest:
    """Raises NotFound."""
    row_of(connection, DATA_REQUEST, request_id, "data request")
    return _requests(connection, DATA_REQUEST.c.id == request_id, 1)[0]


def granted(connection: Connection, grant_id: str) -> Granted:
    """Raises NotFound."""
    row = row_of(connection, DATA_GRANT, grant_id, "grant")
    return Granted(
        id=row.id,
        request_id=row.request_id,
        owner=row.owner,
        grantee=row.grantee,
        envelope=row.envelope,
        not_before_ms=row.not_before_ms,
        expires_ms=row.expires_ms,
        max_uses=row.max_uses,
        uses=row.uses,
        revoked_ms=row.revoked_ms,
    )


def live_grants(connection: Connection, whose: Select[Any], now_ms: int) -> int:
    """How many grants, given or held by the units that whose selects, have not run out."""
    them = select(whose.subquery().c.id)
    query = (
        select(func.count())
        .select_from(DATA_GRANT)
        .where(
            or_(DATA_GRANT.c.owner.in_(them), DATA_GRANT.c.grantee.in_(them)),
            DATA_GRANT.c.expires_ms > now_ms,
            DATA_GRANT.c.uses < DATA_GRANT.c.max_uses,
        )
    )
    return int(connection.execute(query).scalar_one())


def row_of(connection: Connection, table: Any, identifier: str, what: str) -> Row[Any]:
    rules.check_known(identifier, what)
    row = connection.execute(select(table).where(table.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no {what} {identifier}")
    return row


def _requests(connection: Connection, which: Any, limit: int) -> list[DataRequest]:
    query = (
        select(DATA_REQUEST, DATA_GRANT.c.id.label("grant_id"))
        .join_from(
            DATA_REQUEST, DATA_GRANT, DATA_GRANT.c.request_id == DATA_REQUEST.c.id, isouter=True
        )
        .where(which)
        .order_by(DATA_REQUEST.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    delivered = _parcels_of(connection, [row.grant_id for row in rows if row.grant_id])
    return [
        DataRequest(
            id=row.id,
            dataset_id=row.dataset_id,
            owner=row.owner,
            requester=row.requester,
            purpose=row.purpose,
            legal_basis=row.legal_basis,
            fields=tuple(row.fields),
            requested_ms=row.requested_ms,
            requested_by=row.requested_by,
            grant_id=row.grant_id or "",
            parcel_ids=tuple(delivered.get(row.grant_id, ())),
        )
        for row in rows
    ]


def _parcels_of(connection: Connection, grants: Sequence[str]) -> dict[str, list[str]]:
    query = select(PARCEL.c.grant_id, PARCEL.c.id).order_by(PARCEL.c.delivered_index)
    found: dict[str, list[str]] = {}
    for start in range(0, len(grants), 500):
        few = query.where(PARCEL.c.grant_id.in_(grants[start : start + 500]))
        for grant_id, parcel_id in connection.execute(few):
            found.setdefault(grant_id, []).append(parcel_id)
    return found


def _as_dataset(row: Row[Any]) -> Dataset:
    return Dataset(
        id=row.id,
        owner=row.owner,
        title=row.title,
        detail=row.detail,
        fields=_as_fields(row.fields),
        rows=row.rows,
        offered_ms=row.offered_ms,
    )


def _as_fields(stored: Iterable[dict[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(f["name"], f["title"], f["sharing_class"]) for f in stored)
