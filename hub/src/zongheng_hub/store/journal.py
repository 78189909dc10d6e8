"""What the store asks of whoever keeps the log: take part in every group's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on its way into the log.

    Attributes:
        key: unique; the signing key's id and the nonce. A second entry with it never exists.
        leaf: the exact bytes of the log's leaf (zongheng.tlog.v1.Leaf).
        act, actor, subject, time_ms: as in the leaf, for searching.
        salt: keys the leaf's commitment to envelope.
        envelope: the act's envelope.
        request: what the act signed; empty where a module keeps it.
        reply: the serialised reply, given again when the act is sent again.
    """

    key: bytes
    leaf: bytes
    act: str
    actor: str
    subject: str
    time_ms: int
    salt: bytes
    envelope: bytes
    request: bytes
    reply: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry that has its place in the log."""

    index: int
    leaf: bytes
    salt: bytes
    envelope: bytes
    reply: bytes


class Journal(Protocol):
    """Called on the writer's thread only, in the order of the methods below.

    begin and flush may read and write through the connection; they run inside
    the group's transaction. An index returned by append is final only once
    committed has been called.
    """

    def begin(self, connection: Connection, keys: Sequence[bytes]) -> None:
        """A group's transaction has begun; keys are those of the acts it is to carry out."""

    def find(self, connection: Connection, key: bytes) -> Recorded | None:
        """The entry recorded under key, in this group or before."""

    def kept(self, connection: Connection, key: bytes) -> Entry | None:
        """The whole entry under key, from a journal that keeps entries for the log to take."""

    def next_index(self, connection: Connection) -> int:
        """The index that the next appended entry gets."""

    def append(self, connection: Connection, entry: Entry) -> int:
        """Take entry into this group; returns its index.

        MUST NOT be called for a key that find knows.
        """

    def pending(self) -> int:
        """How many entries this group has taken."""

    def flush(self, connection: Connection) -> None:
        """Write the group's entries; the commit follows."""

    def committed(self) -> None:
        """The group is durable."""

    def aborted(self) -> None:
        """The group was rolled back: forget its entries."""

    def handed_on(self, key: bytes) -> None:
        """What this journal keeps under key is durable in the next store as well.

        Called on that store's writer's thread, after the commit.
        """


class NoJournal:
    """For stores that keep no log, such as a module's own."""

    def begin(self, connection: Connection, keys: Sequence[bytes]) -> None:
        pass

    def find(self, connection: Connection, key: bytes) -> Recorded | None:
        return None

    def kept(self, connection: Connection, key: bytes) -> Entry | None:
        return None

    def next_index(self, connection: Connection) -> int:
        return 0

    def append(self, connection: Connection, entry: Entry) -> int:
        raise TypeError("this store keeps no log")

    def pending(self) -> int:
        return 0

    def flush(self, connection: Connection) -> None:
        pass

    def committed(self) -> None:
        pass

    def aborted(self) -> None:
        pass

    def handed_on(self, key: bytes) -> None:
        pass
