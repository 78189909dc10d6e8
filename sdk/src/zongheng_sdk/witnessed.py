"""What witnesses saw of a log, proven from their cosignatures and a policy file (C2SP tlog-policy).

Shares no code with the log's writer, and needs nobody's word: neither the hub's nor a witness's
that the policy does not name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from zongheng_protos.errors import QuorumMissing
from zongheng_sdk.notes import Checkpoint, NoteInvalid, parse_note, verify_log_checkpoint
from zongheng_sdk.proofs import ProofInvalid
from zongheng_sdk.tile_proofs import TileTree
from zongheng_sdk.tiles import TileSource
from zongheng_tenants.cosignature import WitnessKey
from zongheng_tenants.witness_policy import WitnessPolicy

WITNESSED = "witnessed"
"""Where a log publishes the newest checkpoint that got its quorum."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a witness, by the policy's name for it, saw the log with size entries.

    Attributes:
        time: Unix seconds, by the witness's clock.
    """

    name: str
    size: int
    time: int

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.time).astimezone()
        return f"{self.name}: {self.size} entries at {when:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """A checkpoint that its log signed, and who of a policy's witnesses cosigned it.

    Attributes:
        missing: what the quorum lacks, in words; empty when it is there.
    """

    checkpoint: Checkpoint
    seen: tuple[Sighting, ...]
    missing: str

    def raise_unless_witnessed(self) -> None:
        """Raises QuorumMissing."""
        if self.missing:
            raise QuorumMissing(
                f"the checkpoint of {self.checkpoint.size} entries is not witnessed: {self.missing}"
            )


@dataclass(frozen=True, slots=True)
class WitnessVerdict:
    """What witnesses prove of a whole log.

    Attributes:
        size: how many entries are witnessed by the policy's quorum; 0: none.
        of: how many the log has.
        seen: the newest sighting by each witness, in the policy's order.
        unseen: witnesses of whom there is no cosignature.
        missing: what the quorum lacks; empty when it is there.
        faults: checkpoints that do not belong to the log, each with who vouched for it.
    """

    size: int
    of: int
    seen: tuple[Sighting, ...]
    unseen: tuple[str, ...]
    missing: str
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.missing and not self.faults


def verify_witnessed(
    note: bytes, policy: WitnessPolicy, *, vkeys: Sequence[str] = ()
) -> WitnessedCheckpoint:
    """Who of the policy's witnesses cosigned a checkpoint, and whether that is enough.

    Args:
        vkeys: the log's keys; left out: those that the policy lists.

    Raises:
        NoteInvalid: it is malformed, no key of the log has signed it, or a line that bears a
            witness's name and key does not hold.
    """
    keys = vkeys or [log.vkey for log in policy.logs]
    if not keys:
        raise NoteInvalid("neither the policy nor anybody else names a key of the log")
    checkpoint = verify_log_checkpoint(note, keys)
    seen = tuple(_sightings(note, policy, checkpoint.size))
    names = {sighting.name for sighting in seen}
    cosigners: list[WitnessKey] = [one.key for one in policy.witnesses if one.name in names]
    return WitnessedCheckpoint(checkpoint, seen, policy.missing(cosigners))


def verify_witnesses(
    read: TileSource,
    newest: Checkpoint,
    policy: WitnessPolicy,
    *,
    vkeys: Sequence[str] = (),
    kept: Iterable[tuple[str, bytes]] = (),
) -> WitnessVerdict:
    """How much of a log is witnessed.

    Args:
        read: the log, once verify_log has found it sound.
        newest: its verified head.
        vkeys: as for verify_witnessed.
        kept: checkpoints from elsewhere (a witness, a receipt, another auditor), each with the name
            to give it: they have to belong to the log, too.
    """
    notes = [(name, read(name)) for name in ("checkpoint", WITNESSED)]
    shown = [(name, note) for name, note in notes if note is not None]
    tree = TileTree(read, newest.size)
    witnessed, faults, missing = 0, list[str](), ""
    sightings: dict[str, Sighting] = {}
    for name, note in [*shown, *kept]:
        try:
            found = verify_witnessed(note, policy, vkeys=vkeys)
            fault = _fault(tree, newest, found)
        except (NoteInvalid, ProofInvalid) as error:
            faults.append(f"{name}: {error.message}")
            continue
        if fault:
            faults.append(f"{name}: {fault}")
            continue
        missing = missing or found.missing
        if not found.missing:
            witnessed = max(witnessed, found.checkpoint.size)
        for one in found.seen:
            before = sightings.get(one.name)
            if before is None or (before.size, before.time) < (one.size, one.time):
                sightings[one.name] = one
    names = [one.name for one in policy.witnesses]
    return WitnessVerdict(
        size=witnessed,
        of=newest.size,
        seen=tuple(sightings[name] for name in names if name in sightings),
        unseen=tuple(name for name in names if name not in sightings),
        missing="" if witnessed else missing or policy.missing(()),
        faults=tuple(faults),
    )


def _fault(tree: TileTree, newest: Checkpoint, found: WitnessedCheckpoint) -> str:
    """In what way a signed checkpoint does not belong to the log; empty where it does."""
    other = found.checkpoint
    vouched = ", ".join(one.name for one in found.seen) or "no witness"
    if other.origin != newest.origin:
        return f"it is of another log, {other.origin}"
    if other.size > newest.size:
        return (
            f"the log's key signed {other.size} entries (cosigned by {vouched}), the log shows "
            f"{newest.size}: it was cut, or what is shown is old"
        )
    if other.size and tree.root(0, other.size) != other.root:
        return (
            f"the log's key signed another history of {other.size} entries (cosigned by "
            f"{vouched}): the log was forked"
        )
    return ""


def _sightings(note: bytes, policy: WitnessPolicy, size: int) -> Iterable[Sighting]:
    parts = parse_note(note)
    text = parts.text.encode()
    for one in policy.witnesses:
        times = [
            one.key.time_of(signature.data, text)
            for signature in parts.signatures
            if (signature.name, signature.key_id) == (one.key.name, one.key.id)
        ]
        if None in times:
            raise NoteInvalid(f"the cosignature by {one.name} does not hold over this text")
        if times:
            yield Sighting(one.name, size, max(time for time in times if time is not None))
