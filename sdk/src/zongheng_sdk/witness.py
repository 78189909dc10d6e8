"""A witness: cosigns a log's checkpoint only if it continues the one cosigned before it.

The rules are those of C2SP tlog-witness; checking and remembering are one step under a lock, so
two requests that race never get cosignatures on two histories.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zongheng_protos.errors import Invalid, NotFound, StateConflict
from zongheng_sdk.notes import parse_note, signed_lines, verify_log_checkpoint
from zongheng_sdk.proofs import EMPTY_ROOT, HASH_BYTES, ProofInvalid, verify_consistency
from zongheng_sdk.witness_folder import Cosigned, WitnessFolder
from zongheng_tenants.cosignature import cosign, decode_exactly

MAX_PROOF_LINES = 63
_OLD = re.compile("old (0|[1-9][0-9]{0,18})")


class CosignedElsewhere(StateConflict):
    """The request starts from another checkpoint than the one this witness cosigned last.

    Attributes:
        size: of that one.
    """

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class LogWentBack(ProofInvalid):
    """A log shows, signed by its own key, what cannot follow on what this witness cosigned."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request for a cosignature: the checkpoint, and what leads to it from old entries."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def parse_request(body: bytes) -> AddCheckpoint:
    """Read the body of add-checkpoint.

    Raises:
        Invalid: it is malformed.
    """
    head, blank, checkpoint = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Invalid("the lines before the checkpoint are not ASCII") from None
    stated = _OLD.fullmatch(first)
    if not blank or stated is None:
        raise Invalid("the request does not begin with 'old' and a size")
    if len(lines) > MAX_PROOF_LINES:
        raise Invalid(f"{len(lines)} lines of proof, over {MAX_PROOF_LINES}")
    proof = [decode_exactly(line) for line in lines]
    if any(each is None or len(each) != HASH_BYTES for each in proof):
        raise Invalid("a line of the proof is no base64 of 32 bytes")
    return AddCheckpoint(int(stated[1]), tuple(each for each in proof if each), checkpoint)


class Witness:
    """One witness in this process; holds its folder until close."""

    def __init__(self, folder: WitnessFolder, *, clock: Callable[[], float] = time.time) -> None:
        """
        Args:
            clock: Unix seconds.

        Raises:
            StateConflict: another process is this witness.
            FileUnusable: what it cosigned before cannot be read.
        """
        folder.hold()
        self.folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        try:
            self._newest = {origin: folder.newest(origin) for origin in folder.origins()}
        except BaseException:
            folder.close()
            raise

    def close(self) -> None:
        with self._lock:
            self.folder.close()

    def newest(self, origin: str) -> Cosigned | None:
        """What it cosigned last of a log."""
        return self._newest.get(origin)

    def origins(self) -> tuple[str, ...]:
        return self.folder.origins()

    def cosign(self, checkpoint: bytes, old: int, proof: Sequence[bytes]) -> Cosigned:
        """Cosign a checkpoint that continues what was cosigned before; remembered for good.

        Args:
            old: the size that the proof leads from: that of the newest one cosigned; 0: none was.

        Raises:
            NotFound: the log is not known.
            NoteInvalid: the checkpoint is malformed, or no known key of the log has signed it.
            Invalid: old is larger than the checkpoint's size.
            CosignedElsewhere: another one than old was cosigned last.
            ProofInvalid: the proof does not lead from what was cosigned to this checkpoint.
        """
        parts = parse_note(checkpoint)
        origin = parts.text.partition("\n")[0]
        keys = self.folder.keys_of(origin)
        if not keys:
            raise NotFound(f"this witness does not know the log {origin[:200]}")
        head = verify_log_checkpoint(checkpoint, keys)
        if old > head.size:
            raise Invalid(f"the proof would lead from {old} entries back to {head.size}")
        with self._lock:
            before = self._newest.get(origin)
            self._check(before, old, head.size, head.root, proof)
            now = max(int(self._clock()), before.time if before else 1)
            text = parts.text.encode()
            line = cosign(text, key=self.folder.signing, name=self.folder.key.name, time=now)
            kept = text + b"\n" + signed_lines(checkpoint, keys) + line.encode()
            self.folder.keep(origin, kept)
            found = Cosigned(verify_log_checkpoint(kept, keys), now, line)
            self._newest[origin] = found
            return found

    def _check(
        self, before: Cosigned | None, old: int, size: int, root: bytes, proof: Sequence[bytes]
    ) -> None:
        have = before.checkpoint.size if before else 0
        if old != have:
            raise CosignedElsewhere(f"{have} entries were cosigned last, not {old}", have)
        if before is None or have == 0:
            if proof:
                raise ProofInvalid("from no entries at all nothing is to be proven")
            if size == 0 and root != EMPTY_ROOT:
                raise ProofInvalid("the root of no entries is another")
            return
        verify_consistency(
            old_size=have,
            new_size=size,
            old_root=before.checkpoint.root,
            new_root=root,
            proof=proof,
        )
