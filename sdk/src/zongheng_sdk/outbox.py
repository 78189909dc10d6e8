"""A durable outbox: an act put there is sent once, whatever happens to hub, line or process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from zongheng_protos.errors import ArgumentInvalid, StateConflict, TooLarge, ZonghengError
from zongheng_sdk.flow import Call, Flow, together, wait, work
from zongheng_sdk.methods import Method
from zongheng_sdk.operation import Area, Bound, Mode, operation

if TYPE_CHECKING:
    from pathlib import Path

    from zongheng_sdk.client import _Opened
    from zongheng_sdk.modules import ModuleProxy
    from zongheng_sdk.outbox_store import Entry, State

CONCURRENCY = 32
_WINDOWS = 4
# gRPC codes that mean the message itself will never do; anything else is tried again later.
_FINAL_CODES = frozenset({3, 5, 6, 7, 9, 10, 11, 12, 15})
_UNAUTHENTICATED = 16
_FRESH_MS = 60_000
_ACT = "kept"  # every entry is an act; which one, its method's rule says


@dataclass(frozen=True, slots=True)
class Flushed:
    """What a flush came to: entries sent and refused by it, and those that still wait."""

    sent: int
    refused: int
    waiting: int


class Outbox(Area[Mode]):
    """hub.outbox("outbox.sqlite3").

    put() writes the act to disk and returns; flush() sends what waits, in the order it was put.
    Each entry has one nonce for good, so the hub carries it out once even when the line breaks
    after it was received, and gives the first result again. Works with no hub in sight.

    Example:
        with hub.outbox("outbox.sqlite3") as outbox:
            snap = outbox.module("snap")
            outbox.put("msg-123", snap.file_report, title="路灯不亮", detail="…")
            outbox.flush(patience=60)
    """

    def __init__(self, hub: _Opened[Mode], path: Path) -> None:
        from zongheng_sdk.outbox_store import OutboxStore

        super().__init__(hub._session, hub._run)
        self._store = OutboxStore(path)

    def close(self) -> None:
        """Close the file; what waits in it stays."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @operation
    def module(self, module_id: str, *, refresh: bool = False) -> Flow[ModuleProxy[Any]]:
        """A module's methods, for put(); kept in the file, so later no hub is needed.

        Args:
            refresh: ask the hub again, after the module has got new methods or fields.
        """
        import json

        from zongheng_sdk.catalogue import Module, ServedModule, served_module
        from zongheng_sdk.modules import proxy_for

        kept = yield from work(lambda: self._store.module(module_id))
        if kept is not None and not refresh:
            served = ServedModule(Module(**json.loads(kept[0])), kept[1])
        else:
            served = yield from served_module(self._session, module_id)
            about = json.dumps(asdict(served.module), ensure_ascii=False)
            descriptors = served.descriptors
            yield from work(lambda: self._store.keep_module(module_id, about, descriptors))
        return proxy_for(self._session, self._run, served)

    @operation
    def put(
        self, once: str | None, operation: Bound[..., Any], /, *args: Any, **fields: Any
    ) -> Flow[Entry]:
        """Keep one act; on disk when this returns.

        Args:
            once: your own key, such as a message's id: the same key is never kept twice, the
                entry kept first is returned. None: every call keeps another entry.
            operation: what to do later, such as hub.needs.file or a module's method.
            args, fields: as for calling it now.

        Raises:
            ArgumentInvalid: the operation is no act, or has to ask the hub first; or fields do not
                fit.
            StoreFull: the disk is full; nothing was kept.
        """
        entry = self._prepared(once, operation, args, fields)
        kept = yield from work(lambda: self._store.put([entry]))
        return kept[0]

    @operation
    def put_all(
        self, operation: Bound[..., Any], items: Iterable[tuple[str | None, Mapping[str, Any]]]
    ) -> Flow[tuple[Entry, ...]]:
        """Keep many acts of one kind, all or none; items are pairs of `once` and fields."""
        entries = [self._prepared(once, operation, (), fields) for once, fields in items]
        kept = yield from work(lambda: self._store.put(entries))
        return tuple(kept)

    @operation
    def flush(self, *, concurrency: int = CONCURRENCY, patience: float = 0.0) -> Flow[Flushed]:
        """Send what waits, started in the order it was put.

        Where the hub does not answer, the rest is left for later; where it refuses one for good,
        that entry is set aside (entries("refused")) and the others go on.

        Args:
            concurrency: how many are under way at once; 1 keeps the order strictly.
            patience: seconds to go on trying while the hub is away or asks to slow down.

        Raises:
            ZonghengError: with code UNAUTHENTICATED: nothing can be sent until the identity or
                the clock is put right; what waits goes on waiting.
        """
        deadline = self._session.monotonic() + patience
        sent = refused = 0
        pauses = self._session.retry.pauses()
        while True:
            batch = yield from self._batch(concurrency)
            outcomes = yield from together(batch, limit=concurrency)
            settled = [o for o in outcomes if o is not None and not isinstance(o, Exception)]
            yield from work(partial(self._store.settle, settled))
            arrived = sum(entry.state == "sent" for entry in settled)
            sent, refused = sent + arrived, refused + len(settled) - arrived
            failures: list[ZonghengError] = []
            for outcome in outcomes:
                if isinstance(outcome, Exception):
                    if not isinstance(outcome, ZonghengError) or not _later(outcome):
                        raise outcome
                    failures.append(outcome)
            if not batch:
                return Flushed(sent, refused, 0)
            if arrived or not failures:
                pauses = self._session.retry.pauses()
            if failures:
                pause = next(pauses, self._session.retry.longest)
                pause = max(self._session.retry.pause_for(each, pause) for each in failures)
                if self._session.monotonic() + pause > deadline:
                    waiting = yield from work(self._waiting)
                    return Flushed(sent, refused, waiting)
                yield from wait(pause)

    @operation
    def entries(self, state: State | None = None) -> Flow[tuple[Entry, ...]]:
        """What is kept: waiting, sent, refused, or all."""
        return tuple((yield from work(lambda: self._store.list(state))))

    @operation
    def find(self, once: str) -> Flow[Entry | None]:
        """The entry with the caller's key."""
        return (yield from work(lambda: self._store.find(self._session.identity.tenant, once)))

    @operation
    def resume(self, entry: Entry) -> Flow[bool]:
        """Let a refused entry be sent again, once its cause is put right; False if it was not."""
        return (yield from work(lambda: self._store.resume(entry.number)))

    @operation
    def forget_sent(self) -> Flow[int]:
        """Drop entries that were sent, and with them the memory of their keys."""
        return (yield from work(self._store.forget_sent))

    def _prepared(
        self,
        once: str | None,
        operation: Bound[..., Any],
        args: tuple[Any, ...],
        fields: Mapping[str, Any],
    ) -> Entry:

        from zongheng_sdk.outbox_store import Entry
        from zongheng_tenants.act import new_nonce

        flow = operation.flow(*args, **fields)
        try:
            step = next(flow)
        except StopIteration:
            step = None
        finally:
            flow.close()
        if not isinstance(step, Call) or step.act is None or not step.method.retry_safe:
            raise ArgumentInvalid(
                f"{getattr(operation, '__name__', 'this')} cannot wait in an outbox: only an act "
                "that needs nothing from the hub first, and may be sent again, can"
            )
        return Entry(
            number=0,
            once=once,
            tenant=self._session.identity.tenant,
            operator=self._session.operator,
            method=step.method.path,
            request=step.request,
            nonce=new_nonce(),
            key_id="",
            put_ms=self._session.now_ms(),
        )

    def _batch(self, concurrency: int) -> Flow[list[Flow[Entry | None]]]:
        tenant, key_id = self._session.identity.tenant, self._session.key().id
        limit = concurrency * _WINDOWS

        def claim() -> list[Entry]:
            entries = self._store.waiting(tenant, limit=limit)
            acts = {e.number: self._signed(e) for e in entries if e.key_id in ("", key_id)}
            self._store.sending(acts, key_id)
            return entries

        claimed_ms = self._session.now_ms()
        entries = yield from work(claim)
        halted = _Halted()
        return [self._deliver(entry, key_id, claimed_ms, halted) for entry in entries]

    def _signed(self, entry: Entry) -> bytes:
        return self._session.sign(
            entry.method, entry.request, nonce=entry.nonce, operator=entry.operator
        )

    def _freshly_signed(self, entry: Entry, key_id: str, claimed_ms: int) -> tuple[bytes, ...]:
        """As it was signed so far, the last time not long ago: the hub allows five minutes."""
        if self._session.now_ms() - claimed_ms > _FRESH_MS:
            self._store.sending({entry.number: self._signed(entry)}, key_id)
        return self._store.signed(entry.number)

    def _deliver(
        self, entry: Entry, key_id: str, claimed_ms: int, halted: _Halted
    ) -> Flow[Entry | None]:
        """Send one entry; what became of it, or None where an earlier one found no hub."""
        if halted.now:
            return None
        if entry.key_id not in ("", key_id):
            # The hub knows an act by key and nonce: under another key it would act once more.
            return _refused(
                entry,
                StateConflict(
                    f"it was sent with {entry.key_id}, which has been replaced: see whether it "
                    "arrived, then resume it or put it anew"
                ),
            )
        method = Method(path=entry.method, act=_ACT, retry_safe=True, streams=False)
        try:
            signed = yield from work(lambda: self._freshly_signed(entry, key_id, claimed_ms))
            reply, _ = yield from self._session.exchange(method, entry.request, signed=signed)
        except ZonghengError as error:
            if _final(error):
                return _refused(entry, error)
            halted.now = True
            raise
        return replace(entry, state="sent", reply=reply.body, receipt=reply.receipt)

    def _waiting(self) -> int:
        return self._store.count_waiting(self._session.identity.tenant)


@dataclass(slots=True)
class _Halted:
    """Set when the hub does not answer, so that what has not been started is left for later."""

    now: bool = False


def _refused(entry: Entry, error: ZonghengError) -> Entry:
    return replace(entry, state="refused", reason=error.reason_name, message=error.message)


def _final(error: ZonghengError) -> bool:
    return error.code in _FINAL_CODES or isinstance(error, TooLarge)


def _later(error: ZonghengError) -> bool:
    return error.code != _UNAUTHENTICATED
