"""Having the log witnessed: offers published checkpoints, asks, gathers cosignatures, takes alarm.

Publishing never waits for it. A witness's word stops the hub only where it shows a checkpoint that
the log's own key has signed: nobody can halt the province by lying.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from zongheng_hub.store import Store, Tx
from zongheng_hub.tlog import witnesses as book
from zongheng_hub.tlog.faults import LogBehind, LogDamaged
from zongheng_hub.tlog.note import CheckpointSigner, read_checkpoint
from zongheng_hub.tlog.publisher import Publisher
from zongheng_hub.tlog.service import prove_consistency, read_head, stored_nodes
from zongheng_hub.tlog.standing import is_to_be_asked, offer_is_due, standing_of
from zongheng_hub.tlog.tree import root_of
from zongheng_hub.tlog.witness_calls import Reply, WitnessCalls, WitnessSilent
from zongheng_hub.tlog.witnesses import KnownWitness, Offer
from zongheng_protos.errors import Invalid, SignatureInvalid, StateConflict
from zongheng_tenants.cosignature import Cosignature, cosignatures

MAX_NOTE_BYTES = 16 * 1024
ROUND_SECONDS = 0.5
OFFERED, WITNESSED = "offered", "witnessed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a checkpoint that somebody shows says of the log.

    Attributes:
        trouble: BEHIND, FORKED, or empty where it belongs to this log's history.
    """

    size: int
    trouble: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Trouble:
    kind: str
    detail: str
    evidence: bytes = b""


@dataclass(frozen=True, slots=True)
class _Saw:
    cosignature: Cosignature
    size: int


