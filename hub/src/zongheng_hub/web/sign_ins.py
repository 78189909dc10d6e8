"""One-time sign-in links in the hub's store, so that any replica can take them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import cast

from sqlalchemy import CursorResult, Table, delete, insert, select, update

from zongheng_hub.store import Store, Tx
from zongheng_hub.web.tables import SignInRow

TOKEN_BYTES = 16
LIFETIME_MS = 15 * 60_000

_rows = cast(Table, SignInRow.__table__)  # type: ignore[attr-defined]  # SQLModel sets it


def insert_link(
    tx: Tx, *, token_sha256: bytes, tenant: str, operator: str, expires_ms: int
) -> None:
    """Keep a link that someone else made, of which only the hash is known; earlier ones end."""
    theirs = (_rows.c.tenant == tenant) & (_rows.c.operator == operator)
    tx.execute(delete(_rows).where(theirs | (_rows.c.token_sha256 == token_sha256)))
    tx.execute(
        insert(_rows).values(
            token_sha256=token_sha256,
            tenant=tenant,
            operator=operator,
            expires_ms=expires_ms,
            used_ms=0,
        )
    )


class StoredSignIns:
    """SignIns over the table web_sign_in. clock gives Unix milliseconds."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def mint(self, tenant: str, operator: str) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now_ms = self._clock()

        def work(tx: Tx) -> None:
            tx.execute(delete(_rows).where(_rows.c.expires_ms < now_ms))
            tx.execute(
                insert(_rows).values(
                    token_sha256=_digest(token),
                    tenant=tenant,
                    operator=operator,
                    expires_ms=now_ms + LIFETIME_MS,
                    used_ms=0,
                )
            )

        await self._store.write(work)
        return token

    async def consume(self, token: str) -> tuple[str, str] | None:
        now_ms = self._clock()
        mine = _rows.c.token_sha256 == _digest(token)

        def work(tx: Tx) -> tuple[str, str] | None:
            taken: CursorResult[object] = tx.execute(
                update(_rows)
                .where(mine, _rows.c.used_ms == 0, _rows.c.expires_ms > now_ms)
                .values(used_ms=now_ms)
            )
            if taken.rowcount != 1:
                return None
            row = tx.one(select(_rows.c.tenant, _rows.c.operator).where(mine))
            return (row.tenant, row.operator) if row else None

        return await self._store.write(work)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
