"""Finding entries by the index: the rarest part first, a window of the log at a time.

A search looks at no more than MOST_SEEN candidates; then it answers with what it has and from
where to go on, so that no question however odd keeps a reader busy.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from sqlalchemy import ColumnElement, Connection, exists, select

from zongheng_hub.review.indexing import indexed_to
from zongheng_hub.review.rules import ACT, Query, window
from zongheng_hub.review.tables import REVIEW_POSTING, REVIEW_TERM
from zongheng_hub.sharing import service as sharing
from zongheng_hub.tlog.search import first_at
from zongheng_hub.tlog.service import parties_of, read_head
from zongheng_hub.tlog.tables import LogEntryRow
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope

MOST_SEEN = 20_000
MOST_NAMED = 500
"""How many datasets or requests a part of a title or purpose stands for at most."""
_FEW = 500
_SLACK_MS = 60_000
_rows = LogEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it
_posting = REVIEW_POSTING.c


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry, and what of shared data it is about (None: nothing)."""

    index: int
    leaf: bytes
    operator: str
    thread: sharing.Thread | None


@dataclass(frozen=True, slots=True)
class Found:
    """Entries, newest first.

    Attributes:
        below: where to go on; None: nothing older is left.
        indexed, size: how far the log is indexed, and how long it is.
    """

    entries: Sequence[FoundEntry]
    below: int | None
    indexed: int
    size: int


@dataclass(frozen=True, slots=True)
class _Clause:
    """Any of these terms; hits: how many entries have one, at most."""

    terms: tuple[int, ...]
    hits: int


def search(
    connection: Connection, query: Query, *, scope: Collection[str] | None, limit: int
) -> Found:
    """The newest entries that meet every part of query.

    Args:
        scope: tenants of which an entry must concern one; None: any entry.
    """
    size, indexed = read_head(connection).size, indexed_to(connection)
    about, subject = _thing(connection, query.about)
    clauses = _clauses(connection, query, about)
    if scope is not None and len(scope) == 1:
        clauses.append(_clause(connection, scope))
        scope = None
    low, high = _bounds(connection, query, indexed)
    found: list[tuple[int, bytes, bytes]] = []
    seen = 0
    if all(clause.hits for clause in clauses):
        seeds = clauses or ([_clause(connection, scope)] if scope is not None else [])
        rarest = min(seeds, key=lambda clause: clause.hits, default=None)
        reach = window(indexed, rarest.hits if rarest else indexed, limit)
        if subject:  # has few entries, by the log's own index
            reach = indexed
        while low < high and len(found) <= limit and seen < MOST_SEEN:
            start = max(low, high - reach)
            few = max(limit + 1 - len(found), 50)
            numbers = _candidates(connection, seeds, subject, start, high, few)
            seen += len(numbers)
            found += _fitting(connection, numbers, scope, query)
            high = numbers[-1] if len(numbers) == few else start
            reach *= 2
    below = high if low < high and seen >= MOST_SEEN else None
    if len(found) > limit:
        found = found[:limit]
        below = found[-1][0]
    return Found(_told(connection, found), below, indexed, size)


def _clauses(connection: Connection, query: Query, about: str) -> list[_Clause]:
    clauses = [
        _clause(connection, [term]) for term in (query.party, query.counterparty, about) if term
    ]
    if query.act.endswith("*"):
        begins = REVIEW_TERM.c.term.startswith(ACT + query.act[:-1], autoescape=True)
        clauses.append(_clause_where(connection, [begins]))
    elif query.act:
        clauses.append(_clause(connection, [ACT + query.act]))
    if query.dataset:
        named = sharing.datasets_titled(connection, query.dataset, MOST_NAMED)
        clauses.append(_clause(connection, named))
    if query.purpose:
        named = sharing.requests_for(connection, query.purpose, MOST_NAMED)
        clauses.append(_clause(connection, named))
    return clauses


