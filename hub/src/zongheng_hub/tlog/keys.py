"""The log's keys over time: one signs, the next is vouched for, both sign, the first retires."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from zongheng_hub.store import Tx
from zongheng_hub.tlog.faults import LogDamaged
from zongheng_hub.tlog.note import CheckpointSigner, verifier_key
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_hub.tlog.tables import LogSuccessionRow
from zongheng_protos.errors import Exists, StateConflict
from zongheng_protos.tlog.v1.tlog_pb2 import LogKeySuccession
from zongheng_tenants.keys import SigningKey

_table: Any = LogSuccessionRow
UpcomingKey = Callable[[], SigningKey | None]
"""Gives the key that was made to follow the log's own, where there is one."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What the log's service needs of its keys.

    Attributes:
        root: the root credential's envelope, whose signing key vouches for keys of the log.
        root_fingerprint: its SHA-256, hex.
    """

    sequencer: Sequencer
    upcoming: UpcomingKey
    root: bytes
    root_fingerprint: str

    @property
    def signer(self) -> CheckpointSigner:
        return self.sequencer.signer

    @property
    def next_vkey(self) -> str:
        """Of the key made to follow; empty when there is none."""
        key = self.upcoming()
        return "" if key is None else verifier_key(self.signer.origin, key.public)


@dataclass(frozen=True, slots=True)
class Succession:
    """One key after another; envelope is signed by the province's root.

    Attributes:
        size: how many entries the log had then.
        time_ms: Unix milliseconds.
    """

    old_vkey: str
    new_vkey: str
    envelope: bytes
    size: int
    time_ms: int


def successions(connection: Connection) -> tuple[Succession, ...]:
    """Every change of key, oldest first."""
    columns = (_table.old_vkey, _table.new_vkey, _table.envelope, _table.size, _table.time_ms)
    found = select(*columns).order_by(_table.size, _table.time_ms)
    return tuple(Succession(*row) for row in connection.execute(found))


def succession_text(root: bytes, envelopes: Sequence[bytes]) -> bytes:
    """The published file: the root credential, then each succession, base64, a line each."""
    return b"".join(base64.b64encode(each) + b"\n" for each in (root, *envelopes))


def recognise_all(
    connection: Connection, signer: CheckpointSigner, upcoming: SigningKey | None
) -> None:
    """Tell the signer which keys came before its own, and have it sign with the one vouched for.

    Raises:
        LogDamaged: the root vouches for keys of this log, and the signer's is none of them.
    """
    known = successions(connection)
    vouched = {vkey for one in known for vkey in (one.old_vkey, one.new_vkey)}
    if known and signer.vkey not in vouched:
        raise LogDamaged(
            f"the hub has another key, {signer.vkey}, than those the root vouches for: put back "
            "keys/log.key"
        )
    for one in known:
        for vkey in filter(None, (one.old_vkey, one.new_vkey)):
            signer.recognise(vkey)
        if upcoming is not None and (one.old_vkey, one.new_vkey) == (
            signer.vkey,
            verifier_key(signer.origin, upcoming.public),
        ):
            signer.sign_also_with(upcoming)


def check_succession(
    succession: LogKeySuccession, signer: CheckpointSigner, upcoming: SigningKey | None
) -> SigningKey | None:
    """The hub's next key, once a succession names exactly this log's keys.

    None where it vouches for the key that signs now, as the root does for a log's first.

    Raises:
        StateConflict: no next key was made, or the succession names other keys.
    """
    first = (signer.origin, "", signer.vkey)
    if (succession.origin, succession.old_vkey, succession.new_vkey) == first:
        return None
    if upcoming is None:
        raise StateConflict("the log has no next key: make one with zongheng-hub log-key new")
    expected = (signer.origin, signer.vkey, verifier_key(signer.origin, upcoming.public))
    if (succession.origin, succession.old_vkey, succession.new_vkey) != expected:
        raise StateConflict(
            f"the succession leads from {succession.old_vkey} to {succession.new_vkey}, the hub's "
            f"own from {expected[1]} to {expected[2]}: read them again with zongheng log keys"
        )
    return upcoming


def keep_succession(
    tx: Tx, succession: LogKeySuccession, envelope: bytes, *, size: int, now_ms: int
) -> None:
    """Write a checked succession.

    Raises:
        Exists: another key follows the old one already, or the new one follows another.
    """
    same = (_table.old_vkey == succession.old_vkey) | (_table.new_vkey == succession.new_vkey)
    if tx.one(select(_table.new_vkey).where(same)):
        raise Exists(f"the root vouches already for what follows {succession.old_vkey or 'itself'}")
    tx.execute(
        insert(_table.__table__).values(
            new_vkey=succession.new_vkey,
            old_vkey=succession.old_vkey,
            envelope=envelope,
            size=size,
            time_ms=now_ms,
        )
    )
