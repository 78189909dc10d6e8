"""Recording: an act's rows, its reply and its place in the log in one transaction, exactly once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

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
        return await self._store.write(
            _recording(act, kind=kind, now_ms=now_ms, request=request, work=work)
        )

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
            first: that store. work keeps there, with its rows, what is needed to record the act
                again after a crash; see hosting.outbox.
        """

        def then(outcome: Outcome) -> tuple[Store, Callable[[Tx], Done]]:
            recording = _recording(
                act, kind=kind, now_ms=now_ms, request=b"", work=lambda tx, index: outcome
            )
            return self._store, recording

        return await first.write_through(work, then)


def _recording(
    act: SignedAct,
    *,
    kind: str,
    now_ms: int,
    request: bytes,
    work: Callable[[Tx, int], Outcome],
) -> Callable[[Tx], Done]:
    salt = secrets.token_bytes(SALT_BYTES)
    actor = act.statement.tenant

    def carry_out(tx: Tx) -> Done:
        known = tx.recorded(act.key)
        if known is not None:
            check_same_request(act, known.envelope)
            return _again(known)
        index = tx.next_index()
        outcome = work(tx, index)
        leaf = make_leaf(
            act=kind,
            time_ms=now_ms,
            actor=actor,
            parties=outcome.parties,
            subject=outcome.subject,
            envelope=act.envelope,
            salt=salt,
        )
        reply = outcome.reply.SerializeToString()
        tx.append(
            Entry(
                key=act.key,
                leaf=leaf,
                act=kind,
                actor=actor,
                subject=outcome.subject,
                time_ms=now_ms,
                salt=salt,
                envelope=act.envelope,
                request=request,
                reply=reply,
            )
        )
        return Done(index, leaf, salt, reply, replayed=False)

    return carry_out


def check_same_request(act: SignedAct, first: bytes) -> None:
    """Raises NonceReused unless the first act under this nonce was for the same request."""
    before = ActStatement.FromString(Envelope.FromString(first).payload)
    now = act.statement
    if (before.method, before.request_sha256) != (now.method, now.request_sha256):
        raise NonceReused(
            f"nonce {now.nonce.hex()} of {act.key_id} was used for another request, {before.method}"
        )


def _again(known: Recorded) -> Done:
    return Done(known.index, known.leaf, known.salt, known.reply, replayed=True)
