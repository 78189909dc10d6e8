"""Whose roles only let them read acts in nothing but audits, whatever right an act asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from tests.logs import opened
from tests.unit.hub.kernel.test_kernel import AT, ROOM, SHARING, Book, channel_of
from tests.unit.hub.kernel.test_kernel_watch import PARCEL, Staff, Standing
from tests.unit.hub.kernel.test_methods import PACKAGE, message, room
from tests.unit.tenants.parties import GRANTEE, NOW_MS, OWNER
from zongheng_hub.kernel.call import Outcome, Room
from zongheng_hub.kernel.identity import Identities
from zongheng_hub.kernel.kernel import Kernel, Reply
from zongheng_hub.kernel.recorder import Recorder
from zongheng_protos.errors import CredentialRevoked, OperatorForbidden
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_tenants.act import sign_act

ANYONES, AUDITORS = (f"/{PACKAGE}.Rule{whose}ActService/Do" for whose in ("Anyones", "Auditors"))


async def act(call: Any, request: Any) -> bytes:
    done: bytes = await call.record(lambda tx, index: Outcome(message()))
    return done


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        served = Kernel(
            identities=Identities("h_1", Book(), operators=Staff()),
            recorder=Recorder(log.store),
            clock=lambda: NOW_MS,
        )
        for name in ("RuleAnyonesAct", "RuleAuditorsAct"):
            served.serve([Room(room(name).service, {"Do": act})])
        yield served


async def call(kernel: Kernel, method: str, operator: str) -> Reply:
    envelope = sign_act(
        method=method, request=b"", tenant="t_owner", operator=operator, audience="h_1",
        key=OWNER.signing, now_ms=NOW_MS,
    )  # fmt: skip
    return await kernel.handle(method, b"", act=envelope)


async def test_an_auditor_acts_in_audits_only(kernel: Kernel) -> None:
    with pytest.raises(OperatorForbidden, match="读某某 of t_owner reads and does not act"):
        await call(kernel, ANYONES, "读某某")
    assert (await call(kernel, AUDITORS, "读某某")).receipt is not None


async def test_who_has_business_acts_in_it_and_not_in_audits(kernel: Kernel) -> None:
    assert (await call(kernel, ANYONES, "供某某")).receipt is not None
    with pytest.raises(OperatorForbidden, match="has no role with the right to audit"):
        await call(kernel, AUDITORS, "供某某")


async def test_whom_a_unit_has_not_registered_acts_with_its_rights(kernel: Kernel) -> None:
    for method in (ANYONES, AUDITORS):
        assert (await call(kernel, method, "外人")).receipt is not None


async def test_a_silent_stream_ends_with_the_verdict_and_else_as_its_reader_says(
    tmp_path: Path,
) -> None:
    standing = Standing()
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        served = Kernel(
            identities=Identities("h_1", Book(), standing=standing),
            recorder=Recorder(log.store),
            clock=lambda: NOW_MS,
        )

        async def silent(call: Any, request: Any) -> AsyncIterator[Message]:
            await asyncio.sleep(60)
            yield sharing.ReadChunksReply()

        served.serve([Room(SHARING, ROOM.handlers, {"ReadChunks": silent}, ROOM.subjects)])
        stream = served.handle_stream(AT + "ReadChunks", PARCEL, channel=channel_of(GRANTEE))
        other = served.handle_stream(AT + "ReadChunks", PARCEL, channel=channel_of(GRANTEE))
        ended, left = (asyncio.ensure_future(anext(one)) for one in (stream, other))
        await asyncio.sleep(0.01)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        standing.revoke()
        assert served.live.end(NOW_MS, changed=True) == 1
        with pytest.raises(CredentialRevoked):
            await ended
        assert len(served.live) == 0
