"""The auditor's side: proves a whole log, or one entry of it, with nothing but the log's key.

Shares no code with the log's writer. Needs no network for a log in a folder.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import DecodeError

from zongheng_sdk.notes import Checkpoint, NoteInvalid, parse_vkey, verify_checkpoint
from zongheng_sdk.proofs import (
    HASH_BYTES,
    ProofInvalid,
    leaf_hash,
    merkle_root,
    verify_consistency,
    verify_inclusion,
)
from zongheng_sdk.tiles import (
    WIDTH,
    TileSource,
    bundle_path,
    open_source,
    split_bundle,
    tile_path,
)

MAX_FAULTS = 100
_REVOKING = ("credential.revoked", "key.revoked", "grant.revoked")


@dataclass(frozen=True, slots=True)
class LogFault:
    """One thing wrong with a log.

    Attributes:
        place: the file, such as "tile/0/000.p/17" or "checkpoint".
        index: the entry, where one can be named.
        what: what is wrong there.
    """

    place: str
    what: str
    index: int | None = None

    def __str__(self) -> str:
        entry = "" if self.index is None else f", entry {self.index}"
        return f"{self.place}{entry}: {self.what}"


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What the check of a whole log found.

    Attributes:
        checkpoint: the verified head; None when it did not verify.
        faults: everything wrong, up to MAX_FAULTS; empty for a sound log.
    """

    checkpoint: Checkpoint | None
    faults: tuple[LogFault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def size(self) -> int:
        """How many entries the signed head counts."""
        return self.checkpoint.size if self.checkpoint else 0


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """What a leaf says: who acted, when (Unix ms), how and on what; no content.

    Attributes:
        parties: the tenants concerned besides the actor.
        commitment: HMAC-SHA256(salt, envelope).
    """

    act: str
    time_ms: int
    actor: str
    parties: tuple[str, ...]
    subject: str
    commitment: bytes


def verify_log(
    source: str | Path | TileSource,
    vkey: str,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> LogVerdict:
    """Recompute a log from its entries; compare every tile and the signed root with that.

    Args:
        source: the log's folder, its http(s) address, or anything that gives its files.
        vkey: the log's verifier key, from wherever the auditor trusts it to be right.
        progress: told entries checked and entries in all, after every bundle.

    Raises:
        NoteInvalid: vkey itself is malformed.
        Unavailable: the source can't be reached.
    """
    parse_vkey(vkey)  # a key that can't be read is the auditor's mistake, not the log's
    read = source if callable(source) else open_source(source)
    note = read("checkpoint")
    if note is None:
        return LogVerdict(None, (LogFault("checkpoint", "missing"),))
    try:
        checkpoint = verify_checkpoint(note, vkey)
    except NoteInvalid as error:
        return LogVerdict(None, (LogFault("checkpoint", error.message),))
    audit = _Audit(read, checkpoint.size, [])
    audit.compare_root(audit.check_entries(progress), checkpoint.root)
    return LogVerdict(checkpoint, tuple(audit.faults))


def verify_entry(
    leaf: bytes, index: int, proof: Sequence[bytes], checkpoint: bytes, vkey: str
) -> Checkpoint:
    """That leaf is entry index of the log whose signed checkpoint this is.

    Raises:
        NoteInvalid: the checkpoint's signature does not hold.
        ProofInvalid: the proof does not lead from the leaf to the signed root.
    """
    head = verify_checkpoint(checkpoint, vkey)
    verify_inclusion(index=index, size=head.size, leaf=leaf_hash(leaf), proof=proof, root=head.root)
    return head


def verify_growth(
    old_checkpoint: bytes, new_checkpoint: bytes, proof: Sequence[bytes], vkey: str
) -> tuple[Checkpoint, Checkpoint]:
    """That the newer of two signed heads contains the whole log of the older.

    Raises:
        NoteInvalid, ProofInvalid: a signature, or the proof, does not hold.
    """
    old, new = verify_checkpoint(old_checkpoint, vkey), verify_checkpoint(new_checkpoint, vkey)
    verify_consistency(
        old_size=old.size, new_size=new.size, old_root=old.root, new_root=new.root, proof=proof
    )
    return old, new


def load_entry(source: str | Path | TileSource, index: int, size: int) -> bytes:
    """Entry index of a published log of size entries; not proven yet.

    Raises:
        ProofInvalid: its bundle is missing or malformed.
    """
    if not 0 <= index < size:
        raise ProofInvalid(f"entry {index} can't be in a log of {size}")
    read = source if callable(source) else open_source(source)
    number, place = divmod(index, WIDTH)
    width = min(WIDTH, size - number * WIDTH)
    path = bundle_path(number, width)
    bundle = read(path)
    if bundle is None:
        raise ProofInvalid(f"{path} is missing")
    return split_bundle(bundle, width)[place]


def revoked_in_log(source: str | Path | TileSource, size: int) -> dict[str, int]:
    """Every credential, key and grant that a log of size entries revokes, and the first entry.

    Not proven: verify_log does that.

    Raises:
        ProofInvalid: a bundle is missing or malformed.
    """
    read = source if callable(source) else open_source(source)
    found: dict[str, int] = {}
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        path = bundle_path(number, width)
        bundle = read(path)
        if bundle is None:
            raise ProofInvalid(f"{path} is missing")
        for place, leaf in enumerate(split_bundle(bundle, width)):
            if b".revoked" in leaf and (act := read_leaf(leaf)).act in _REVOKING:
                found.setdefault(act.subject, number * WIDTH + place)
    return found


def read_leaf(leaf: bytes) -> LoggedAct:
    """What a leaf says.

    Raises:
        ProofInvalid: it is no zongheng.tlog.v1.Leaf of version 1.
    """
    from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

    try:
        parts = Leaf.FromString(leaf)
    except DecodeError as error:
        raise ProofInvalid("the leaf cannot be read") from error
    if parts.version != 1:
        raise ProofInvalid(f"the leaf is of version {parts.version}; this verifier knows 1")
    return LoggedAct(
        act=parts.act,
        time_ms=parts.time_ms,
        actor=parts.actor,
        parties=tuple(parts.parties),
        subject=parts.subject,
        commitment=parts.commitment,
    )


def check_commitment(leaf: bytes, salt: bytes, envelope: bytes) -> LoggedAct:
    """What a leaf says, once it commits to exactly this envelope.

    Raises:
        ProofInvalid: it commits to another, or the salt is not its salt.
    """
    act = read_leaf(leaf)
    if not hmac.compare_digest(act.commitment, hmac.digest(salt, envelope, "sha256")):
        raise ProofInvalid(f"the log's {act.act} by {act.actor} commits to another envelope")
    return act


@dataclass(frozen=True, slots=True)
class _Audit:
    read: TileSource
    size: int
    faults: list[LogFault]

    def check_entries(self, progress: Callable[[int, int], None] | None) -> tuple[bytes, bytes]:
        """Check bundles and all tiles; the roots that the entries give, and tiles of level 0."""
        from_entries: list[bytes] = []
        from_tiles: list[bytes] = []
        for number in range(-(-self.size // WIDTH)):
            width = min(WIDTH, self.size - number * WIDTH)
            stored = self._stored_hashes(0, number, width)
            hashes = self._entry_hashes(number, width) or stored or [bytes(HASH_BYTES)] * width
            self._compare_entries(number, hashes, stored or hashes)
            from_entries.append(merkle_root(hashes))
            from_tiles.append(merkle_root(stored or hashes))
            if progress:
                progress(number * WIDTH + width, self.size)
        roots = merkle_root(from_entries), merkle_root(from_tiles)
        self._check_upper_tiles(from_tiles)
        return roots

    def compare_root(self, roots: tuple[bytes, bytes], signed: bytes) -> None:
        from_entries, from_tiles = roots
        if from_entries == signed:
            return
        what = f"the {self.size} entries do not give the root that was signed"
        if from_tiles == signed:
            what += "; the tiles do, so the entries were altered"
        self._fault(LogFault("checkpoint", what))

    def _check_upper_tiles(self, roots: list[bytes]) -> None:
        level = 1
        hashes = roots[: self.size // WIDTH]
        while hashes:
            rows = [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]
            for number, row in enumerate(rows):
                stored = self._stored_hashes(level, number, len(row))
                if stored is not None and stored != row:
                    path = tile_path(level, number, len(row))
                    self._fault(LogFault(path, "its hashes are not those of the tiles below"))
            hashes = [merkle_root(row) for row in rows if len(row) == WIDTH]
            level += 1

    def _stored_hashes(self, level: int, number: int, width: int) -> list[bytes] | None:
        path = tile_path(level, number, width)
        tile = self.read(path)
        if tile is None or len(tile) != width * HASH_BYTES:
            what = "missing" if tile is None else f"{len(tile)} bytes for {width} hashes"
            self._fault(LogFault(path, what))
            return None
        return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]

    def _entry_hashes(self, number: int, width: int) -> list[bytes] | None:
        path = bundle_path(number, width)
        bundle = self.read(path)
        if bundle is None:
            self._fault(LogFault(path, "missing"))
            return None
        try:
            return [leaf_hash(entry) for entry in split_bundle(bundle, width)]
        except ProofInvalid as error:
            self._fault(LogFault(path, error.message))
            return None

    def _compare_entries(self, number: int, hashes: list[bytes], stored: list[bytes]) -> None:
        for place, (computed, held) in enumerate(zip(hashes, stored, strict=True)):
            if computed != held:
                path = bundle_path(number, len(hashes))
                tile = tile_path(0, number, len(hashes))
                self._fault(LogFault(path, f"not what {tile} holds of it", number * WIDTH + place))

    def _fault(self, fault: LogFault) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)
