"""What a thing of sharing belongs to: for those who follow data through the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from zongheng_hub.sharing.tables import DATA_GRANT, DATA_REQUEST, DATASET, PARCEL

_FEW = 500


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


def _thread(parts: list[str | None], purpose: str) -> Thread:
    dataset_id, title, request_id, grant_id = (part or "" for part in parts)
    return Thread(dataset_id, title, request_id, grant_id, purpose)


def _fews(things: Iterable[str], prefix: str) -> Iterable[list[str]]:
    wanted = sorted({thing for thing in things if thing.startswith(prefix)})
    return (wanted[start : start + _FEW] for start in range(0, len(wanted), _FEW))
