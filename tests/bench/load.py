"""What the call benches share: an echo and a hub in processes of their own, and 16 callers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import uvloop

from tests.bench.harness import Result, paired
from zongheng_module_snap.v1 import snap_pb2
from zongheng_protos.catalogue.v1 import catalogue_pb2
from zongheng_tenants.act import METADATA_KEY, sign_act
from zongheng_tenants.identity import Identity

CALLERS = 16
CALLS = 4_000
ROUNDS = 5
ADOPT = "/zongheng.catalogue.v1.CatalogueService/Adopt"
LIST_CATEGORIES = "/zongheng.snap.v1.SnapService/ListCategories"
FILE_REPORT = "/zongheng.snap.v1.SnapService/FileReport"

Metadata = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call: an address, its channel's credentials, one method."""

    address: str
    method: str
    credentials: grpc.ChannelCredentials | None = None


class Signer:
    """Signs acts as the province, which may do everything a county may."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._key = identity.signing()
        self.credentials = grpc.ssl_channel_credentials(
            identity.ca_pem, identity.channel_key_pem, identity.channel_pem
        )
        self.address = identity.grpc_address

    def act(self, method: str, request: bytes) -> Metadata:
        envelope = sign_act(
            method=method,
            request=request,
            tenant=self._identity.tenant,
            operator="王小明",
            audience=self._identity.hub_id,
            key=self._key,
        )
        return ((METADATA_KEY, envelope),)


def compare(
    name: str,
    method: str,
    request: bytes,
    *,
    floor: float,
    signed: bool,
    calls: int = CALLS,
) -> Result:
    """Calls a second of a module's method over those of a bare echo of 200 bytes."""
    with _echo() as echo_port, _hub() as identity_path:
        signer = Signer(Identity.from_json(identity_path.read_text("utf-8")))
        adopt = catalogue_pb2.AdoptRequest(
            module_id="snap", track=catalogue_pb2.TRACK_STABLE
        ).SerializeToString()
        hub = Target(signer.address, method, signer.credentials)
        echo = Target(f"127.0.0.1:{echo_port}", "/bench.Echo/Echo")
        drive(Target(signer.address, ADOPT, signer.credentials), adopt, 1, signer.act)
        sign = signer.act if signed else None
        ours, bare = paired(
            lambda: drive(hub, request, calls, sign),
            lambda: drive(echo, b"x" * 200, calls, None),
            rounds=ROUNDS,
        )
    return Result(name, ours / bare, floor, ours, "calls/s")


def report() -> bytes:
    """A report of about 200 bytes."""
    return snap_pb2.FileReportRequest(
        category="light",
        title="小区东门路灯不亮",
        detail="东门外第三盏路灯坏了一周,老人晚上出门看不清台阶,请尽快派人修理。",
    ).SerializeToString()


def drive(
    target: Target, request: bytes, calls: int, sign: Callable[[str, bytes], Metadata] | None
) -> float:
    """Make calls with 16 callers over one channel; calls a second. Every call must succeed."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_calls(target, request, calls, sign))


async def _calls(
    target: Target, request: bytes, calls: int, sign: Callable[[str, bytes], Metadata] | None
) -> float:
    if target.credentials is None:
        channel = grpc.aio.insecure_channel(target.address)
    else:
        channel = grpc.aio.secure_channel(target.address, target.credentials)
    async with channel:
        call: Any = channel.unary_unary(target.method)
        # Signed beforehand: what a client spends on signing is not the hub's.
        acts = [sign(target.method, request) if sign else None for _ in range(calls)]
        left = iter(acts)

        async def caller() -> None:
            for act in left:
                await call(request, metadata=act, timeout=30)

        await channel.channel_ready()
        started = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(min(CALLERS, calls))))
        return calls / (time.perf_counter() - started)


@contextlib.contextmanager
def _echo() -> Iterator[int]:
    with _process([sys.executable, "-m", "tests.bench.echo_server"]) as line:
        yield int(line)


@contextlib.contextmanager
def _hub() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "hub"
        hub = [sys.executable, "-m", "zongheng_hub"]
        subprocess.run([*hub, "init", "--data", data], check=True, stdout=subprocess.DEVNULL)
        with serving(data) as identity_path:
            yield identity_path


@contextlib.contextmanager
def serving(data: Path) -> Iterator[Path]:
    """A hub in a process of its own, on a data folder; gives the province's identity."""
    hub = [sys.executable, "-m", "zongheng_hub"]
    serve = [*hub, "serve", "--data", str(data), "--port", "0", "--web-port", "0"]
    with _process(serve) as line:
        assert json.loads(line)["ready"]
        yield data / "province" / "identity.json"


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[str]:
    """Run a server until the block ends; gives its first line."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command} ended with {process.wait()} before it served")
        yield line
    finally:
        process.terminate()
        process.wait(timeout=20)
