"""The log's witnesses in the database: who they are, what they saw, what was offered to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from zongheng_hub.store import Tx
from zongheng_hub.tlog.tables import LogOfferRow, LogQuorumRow, LogWitnessRow
from zongheng_protos.errors import Exists, Invalid, NotFound
from zongheng_tenants.cosignature import Cosignature, WitnessKey, parse_witness_vkey
from zongheng_tenants.witness_policy import (
    NONE,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    WitnessPolicy,
)

SILENT = "silent"
"""It cannot be reached, or does not answer in time."""
STRANGE = "strange"
"""It answers with something that C2SP tlog-witness does not provide for, or that does not hold."""
REFUSES = "refuses"
"""It does not know this log, or takes our proof for none."""
CLAIMS = "claims"
"""It says that it has seen more than there is, and does not show it."""
BEHIND = "behind"
"""It holds a checkpoint, signed by this log, of more entries than there are."""
FORKED = "forked"
"""It holds a checkpoint, signed by this log, of another history."""
GRAVE = frozenset({BEHIND, FORKED})

MAX_WITNESSES = 16
MAX_URL = 512
KEPT_OFFERS = 16
_witness: Any = LogWitnessRow
_offer: Any = LogOfferRow
_quorum: Any = LogQuorumRow


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """A witness and what is known of it; times in Unix milliseconds, 0: never.

    Attributes:
        url: where it takes checkpoints (C2SP tlog-witness); empty: it comes by itself.
        size, cosigned_ms: how many entries it cosigned last, and when the hub got that.
        trouble, detail, since_ms: what is wrong with it, if anything, and since when.
        evidence: where it shows that this log went back or forked, the checkpoint that does.
    """

    key: WitnessKey
    url: str
    added_ms: int
    size: int = 0
    cosigned_ms: int = 0
    trouble: str = ""
    detail: str = ""
    since_ms: int = 0
    evidence: bytes = b""

    @property
    def name(self) -> str:
        return self.key.name


@dataclass(frozen=True, slots=True)
class Offer:
    """A published checkpoint that witnesses are to cosign, and who did.

    Attributes:
        note: as the log signed it.
        lines: the cosignatures, a line each.
        witnessed_ms: when the quorum was there; 0: not yet.
    """

    size: int
    note: bytes
    lines: str
    offered_ms: int
    witnessed_ms: int

    @property
    def text(self) -> bytes:
        return self.note.partition(b"\n\n")[0] + b"\n"


def add(tx: Tx, vkey: str, url: str, *, now_ms: int) -> KnownWitness:
    """Ask this witness from now on.

    Raises:
        Invalid: vkey is no witness's key, url none, or there are MAX_WITNESSES.
        Exists: a witness of this name or key is there.
    """
    key = parse_witness_vkey(vkey.strip())
    if url and (not url.startswith(("http://", "https://")) or len(url) > MAX_URL):
        raise Invalid(f"a witness is reached at http://… or https://…, not at {url[:100]}")
    there = witnesses(tx.connection)
    if len(there) >= MAX_WITNESSES:
        raise Invalid(f"there are {MAX_WITNESSES} witnesses; more would not fit a checkpoint")
    if any(key.name == one.name or key.public == one.key.public for one in there):
        raise Exists(f"the witness {key.name}, or one with its key, is there")
    values = {"vkey": key.vkey, "url": url.rstrip("/"), "added_ms": now_ms}
    tx.execute(insert(_witness.__table__).values(**_FRESH, **values))
    return KnownWitness(key, url.rstrip("/"), now_ms)


def remove(tx: Tx, name: str) -> None:
    """Ask this witness no more. Raises NotFound."""
    for one in witnesses(tx.connection):
        if one.name == name:
            table = _witness.__table__
            tx.execute(delete(table).where(_witness.vkey == one.key.vkey))
            return
    raise NotFound(f"there is no witness {name}")


def set_needed(tx: Tx, needed: int) -> None:
    """How many cosignatures the quorum takes; 0: more than half of the witnesses."""
    if not 0 <= needed <= MAX_WITNESSES:
        raise Invalid(f"a quorum takes 1 to {MAX_WITNESSES} witnesses; 0: more than half")
    tx.execute(delete(_quorum.__table__))
    tx.execute(insert(_quorum.__table__).values(id=1, needed=needed))


def witnesses(connection: Connection) -> tuple[KnownWitness, ...]:
    """Every witness, by name."""
    rows = connection.execute(select(*_witness.__table__.c)).mappings()
    known = [
        KnownWitness(
            key=parse_witness_vkey(row["vkey"]),
            **{name: row[name] for name in ("url", "added_ms", *_FRESH)},
        )
        for row in rows
    ]
    return tuple(sorted(known, key=lambda one: one.name))


def needed_of(connection: Connection, count: int) -> int:
    """How many of count witnesses the quorum takes."""
    told = connection.execute(select(_quorum.needed)).scalar() or 0
    return told or (count // 2 + 1 if count else 0)


def policy_of(connection: Connection, vkeys: Iterable[str]) -> WitnessPolicy:
    """What auditors may hold the log to (C2SP tlog-policy)."""
    known = witnesses(connection)
    needed = needed_of(connection, len(known))
    group = PolicyGroup("quorum-group", needed, tuple(one.name for one in known))
    return WitnessPolicy(
        logs=tuple(PolicyLog(vkey) for vkey in vkeys),
        witnesses=tuple(PolicyWitness(one.name, one.key, one.url) for one in known),
        groups=(group,) if known else (),
        quorum=group.name if known else NONE,
    )


def saw(tx: Tx, cosignature: Cosignature, *, size: int, now_ms: int) -> None:
    """Remember that a witness cosigned the checkpoint of size entries; its trouble is over."""
    table = _witness.__table__
    vkey = cosignature.witness.vkey
    before = tx.connection.execute(select(_witness.size).where(_witness.vkey == vkey)).scalar()
    if before is None:
        return  # removed meanwhile
    healed = {"trouble": "", "detail": "", "since_ms": 0}
    tx.execute(
        update(table)
        .where(_witness.vkey == vkey)
        .values(size=max(size, before), cosigned_ms=now_ms, **healed)
    )


def in_trouble(
    tx: Tx,
    one: KnownWitness,
    trouble: str,
    detail: str,
    *,
    now_ms: int,
    evidence: bytes = b"",
) -> bool:
    """Remember what is wrong with a witness, or what it shows; whether that is new."""
    since = one.since_ms if one.trouble == trouble else now_ms
    values = {"trouble": trouble, "detail": detail[:500], "since_ms": since}
    if evidence:
        values["evidence"] = evidence
    table = _witness.__table__
    tx.execute(update(table).where(_witness.vkey == one.key.vkey).values(**values))
    return one.trouble != trouble


def exonerate(tx: Tx, one: KnownWitness) -> None:
    """What a witness showed against the log has turned out to belong to it."""
    table = _witness.__table__
    values = {"evidence": b"", "trouble": "", "detail": "", "since_ms": 0}
    tx.execute(update(table).where(_witness.vkey == one.key.vkey).values(**values))


def newest_offer(connection: Connection) -> Offer | None:
    return _first_offer(connection)


def newest_witnessed(connection: Connection) -> Offer | None:
    """The newest checkpoint that got its quorum."""
    return _first_offer(connection, _offer.witnessed_ms > 0)


def offer_of(connection: Connection, size: int) -> Offer | None:
    return _first_offer(connection, _offer.size == size)


def offer(tx: Tx, size: int, note: bytes, *, now_ms: int) -> Offer:
    """Offer a published checkpoint; those long past are forgotten."""
    there = offer_of(tx.connection, size)
    table = _offer.__table__
    if there is not None and there.note == note:
        tx.execute(update(table).where(_offer.size == size).values(offered_ms=now_ms))
        return replace(there, offered_ms=now_ms)
    tx.execute(delete(table).where(_offer.size == size))
    made = Offer(size, note, "", now_ms, 0)
    tx.execute(
        insert(table).values(size=size, note=note, lines="", offered_ms=now_ms, witnessed_ms=0)
    )
    sizes = tx.connection.execute(select(_offer.size).order_by(_offer.size.desc())).scalars().all()
    witnessed = newest_witnessed(tx.connection)
    for old in sizes[KEPT_OFFERS:]:
        if witnessed is None or old != witnessed.size:
            tx.execute(delete(table).where(_offer.size == old))
    return made


def put_lines(tx: Tx, made: Offer, lines: str, *, witnessed_ms: int) -> None:
    """The cosignatures that an offer has now."""
    tx.execute(
        update(_offer.__table__)
        .where(_offer.size == made.size)
        .values(lines=lines, witnessed_ms=witnessed_ms)
    )


def _first_offer(connection: Connection, *where: Any) -> Offer | None:
    columns = (_offer.size, _offer.note, _offer.lines, _offer.offered_ms, _offer.witnessed_ms)
    found = select(*columns).where(*where).order_by(_offer.size.desc()).limit(1)
    row = connection.execute(found).first()
    return None if row is None else Offer(*row)


_FRESH: dict[str, Any] = {
    "size": 0,
    "cosigned_ms": 0,
    "trouble": "",
    "detail": "",
    "since_ms": 0,
    "evidence": b"",
}
