"""What is attacked: units with real chains, a real kernel, and what they genuinely signed."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from tests.logs import opened
from tests.unit.tenants.parties import NOW_MS, Party, grant_of, make_party
from zongheng_hub.kernel.admission import Admission, SameForAll
from zongheng_hub.kernel.call import Call, Handler, Outcome, Room, Subject
from zongheng_hub.kernel.identity import Identities
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.quota import Budget
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.store import Tx
from zongheng_protos.errors import NotEnrolled
from zongheng_protos.needs.v1 import needs_pb2
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import Credential, fingerprint
from zongheng_tenants.grant import sign_grant
from zongheng_tenants.keys import HeldSigner, Signer
from zongheng_tenants.suites import INTL_1, SM_1, suite_of

HUB_ID = "h_attacked"
SERVICE = needs_pb2.DESCRIPTOR.services_by_name["NeedsService"]
METHODS = tuple(f"/{SERVICE.full_name}/{method.name}" for method in SERVICE.methods)
FILE = f"/{SERVICE.full_name}/FileNeed"
UNBOUNDED = Budget(reads=1e12, acts=1e12, bulk=1e12)
LEAF_RIGHTS = frozenset({options.RIGHT_CALL, options.RIGHT_FILE})


@dataclass(frozen=True, slots=True)
class Act:
    """An act as it comes in with its call."""

    envelope: bytes
    method: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """Credentials, root first, for a moment."""

    links: tuple[bytes, ...]
    at_ms: int = NOW_MS


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant's envelope."""

    envelope: bytes


@dataclass
class Book:
    """Credentials in memory."""

    by_tenant: dict[str, Credential] = field(default_factory=dict)
    by_key: dict[str, Credential] = field(default_factory=dict)

    def add(self, credential: Credential) -> None:
        self.by_tenant[credential.tenant] = credential
        self.by_key.update(dict.fromkeys(credential.keys, credential))

    async def credential_of(self, tenant: str) -> Credential:
        return self.by_tenant[tenant]

    async def credential_by_key(self, key_id: str) -> Credential:
        if key_id not in self.by_key:
            raise NotEnrolled(f"the key {key_id} belongs to no tenant of this hub")
        return self.by_key[key_id]


@dataclass
class Victims:
    """A province with a city, two counties and a department, and what they genuinely signed.

    Attributes:
        suite: of all keys but those of a sibling county, which has the other one.
        leaf: a unit that may issue nothing and has two rights.
        stranger: a key that nobody enrolled.
        done: how many acts the kernel has carried out.
    """

    suite: int
    kernel: Kernel
    units: dict[str, Party]
    credentials: dict[str, Credential]
    foreign: Party
    stranger: HeldSigner
    acts: tuple[Act, ...]
    chains: tuple[Chain, ...]
    grant: Grant
    genuine: frozenset[Act | Chain | Grant]
    done: list[int]

    @property
    def root_fingerprint(self) -> str:
        return fingerprint(self.units["t_province"].chain[0])

    @property
    def county(self) -> Party:
        return self.units["t_county"]

    @property
    def leaf(self) -> Party:
        return self.units["t_office"]


@asynccontextmanager
async def victims(folder: Path, seed: int, suite: int = INTL_1) -> AsyncIterator[Victims]:
    """Victims whose kernel writes to a store in folder."""
    folder.mkdir(exist_ok=True)
    rng = random.Random(seed)
    other = SM_1 if suite == INTL_1 else INTL_1
    units = {"t_province": make_party("t_province", suite=suite)}
    units["t_city"] = make_party("t_city", units["t_province"], suite=suite)
    units["t_county"] = make_party("t_county", units["t_city"], suite=suite)
    units["t_sibling"] = make_party("t_sibling", units["t_city"], suite=other)
    units["t_office"] = make_party("t_office", units["t_county"], rights=LEAF_RIGHTS, suite=suite)
    book = Book()
    for unit in units.values():
        book.add(unit.credential)
    foreign = make_party("t_province", suite=suite)
    done = [0]
    with opened(folder / "forge.sqlite3", folder) as log:
        kernel = Kernel(
            identities=Identities(HUB_ID, book),
            recorder=Recorder(log.store),
            clock=lambda: NOW_MS,
            admission=Admission(SameForAll(UNBOUNDED)),
        )
        kernel.serve([counting_room(done)])
        acts = tuple(
            genuine_act(
                units[rng.choice(tuple(units))],
                request=need(rng.randbytes(rng.randrange(2, 20)).hex()),
            )
            for _ in range(64)
        )
        chains = tuple(Chain(unit.chain) for unit in units.values() if len(unit.chain) > 1)
        owner, grantee = units["t_county"], units["t_sibling"]
        grant = Grant(
            sign_grant(grant_of(owner=owner.tenant, grantee=grantee.tenant), owner.signing)
        )
        yield Victims(
            suite,
            kernel,
            units,
            book.by_tenant,
            foreign,
            suite_of(suite).new_signing(),
            acts,
            chains,
            grant,
            frozenset((*acts, *chains, grant)),
            done,
        )


def genuine_act(
    unit: Party,
    *,
    request: bytes,
    method: str = FILE,
    tenant: str | None = None,
    audience: str = HUB_ID,
    key: Signer | None = None,
    nonce: bytes | None = None,
    now_ms: int = NOW_MS,
    on_behalf: bool = False,
) -> Act:
    """An act as a unit signs it; what is given says otherwise."""
    envelope = sign_act(
        method=method,
        request=request,
        tenant=unit.tenant if tenant is None else tenant,
        operator="王小明",
        audience=audience,
        key=key or unit.signing,
        nonce=nonce,
        now_ms=now_ms,
        on_behalf=on_behalf,
    )
    return Act(envelope, method, request)


def need(title: str) -> bytes:
    """A request that is right in itself, so that only its act can be refused."""
    return needs_pb2.FileNeedRequest(
        kind=needs_pb2.NEED_KIND_DATA, title=title, urgency=needs_pb2.URGENCY_NORMAL
    ).SerializeToString()


NEED = need("没有户表数据")


def counting_room(done: list[int]) -> Room:
    """A service of acts and reads that counts what is carried out."""

    def work(tx: Tx, index: int) -> Outcome:
        done[0] += 1
        return Outcome(needs_pb2.FileNeedReply())

    async def act(call: Call, request: Any) -> bytes:
        return await call.record(work)

    async def read(call: Call, request: Any) -> needs_pb2.FileNeedReply:
        done[0] += 1
        return needs_pb2.FileNeedReply()

    async def subject(need_id: str) -> Subject:
        return Subject(owner="", is_open=True)

    def handler(method: MethodDescriptor) -> Handler:
        extensions: Any = method.GetOptions().Extensions
        return act if extensions[options.rule].act else read

    return Room(
        service=SERVICE,
        handlers={method.name: handler(method) for method in SERVICE.methods},
        subjects={"need_id": subject},
    )
