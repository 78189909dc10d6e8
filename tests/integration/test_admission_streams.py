"""Streams: only so many at once, and one whose reader stands still is ended and let go."""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.integration.running_hub import as_zongheng, client_of
from zongheng_protos.errors import Quota, ZonghengError
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_sdk.client import Hub
from zongheng_sdk.quotas import Budget
from zongheng_sdk.testing import LocalHub

FETCH = "/zongheng.sharing.v1.SharingService/FetchParcel"
READ = "/zongheng.sharing.v1.SharingService/ReadChunks"


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        yield running


@pytest.fixture(scope="module")
def grantee(local: LocalHub) -> Hub:
    return local.enrol("140106")


@pytest.fixture(scope="module")
def readable(local: LocalHub, grantee: Hub, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A parcel of a few megabytes, fetched and open for reading."""
    path: Path = tmp_path_factory.mktemp("data") / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "note"])
        rows.writerows([f"王某{n}", f"{n:0>2000}"] for n in range(2_000))
    owner = local.enrol("140105")
    dataset = owner.sharing.offer("大表", source=path)
    asked = grantee.sharing.request(dataset.id, purpose="核对低保资格", fields=["name", "note"])
    granted = owner.sharing.grant(asked.id, fields={"name": "none", "note": "none"})
    parcel = owner.sharing.deliver(granted.grant_id, path).parcel_id
    with client_of(grantee.identity) as client:
        client.call(FETCH, pb.FetchParcelRequest(parcel_id=parcel))
    return parcel


def open_stream(channel: grpc.aio.Channel, parcel: str) -> Any:
    call: Any = channel.unary_stream(READ)
    return call(pb.ReadChunksRequest(parcel_id=parcel).SerializeToString(), timeout=60)


def channel_of(hub: Hub) -> grpc.aio.Channel:
    mine = hub.identity
    secure = grpc.ssl_channel_credentials(mine.ca_pem, mine.channel_key_pem, mine.channel_pem)
    # Little is taken in before it is read.
    options = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
    return grpc.aio.secure_channel(mine.grpc_address, secure, options)


def streams_of(local: LocalHub, hub: Hub) -> int:
    return local.province.quotas.of(hub.identity.tenant).use.streams


def test_a_stream_that_nobody_reads_is_ended(
    monkeypatch: pytest.MonkeyPatch, local: LocalHub, grantee: Hub, readable: str
) -> None:
    monkeypatch.setattr("zongheng_hub.kernel.grpc_server.WRITE_SECONDS", 0.5)

    async def idle() -> tuple[int, ZonghengError | None]:
        async with channel_of(grantee) as channel:
            stream = open_stream(channel, readable)
            await stream.read()
            opened = await asyncio.to_thread(streams_of, local, grantee)
            until = time.monotonic() + 15
            while await asyncio.to_thread(streams_of, local, grantee) and time.monotonic() < until:
                await asyncio.sleep(0.2)
            assert await asyncio.to_thread(streams_of, local, grantee) == 0
            try:
                while await stream.read() is not grpc.aio.EOF:
                    pass
            except grpc.aio.AioRpcError as error:
                return opened, as_zongheng(error)
        return opened, None

    opened, told = asyncio.run(idle())
    assert opened == 1
    assert told is not None and told.code in (1, 4, 14)


def test_a_unit_has_only_so_many_streams(local: LocalHub, grantee: Hub, readable: str) -> None:
    local.province.quotas.set(grantee.identity.tenant, Budget(streams=2))

    async def three() -> ZonghengError:
        async with channel_of(grantee) as channel:
            streams = [open_stream(channel, readable) for _ in range(2)]
            for stream in streams:
                await stream.read()
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await open_stream(channel, readable).read()
            for stream in streams:
                stream.cancel()
            return as_zongheng(refused.value)

    told = asyncio.run(three())
    local.province.quotas.set(grantee.identity.tenant, Budget())
    assert isinstance(told, Quota) and told.limit == "2 streams at once"
