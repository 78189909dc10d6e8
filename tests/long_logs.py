"""Logs of many tiles, made by the hub's own log, with checkpoints kept on the way."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.contract.foreign import Ask, proofbundle_accepts, sigstore_check
from tests.logs import Log, entry
from zongheng_hub.tlog.service import Inclusion, prove_consistency, prove_inclusion
from zongheng_sdk.audit import verify_log

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class LongLog:
    """A log and the checkpoints that were published at some sizes, oldest first."""

    log: Log
    checkpoints: dict[int, bytes]

    @property
    def size(self) -> int:
        return max(self.checkpoints)

    @property
    def newest(self) -> bytes:
        return self.checkpoints[self.size]


def grown(
    log: Log,
    size: int,
    *,
    kept: int,
    dice: random.Random,
    told: Callable[[int], object] = lambda size: None,
) -> LongLog:
    """Append entries until the log has size, publishing at `kept` random sizes and edges of tiles.

    Args:
        told: called with the size after each publication.
    """
    edges = {1, 2, 255, 256, 257, 65_535, 65_536, 65_537, size - 1, size}
    stops = sorted({*dice.sample(range(1, size), kept), *(at for at in edges if at <= size)})
    checkpoints = {}
    at = 0
    log.store.write_now(lambda tx: tx.next_index())
    publisher = log.publisher()
    publisher.open()
    for stop in stops:
        while at < stop:
            end = min(at + AT_ONCE, stop)
            log.append(*map(entry, range(at, end)))
            at = end
        publisher.publish()
        checkpoints[stop] = (log.folder / "checkpoint").read_bytes()
        told(stop)
    return LongLog(log, checkpoints)


def refusals(
    long: LongLog, go: Ask, keyring: Any, *, samples: int, dice: random.Random
) -> list[str]:
    """What any verifier has against the log; nothing, if all is well.

    Asked are Go's x/mod (every checkpoint; consistency of every two of them, once with the hub's
    own proofs and once with proofs that x/mod makes from the tiles; inclusion), sigstore-python,
    proofbundle, and the SDK's own audit of all entries.
    """
    log, vkey = long.log, long.log.vkey
    edge = {0, 255, 256, 65_535, 65_536, long.size - 1}
    indices = sorted({*(i for i in edge if i < long.size), *dice.sample(range(long.size), samples)})
    proofs = [log.store.read_now(partial(prove_inclusion, index=index)) for index in indices]
    found = go(_notes(long) + _inclusions(long, proofs) + _consistencies(long))
    refused = [answer for answer in found if answer]
    for proof in proofs:
        sigstore_check(proof, long.newest, keyring)
        if proof.leaf != entry(proof.index).leaf:
            refused.append(f"entry {proof.index} is another")
        if not proofbundle_accepts(proof.leaf, proof.index, proof.hashes, long.newest, vkey):
            refused.append(f"proofbundle refuses entry {proof.index}")
    verdict = verify_log(log.folder, vkey)
    return refused + [str(fault) for fault in verdict.faults]


def _notes(long: LongLog) -> list[dict[str, Any]]:
    vkey = long.log.vkey
    return [{"Vkey": vkey, "Checkpoint": note} for note in long.checkpoints.values()]


def _inclusions(long: LongLog, proofs: Sequence[Inclusion]) -> list[dict[str, Any]]:
    told = {"Vkey": long.log.vkey, "Checkpoint": long.newest}
    return [
        told | {"Leaf": proof.leaf, "Index": proof.index} | way
        for proof in proofs
        for way in ({"Proof": proof.hashes}, {"Folder": str(long.log.folder)})
    ]


def _consistencies(long: LongLog) -> list[dict[str, Any]]:
    questions: list[dict[str, Any]] = []
    for old, new in itertools.combinations(long.checkpoints, 2):
        told = {
            "Vkey": long.log.vkey,
            "Checkpoint": long.checkpoints[new],
            "Old": long.checkpoints[old],
        }
        proof = long.log.store.read_now(partial(prove_consistency, old=old, new=new))
        questions += [told | {"Proof": proof}, told | {"Folder": str(long.log.folder)}]
    return questions
