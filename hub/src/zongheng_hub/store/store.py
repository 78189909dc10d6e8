"""One writer thread that commits many use cases at once; readers beside it.

A use case is a function of a transaction. Those that are handed in until the event
loop falls silent (gathering.py) are taken together into one transaction: each sees
the ones before it, and all become durable with one fsync. A use case that fails
after it wrote is undone by rolling the group back and running the others again, one
by one, so a use case must be repeatable: values in, rows out, no other effect.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from zongheng_hub.store import fast
from zongheng_hub.store.faults import named_fault
from zongheng_hub.store.gathering import Gathering
from zongheng_hub.store.journal import Journal, NoJournal
from zongheng_hub.store.tx import Inserts, Tx
from zongheng_protos.errors import Unavailable

T = TypeVar("T")
U = TypeVar("U")
MAX_GROUP = 256
ENOUGH = 64
"""So many do not wait until the loop is silent."""


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Tx], T]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]
    gathering: Gathering
    key: bytes | None = None
    then: Callable[[T], tuple[Store, Callable[[Tx], Any]]] | None = None
    source: Journal | None = None
    result: T | None = None
    error: BaseException | None = None


class _UndoGroup(Exception):
    """A use case failed after it wrote: the group must be run again without it."""


@dataclass(slots=True)
class Group:
    """Figures of the writer, for metrics."""

    groups: int = 0
    works: int = 0
    undone: int = 0
    largest: int = field(default=0)


class Store:
    """Rows, written by one thread and read by a few."""

    def __init__(
        self, writer: Engine, reader: Engine, *, journal: Journal | None = None, readers: int = 2
    ) -> None:
        self.writer = writer
        self.reader = reader
        self.journal: Journal = journal or NoJournal()
        self.figures = Group()
        self._jobs: deque[_Job[Any]] = deque()
        self._bell = threading.Semaphore(0)
        self._rung = False
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._thread = threading.Thread(target=self._write_groups, name="store-write", daemon=True)
        self._closed = False
        self._gatherings: dict[asyncio.AbstractEventLoop, Gathering] = {}
        self._connection: Connection | None = None
        self._thread.start()

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self.writer.dialect.name

    @property
    def waiting(self) -> int:
        """How many use cases are handed in that no group has taken yet."""
        return len(self._jobs)

    async def write(self, work: Callable[[Tx], T], *, key: bytes | None = None) -> T:
        """Run work in a transaction; returns once it is durable.

        Args:
            key: under which work will ask tx.recorded, so that the whole group is asked at once.

        Raises:
            StoreFull: the disk is full; nothing was written.
            Unavailable: the database cannot be reached; nothing was written.
            Whatever work raises; then nothing of it was written.
        """
        loop = asyncio.get_running_loop()
        job: _Job[T] = _Job(work, loop, loop.create_future(), self._gathering(loop), key)
        self._take(job)
        return await job.future

    async def write_through(
        self,
        work: Callable[[Tx], T],
        then: Callable[[T], tuple[Store, Callable[[Tx], U]]],
        *,
        key: bytes | None = None,
    ) -> U:
        """Run work here and, once that is durable, what then says in another store.

        This store's writer hands the whole group to the other's, without waking the loop in
        between: while that one waits for the disk, this one carries out the next group. Should the
        process die between the two, only the first is durable.

        Args:
            then: gives the other store and its use case from work's result; runs on the writer's
                thread.

        Raises:
            As write, for either of the two.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._take(_Job(work, loop, future, self._gathering(loop), key, then))
        return cast(U, await future)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work with a read-only connection on a reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Run work with a read-only connection on this thread."""
        try:
            with self.reader.connect() as connection:
                return work(connection)
        except DBAPIError as error:
            raise named_fault(error) from error

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """As write, from a thread that runs no loop."""
        return asyncio.run(self.write(work))

    def close(self) -> None:
        """Finish what was handed in, then let go of the database."""
        if self._closed:
            return
        self._closed = True
        self._rung = True
        self._bell.release()
        self._thread.join()
        self._readers.shutdown()
        self.writer.dispose()
        self.reader.dispose()

    def _take(self, job: _Job[Any]) -> None:
        if self._closed:
            raise Unavailable("the hub is stopping")
        self._jobs.append(job)
        job.gathering.take()
        if len(self._jobs) >= ENOUGH:
            job.gathering.call()

    def _gathering(self, loop: asyncio.AbstractEventLoop) -> Gathering:
        known = self._gatherings.get(loop)
        if known is None:  # a loop that is new here; those that have ended are forgotten
            known = Gathering(loop.call_soon, self._ring)
            kept = {other: of for other, of in self._gatherings.items() if not other.is_closed()}
            self._gatherings = {**kept, loop: known}
        return known

    def _take_over(self, jobs: list[_Job[Any]]) -> None:
        """Take what another store has carried out; on that store's writer's thread."""
        if self._closed:
            for job in jobs:
                job.error = Unavailable("the hub is stopping")
            self._deliver(jobs)
            return
        self._jobs.extend(jobs)
        self._ring()

    def _ring(self) -> None:
        if not self._rung:
            self._rung = True
            self._bell.release()

    def _write_groups(self) -> None:
        while group := self._gather():
            self._carry_out(group)
        if self._connection is not None:
            self._connection.close()

    def _carry_out(self, group: list[_Job[Any]]) -> None:
        self._run(group)
        self._deliver(group)

    def _gather(self) -> list[_Job[Any]]:
        """The next group, once it is called for; empty when the store is closed and all is done.

        Whoever hands a job in calls for it: after the job, so that no job is left behind.
        """
        while not self._closed:
            self._bell.acquire()
            self._rung = False
            if self._jobs:
                break
        group = [self._jobs.popleft() for _ in range(min(len(self._jobs), MAX_GROUP))]
        if self._jobs:
            self._ring()
        return group

    def _run(self, group: list[_Job[Any]]) -> None:
        self.figures.groups += 1
        self.figures.works += len(group)
        self.figures.largest = max(self.figures.largest, len(group))
        try:
            self._commit(group)
        except BaseException as error:
            if len(group) == 1:
                group[0].error = error.__cause__ if isinstance(error, _UndoGroup) else error
                return
            self.figures.undone += 1
            for job in group:
                job.result = job.error = None
                self._run([job])

    def _commit(self, group: list[_Job[Any]]) -> None:
        try:
            connection = self._open()
            fast.begin(connection)
            try:
                inserts = Inserts(connection)
                self.journal.begin(connection, [job.key for job in group if job.key])
                for job in group:
                    self._attempt(job, Tx(connection, self.journal, inserts))
                inserts.flush()
                self.journal.flush(connection)
                fast.commit(connection)
            except BaseException:
                self._undo(connection)
                raise
            self.journal.committed()
        except IntegrityError:
            self.journal.aborted()
            raise
        except DBAPIError as error:
            self.journal.aborted()
            if error.connection_invalidated:
                self._forget_connection()
            raise named_fault(error) from error
        except BaseException:
            self.journal.aborted()
            raise

    @staticmethod
    def _attempt(job: _Job[Any], tx: Tx) -> None:
        try:
            job.result = job.work(tx)
        except DBAPIError:
            raise
        except Exception as error:
            if tx.wrote:
                raise _UndoGroup from error
            job.error = error

    def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self.writer.connect()
        return self._connection

    def _undo(self, connection: Connection) -> None:
        """Roll back. Where even that fails the connection is dropped, and the database does it."""
        try:
            fast.rollback(connection)
        except DBAPIError:
            self._forget_connection()

    def _forget_connection(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _deliver(self, group: list[_Job[Any]]) -> None:
        settled: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = {}
        onward: dict[Store, list[_Job[Any]]] = {}
        for job in group:
            if job.then is not None and job.error is None:
                try:
                    store, work = job.then(job.result)
                except Exception as error:
                    job.error = error
                else:
                    onward.setdefault(store, []).append(
                        _Job(
                            work,
                            job.loop,
                            job.future,
                            job.gathering,
                            job.key,
                            source=self.journal,
                        )
                    )
                    continue
            if job.source is not None and job.key and job.error is None:
                job.source.handed_on(job.key)
            settled.setdefault(job.loop, []).append(job)
        for loop, jobs in settled.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, jobs)
        for store, jobs in onward.items():
            store._take_over(jobs)


def _settle(jobs: list[_Job[Any]]) -> None:
    for job in jobs:
        job.gathering.settle()
        if job.future.done():
            continue  # the caller went away; what was written stays written
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
