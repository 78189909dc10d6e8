"""What a thing of sharing belongs to: for those who follow data through the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from zongheng_hub.sharing.tables import DATA_GRANT, DATA_REQUEST, DATASET, PARCEL, PARCEL_FETCH

_FEW = 500
Use = tuple[int, str, str, str, int]
"""A use of a grant: index, grantee, dataset, parcel, time."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A dataset, and what of it a thing belongs to; empty where that is not so far."""

    dataset_id: str
    dataset_title: str = ""
    request_id: str = ""
    grant_id: str = ""
    purpose: str = ""


def threads(connection: Connection, things: Collection[str]) -> Mapping[str, Thread]:
    """By id of a dataset, request, grant or parcel; what is none of these is left out."""
    found: dict[str, Thread] = {}
    offered = select(DATASET.c.id, DATASET.c.title)
    for ids in _fews(things, "d_"):
        for row in connection.execute(offered.where(DATASET.c.id.in_(ids))):
            found[row.id] = Thread(row.id, row.title)
    asked = (
        select(DATASET.c.id, DATASET.c.title, DATA_REQUEST.c.id, DATA_GRANT.c.id)
        .add_columns(DATA_REQUEST.c.purpose)
        .join_from(DATA_REQUEST, DATASET, DATASET.c.id == DATA_REQUEST.c.dataset_id)
        .join(DATA_GRANT, DATA_GRANT.c.request_id == DATA_REQUEST.c.id, isouter=True)
    )
    for prefix, column in (("q_", DATA_REQUEST.c.id), ("g_", DATA_GRANT.c.id)):
        for ids in _fews(things, prefix):
            query = asked.add_columns(column).where(column.in_(ids))
            for *parts, purpose, thing in connection.execute(query):
                found[thing] = _thread(parts, purpose)
    delivered = asked.join(PARCEL, PARCEL.c.grant_id == DATA_GRANT.c.id).add_columns(PARCEL.c.id)
    for ids in _fews(things, "p_"):
        for *parts, purpose, thing in connection.execute(delivered.where(PARCEL.c.id.in_(ids))):
            found[thing] = _thread(parts, purpose)
    return found


def datasets_titled(connection: Connection, words: str, limit: int) -> list[str]:
    """Ids of datasets whose title contains words, the newest first."""
    query = select(DATASET.c.id).where(DATASET.c.title.contains(words, autoescape=True))
    return list(connection.scalars(query.order_by(DATASET.c.id.desc()).limit(limit)))


def requests_for(connection: Connection, words: str, limit: int) -> list[str]:
    """Ids of requests whose purpose contains words, the newest first."""
    query = select(DATA_REQUEST.c.id).where(DATA_REQUEST.c.purpose.contains(words, autoescape=True))
    return list(connection.scalars(query.order_by(DATA_REQUEST.c.id.desc()).limit(limit)))


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A parcel and its fetches, as (index, time). received_index: None until confirmed."""

    parcel_id: str
    manifest: bytes
    delivered_ms: int
    delivered_index: int
    received_index: int | None
    fetches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A grant and what was delivered under it."""

    grant_id: str
    envelope: bytes
    revoked_ms: int
    parcels: tuple[Disclosed, ...]


def disclosures(
    connection: Connection, dataset_id: str, after: str, limit: int
) -> list[Disclosure]:
    """Grants on a dataset after an id, oldest first."""
    query = select(DATA_GRANT.c.id, DATA_GRANT.c.envelope, DATA_GRANT.c.revoked_ms).where(
        DATA_GRANT.c.dataset_id == dataset_id, DATA_GRANT.c.id > after
    )
    grants = connection.execute(query.order_by(DATA_GRANT.c.id).limit(limit)).all()
    named = [grant.id for grant in grants]
    parcels: dict[str, list[Any]] = {}
    for parcel in connection.execute(
        select(PARCEL).where(PARCEL.c.grant_id.in_(named)).order_by(PARCEL.c.delivered_index)
    ):
        parcels.setdefault(parcel.grant_id, []).append(parcel)
    fetched: dict[str, list[tuple[int, int]]] = {}
    uses = (
        select(PARCEL_FETCH)
        .join_from(PARCEL_FETCH, PARCEL, PARCEL.c.id == PARCEL_FETCH.c.parcel_id)
        .where(PARCEL.c.grant_id.in_(named))
        .order_by(PARCEL_FETCH.c.log_index)
    )
    for use in connection.execute(uses):
        fetched.setdefault(use.parcel_id, []).append((use.log_index, use.fetched_ms))
    return [
        Disclosure(
            grant.id,
            grant.envelope,
            grant.revoked_ms,
            tuple(
                Disclosed(
                    one.id,
                    one.manifest,
                    one.delivered_ms,
                    one.delivered_index,
                    one.received_index,
                    tuple(fetched.get(one.id, ())),
                )
                for one in parcels.get(grant.id, ())
            ),
        )
        for grant in grants
    ]


def fetches(connection: Connection, since_ms: int) -> list[Use]:
    """Uses of grants since a time, in order: index, grantee, dataset, parcel, time."""
    query = (
        select(PARCEL_FETCH.c.log_index, PARCEL.c.grantee, DATA_GRANT.c.dataset_id)
        .add_columns(PARCEL.c.id, PARCEL_FETCH.c.fetched_ms)
        .join_from(PARCEL_FETCH, PARCEL, PARCEL.c.id == PARCEL_FETCH.c.parcel_id)
        .join(DATA_GRANT, DATA_GRANT.c.id == PARCEL.c.grant_id)
        .where(PARCEL_FETCH.c.fetched_ms >= since_ms)
        .order_by(PARCEL_FETCH.c.log_index)
    )
    return [(*row,) for row in connection.execute(query)]


def unreceived(connection: Connection, by_ms: int) -> list[Use]:
    """Parcels first fetched by a time that have no receipt: as fetches, the first of each."""
    query = (
        select(func.min(PARCEL_FETCH.c.log_index), PARCEL.c.grantee, DATA_GRANT.c.dataset_id)
        .add_columns(PARCEL.c.id, func.min(PARCEL_FETCH.c.fetched_ms))
        .join_from(PARCEL, PARCEL_FETCH, PARCEL.c.id == PARCEL_FETCH.c.parcel_id)
        .join(DATA_GRANT, DATA_GRANT.c.id == PARCEL.c.grant_id)
        .where(PARCEL.c.readable, PARCEL.c.received_index.is_(None))
        .group_by(PARCEL.c.id, PARCEL.c.grantee, DATA_GRANT.c.dataset_id)
        .having(func.min(PARCEL_FETCH.c.fetched_ms) <= by_ms)
    )
    return [(*row,) for row in connection.execute(query)]


def _thread(parts: list[str | None], purpose: str) -> Thread:
    dataset_id, title, request_id, grant_id = (part or "" for part in parts)
    return Thread(dataset_id, title, request_id, grant_id, purpose)


def _fews(things: Iterable[str], prefix: str) -> Iterable[list[str]]:
    wanted = sorted({thing for thing in things if thing.startswith(prefix)})
    return (wanted[start : start + _FEW] for start in range(0, len(wanted), _FEW))
