"""One county floods the hub with valid credentials; what the others notice of it.

Two victims, a county that reads and one that files acts, call at a modest rate; the figure is the
slower one's 95th percentile with the flood over the same without it, in turns in one run. The
flooder is a process of its own with its own county's credentials: 8 connections, on each as many
calls under way as the hub allows, nothing between them, half of them reads and half acts with
unsigned or garbage bodies. It is not slowed down by anything but the hub. As everything runs on one
machine, what the flooder's own process burns counts against the hub too: that is meant, since a
hub that refuses slowly lets a flooder burn less.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import uvloop

from tests.bench.harness import Result
from tests.bench.load import Signer
from zongheng_protos.needs.v1 import needs_pb2
from zongheng_sdk.testing import LocalHub
from zongheng_tenants.identity import Identity

CEILING = 2.0
ROUNDS = 5
SECONDS = 4.0
RATE = 40
"""Calls a second of each victim."""
SETTLE = 6.0
"""Seconds of flood before it is measured: its savings are spent by then."""
FLOODER, READER, FILER = "140105", "140106", "140107"
LIST = "/zongheng.needs.v1.NeedsService/ListNeeds"
FILE = "/zongheng.needs.v1.NeedsService/FileNeed"


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as scratch, _hub(Path(scratch)) as folder:
        victims = [_identity(folder, READER), _identity(folder, FILER)]
        calm: list[list[float]] = [[], []]
        flooded: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for found, times in zip(calm, _measure(victims), strict=True):
                found.append(times)
            with _flood(folder):
                for found, times in zip(flooded, _measure(victims), strict=True):
                    found.append(times)
        read, filed = (
            statistics.median(with_flood) / statistics.median(without)
            for with_flood, without in zip(flooded, calm, strict=True)
        )
    return [
        Result("flood_read", read, None, statistics.median(flooded[0]) * 1000, "ms p95", CEILING),
        Result("flood_act", filed, None, statistics.median(flooded[1]) * 1000, "ms p95", CEILING),
    ]


def _measure(victims: list[Identity]) -> list[float]:
    """The 95th percentile of each victim's latency, seconds. Every call must succeed."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_victims(victims))


async def _victims(identities: list[Identity]) -> list[float]:
    reader, filer = identities
    need = needs_pb2.FileNeedRequest(
        kind=needs_pb2.NEED_KIND_DATA, title="没有户表数据", urgency=needs_pb2.URGENCY_NORMAL
    ).SerializeToString()
    listed = needs_pb2.ListNeedsRequest().SerializeToString()
    return list(
        await asyncio.gather(
            _steady(reader, LIST, listed, signed=False), _steady(filer, FILE, need, signed=True)
        )
    )


async def _steady(identity: Identity, method: str, request: bytes, *, signed: bool) -> float:
    signer = Signer(identity)
    count = int(RATE * SECONDS)
    acts = [signer.act(method, request) if signed else None for _ in range(count)]
    times: list[float] = []
    async with grpc.aio.secure_channel(signer.address, signer.credentials) as channel:
        call: Any = channel.unary_unary(method)
        await channel.channel_ready()

        async def one(act: Any) -> None:
            begun = time.perf_counter()
            await call(request, metadata=act, timeout=30)
            times.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        calls = []
        for number, act in enumerate(acts):
            await asyncio.sleep(max(begun + number / RATE - time.perf_counter(), 0))
            calls.append(asyncio.create_task(one(act)))
        await asyncio.gather(*calls)
    return statistics.quantiles(times, n=20)[-1]


@contextlib.contextmanager
def _flood(folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.flooder", folder / f"{FLOODER}.json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stdout.readline()
        time.sleep(SETTLE)
        yield
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=30)
        print(out.strip(), file=sys.stderr)


@contextlib.contextmanager
def _hub(scratch: Path) -> Iterator[Path]:
    """A hub in a process of its own with three counties enrolled; gives where their files are."""
    with LocalHub(scratch) as local:
        for code in (FLOODER, READER, FILER):
            identity = local.enrol(code).identity
            (scratch / f"{code}.json").write_text(identity.to_json(), "utf-8")
    serve = [sys.executable, "-m", "zongheng_hub", "serve", "--data", str(scratch / "hub")]
    process = subprocess.Popen(
        [*serve, "--port", "0", "--web-port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        (scratch / "ready.json").write_text(process.stdout.readline(), "utf-8")
        yield scratch
    finally:
        process.terminate()
        process.wait(timeout=30)


def _identity(folder: Path, code: str) -> Identity:
    address = json.loads((folder / "ready.json").read_text("utf-8"))["grpc"]
    identity = Identity.from_json((folder / f"{code}.json").read_text("utf-8"))
    return replace(identity, grpc_address=address)
