"""Searching the log: what the hub finds is not proven; prove what matters with hub.log.prove."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_sdk.audit import LoggedAct, read_leaf
from zongheng_sdk.flow import Flow
from zongheng_sdk.session import Session

_METHODS = pb.DESCRIPTOR.services_by_name["ReviewService"].methods_by_name
PAGE = 500


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry, and what of shared data it is about; empty where it is about none.

    Attributes:
        operator: who acted for the tenant; empty once the content was deleted.
    """

    index: int
    leaf: bytes = field(repr=False)
    act: LoggedAct
    operator: str
    dataset_id: str
    dataset_title: str
    request_id: str
    grant_id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """What a search found, newest first.

    Attributes:
        is_complete: nothing older meets the search.
        page: where to go on, for the next search; empty when it is complete.
        indexed, size: how far the hub has indexed the log, and how long it is.
    """

    entries: tuple[FoundEntry, ...]
    is_complete: bool
    page: str
    indexed: int
    size: int


def search_of(session: Session, request: pb.SearchLogRequest, *, limit: int) -> Flow[FoundEntries]:
    """See Log.search."""
    found: list[FoundEntry] = []
    while True:
        request.page_size = min(PAGE, limit - len(found))
        reply, _ = yield from session.unary(_METHODS["SearchLog"], request, pb.SearchLogReply)
        found += (_entry(entry) for entry in reply.entries)
        request.page_token = reply.next_page_token
        if len(found) >= limit or not reply.next_page_token:
            complete = not reply.next_page_token
            page = reply.next_page_token
            return FoundEntries(tuple(found), complete, page, reply.indexed, reply.size)


def unix_ms(moment: datetime | int | None) -> int:
    """Unix milliseconds of a moment; a datetime without a zone is taken as this machine's."""
    if moment is None:
        return 0
    return moment if isinstance(moment, int) else int(moment.timestamp() * 1000)


def _entry(entry: pb.FoundEntry) -> FoundEntry:
    return FoundEntry(
        index=entry.index,
        leaf=entry.leaf,
        act=read_leaf(entry.leaf),
        operator=entry.operator,
        dataset_id=entry.dataset_id,
        dataset_title=entry.dataset_title,
        request_id=entry.request_id,
        grant_id=entry.grant_id,
        purpose=entry.purpose,
    )
