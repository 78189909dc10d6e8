"""The flooder of the bench flood: `python -m tests.bench.flooder IDENTITY`, until it is ended."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import uvloop

from tests.bench.load import Signer
from zongheng_protos.needs.v1 import needs_pb2
from zongheng_tenants.identity import Identity

CONNECTIONS = 8
AT_ONCE = 128
LIST = "/zongheng.needs.v1.NeedsService/ListNeeds"
FILE = "/zongheng.needs.v1.NeedsService/FileNeed"


async def flood(identity: Identity) -> None:
    signer = Signer(identity)
    listed = needs_pb2.ListNeedsRequest().SerializeToString()
    garbage = (os.urandom(2000), needs_pb2.FileNeedRequest(title="没有").SerializeToString())
    told: Counter[str] = Counter()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def caller(channel: grpc.aio.Channel, number: int) -> None:
        read: Any = channel.unary_unary(LIST)
        act: Any = channel.unary_unary(FILE)
        while True:
            try:
                if number % 2:
                    await read(listed, timeout=30)
                else:
                    await act(garbage[number // 2 % 2], timeout=30)
                told["answered"] += 1
            except grpc.aio.AioRpcError as error:
                told[error.code().name.lower()] += 1

    channels = [
        grpc.aio.secure_channel(
            signer.address, signer.credentials, (("grpc.use_local_subchannel_pool", 1),)
        )
        for _ in range(CONNECTIONS)
    ]
    for channel in channels:
        await channel.channel_ready()
    tasks = [
        asyncio.create_task(caller(channel, number))
        for channel in channels
        for number in range(AT_ONCE)
    ]
    print("flooding", flush=True)
    begun = time.perf_counter()
    await stop.wait()
    took = time.perf_counter() - begun
    usage = resource.getrusage(resource.RUSAGE_SELF)
    rates = {what: round(count / took) for what, count in told.items()}
    print(f"flood, calls a second: {rates}, CPU {(usage.ru_utime + usage.ru_stime) / took:.0%}")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    path = Path(sys.argv[1])
    ready = json.loads((path.parent / "ready.json").read_text("utf-8"))
    identity = Identity.from_json(path.read_text("utf-8"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(flood(replace(identity, grpc_address=ready["grpc"])))


if __name__ == "__main__":
    main()
