"""A real hub with a unit at every place of the tree, a thing of each kind, and a foreign unit."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from cryptography.x509 import load_pem_x509_certificate
from google.protobuf.message import Message

from tests.security.verdicts import (
    CHILD,
    COUSIN,
    FOREIGN,
    GRANDPARENT,
    GRANTEE,
    NOBODY,
    OWN,
    PARENT,
    SIBLING,
    Stands,
)
from tests.unit.tenants.parties import make_party
from zongheng_hub.kernel.admission import Admission, SameForAll
from zongheng_hub.kernel.identity import Channel, CredentialBook
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.quota import Budget
from zongheng_hub.testing import RunningHub
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.identity import Identity
from zongheng_tenants.keys import Signer

CODES = {
    OWN: "140105",
    PARENT: "140100",
    GRANDPARENT: "140000",
    SIBLING: "140106",
    GRANTEE: "140212",
    COUSIN: "140213",
}
YEAR_MS = 365 * 86_400_000


@dataclass
class NarrowedBook:
    """The hub's own book, in which a test may take rights from whoever calls."""

    book: CredentialBook
    rights: frozenset[int] | None = None
    known: dict[tuple[str, frozenset[int]], Credential] = field(default_factory=dict)

    async def credential_of(self, tenant: str) -> Credential:
        return self._narrowed(await self.book.credential_of(tenant))

    async def credential_by_key(self, key_id: str) -> Credential:
        return self._narrowed(await self.book.credential_by_key(key_id))

    def _narrowed(self, credential: Credential) -> Credential:
        if self.rights is None:
            return credential
        key = (credential.sha256.hex(), self.rights)
        if key not in self.known:
            self.known[key] = replace(credential, rights=self.rights)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Thing:
    """A subject in the hub that the unit at OWN owns."""

    id: str | int
    stands: Stands


@dataclass
class Province:
    """The hub, its book, who stands where, and what there is to act on.

    Attributes:
        things: by the request field that names such a subject, as rules spell it.
    """

    local: LocalHub
    running: RunningHub
    book: NarrowedBook
    units: dict[str, Identity]
    keys: Mapping[str, Signer]
    things: dict[str, Thing] = field(default_factory=dict)

    @property
    def hub_id(self) -> str:
        return self.units[OWN].hub_id

    def channel(self, place: str) -> Channel | None:
        """What the certificate of a unit at a place says; a foreign one is of another hub."""
        if place == NOBODY:
            return None
        hub_id = "h_elsewhere" if place == FOREIGN else self.hub_id
        now_ms = self.now_ms
        return Channel(hub_id, self.units[place].tenant, now_ms - 1000, now_ms + YEAR_MS)

    def act(self, place: str, method: str, request: bytes) -> bytes | None:
        """The envelope that a unit at a place signs for a call."""
        if place == NOBODY:
            return None
        return sign_act(
            method=method,
            request=request,
            tenant=self.units[place].tenant,
            operator="李核对",
            audience=self.hub_id,
            key=self.keys[place],
            now_ms=self.now_ms,
        )

    @property
    def now_ms(self) -> int:
        return self.kernel._clock()

    @property
    def kernel(self) -> Kernel:
        kernel = self.running.hub.kernel
        assert kernel is not None
        return kernel

    def gate(self) -> Kernel:
        """The hub's kernel, with handlers that do nothing and requests that are not judged.

        Identity, rights and relations are the hub's own; only what lies behind them is not.
        """
        gate = copy.copy(self.kernel)
        gate.admission = Admission(SameForAll(Budget(reads=1e12, acts=1e12, bulk=1e12)))
        gate.methods = {
            name: replace(
                method,
                is_bounded=False,
                handler=_passed if method.handler else None,
                stream=_streamed if method.stream else None,
            )
            for name, method in self.kernel.methods.items()
        }
        return gate


async def _passed(call: object, request: object) -> bytes:
    return b""


async def _streamed(call: object, request: object) -> AsyncIterator[Message]:
    nothing: tuple[Message, ...] = ()
    for message in nothing:
        yield message


@contextmanager
def province() -> Iterator[Province]:
    """A province with its things, until the end of the block."""
    with LocalHub() as local:
        running = cast(RunningHub, local._running)
        units = {place: local.enrol(code) for place, code in CODES.items() if code != "140000"}
        units[GRANDPARENT] = local.province
        township = units[OWN].tenancy.tenants(level="township")[0]
        units[CHILD] = local.enrol(township.code)
        identities = {place: unit.identity for place, unit in units.items()}
        foreign = make_party("t_foreign")
        identities[FOREIGN] = replace(identities[OWN], tenant=foreign.tenant)
        keys = {place: identity.signing() for place, identity in identities.items()}
        keys[FOREIGN] = foreign.signing
        kernel = running.hub.kernel
        assert kernel is not None
        book = NarrowedBook(kernel._identities._book)
        kernel._identities._book = book
        found = Province(local, running, book, identities, keys)
        _make_things(found)
        yield found


def _make_things(found: Province) -> None:
    """File, offer, request, grant and deliver, so that every kind of subject is there."""
    local = found.local
    own, grantee = local.enrol(CODES[OWN]), local.enrol(CODES[GRANTEE])
    need = own.needs.file(kind="training", title="网格员操作培训")
    source = local.folder / "rows.csv"
    Path(source).write_text("name,town\n王某,高平镇\n", encoding="utf-8")
    dataset = own.sharing.offer("低收入家庭", source=source)
    asked = grantee.sharing.request(dataset.id, purpose="核对资格", fields=["name"])
    granted = own.sharing.grant(asked.id, fields=["name"])
    parcel = own.sharing.deliver(granted.grant_id, source)
    kept = own.operators.add("钱某某", login="qian", roles=["handler"])
    alert = own.review.raise_alert(found.units[OWN].tenant, "取数时间不明")
    shared = Stands(grantees=(GRANTEE,))
    assert need.receipt is not None
    assert need.handler_id == found.units[GRANDPARENT].tenant
    identity = found.units[OWN]
    held = verify_chain(identity.chain, root_fingerprint=identity.root_fingerprint, at_ms=None)
    serial = f"{load_pem_x509_certificate(identity.channel_pem).serial_number:x}"
    found.things.update(
        tenant_id=Thing(found.units[OWN].tenant, Stands()),
        parent_id=Thing(found.units[OWN].tenant, Stands()),
        credential_id=Thing(held.id, Stands()),
        key_id=Thing(found.keys[OWN].id, Stands()),
        serial=Thing(serial, Stands()),
        operator_id=Thing(kept.operator.id, Stands()),
        alert_id=Thing(alert.id, Stands()),
        dataset_id=Thing(dataset.id, Stands()),
        need_id=Thing(need.id, Stands(handler=GRANDPARENT)),
        request_id=Thing(asked.id, shared),
        grant_id=Thing(granted.grant_id, shared),
        parcel_id=Thing(parcel.parcel_id, shared),
        export_index=Thing(own.audit.export(reason="自查").index, Stands()),
        index=Thing(need.receipt.index, Stands(grantees=(GRANDPARENT,))),
    )
