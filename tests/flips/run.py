"""One bit of an audit package flipped, in four ways; each has to be noticed and its place named.

    raw       a bit of the file as it lies on the disk
    member    a bit of a member, the zip file made anew around it (checksums right)
    manifest  the same, and the manifest made anew as well; the exporter's signature is the old one
    exporter  the same, and signed anew with the exporter's own key: what an exporter could try

Nothing is harmless but this, and only in the last way: bits of the verifier's own source and of
README.txt (`PROGRAM`), and of log/units, which are the exporter's and the hub's word; the verdict
says of both that they are not proven.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from tests.integration.audit_case import Case
from zongheng_sdk.audit_package import MANIFEST, SIGNATURE, manifest_of, read_package
from zongheng_sdk.package_verify import verify_package
from zongheng_sdk.strict_zip import read_zip, write_zip
from zongheng_tenants.envelope import AUDIT_PACKAGE, seal_envelope
from zongheng_tenants.keys import Signer, SigningKey

WAYS = ("raw", "member", "manifest", "exporter")
UNITS = "log/units"


@dataclass(frozen=True, slots=True)
class Victim:
    """A package that holds, and what an exporter has: root is the fingerprint it is judged by."""

    data: bytes
    root: str
    exporter: bytes

    @property
    def key(self) -> Signer:
        return SigningKey(self.exporter)


@dataclass(slots=True)
class FlipTally:
    """What came of flips.

    Attributes:
        missed: flips after which the package still was proven, though they are not harmless.
        unnamed: flips that were noticed without their place being named.
    """

    tried: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)

    def add(self, other: FlipTally) -> None:
        self.tried += other.tried
        self.harmless += other.harmless
        self.missed += other.missed
        self.unnamed += other.unnamed


def victim_of(case: Case) -> Victim:
    """A package about a unit and what is below it, as its exporter has it."""
    province = case.local.province
    made = province.audit.export(
        reason="晋审〔2026〕7号", tenant_id=case.owner.identity.tenant, below=True
    )
    assert made.verdict.ok, str(made.verdict)
    key = province.identity.signing_key
    return Victim(made.data, case.root, key)


def flip(victim: Victim, seed: int, count: int) -> FlipTally:
    """Flip count bits, one at a time, each way in turn."""
    draw = random.Random(seed)
    tally = FlipTally()
    for number in range(count):
        way = WAYS[number % len(WAYS)]
        tally.tried[way] += 1
        if way == "raw":
            bit = draw.randrange(len(victim.data) * 8)
            changed, place, harmless = flipped(victim.data, bit), _at(victim.data, bit // 8), False
        else:
            changed, place, harmless = _in_member(victim, way, draw)
        _judge(victim, changed, f"{way} {place}", place, harmless, tally)
    return tally


def flipped(data: bytes, bit: int) -> bytes:
    """data with one bit the other way round."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _judge(
    victim: Victim, changed: bytes, what: str, place: str, harmless: bool, tally: FlipTally
) -> None:
    verdict = verify_package(changed, victim.root)
    if verdict.ok:
        if harmless:
            tally.harmless[what] += 1
        else:
            tally.missed.append(what)
        return
    said = "\n".join(reason for one in verdict.failures for reason in one.reasons)
    if place not in said and not (what.startswith("raw") and "byte" in said):
        tally.unnamed.append(f"{what}: {said[:200]}")


def _in_member(victim: Victim, way: str, draw: random.Random) -> tuple[bytes, str, bool]:
    members = dict(_members(victim.data))
    evidence = sorted(name for name in members if members[name])
    if way != "member":
        evidence = [name for name in evidence if name not in (MANIFEST, SIGNATURE)]
    # Nine of ten go to the evidence: the program is most of the bytes and least of the sense.
    wanted = [one for one in evidence if not _is_program(one)] if draw.random() < 0.9 else evidence
    name = draw.choice(wanted)
    members[name] = flipped(members[name], draw.randrange(len(members[name]) * 8))
    if way == "member":
        return write_zip(members), name, False
    rest = {one: content for one, content in members.items() if one not in (MANIFEST, SIGNATURE)}
    members[MANIFEST] = manifest_of(read_package(victim.data).export, rest)
    if way == "manifest":
        return write_zip(members), "", False
    members[SIGNATURE] = seal_envelope(AUDIT_PACKAGE, members[MANIFEST], victim.key)
    return write_zip(members), _stem(name), _is_program(name) or name == UNITS


def _is_program(name: str) -> bool:
    return name.startswith("verifier/") or name in ("README.txt", "__main__.py")


def _stem(name: str) -> str:
    """What a verdict names: entry and proof of one number count as one place."""
    return name.rpartition(".")[0] if name.startswith("entries/") else name


def _at(data: bytes, at: int) -> str:
    """The member in whose header or content a byte of the file lies."""
    start = 0
    for name, content in sorted(_members(data).items()):
        start += 30 + len(name) + len(content)
        if at < start:
            return name
    return "directory"


@cache
def _members(data: bytes) -> Mapping[str, bytes]:
    return read_zip(data)
