"""ReviewService: wire messages in, wire messages out."""

from __future__ import annotations

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Caller, Room
from zongheng_hub.review import rules, searching
from zongheng_hub.review.indexing import Indexer
from zongheng_hub.review.rules import Query
from zongheng_hub.store import Store
from zongheng_hub.tenancy import service as tenancy
from zongheng_protos.review.v1 import review_pb2 as pb

PAGE = 50


def room(store: Store, indexer: Indexer) -> Room:
    """The review room."""
    handlers = _Handlers(store, indexer)
    return Room(
        service=pb.DESCRIPTOR.services_by_name["ReviewService"],
        handlers={"SearchLog": handlers.search_log},
    )


class _Handlers:
    def __init__(self, store: Store, indexer: Indexer) -> None:
        self._store = store
        self._indexer = indexer

    async def search_log(self, call: Call, request: pb.SearchLogRequest) -> pb.SearchLogReply:
        query = Query(
            party=request.party,
            counterparty=request.counterparty,
            act=request.act,
            about=request.about,
            dataset=request.dataset,
            purpose=request.purpose,
            since_ms=request.since_ms,
            until_ms=request.until_ms,
            below=int(request.page_token) if request.page_token else None,
        )
        await self._indexer.catch_up()
        found = await self._store.read(
            lambda connection: searching.search(
                connection,
                query,
                scope=scope_of(connection, call.caller),
                limit=request.page_size or PAGE,
            )
        )
        return pb.SearchLogReply(
            entries=[_entry(entry) for entry in found.entries],
            next_page_token="" if found.below is None else str(found.below),
            indexed=found.indexed,
            size=found.size,
        )


def scope_of(connection: Connection, caller: Caller) -> frozenset[str] | None:
    """The tenants whose entries a caller may find; None: everyone's.

    Whoever may audit sees the units below as the tree stands now, the province everything.
    """
    if not rules.may_audit(caller.rights):
        return frozenset({caller.tenant})
    if not caller.ancestors:
        return None
    return frozenset({caller.tenant, *tenancy.descendants(connection, caller.tenant)})


def _entry(found: searching.FoundEntry) -> pb.FoundEntry:
    entry = pb.FoundEntry(index=found.index, leaf=found.leaf, operator=found.operator)
    if found.thread is not None:
        entry.dataset_id = found.thread.dataset_id
        entry.dataset_title = found.thread.dataset_title
        entry.request_id = found.thread.request_id
        entry.grant_id = found.thread.grant_id
        entry.purpose = found.thread.purpose
    return entry
