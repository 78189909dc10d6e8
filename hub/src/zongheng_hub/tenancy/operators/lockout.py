"""Growing delays after failed sign-ins, by account and by address; the same for unknown accounts.

An attempt is counted before it is checked, and taken back when it succeeds: however many guesses
arrive at once, no more are checked than the count allows.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass

from sqlalchemy import delete, select, text, update

from zongheng_hub.store import Tx
from zongheng_hub.tenancy.operators.tables import SIGN_IN_FAILURE
from zongheng_protos.errors import SignInDelayed

HOUR_MS = 3_600_000
_MAKE = text(
    "INSERT INTO sign_in_failure (key, failures, last_ms, until_ms) VALUES (:key, 0, 0, 0) "
    "ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Delay:
    """How failures are answered.

    Attributes:
        free: failures without a delay.
        first_ms, longest_ms: the first delay, which doubles, and where it stops.
        kept_ms: after how long without a failure they are forgotten.
    """

    free: int
    first_ms: int
    longest_ms: int
    kept_ms: int

    def after(self, failures: int) -> int:
        """Milliseconds to wait after so many failures."""
        if failures < self.free:
            return 0
        return min(self.first_ms << min(failures - self.free, 20), self.longest_ms)


ACCOUNT = Delay(free=5, first_ms=30_000, longest_ms=900_000, kept_ms=24 * HOUR_MS)
ADDRESS = Delay(free=30, first_ms=30_000, longest_ms=900_000, kept_ms=HOUR_MS)


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that failures are counted by."""

    key: str
    delay: Delay


def by_account(login: str) -> Counted:
    """The account of this login, whether there is one or not."""
    digest = hashlib.sha256(login.strip().lower().encode("utf-8", "replace")).hexdigest()
    return Counted(f"account:{digest[:40]}", ACCOUNT)


def by_operator(operator_id: str) -> Counted:
    """An operator's second factor and own password."""
    return Counted(f"second:{operator_id}", ACCOUNT)


def by_address(address: str) -> Counted:
    """Where a sign-in comes from; of IPv6 the network of 64 bits, which one machine has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Counted(f"address:{address[:60]}", ADDRESS)
    if parsed.version == 6:
        return Counted(f"address:{ipaddress.ip_network((parsed, 64), strict=False)}", ADDRESS)
    return Counted(f"address:{parsed}", ADDRESS)


def attempt(tx: Tx, counted: tuple[Counted, ...], now_ms: int) -> None:
    """Count an attempt as failed until succeeded says otherwise.

    Raises:
        SignInDelayed: one of them has to wait; nothing is counted.
    """
    found = []
    for one in counted:
        tx.execute(_MAKE, {"key": one.key})
        query = select(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.key == one.key)
        row = tx.one(query.with_for_update())
        assert row is not None
        if row.until_ms > now_ms:
            seconds = -(-(row.until_ms - now_ms) // 1000)
            raise SignInDelayed(f"too many attempts failed: wait {seconds} seconds")
        before = row.failures if now_ms - row.last_ms < one.delay.kept_ms else 0
        found.append((one, before + 1))
    for one, failures in found:
        tx.execute(
            update(SIGN_IN_FAILURE)
            .where(SIGN_IN_FAILURE.c.key == one.key)
            .values(failures=failures, last_ms=now_ms, until_ms=now_ms + one.delay.after(failures))
        )


def succeeded(tx: Tx, counted: tuple[Counted, ...], now_ms: int) -> None:
    """Forget the failures of an account; of an address take back this attempt only."""
    for one in counted:
        mine = SIGN_IN_FAILURE.c.key == one.key
        if one.delay is ADDRESS:
            tx.execute(
                update(SIGN_IN_FAILURE)
                .where(mine, SIGN_IN_FAILURE.c.failures > 0)
                .values(failures=SIGN_IN_FAILURE.c.failures - 1, until_ms=0)
            )
        else:
            tx.execute(delete(SIGN_IN_FAILURE).where(mine))
    tx.execute(delete(SIGN_IN_FAILURE).where(SIGN_IN_FAILURE.c.last_ms < now_ms - 24 * HOUR_MS))
