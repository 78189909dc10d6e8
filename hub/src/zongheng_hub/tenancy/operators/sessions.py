"""Sessions of the console in the hub's store: ended here, they are over on every replica."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy.operators.tables import OPERATOR, SESSION
from zongheng_hub.web.ports import Session
from zongheng_protos.errors import NotFound

TOKEN_BYTES = 32
SEEN_EVERY_MS = 60_000
KEPT_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its owner sees it in the list of theirs."""

    id: str
    way: str
    address: str
    browser: str
    opened_ms: int
    seen_ms: int


class StoredSessions:
    """The web's SessionBook over the table operator_session.

    Args:
        clock: gives Unix milliseconds.
        idle_ms, absolute_ms: how long a session lasts without a request, and at most.
    """

    def __init__(
        self, store: Store, clock: Callable[[], int], *, idle_ms: int, absolute_ms: int
    ) -> None:
        self._store = store
        self._clock = clock
        self._idle_ms = idle_ms
        self.absolute_ms = absolute_ms

    async def open(self, operator_id: str, *, way: str, address: str, agent: str) -> str:
        """Begin a session; returns what its cookie holds."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now_ms = self._clock()

        def work(tx: Tx) -> None:
            tx.execute(delete(SESSION).where(SESSION.c.expires_ms < now_ms - KEPT_MS))
            tx.execute(
                insert(SESSION).values(
                    digest=_digest(token),
                    id=secrets.token_hex(16),
                    operator_id=operator_id,
                    way=way,
                    address=address[:64],
                    agent=agent[:120],
                    opened_ms=now_ms,
                    seen_ms=now_ms,
                    expires_ms=now_ms + self.absolute_ms,
                    ended_ms=0,
                )
            )
            tx.execute(
                update(OPERATOR).where(OPERATOR.c.id == operator_id).values(signed_in_ms=now_ms)
            )

        await self._store.write(work)
        return token

    async def find(self, token: str) -> Session | None:
        """The session of a cookie; None when there is none, or it is over."""
        if not token:
            return None
        now_ms = self._clock()
        query = (
            select(
                SESSION,
                OPERATOR.c.tenant_id,
                OPERATOR.c.name,
                OPERATOR.c.must_set_up,
                OPERATOR.c.disabled,
            )
            .join(OPERATOR, OPERATOR.c.id == SESSION.c.operator_id)
            .where(SESSION.c.digest == _digest(token))
        )
        row = await self._store.read(lambda c: c.execute(query).first())
        if row is None or row.ended_ms or row.disabled or now_ms >= row.expires_ms:
            return None
        if now_ms - row.seen_ms >= self._idle_ms:
            return None
        if now_ms - row.seen_ms >= SEEN_EVERY_MS:
            seen = update(SESSION).where(SESSION.c.id == row.id).values(seen_ms=now_ms)
            await self._store.write(lambda tx: tx.execute(seen))
        return Session(
            id=row.id,
            tenant=row.tenant_id,
            operator=row.name,
            operator_id=row.operator_id,
            expires_ms=row.expires_ms,
            must_set_up=row.must_set_up,
        )

    async def end(self, operator_id: str, session_id: str) -> None:
        """End one of an operator's own sessions. Raises NotFound."""
        now_ms = self._clock()
        own = (SESSION.c.id == session_id, SESSION.c.operator_id == operator_id)

        def work(tx: Tx) -> bool:
            if tx.one(select(SESSION.c.id).where(*own)) is None:
                return False
            tx.execute(update(SESSION).where(*own, SESSION.c.ended_ms == 0).values(ended_ms=now_ms))
            return True

        if not await self._store.write(work):
            raise NotFound(f"there is no session {session_id} of yours")

    async def opened(self, operator_id: str) -> list[Opened]:
        """An operator's sessions that are not over, the one seen last first."""
        now_ms = self._clock()

        def look(connection: Connection) -> list[Opened]:
            query = (
                select(SESSION)
                .where(
                    SESSION.c.operator_id == operator_id,
                    SESSION.c.ended_ms == 0,
                    SESSION.c.expires_ms > now_ms,
                    SESSION.c.seen_ms > now_ms - self._idle_ms,
                )
                .order_by(SESSION.c.seen_ms.desc(), SESSION.c.id)
            )
            return [
                Opened(
                    id=row.id,
                    way=row.way,
                    address=row.address,
                    browser=browser_of(row.agent),
                    opened_ms=row.opened_ms,
                    seen_ms=row.seen_ms,
                )
                for row in connection.execute(query)
            ]

        return await self._store.read(look)


_BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    *(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("OpenHarmony", "HarmonyOS"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def browser_of(agent: str) -> str:
    """What a user-agent header says in two words, such as "Chrome · Windows"."""
    named = [
        next((name for sign, name in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, named)) or agent[:40]


def end_others(tx: Tx, operator_id: str, keep: str, now_ms: int) -> None:
    """End every session of an operator but one; with keep empty, all."""
    tx.execute(
        update(SESSION)
        .where(SESSION.c.operator_id == operator_id, SESSION.c.ended_ms == 0, SESSION.c.id != keep)
        .values(ended_ms=now_ms)
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
