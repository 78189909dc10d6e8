"""Single bits of a published log and its proofs, flipped at random, each before the auditor."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.logs import Log, entry
from zongheng_hub.tlog.service import Inclusion, prove_consistency, prove_inclusion
from zongheng_sdk.audit import LogVerdict, verify_entry, verify_growth, verify_log
from zongheng_sdk.notes import NoteInvalid
from zongheng_sdk.proofs import ProofInvalid

SIZES = (200, 700)
PROVEN = (0, 255, 256, 511, 512, 699)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A published log of the last of SIZES, and what its parties kept of it.

    Attributes:
        files: the published files, by name.
        older: the checkpoint at the first of SIZES, and growth the way from there.
    """

    vkey: str
    files: Mapping[str, bytes]
    older: bytes
    inclusions: Sequence[Inclusion]
    growth: Sequence[bytes]


@dataclass
class Flips:
    """Flips bits and keeps account.

    Attributes:
        done: flips, by kind of what was flipped.
        missed: what no verdict named, as "name, byte, bit".
    """

    evidence: Evidence
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def flip_once(self) -> None:
        kind = self.dice.choice(("checkpoint", "tile", "entries", "inclusion", "growth"))
        if kind == "inclusion":
            self._flip_inclusion()
        elif kind == "growth":
            self._flip_growth()
        else:
            self._flip_file(kind)
        self.done[kind] += 1

    def _flip_file(self, kind: str) -> None:
        starts = {"checkpoint": "checkpoint", "entries": "tile/entries/"}.get(kind, "tile/")
        names = [name for name in self.evidence.files if name.startswith(starts)]
        name = self.dice.choice([n for n in names if kind == "entries" or "entries" not in n])
        content, where = self._flipped(self.evidence.files[name])
        verdict = self._audit({**self.evidence.files, name: content})
        if not any(name in str(fault) for fault in verdict.faults):
            self.missed.append(f"{name}, {where}")

    def _audit(self, files: Mapping[str, bytes]) -> LogVerdict:
        return verify_log(files.get, self.evidence.vkey)

    def _flip_inclusion(self) -> None:
        proof = self.dice.choice(self.evidence.inclusions)
        parts = [proof.leaf, *proof.hashes, proof.checkpoint]
        at = self.dice.randrange(len(parts))
        parts[at], where = self._flipped(parts[at])
        try:
            verify_entry(parts[0], proof.index, parts[1:-1], parts[-1], self.evidence.vkey)
        except (NoteInvalid, ProofInvalid):
            return
        self.missed.append(f"proof of entry {proof.index}, part {at}, {where}")

    def _flip_growth(self) -> None:
        parts = [self.evidence.older, self.evidence.files["checkpoint"], *self.evidence.growth]
        at = self.dice.randrange(len(parts))
        parts[at], where = self._flipped(parts[at])
        try:
            verify_growth(parts[0], parts[1], parts[2:], self.evidence.vkey)
        except (NoteInvalid, ProofInvalid):
            return
        self.missed.append(f"proof of growth, part {at}, {where}")

    def _flipped(self, content: bytes) -> tuple[bytes, str]:
        at, bit = self.dice.randrange(len(content)), self.dice.randrange(8)
        flipped = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
        return flipped, f"byte {at}, bit {bit}"


def evidence_of(log: Log) -> Evidence:
    """Make and publish a log and keep what parties and auditors would."""
    begun, size = SIZES
    log.append(*map(entry, range(begun)))
    older = (log.publish() / "checkpoint").read_bytes()
    log.append(*map(entry, range(begun, size)))
    folder = log.publish()
    return Evidence(
        vkey=log.vkey,
        files=files_of(folder),
        older=older,
        inclusions=[log.store.read_now(partial(prove_inclusion, index=at)) for at in PROVEN],
        growth=log.store.read_now(partial(prove_consistency, old=begun)),
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """The files that count at the published size: partial tiles of earlier ones are left out."""
    verdict_reads: dict[str, bytes] = {}

    def read(name: str) -> bytes | None:
        path = folder / name
        if not path.exists():
            return None
        verdict_reads[name] = path.read_bytes()
        return verdict_reads[name]

    assert verify_log(read, (folder / "vkey").read_text().strip()).ok
    return verdict_reads
