"""How the log stands with its witnesses: what is offered next, and when to raise an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from zongheng_hub.tlog.service import read_head
from zongheng_hub.tlog.witnesses import (
    GRAVE,
    KnownWitness,
    Offer,
    needed_of,
    newest_witnessed,
    witnesses,
)
from zongheng_tenants.cosignature import cosignatures

HOLD_MS = 60_000
"""How long an offer stands for witnesses that come by themselves, though the log has grown."""
LEAST_MS = 1_000
"""How long any offer stands."""
ALIVE_MS = 300_000
"""A witness that came within this time is waited for."""
ALARM_MS = 600_000
"""A witness that has not cosigned for so long counts for nothing."""
HEARTBEAT_MS = 60_000
"""How often a witness is asked about a log that does not grow."""
RETRY_MS = 5_000

QUORUM_MISSING = "quorum_missing"
WENT_BACK = "went_back"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the log stands with its witnesses.

    Attributes:
        size: how many entries the log has.
        needed: how many witnesses the quorum takes; 0: none is asked for.
        witnessed: the newest checkpoint that got its quorum.
        alarm: QUORUM_MISSING, WENT_BACK, or empty.
    """

    size: int
    needed: int
    witnesses: tuple[KnownWitness, ...]
    witnessed: Offer | None
    alarm: str

    def said(self) -> str:
        """The alarm, for the hub's own log."""
        if self.alarm == WENT_BACK:
            shown = "; ".join(f"{w.name}: {w.detail}" for w in self.witnesses if w.evidence)
            return f"a witness holds what cannot be of this log: {shown}. Do not restart the hub"
        late = [f"{one.name} ({one.trouble or 'has not come'})" for one in self.witnesses]
        return f"fewer than {self.needed} witnesses have cosigned lately: {', '.join(late)}"


def standing_of(connection: Connection, *, now_ms: int, since_ms: int) -> Standing:
    """How the log stands with its witnesses now; the arguments are those of alarm_of."""
    known = witnesses(connection)
    needed = needed_of(connection, len(known))
    alarm = alarm_of(known, needed, now_ms=now_ms, since_ms=since_ms)
    size = read_head(connection).size
    return Standing(size, needed, known, newest_witnessed(connection), alarm)


def alarm_of(known: Sequence[KnownWitness], needed: int, *, now_ms: int, since_ms: int) -> str:
    """What there is to be alarmed about.

    Args:
        since_ms: when the hub began to ask.
    """
    if any(one.trouble in GRAVE for one in known):
        return WENT_BACK
    lately = [
        one for one in known if now_ms - max(one.cosigned_ms, one.added_ms, since_ms) < ALARM_MS
    ]
    return QUORUM_MISSING if len(lately) < needed else ""


def offer_is_due(
    offer: Offer | None, published: int, known: Sequence[KnownWitness], *, now_ms: int
) -> bool:
    """Whether the newest checkpoint is to be offered in the place of offer.

    All witnesses get time to cosign the same one: a quorum counts on one checkpoint only.
    """
    if published == 0:
        return False
    if offer is None:
        return True
    if published <= offer.size:
        return False
    waited = now_ms - offer.offered_ms
    if waited >= HOLD_MS:
        return True
    have = cosigners(offer, known)
    awaited = [
        one for one in known if one.key.public not in have and _is_awaited(one, now_ms=now_ms)
    ]
    return waited >= LEAST_MS and not awaited


def is_to_be_asked(one: KnownWitness, offer: Offer, *, asked_ms: int, now_ms: int) -> bool:
    """Whether to go to a witness with this offer now.

    Args:
        asked_ms: when it was asked last.
    """
    if not one.url or one.size > offer.size:
        return False
    if one.trouble:
        return now_ms - asked_ms >= RETRY_MS
    if one.key.public not in cosigners(offer, (one,)):
        return True
    return now_ms - one.cosigned_ms >= HEARTBEAT_MS and now_ms - asked_ms >= RETRY_MS


def cosigners(offer: Offer, known: Sequence[KnownWitness]) -> frozenset[bytes]:
    """The public keys of those that cosigned an offer."""
    keys = [one.key for one in known]
    found = cosignatures(offer.lines.splitlines(), offer.text, keys)
    return frozenset(each.witness.public for each in found)


def _is_awaited(one: KnownWitness, *, now_ms: int) -> bool:
    if one.trouble:
        return False
    return bool(one.url) or now_ms - one.cosigned_ms < ALIVE_MS
