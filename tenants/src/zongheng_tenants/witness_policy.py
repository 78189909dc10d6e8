"""Whose cosignatures a checkpoint needs: the policy file of C2SP tlog-policy."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from zongheng_protos.errors import Invalid
from zongheng_tenants.cosignature import WitnessKey, decode_exactly, parse_witness_vkey

NONE = "none"
MAX_POLICY_BYTES = 1_000_000
_ODD = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile("[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that the policy takes checkpoints from; url may be empty."""

    vkey: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness and the name that the policy has for it; url may be empty."""

    name: str
    key: WitnessKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Witnesses or groups, of which at least needed have to have seen a checkpoint."""

    name: str
    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """Logs, witnesses, and the quorum that a checkpoint has to have.

    Attributes:
        quorum: the name of a witness or group; "none": no cosignature is needed.
    """

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str

    @property
    def keys(self) -> tuple[WitnessKey, ...]:
        return tuple(witness.key for witness in self.witnesses)

    def satisfied(self, cosigners: Collection[WitnessKey]) -> bool:
        """Whether cosignatures by these are enough."""
        return self.missing(cosigners) == ""

    def missing(self, cosigners: Collection[WitnessKey]) -> str:
        """What the quorum lacks, in words; empty when it is there."""
        if self.quorum == NONE:
            return ""
        there = {key.public for key in cosigners}
        seen = {one.name: one.key.public in there for one in self.witnesses}
        counted: dict[str, str] = {}
        for group in self.groups:  # each stands after its members
            have = [name for name in group.members if seen[name]]
            seen[group.name] = len(have) >= group.needed
            lacking = ", ".join(name for name in group.members if not seen[name])
            counted[group.name] = (
                f"{group.name} has {len(have)} of {group.needed} needed; not: {lacking}"
            )
        if seen[self.quorum]:
            return ""
        return counted.get(self.quorum, f"{self.quorum} has not cosigned")

    def text(self) -> str:
        """The policy as its file says it."""
        lines = [f"log {log.vkey} {log.url}".rstrip() for log in self.logs]
        lines += [f"witness {w.name} {w.key.vkey} {w.url}".rstrip() for w in self.witnesses]
        lines += [f"group {g.name} {g.needed} {' '.join(g.members)}" for g in self.groups]
        lines.append(f"quorum {self.quorum}")
        return "\n".join(lines) + "\n"


def parse_policy(content: bytes) -> WitnessPolicy:
    """Read a policy file, strictly.

    Raises:
        Invalid: it is none; names the line.
    """
    if len(content) > MAX_POLICY_BYTES:
        raise Invalid(f"a policy of {len(content)} bytes is too large")
    if not content.endswith(b"\n"):
        raise Invalid("the policy's last line does not end")
    if odd := _ODD.search(content):
        where = content.count(b"\n", 0, odd.start()) + 1
        raise Invalid(f"line {where} of the policy: a control character")
    reading = _Reading([], [], [], set(), set(), "")
    for number, line in enumerate(content.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = re.split("[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            reading.take(words)
        except Invalid as error:
            raise Invalid(f"line {number} of the policy: {error.message}") from None
    if not reading.quorum:
        raise Invalid("the policy has no line quorum")
    return WitnessPolicy(
        tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum
    )


@dataclass(slots=True)
class _Reading:
    logs: list[PolicyLog]
    witnesses: list[PolicyWitness]
    groups: list[PolicyGroup]
    names: set[str]
    members: set[str]
    quorum: str

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._take_log(vkey, *url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._take_witness(name, vkey, *url)
            case ["group", name, needed, *members]:
                self._take_group(name, needed, members)
            case ["quorum", name]:
                self._take_quorum(name)
            case _:
                raise Invalid(f"{' '.join(words)[:60]!r} is no log, witness, group or quorum")

    def _take_log(self, vkey: str, url: str = "") -> None:
        key = _key_bytes(vkey)
        if key in (_key_bytes(log.vkey) for log in self.logs):
            raise Invalid("this log's key stands there twice")
        self.logs.append(PolicyLog(vkey, url))

    def _take_witness(self, name: str, vkey: str, url: str = "") -> None:
        self._name(name)
        key = parse_witness_vkey(vkey)
        if key.public in (one.key.public for one in self.witnesses):
            raise Invalid(f"the key of {name} stands there twice")
        self.witnesses.append(PolicyWitness(name, key, url))

    def _take_group(self, name: str, needed: str, members: list[str]) -> None:
        if not members:
            raise Invalid(f"the group {name} has no members")
        for member in members:
            if member not in self.names:
                raise Invalid(f"the group {name} names {member}, which no line before it does")
            if member in self.members:
                raise Invalid(f"{member} is a member twice")
            self.members.add(member)
        count = {"any": "1", "all": str(len(members))}.get(needed, needed)
        if _NUMBER.fullmatch(count) is None or int(count) > len(members):
            raise Invalid(f"the group {name} needs any, all or 1 to {len(members)}, not {needed}")
        self._name(name)
        self.groups.append(PolicyGroup(name, int(count), tuple(members)))

    def _take_quorum(self, name: str) -> None:
        if self.quorum:
            raise Invalid("there is a second line quorum")
        if name != NONE and name not in self.names:
            raise Invalid(f"the quorum is {name}, which no line before it names")
        self.quorum = name

    def _name(self, name: str) -> None:
        if name == NONE or name in self.names:
            raise Invalid(f"the name {name} is taken")
        self.names.add(name)


def _key_bytes(vkey: str) -> bytes:
    """The public key in a log's vkey, whatever its type. Raises Invalid."""
    parts = vkey.split("+", 2)
    typed = decode_exactly(parts[2]) if len(parts) == 3 and parts[0] else None
    if typed is None or len(typed) < 2:
        raise Invalid("a log's key is of the form name+hash+key")
    return typed