def _thing(connection: Connection, about: str) -> tuple[str, str]:
    """What a thing is found by: a term (of a grant its request), or the subject of its entries."""
    if about.startswith(("d_", "q_")):
        return about, ""
    thread = sharing.threads(connection, [about]).get(about) if about.startswith("g_") else None
    return (thread.request_id, "") if thread else ("", about)


def _clause(connection: Connection, terms: Collection[str]) -> _Clause:
    listed = sorted(terms)
    few = [listed[at : at + _FEW] for at in range(0, len(listed), _FEW)]
    return _clause_where(connection, [REVIEW_TERM.c.term.in_(part) for part in few])


def _clause_where(connection: Connection, wheres: Sequence[ColumnElement[bool]]) -> _Clause:
    ids, hits = [], 0
    for where in wheres:
        for row in connection.execute(select(REVIEW_TERM.c.id, REVIEW_TERM.c.entries).where(where)):
            ids.append(row.id)
            hits += row.entries
    return _Clause(tuple(ids), hits)


def _bounds(connection: Connection, query: Query, indexed: int) -> tuple[int, int]:
    low, high = 0, indexed
    if query.since_ms:
        low = first_at(connection, indexed, query.since_ms - _SLACK_MS)
    if query.until_ms:
        high = first_at(connection, indexed, query.until_ms + _SLACK_MS)
    return low, high if query.below is None else min(high, query.below)


def _candidates(
    connection: Connection,
    clauses: Sequence[_Clause],
    subject: str,
    low: int,
    high: int,
    limit: int,
) -> list[int]:
    """Indices from high down to low that meet every clause, limit at most."""
    others = sorted(clauses, key=lambda clause: clause.hits)
    if subject:
        idx, wanted = _rows.c.idx, _rows.c.subject == subject
    elif others:
        first, *others = others
        idx, wanted = _posting.idx, _posting.term_id.in_(first.terms)
    else:
        return list(range(high - 1, max(low, high - limit) - 1, -1))
    query = select(idx).where(wanted, idx >= low, idx < high).order_by(idx.desc()).limit(limit)
    for clause in others:
        also = REVIEW_POSTING.alias()
        has_it = also.c.idx == idx, also.c.term_id.in_(clause.terms)
        query = query.where(exists(select(also.c.idx).where(*has_it)))
    return list(connection.scalars(query.distinct()))


def _fitting(
    connection: Connection, numbers: Sequence[int], scope: Collection[str] | None, query: Query
) -> list[tuple[int, bytes, bytes]]:
    """Of these entries those of the scope, and of the time asked for to the millisecond."""
    rows = select(_rows.c.idx, _rows.c.leaf, _rows.c.actor, _rows.c.envelope)
    if query.since_ms:
        rows = rows.where(_rows.c.time_ms >= query.since_ms)
    if query.until_ms:
        rows = rows.where(_rows.c.time_ms < query.until_ms)
    found: list[tuple[int, bytes, bytes]] = []
    for at in range(0, len(numbers), _FEW):
        few = rows.where(_rows.c.idx.in_(numbers[at : at + _FEW])).order_by(_rows.c.idx.desc())
        for row in connection.execute(few):
            tenants = (row.actor, *parties_of(row.leaf)) if scope is not None else ()
            if scope is None or any(tenant in scope for tenant in tenants):
                found.append((row.idx, row.leaf, row.envelope))
    return found


def _told(
    connection: Connection, found: Sequence[tuple[int, bytes, bytes]]
) -> tuple[FoundEntry, ...]:
    subjects: dict[int, Any] = {
        row.idx: row.subject
        for row in connection.execute(
            select(_rows.c.idx, _rows.c.subject).where(_rows.c.idx.in_([idx for idx, *_ in found]))
        )
    }
    threads = sharing.threads(connection, set(subjects.values()))
    return tuple(
        FoundEntry(idx, bytes(leaf), operator_of(envelope), threads.get(subjects[idx]))
        for idx, leaf, envelope in found
    )


def operator_of(envelope: bytes) -> str:
    """Whom an act names as acting; empty once its envelope was deleted."""
    try:
        return ActStatement.FromString(Envelope.FromString(envelope).payload).operator
    except DecodeError:
        return ""
