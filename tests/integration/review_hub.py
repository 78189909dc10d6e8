"""A small province that shares data, with the review room beside the sharing room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from tests.integration.sharing_hub import SharingHub
from tests.integration.tenancy_house import HUB_ID
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.review import rpc as review_rpc
from zongheng_hub.review.indexing import Indexer
from zongheng_hub.review.watching import Signing, Watcher
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_tenants.keys import Signer

REVIEW = "/zongheng.review.v1.ReviewService/"


class ReviewHub:
    """Units are named by their division codes."""

    def __init__(self, sharing: SharingHub, indexer: Indexer) -> None:
        self.sharing = sharing
        self.indexer = indexer
        self.watcher = self.new_watcher()

    @classmethod
    async def build(cls, where: Path | str, blobs: Path) -> ReviewHub:
        sharing = await SharingHub.build(where, blobs)
        indexer = Indexer(sharing.house.store)
        sharing.house.kernel.serve([review_rpc.room(sharing.house.store, indexer)])
        return cls(sharing, indexer)

    def new_watcher(self) -> Watcher:
        """What every replica has one of."""
        house = self.sharing.house
        province = house.province.tenant

        async def key() -> Signer:
            return house.console.key_of(province)

        return Watcher(
            house.store,
            Recorder(house.store),
            house.kernel.refusals,
            Signing(province, HUB_ID, key),
            lambda: house.now_ms,
        )

    async def call(self, code: str, name: str, message: Message, operator: str = "王某某") -> Any:
        """The reply to a call that a unit signs with its own key."""
        unit = self.sharing.units[code]
        return await self.sharing.house.call(unit, REVIEW + name, message, operator=operator)

    async def alerts(self, code: str, **fields: Any) -> list[pb.Alert]:
        reply = await self.call(code, "ListAlerts", pb.ListAlertsRequest(**fields))
        return list(reply.alerts)

    def tenant(self, code: str) -> str:
        return self.sharing.house.by_code[code]

    async def search(self, code: str, **fields: Any) -> pb.SearchLogReply:
        reply = await self.call(code, "SearchLog", pb.SearchLogRequest(**fields))
        assert isinstance(reply, pb.SearchLogReply)
        return reply

    async def acts(self, code: str, **fields: Any) -> list[str]:
        """The acts that a search finds, newest first."""
        return acts_of((await self.search(code, **fields)).entries)


def acts_of(entries: Sequence[pb.FoundEntry]) -> list[str]:
    return [Leaf.FromString(entry.leaf).act for entry in entries]


def tenants_of(entry: pb.FoundEntry) -> set[str]:
    leaf = Leaf.FromString(entry.leaf)
    return {leaf.actor, *leaf.parties}
