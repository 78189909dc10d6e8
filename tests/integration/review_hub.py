"""A small province that shares data, with the review room beside the sharing room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.integration.sharing_hub import SharingHub
from zongheng_hub.review import rpc as review_rpc
from zongheng_hub.review.indexing import Indexer
from zongheng_protos.review.v1 import review_pb2 as pb
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

REVIEW = "/zongheng.review.v1.ReviewService/"


class ReviewHub:
    """Units are named by their division codes."""

    def __init__(self, sharing: SharingHub, indexer: Indexer) -> None:
        self.sharing = sharing
        self.indexer = indexer

    @classmethod
    async def build(cls, where: Path | str, blobs: Path) -> ReviewHub:
        sharing = await SharingHub.build(where, blobs)
        indexer = Indexer(sharing.house.store)
        sharing.house.kernel.serve([review_rpc.room(sharing.house.store, indexer)])
        return cls(sharing, indexer)

    def tenant(self, code: str) -> str:
        return self.sharing.house.by_code[code]

    async def search(self, code: str, **fields: Any) -> pb.SearchLogReply:
        request = pb.SearchLogRequest(**fields)
        unit = self.sharing.units[code]
        reply: pb.SearchLogReply = await self.sharing.house.call(
            unit, REVIEW + "SearchLog", request
        )
        return reply

    async def acts(self, code: str, **fields: Any) -> list[str]:
        """The acts that a search finds, newest first."""
        return acts_of((await self.search(code, **fields)).entries)


def acts_of(entries: Sequence[pb.FoundEntry]) -> list[str]:
    return [Leaf.FromString(entry.leaf).act for entry in entries]


def tenants_of(entry: pb.FoundEntry) -> set[str]:
    leaf = Leaf.FromString(entry.leaf)
    return {leaf.actor, *leaf.parties}
