"""A witness behind a firewall: it fetches what the log offers, and hands its cosignature in.

Everything is proven from the log's own tiles; the hub is only told, never asked, and nobody has to
be able to reach the witness.
"""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from zongheng_protos.errors import Invalid, Unavailable, ZonghengError
from zongheng_sdk.log_keys import followed_key
from zongheng_sdk.notes import Checkpoint, NoteInvalid, parse_note, verify_log_checkpoint
from zongheng_sdk.tile_proofs import TileTree
from zongheng_sdk.tiles import TileSource, open_source
from zongheng_sdk.witness import LogWentBack, Witness
from zongheng_sdk.witness_folder import Cosigned

TIMEOUT_SECONDS = 15
OFFERED = "offered"
HAND_IN = "cosignature"
HandIn = Callable[[bytes], None]
"""Takes a checkpoint with a cosignature to the log; raises ZonghengError where it is refused."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one look at a log: cosigned anew, or seen to be what was cosigned before."""

    cosigned: Cosigned
    anew: bool


def look(
    witness: Witness,
    log: str | TileSource,
    *,
    hand_in: HandIn | None = None,
    root_fingerprint: str = "",
) -> Round:
    """Fetch what the log offers, prove that it continues what was cosigned, cosign, hand it in.

    Args:
        log: its http(s) address, such as "https://hub/tlog", or anything that gives its files.
        hand_in: where the cosignature goes; None: to where the log is.
        root_fingerprint: of the province's root: a key of the log that it vouches for is trusted.

    Raises:
        LogWentBack: the log shows less than, or something else than, what was cosigned before.
            What was cosigned has been handed in, as the proof of it.
        Unavailable: the log cannot be reached.
        NoteInvalid, ProofInvalid, NotFound: see Witness.cosign.
    """
    read = open_source(log) if isinstance(log, str) else log
    give = hand_in or _over_http(str(log))
    head = _shown(witness, read, root_fingerprint)
    before = witness.newest(head.origin)
    old = before.checkpoint if before else None
    if old is not None and (what := _contradiction(read, old, head)):
        with contextlib.suppress(ZonghengError):  # the hub says that it does not fit: indeed
            give(old.note)
        raise LogWentBack(f"{head.origin} {what}: it was set back or forked")
    proof = TileTree(read, head.size).consistency(old.size) if old and old.size else ()
    found = witness.cosign(head.note, old.size if old else 0, proof)
    give(found.checkpoint.note)
    return Round(found, anew=old is None or old.size < head.size)


def _shown(witness: Witness, read: TileSource, root: str) -> Checkpoint:
    """What the log offers to be cosigned, or its newest checkpoint where the offer is older."""
    offered, newest = read(OFFERED), read("checkpoint")
    note = offered or newest
    if note is None:
        raise Unavailable("the log shows no checkpoint yet")
    head = _verified(witness, note, read, root)
    before = witness.newest(head.origin)
    if before and head.size < before.checkpoint.size and newest is not None:
        return _verified(witness, newest, read, root)
    return head


def _contradiction(read: TileSource, old: Checkpoint, head: Checkpoint) -> str:
    """In what way head does not continue old; empty where it does, as far as tiles can say."""
    had = f"{old.size} entries with root {old.root.hex()[:16]}… got this witness's cosignature"
    if head.size < old.size:
        return f"shows {head.size} entries, but {had}"
    tree = TileTree(read, head.size)
    if old.size == 0 or tree.root(0, head.size) != head.root:
        return ""  # nothing to contradict; or the tiles are wrong, and no proof will hold
    had_now = tree.root(0, old.size)
    if had_now == old.root:
        return ""
    return f"shows root {had_now.hex()[:16]}… for {old.size} entries, but {had}"


def _verified(witness: Witness, note: bytes, read: TileSource, root: str) -> Checkpoint:
    origin = parse_note(note).text.partition("\n")[0]
    keys = witness.folder.keys_of(origin)
    try:
        return verify_log_checkpoint(note, keys)
    except NoteInvalid:
        newest = followed_key(read, keys[-1], root) if keys and root else ""
        if not newest or newest in keys:
            raise
        witness.folder.trust(newest)
        return verify_log_checkpoint(note, (newest,))


def _over_http(log: str) -> HandIn:
    address = f"{log.rstrip('/')}/{HAND_IN}"

    def give(note: bytes) -> None:
        asked = urllib.request.Request(
            address, data=note, headers={"content-type": "text/plain; charset=utf-8"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS):
                pass
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(2000).decode("utf-8", "replace").strip()
            raise Invalid(f"{address} answered {error.code}: {said}") from error
        except OSError as error:
            raise Unavailable(f"{address} cannot be reached: {error}") from error

    return give
