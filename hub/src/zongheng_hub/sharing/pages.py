"""Shared data in the console: datasets on offer, and requests this unit made or has to answer."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, NavItem, Pages
from zongheng_hub.web.doors import SIGNED_IN
from zongheng_hub.web.words import SHARING
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing

SERVICE = "/zongheng.sharing.v1.SharingService/"


def sharing_pages(console: Console) -> Pages:
    """/data: what is offered, asked for and granted. Requests and grants are signed on the
    unit's own machine, so this page has no form for them."""
    router = APIRouter()

    @router.get("/data", dependencies=[SIGNED_IN])
    async def data(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        datasets = cast(
            sharing.ListDatasetsReply,
            await console.desk.call(
                session, f"{SERVICE}ListDatasets", sharing.ListDatasetsRequest()
            ),
        ).datasets
        requests = cast(
            sharing.ListRequestsReply,
            await console.desk.call(
                session, f"{SERVICE}ListRequests", sharing.ListRequestsRequest()
            ),
        ).requests
        return console.page(
            visit,
            request,
            "data.html",
            datasets=sorted(datasets, key=lambda each: -each.offered_ms),
            requests=sorted(requests, key=lambda each: -each.requested_ms),
            titles={each.id: each.title for each in datasets},
            classes=SHARING,
        )

    return Pages(router, NavItem("data", "/data", "数据共享"))
