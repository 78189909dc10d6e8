"""Recording: an act's rows, its reply and its place in the log in one transaction, exactly once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from zongheng_hub.kernel.call import Outcome
from zongheng_hub.store import Entry, Recorded, Store, Tx
from zongheng_hub.tlog.leaf import make_leaf
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.errors import NonceReused
from zongheng_tenants.act import SignedAct

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Done:
    """An act that is durable in the log.

    Attributes:
        index, leaf, salt: its place and what proves it, for the receipt.
        reply: the serialised reply.
        replayed: it had been carried out before; this is its first reply.
    """

    index: int
    leaf: bytes
    salt: bytes
    reply: bytes
    replayed: bool


class Recorder:
    """The only way into the log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(
        self,
        *,
        act: SignedAct,
        kind: str,
        now_ms: int,
        request: bytes,
        work: Callable[[Tx, int], Outcome],
    ) -> Done:
        """Carry out work and record the act, or give the first result again.

        Raises:
            NonceReused: the nonce belongs to another request.
            Whatever work raises; then nothing was written.
        """
        salt = secrets.token_bytes(SALT_BYTES)

        def carry_out(tx: Tx) -> Done:
            known = tx.recorded(act.key)
            if known is not None:
                check_same_request(act, known.envelope)
                return _done(known.index, known, replayed=True)
            index = tx.next_index()
            entry = _entry(act, kind, now_ms, salt, request, work(tx, index))
            tx.append(entry)
            return _done(index, entry, replayed=False)

        return await self._store.write(carry_out, key=act.key)

    async def record_after(
        self,
        first: Store,
        *,
        act: SignedAct,
        kind: str,
        now_ms: int,
        work: Callable[[Tx], Outcome],
    ) -> Done:
        """As record, for an act whose rows are in a store of their own.

        Args:
            first: that store. Its journal keeps the entry beside the rows, so that a crash before
                the log has it loses nothing; see log_kept.
        """
        salt = secrets.token_bytes(SALT_BYTES)

        def carry_out(tx: Tx) -> Entry:
            known = tx.recorded(act.key)
            if known is not None:
                check_same_request(act, known.envelope)
                return tx.kept(act.key)
            entry = _entry(act, kind, now_ms, salt, b"", work(tx))
            tx.append(entry)
            return entry

        return await first.write_through(
            carry_out, lambda entry: (self._store, lambda tx: _log(tx, entry)), key=act.key
        )

    async def log_kept(self, entries: Sequence[Entry]) -> None:
        """Log entries that a store of its own has kept, those that the log lacks."""

        def work(tx: Tx) -> None:
            for entry in entries:
                _log(tx, entry)

        await self._store.write(work)


def _log(tx: Tx, entry: Entry) -> Done:
    """Log an entry that a store of its own has kept, once.

    Its rows stand by now. So when the log knows its nonce from another act, done elsewhere, this
    act is not refused any more but logged beside that one, under a key that adds its leaf's hash.
    """
    known = tx.recorded(entry.key)
    if known is not None and known.leaf != entry.leaf:
        entry = replace(entry, key=entry.key + hashlib.sha256(entry.leaf).digest())
        known = tx.recorded(entry.key)
    if known is None:
        return _done(tx.append(entry), entry, replayed=False)
    if known.leaf == entry.leaf:
        return _done(known.index, known, replayed=True)
    raise AssertionError("two leaves with one SHA-256")


def _entry(
    act: SignedAct, kind: str, now_ms: int, salt: bytes, request: bytes, outcome: Outcome
) -> Entry:
    actor = act.statement.tenant
    leaf = make_leaf(
        act=kind,
        time_ms=now_ms,
        actor=actor,
        parties=outcome.parties,
        subject=outcome.subject,
        envelope=act.envelope,
        salt=salt,
    )
    return Entry(
        key=act.key,
        leaf=leaf,
        act=kind,
        actor=actor,
        subject=outcome.subject,
        time_ms=now_ms,
        salt=salt,
        envelope=act.envelope,
        request=request,
        reply=outcome.reply.SerializeToString(),
    )


def _done(index: int, what: Entry | Recorded, *, replayed: bool) -> Done:
    return Done(index, what.leaf, what.salt, what.reply, replayed)


def _asked(statement: ActStatement) -> tuple[str, bytes, bytes]:
    """Method and request of an act; which of the digests it has depends on its key's suite."""
    return statement.method, statement.request_sha256, statement.request_sm3


def check_same_request(act: SignedAct, first: bytes) -> None:
    """Raises NonceReused unless the first act under this nonce was for the same request."""
    before = ActStatement.FromString(Envelope.FromString(first).payload)
    now = act.statement
    if _asked(before) != _asked(now):
        raise NonceReused(
            f"nonce {now.nonce.hex()} of {act.key_id} was used for another request, {before.method}"
        )
