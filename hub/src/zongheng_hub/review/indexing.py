"""Keeping the index behind the log: in batches, in the background, never on an act's way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from zongheng_hub.review.rules import terms_of
from zongheng_hub.review.tables import REVIEW_CURSOR, REVIEW_POSTING, REVIEW_TERM
from zongheng_hub.sharing import service as sharing
from zongheng_hub.store import Store, Tx
from zongheng_hub.tlog.service import LoggedEntry, list_entries, read_head

log = logging.getLogger("zongheng.review")
BATCH = 250
LOOK_SECONDS = 1.0
SHARE = 0.05
"""Of one core's time that the indexing of a backlog takes at most."""
INLINE_BATCHES = 20
"""How far a search catches up before it answers; beyond that it says how far the index goes."""

_COUNT = (
    update(REVIEW_TERM)
    .where(REVIEW_TERM.c.id == bindparam("of"))
    .values(entries=REVIEW_TERM.c.entries + bindparam("number"))
)
Terms = Sequence[tuple[int, frozenset[str]]]


class Indexer:
    """Indexes what the log has gained; one at a time in a process, whoever asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()

    async def catch_up(self, batches: int = INLINE_BATCHES) -> None:
        """Index what is not yet, up to so many batches."""
        for _ in range(batches):
            if not await self.step():
                return

    async def step(self) -> int:
        """Index one batch; how many entries it had."""
        async with self._lock:
            start, found = await self._store.read(_next)
            if not found:
                return 0
            kept = await self._store.write(lambda tx: _keep(tx, start, found))
            return len(found) if kept else 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Index in the background until the block ends."""

        async def keep_indexing() -> None:
            while True:
                began = time.monotonic()
                try:
                    done = await self.step()
                except Exception:
                    log.exception("the log could not be indexed; tried again in a moment")
                    done = 0
                took = time.monotonic() - began
                await asyncio.sleep(took / SHARE if done == BATCH else LOOK_SECONDS)

        task = asyncio.create_task(keep_indexing(), name="review-index")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def indexed_to(connection: Connection) -> int:
    """How many entries of the log are indexed."""
    found = connection.execute(select(REVIEW_CURSOR.c.indexed)).scalar()
    return 0 if found is None else int(found)


def _next(connection: Connection) -> tuple[int, Terms]:
    start = indexed_to(connection)
    if start >= read_head(connection).size:
        return start, ()
    entries = list_entries(connection, start, BATCH)
    threads = sharing.threads(connection, {entry.subject for entry in entries})
    return start, [(entry.index, _terms(entry, threads.get(entry.subject))) for entry in entries]


def _terms(entry: LoggedEntry, thread: sharing.Thread | None) -> frozenset[str]:
    # The subject itself is found by the log's own index. A grant answers one request: what is
    # found by the one is found by the other.
    things = (thread.dataset_id, thread.request_id) if thread is not None else ()
    return terms_of(entry.act, (entry.actor, *entry.parties), things)


def _keep(tx: Tx, start: int, found: Terms) -> bool:
    """Write a batch; False where another replica has indexed it meanwhile."""
    upto = found[-1][0] + 1
    moved = update(REVIEW_CURSOR).where(REVIEW_CURSOR.c.indexed == start).values(indexed=upto)
    if tx.execute(moved).rowcount == 0:
        if start or tx.one(select(REVIEW_CURSOR.c.id)) is not None:
            return False
        tx.execute(insert(REVIEW_CURSOR).values(id=1, indexed=upto))
    counts = Counter(term for _, terms in found for term in terms)
    ids = _term_ids(tx, counts)
    for idx, terms in found:
        for term in terms:
            tx.insert(REVIEW_POSTING, {"term_id": ids[term], "idx": idx})
    return True


def _term_ids(tx: Tx, counts: Counter[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    names = sorted(counts)
    for few in (names[at : at + 500] for at in range(0, len(names), 500)):
        for row in tx.all(
            select(REVIEW_TERM.c.id, REVIEW_TERM.c.term).where(REVIEW_TERM.c.term.in_(few))
        ):
            known[row.term] = row.id
    fresh = [name for name in names if name not in known]
    newest = tx.one(select(REVIEW_TERM.c.id).order_by(REVIEW_TERM.c.id.desc()).limit(1))
    first = 1 if newest is None else newest.id + 1
    if fresh:
        rows = [
            {"id": first + at, "term": name, "entries": counts[name]}
            for at, name in enumerate(fresh)
        ]
        tx.execute(insert(REVIEW_TERM), rows)
    more = [{"of": known[name], "number": counts[name]} for name in known]
    if more:
        tx.execute(_COUNT, more)
    return known | {name: first + at for at, name in enumerate(fresh)}
