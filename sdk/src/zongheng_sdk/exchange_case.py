"""An exchange while it is checked: its acts as read, what was proven, and each check's finding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from zongheng_protos.errors import ZonghengError
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.exchange_evidence import EntryEvidence, ExchangeEvidence
from zongheng_tenants.credential import Credential

T = TypeVar("T")
M = TypeVar("M", bound=Message)
ROOTED, CREDENTIALED = "tenancy.rooted", "tenant.credentialed"
REISSUED = "credential.reissued"
REQUESTED, GRANTED, DELIVERED = "data.requested", "data.granted", "parcel.delivered"
FETCHED, RECEIVED = "parcel.fetched", "parcel.received"
ONCE = (REQUESTED, GRANTED, DELIVERED, RECEIVED)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: what has to hold.
        ok: whether it does.
        reason: what was found; what is wrong where it does not hold.
    """

    what: str
    ok: bool
    reason: str = ""

    def __str__(self) -> str:
        mark = "✓" if self.ok else "✗"
        return f"{mark} {self.what}" + (f": {self.reason}" if self.reason else "")


class Fails(Exception):
    """A check does not hold; the message says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """An entry with its leaf read; what the leaf says is believed only once it is proven."""

    entry: EntryEvidence
    leaf: Leaf

    @property
    def name(self) -> str:
        return f"entry {self.entry.index} ({self.leaf.act})"


@dataclass(slots=True)
class Case:
    evidence: ExchangeEvidence
    checks: list[Check] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    credentials: dict[bytes, Credential] = field(default_factory=dict)

    def check(self, what: str, look: Callable[[], T]) -> T | None:
        """Look at one thing; None where it does not hold. A look that gives text gives a reason."""
        try:
            found = look()
        except (Fails, ZonghengError, DecodeError, ValueError) as error:
            self.checks.append(Check(what, False, str(error) or type(error).__name__))
            return None
        self.checks.append(Check(what, True, found if isinstance(found, str) else ""))
        return found

    def of(self, kind: str) -> list[Act]:
        return [act for act in self.acts if act.leaf.act == kind]

    def one(self, kind: str) -> Act:
        found = self.of(kind)
        if len(found) != 1:
            raise Fails(f"the evidence has {len(found)} entries {kind}, not one")
        return found[0]

    def party(self, chain: Sequence[bytes]) -> Credential:
        """The verified credential at a chain's end, with the party's other proven ones."""
        found = self.credentials.get(hashlib.sha256(chain[-1]).digest()) if chain else None
        if found is None:
            raise Fails("the party's credential was not proven")
        others = (one for one in self.held_by(found.tenant) if one is not found)
        return replace(found, earlier=tuple(others))

    def held_by(self, tenant: str) -> list[Credential]:
        return [one for one in self.credentials.values() if one.tenant == tenant]


def read_request(act: Act, kind: type[M]) -> M:
    return kind.FromString(act.entry.request)


def _methods() -> dict[str, str]:
    """The method of each act type that an exchange and its credentials are made of."""
    found = {ROOTED: ROOTED}
    for file, name in ((sharing, "SharingService"), (tenancy, "TenancyService")):
        for method in file.DESCRIPTOR.services_by_name[name].methods:
            kind = method.GetOptions().Extensions[options.rule].act
            if kind in (*ONCE, FETCHED, CREDENTIALED, REISSUED):
                found[kind] = f"/{method.containing_service.full_name}/{method.name}"
    return found


METHODS = _methods()