class Witnessing:
    """The log's dealings with its witnesses, in one hub process."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        signer: CheckpointSigner,
        *,
        clock: Callable[[], int],
        seconds: float = 3.0,
    ) -> None:
        """
        Args:
            clock: Unix milliseconds.
            seconds: how long a witness may take to answer.
        """
        self.since_ms = clock()
        self._store = store
        self._publisher = publisher
        self._signer = signer
        self._clock = clock
        self._seconds = seconds
        self._calls: dict[tuple[str, str], WitnessCalls] = {}
        self._asked: dict[str, int] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._published: dict[str, bytes] = {}
        self._alarm = ""
        self._showing = asyncio.Lock()
        publisher.cosigned = self._lines_for
        self._cosigned: tuple[bytes, bytes] = (b"", b"")

    async def check(self) -> None:
        """Compare the log with what its witnesses hold, as far as they answer.

        Raises:
            LogBehind: one holds a checkpoint of more entries, signed by this log.
            LogDamaged: one holds a checkpoint of another history, signed by this log.
        """
        for name in (WITNESSED, OFFERED):
            with contextlib.suppress(FileNotFoundError):
                note = (self._publisher.folder / name).read_bytes()
                await self._check_against(f"{self._publisher.folder / name}", note)
        known = await self._store.read(book.witnesses)
        for one in known:
            if one.evidence:
                await self._check_against(f"the witness {one.name}", one.evidence)
                await self._store.write(partial(book.exonerate, one=one))
        await asyncio.gather(*(self._check_with(one) for one in known if one.url))
        await self._show()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask witnesses while the block lasts."""
        task = asyncio.create_task(self._keep_asking(), name="tlog-witness")
        try:
            yield
        finally:
            for each in (task, *self._asking.values()):
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await each

    async def hand_in(self, note: bytes) -> None:
        """Take a checkpoint that a witness cosigned and brings by itself.

        Raises:
            Invalid: it is no checkpoint of this log.
            SignatureInvalid: this log has not signed it, or no known witness has cosigned it.
            StateConflict: it is not of this log's history; kept as evidence.
        """
        if len(note) > MAX_NOTE_BYTES:
            raise Invalid(f"a checkpoint of {len(note)} bytes; {MAX_NOTE_BYTES} are taken")
        known = await self._store.read(book.witnesses)
        found, judged = await self._store.read(partial(self._read, note=note, known=known))
        now_ms = self._clock()
        (one,) = (each for each in known if each.key == found.witness)
        if judged.trouble:
            trouble = _Trouble(judged.trouble, judged.detail, note)
            await self._store.write(partial(self._record, one=one, came=trouble, now_ms=now_ms))
            raise StateConflict(judged.detail)
        saw = _Saw(found, judged.size)
        await self._store.write(partial(self._record, one=one, came=saw, now_ms=now_ms))
        await self._show()

    def _lines_for(self, note: bytes) -> bytes:
        """What to publish below a checkpoint, by the publisher's thread."""
        offered, lines = self._cosigned
        return lines if note == offered else b""

    async def _keep_asking(self) -> None:
        while True:
            try:
                await self._round()
            except Exception:
                _log.exception("the log's witnesses could not be asked; tried again")
            await asyncio.sleep(ROUND_SECONDS)

    async def _round(self) -> None:
        known = await self._store.read(book.witnesses)
        if not known:
            self._cosigned = (b"", b"")
            return
        now_ms = self._clock()
        offer = await self._store.read(book.newest_offer)
        published, note = self._publisher.newest
        if offer_is_due(offer, published, known, now_ms=now_ms):
            offer = await self._store.write(
                partial(book.offer, size=published, note=note, now_ms=now_ms)
            )
            await self._show()
        if offer is not None:
            for one in known:
                vkey = one.key.vkey
                asked_ms = self._asked.get(vkey, 0)
                if vkey not in self._asking and is_to_be_asked(
                    one, offer, asked_ms=asked_ms, now_ms=now_ms
                ):
                    self._asked[vkey] = now_ms
                    self._asking[vkey] = asyncio.create_task(self._ask(one, offer))
        await self._take_alarm()

    async def _take_alarm(self) -> None:
        now_ms = self._clock()
        found = await self._store.read(partial(standing_of, now_ms=now_ms, since_ms=self.since_ms))
        if found.alarm != self._alarm:
            self._alarm = found.alarm
            if found.alarm:
                _log.critical("%s", found.said())
            else:
                _log.warning("the log is witnessed again")

    async def _ask(self, one: KnownWitness, offer: Offer) -> None:
        try:
            came = await self._answer(one, offer)
            await self._store.write(partial(self._record, one=one, came=came, now_ms=self._clock()))
            if isinstance(came, _Saw):
                await self._show()
        except Exception:
            _log.exception("what the witness %s answered could not be recorded", one.name)
        finally:
            self._asking.pop(one.key.vkey, None)

    async def _answer(self, one: KnownWitness, offer: Offer) -> _Saw | _Trouble:
        calls = self._calls_to(one)
        try:
            reply = await self._send(calls, one.size, offer)
            stated = reply.stated_size
            if stated is not None and stated != one.size and stated <= offer.size:
                reply = await self._send(calls, stated, offer)
            if reply.status == 200:
                found = cosignatures(reply.lines(), offer.text, [one.key])
                if found:
                    return _Saw(found[0], offer.size)
                return _Trouble(book.STRANGE, "what it answered is no cosignature by its key")
            if reply.status in (409, 422):
                return await self._contradicted(one, calls, reply)
            kind = book.REFUSES if reply.status in (403, 404) else book.STRANGE
            return _Trouble(kind, f"it answered {reply.said()}")
        except WitnessSilent as error:
            return _Trouble(book.SILENT, str(error))

    async def _send(self, calls: WitnessCalls, old: int, offer: Offer) -> Reply:
        proof: tuple[bytes, ...] = ()
        if 0 < old < offer.size:
            proof = await self._store.read(partial(prove_consistency, old=old, new=offer.size))
        return await calls.add_checkpoint(old, proof, offer.note)

    async def _contradicted(
        self, one: KnownWitness, calls: WitnessCalls, reply: Reply
    ) -> _Saw | _Trouble:
        shown = await calls.newest(self._signer.origin)
        judged = None
        if shown.status == 200:
            judged = await self._store.read(partial(self._judge, note=shown.body))
        if judged is None:
            claim = f"it answered {reply.said()} and shows no checkpoint that this log signed"
            kind = book.CLAIMS if reply.status == 409 else book.REFUSES
            return _Trouble(kind, claim)
        if judged.trouble:
            return _Trouble(judged.trouble, judged.detail, shown.body)
        text = shown.body.partition(b"\n\n")[0] + b"\n"
        found = cosignatures(shown.lines(), text, [one.key])
        if found and judged.size > one.size:
            return _Saw(found[0], judged.size)
        return _Trouble(book.REFUSES, f"it answered {reply.said()}")

    def _record(self, tx: Tx, one: KnownWitness, came: _Saw | _Trouble, now_ms: int) -> None:
        if isinstance(came, _Trouble):
            is_new = book.in_trouble(
                tx, one, came.kind, came.detail, now_ms=now_ms, evidence=came.evidence
            )
            if is_new:
                _log.warning("witness %s: %s: %s", one.name, came.kind, came.detail)
            return
        book.saw(tx, came.cosignature, size=came.size, now_ms=now_ms)
        offer = book.offer_of(tx.connection, came.size)
        if offer is None:
            return
        known = book.witnesses(tx.connection)
        lines = [*offer.lines.splitlines(), came.cosignature.line]
        found = cosignatures(lines, offer.text, [each.key for each in known])
        needed = book.needed_of(tx.connection, len(known))
        enough = needed > 0 and len(found) >= needed
        witnessed_ms = offer.witnessed_ms or (now_ms if enough else 0)
        together = "".join(each.line for each in found)
        book.put_lines(tx, offer, together, witnessed_ms=witnessed_ms)

    def _read(
        self, connection: Connection, *, note: bytes, known: tuple[KnownWitness, ...]
    ) -> tuple[Cosignature, Judged]:
        judged = self._judge(connection, note=note)
        if judged is None:
            raise SignatureInvalid("this log has not signed such a checkpoint")
        text, _, lines = note.partition(b"\n\n")
        keys = [each.key for each in known]
        found = cosignatures(lines.decode("utf-8", "replace").split("\n"), text + b"\n", keys)
        if not found:
            raise SignatureInvalid("no witness that this log knows has cosigned the checkpoint")
        return found[0], judged

    def _judge(self, connection: Connection, *, note: bytes) -> Judged | None:
        """What a checkpoint says of the log; None: the log has not signed it."""
        try:
            _, size, root = read_checkpoint(note)
        except ValueError:
            return None
        if not self._signer.signed(note, size, root):
            return None
        head = read_head(connection)
        if size > head.size:
            what = f"{size} entries were cosigned, the database holds {head.size}"
            return Judged(size, book.BEHIND, what)
        if root_of(size, stored_nodes(connection)) != root:
            what = f"another history of {size} entries was cosigned (root {root.hex()[:16]}…)"
            return Judged(size, book.FORKED, what)
        return Judged(size, "", "")

    async def _check_with(self, one: KnownWitness) -> None:
        try:
            shown = await self._calls_to(one).newest(self._signer.origin)
        except WitnessSilent as error:
            _log.warning("the witness %s could not be asked at start: %s", one.name, error)
            return
        if shown.status == 200:
            await self._check_against(f"the witness {one.name}", shown.body)

    async def _check_against(self, who: str, note: bytes) -> None:
        judged = await self._store.read(partial(self._judge, note=note))
        if judged is None or not judged.trouble:
            return
        if judged.trouble == book.BEHIND:
            raise LogBehind(
                f"{who} holds a checkpoint that this log signed: {judged.detail}. The database is "
                "an older copy: restore the newest one; going on would fork the log"
            )
        raise LogDamaged(
            f"{who} holds a checkpoint that this log signed: {judged.detail}. The log was forked: "
            "somebody has run a second hub with its key, or the database was altered"
        )

    def _calls_to(self, one: KnownWitness) -> WitnessCalls:
        place = (one.key.vkey, one.url)
        if place not in self._calls:
            self._calls[place] = WitnessCalls(one.url, seconds=self._seconds)
        return self._calls[place]

    async def _show(self) -> None:
        """Publish what is offered, and the newest checkpoint that has its quorum."""
        async with self._showing:
            offer = await self._store.read(book.newest_offer)
            witnessed = await self._store.read(book.newest_witnessed)
            files = {}
            before = self._cosigned
            if offer is not None:
                files[OFFERED] = offer.note
                self._cosigned = (offer.note, offer.lines.encode())
            if witnessed is not None:
                files[WITNESSED] = witnessed.note + witnessed.lines.encode()
            await asyncio.to_thread(self._put, files)
        if before != self._cosigned:
            self._publisher.publish_again()

    def _put(self, files: dict[str, bytes]) -> None:
        changed = {name: note for name, note in files.items() if self._published.get(name) != note}
        if changed:
            self._publisher.publish_beside(changed.items())
            self._published |= changed
