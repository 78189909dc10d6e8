"""What a sign-in under way remembers until its next request: sealed, short-lived, used once."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.operators.tables import SIGN_IN_STEP
from zongheng_hub.tenancy.operators.vault import Vault
from zongheng_protos.errors import SignInFailed

LIFE_MS = 600_000


@dataclass(frozen=True, slots=True)
class Step:
    """A step: whose it is (empty: not known yet) and what it remembers."""

    operator_id: str
    remembered: dict[str, Any]


class Steps:
    """Begins and takes up steps of one hub."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def begin(
        self, tx: Tx, kind: str, operator_id: str, remembered: dict[str, Any], now_ms: int
    ) -> str:
        """Keep a step for ten minutes; returns the token that takes it up."""
        token = secrets.token_urlsafe(32)
        tx.execute(delete(SIGN_IN_STEP).where(SIGN_IN_STEP.c.expires_ms < now_ms))
        tx.execute(
            insert(SIGN_IN_STEP).values(
                digest=_digest(token),
                kind=kind,
                operator_id=operator_id,
                sealed=self._vault.seal(json.dumps(remembered).encode(), _purpose(kind, token)),
                expires_ms=now_ms + LIFE_MS,
            )
        )
        return token

    def look(self, tx: Tx, kind: str, token: str, now_ms: int) -> Step:
        """The step of a token, which stays. Raises SignInFailed."""
        mine = (SIGN_IN_STEP.c.digest == _digest(token), SIGN_IN_STEP.c.kind == kind)
        row = tx.one(select(SIGN_IN_STEP).where(*mine, SIGN_IN_STEP.c.expires_ms > now_ms))
        if row is None:
            raise SignInFailed("this step is over: begin again")
        opened = self._vault.open(row.sealed, _purpose(kind, token))
        return Step(row.operator_id, json.loads(opened))

    def take(self, tx: Tx, kind: str, token: str, now_ms: int) -> Step:
        """The step of a token, which ends: a second take fails. Raises SignInFailed."""
        step = self.look(tx, kind, token, now_ms)
        taken = tx.execute(delete(SIGN_IN_STEP).where(SIGN_IN_STEP.c.digest == _digest(token)))
        if taken.rowcount != 1:
            raise SignInFailed("this step is over: begin again")
        return step


def _purpose(kind: str, token: str) -> str:
    return f"step {kind} {_digest(token).hex()}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
