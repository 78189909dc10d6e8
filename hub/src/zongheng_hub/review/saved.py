"""Searches that an operator has given a name, for the next time."""

from __future__ import annotations

from google.protobuf.json_format import MessageToDict, ParseDict
from sqlalchemy import Connection, delete, func, insert, select

from zongheng_hub.review.tables import SAVED_SEARCH
from zongheng_hub.store import Tx
from zongheng_protos.errors import Quota
from zongheng_protos.review.v1 import review_pb2 as pb

MOST = 100
_saved = SAVED_SEARCH.c


def save(tx: Tx, who: tuple[str, str], search: pb.SavedSearch, now_ms: int) -> None:
    """Keep a search under its name, or forget the name where the search is empty.

    Raises:
        Quota: the operator has as many as one may have.
    """
    whose = (_saved.tenant_id == who[0], _saved.operator == who[1])
    tx.execute(delete(SAVED_SEARCH).where(*whose, _saved.name == search.name))
    kept = pb.SearchLogRequest()
    kept.CopyFrom(search.search)
    kept.page_token, kept.page_size = "", 0
    query = MessageToDict(kept)
    if not query:
        return
    count = tx.connection.execute(select(func.count()).where(*whose)).scalar_one()
    if count >= MOST:
        raise Quota(f"{MOST} searches are saved: forget one first", limit=f"{MOST} saved searches")
    tx.execute(
        insert(SAVED_SEARCH).values(
            tenant_id=who[0], operator=who[1], name=search.name, query=query, saved_ms=now_ms
        )
    )


def saved(connection: Connection, who: tuple[str, str]) -> list[pb.SavedSearch]:
    """An operator's searches, by name."""
    rows = connection.execute(
        select(_saved.name, _saved.query)
        .where(_saved.tenant_id == who[0], _saved.operator == who[1])
        .order_by(_saved.name)
    )
    return [
        pb.SavedSearch(
            name=row.name,
            search=ParseDict(row.query, pb.SearchLogRequest(), ignore_unknown_fields=True),
        )
        for row in rows
    ]
