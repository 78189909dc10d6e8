"""A small province with the needs room behind the real kernel, log and store, at a chosen time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message
from sqlmodel import SQLModel

from zongheng_hub.kernel.identity import Channel, Identities
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.needs import rpc
from zongheng_hub.store import Store, Tx, open_store
from zongheng_hub.tenancy.credentials import Credentials, store_credential
from zongheng_hub.tenancy.divisions import Division
from zongheng_hub.tenancy.founding import import_divisions
from zongheng_hub.tlog import tables as log_tables
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_protos.needs.v1 import needs_pb2 as pb
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import RIGHTS, fingerprint, issue_credential, verify_chain
from zongheng_tenants.keys import SealingKey, SigningKey

HUB = "h_needs"
TREE = (
    Division("140000", "山西省", tenancy.LEVEL_PROVINCE, "省", ""),
    Division("140100", "太原市", tenancy.LEVEL_CITY, "地级市", "140000"),
    Division("140123", "娄烦县", tenancy.LEVEL_COUNTY, "县", "140100"),
    Division("140121", "清徐县", tenancy.LEVEL_COUNTY, "县", "140100"),
    Division("140123101", "静游镇", tenancy.LEVEL_TOWNSHIP, "镇", "140123"),
)
PROVINCE, CITY, COUNTY, OTHER_COUNTY, TOWNSHIP = (each.code for each in TREE)
_FOUNDED_MS = 1_735_660_800_000  # 2025-01-01 in Beijing
_ENDS_MS = _FOUNDED_MS + 10 * 365 * 86_400_000
M = TypeVar("M", bound=Message)


def ms(text: str) -> int:
    """Epoch milliseconds of a time in Beijing such as "2026-11-20T08:00"."""
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1000)


def open_hub_store(where: Path | str) -> Store:
    """A store that keeps a log, with the hub's tables."""
    store = open_store(where, journal=Sequencer(SigningKey.generate(), "zongheng.test/needs"))
    assert log_tables.LogEntryRow.metadata is SQLModel.metadata
    SQLModel.metadata.create_all(store.writer)
    return store


class NeedsHub:
    """Enrolled tenants that call NeedsService; they are named by their division codes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now_ms = ms("2026-11-20T08:00")
        self.ids: dict[str, str] = {}
        self._keys: dict[str, SigningKey] = {}
        self._chains: dict[str, list[bytes]] = {}
        self._kernel: Kernel

    async def found(self) -> NeedsHub:
        await self.store.write(self._enrol_all)
        root = fingerprint(self._chains[PROVINCE][0])
        self._kernel = Kernel(
            identities=Identities(HUB, Credentials(self.store, root)),
            recorder=Recorder(self.store),
            clock=lambda: self.now_ms,
        )
        self._kernel.serve([rpc.room(self.store)])
        return self

    def at(self, text: str) -> None:
        """Set the hub's clock to a time in Beijing."""
        self.now_ms = ms(text)

    async def act(
        self, code: str, request: Message, reply: type[M], *, operator: str = "王某某"
    ) -> M:
        """A signed call of the method that request belongs to."""
        return reply.FromString((await self.act_bytes(code, request, operator))[0])

    async def act_bytes(
        self, code: str, request: Message, operator: str = "王某某", nonce: bytes | None = None
    ) -> tuple[bytes, bytes]:
        """As act; gives the reply's and the receipt's bytes."""
        method, payload = _method(request), request.SerializeToString()
        envelope = sign_act(
            method=method,
            request=payload,
            tenant=self.ids[code],
            operator=operator,
            audience=HUB,
            key=self._keys[code],
            nonce=nonce,
            now_ms=self.now_ms,
        )
        found = await self._kernel.handle(method, payload, act=envelope)
        return found.payload, found.receipt or b""

    async def read(self, code: str, request: Message, reply: type[M]) -> M:
        """A call over the tenant's channel."""
        channel = Channel(HUB, self.ids[code], _FOUNDED_MS, _ENDS_MS)
        method, payload = _method(request), request.SerializeToString()
        return reply.FromString(
            (await self._kernel.handle(method, payload, channel=channel)).payload
        )

    async def file(self, code: str = COUNTY, **fields: object) -> pb.Need:
        values: dict[str, object] = {
            "kind": pb.NEED_KIND_DATA,
            "title": "缺少户表数据",
            "urgency": pb.URGENCY_NORMAL,
        }
        request = pb.FileNeedRequest(**(values | fields))  # type: ignore[arg-type]  # free fields
        return (await self.act(code, request, pb.FileNeedReply)).need

    async def accept(self, need_id: str, code: str = PROVINCE, note: str = "") -> pb.Need:
        request = pb.AcceptNeedRequest(need_id=need_id, note=note)
        return (await self.act(code, request, pb.AcceptNeedReply)).need

    async def answer(
        self, need_id: str, text: str = "同意提供", resources: Sequence[pb.Resource] = ()
    ) -> pb.Need:
        request = pb.AnswerNeedRequest(need_id=need_id, text=text, resources=resources)
        return (await self.act(PROVINCE, request, pb.AnswerNeedReply)).need

    async def confirm(self, need_id: str, code: str = COUNTY) -> pb.Need:
        request = pb.ConfirmNeedRequest(need_id=need_id, note="已收到")
        return (await self.act(code, request, pb.ConfirmNeedReply)).need

    async def reopen(self, need_id: str, code: str = COUNTY) -> pb.Need:
        request = pb.ReopenNeedRequest(need_id=need_id, reason="数据打不开")
        return (await self.act(code, request, pb.ReopenNeedReply)).need

    async def get(self, need_id: str, code: str = COUNTY) -> pb.Need:
        return (await self.read(code, pb.GetNeedRequest(need_id=need_id), pb.GetNeedReply)).need

    async def titles(self, code: str, **fields: object) -> list[str]:
        request = pb.ListNeedsRequest(**fields)  # type: ignore[arg-type]  # free fields
        reply = await self.read(code, request, pb.ListNeedsReply)
        return [need.title for need in reply.needs]

    def _enrol_all(self, tx: Tx) -> None:
        self.ids = dict(import_divisions(tx, TREE, now_ms=_FOUNDED_MS))
        credentials: dict[str, str] = {}
        for depth, division in enumerate(TREE):
            code, parent = division.code, division.parent
            key = self._keys[code] = SigningKey.generate()
            issuer, above = parent or code, self._chains.get(parent, [])
            envelope = issue_credential(
                subject=self.ids[code],
                name=division.name,
                code=code,
                keys=[
                    (credential_pb2.KEY_USE_SIGNING, key.public),
                    (credential_pb2.KEY_USE_SEALING, SealingKey.generate().public),
                ],
                rights=RIGHTS,
                depth=len(TREE) - depth,
                not_before_ms=_FOUNDED_MS,
                expires_ms=_ENDS_MS,
                issuer=self.ids[issuer],
                issuer_key=self._keys[issuer],
                issuer_envelope=above[-1] if above else b"",
            )
            chain = self._chains[code] = [*above, envelope]
            root = fingerprint(chain[0])
            credential = verify_chain(chain, root_fingerprint=root, at_ms=None)
            store_credential(
                tx,
                credential,
                envelope,
                issuer_id=credentials.get(parent),
                now_ms=_FOUNDED_MS,
                log_index=0,
            )
            credentials[code] = credential.id


def _method(request: Message) -> str:
    return f"/zongheng.needs.v1.NeedsService/{request.DESCRIPTOR.name.removesuffix('Request')}"
