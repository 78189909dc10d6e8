"""What the kernel lets through to a handler, and in which words it refuses the rest."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message

from tests.unit.tenants.parties import DAY_MS, GRANTEE, NOW_MS, OWNER, Party
from zongheng_hub.kernel.call import Caller, Room, Subject
from zongheng_hub.kernel.identity import Channel, Identities
from zongheng_hub.kernel.kernel import MAX_ACT_BYTES, Kernel, _ends_ms
from zongheng_hub.kernel.methods import RuleIncomplete, methods_of
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.store import open_store
from zongheng_protos.errors import (
    ActMismatch,
    ActMissing,
    ChannelExpired,
    Malformed,
    MethodUnknown,
    NotEnrolled,
    NotRelated,
    TooLarge,
)
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import Credential

SHARING: ServiceDescriptor = pb.DESCRIPTOR.services_by_name["SharingService"]
AT = "/zongheng.sharing.v1.SharingService/"
PARTIES = {OWNER.tenant: OWNER.credential, GRANTEE.tenant: GRANTEE.credential}
LONG = DAY_MS * 1000


class Book:
    """The credentials of an owner and a grantee."""

    async def credential_of(self, tenant: str) -> Credential:
        if tenant not in PARTIES:
            raise NotEnrolled(tenant)
        return PARTIES[tenant]

    async def credential_by_key(self, key_id: str) -> Credential:
        return next(each for each in PARTIES.values() if key_id in each.keys)


async def answer(call: Any, message: Message) -> Message:
    return pb.GetGrantReply(grant=call.caller.tenant.encode())


async def stream(call: Any, message: Message) -> AsyncIterator[Message]:
    for data in (b"one", b"two"):
        yield pb.ReadChunksReply(sealed=data)
        await asyncio.sleep(0)


async def subject(wanted: str) -> Subject:
    return Subject(owner=OWNER.tenant, grantees=frozenset({GRANTEE.tenant}))


ROOM = Room(
    SHARING,
    {each.name: answer for each in SHARING.methods if each.name != "ReadChunks"},
    {"ReadChunks": stream},
    dict.fromkeys(("request_id", "grant_id", "parcel_id"), subject),
)


class Served:
    """A kernel that serves the room; now_ms is its clock."""

    def __init__(self, kernel_of: Any) -> None:
        self.now_ms = NOW_MS
        self.kernel: Kernel = kernel_of(lambda: self.now_ms)

    async def call(self, name: str, by: Party | None, message: Message | bytes, **more: Any) -> Any:
        request = message if isinstance(message, bytes) else message.SerializeToString()
        return await self.kernel.handle(
            AT + name, request, act=signed(name, by, request) if by else None, **more
        )


def signed(name: str, by: Party, request: bytes) -> bytes:
    return sign_act(
        method=AT + name,
        request=request,
        tenant=by.tenant,
        operator="测试员",
        audience="h_1",
        key=by.signing,
        now_ms=NOW_MS,
    )


def channel_of(party: Party, *, until_ms: int = NOW_MS + LONG) -> Channel:
    return Channel("h_1", party.tenant, 0, until_ms)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Served]:
    store = open_store(tmp_path / "hub.sqlite3")
    yield Served(
        lambda clock: Kernel(
            identities=Identities("h_1", Book()), recorder=Recorder(store), clock=clock
        )
    )
    store.close()


@pytest.fixture(autouse=True)
def served(hub: Served) -> None:
    hub.kernel.serve([ROOM])


GRANT = pb.GetGrantRequest(grant_id="g_00000000000000000000000")


async def test_a_call_is_answered_whoever_of_the_related_asks(hub: Served) -> None:
    for party in (OWNER, GRANTEE):
        reply = await hub.call("GetGrant", party, GRANT)
        assert pb.GetGrantReply.FromString(reply.payload).grant == party.tenant.encode()
        assert reply.receipt is None
        by_channel = await hub.call("GetGrant", None, GRANT, channel=channel_of(party))
        assert by_channel.payload == reply.payload


async def test_a_method_nobody_serves_is_named(hub: Served) -> None:
    with pytest.raises(MethodUnknown, match=f"no method {AT}Nothing"):
        await hub.call("Nothing", OWNER, GRANT)
    with pytest.raises(MethodUnknown, match="ReadChunks streams its reply"):
        await hub.call("ReadChunks", OWNER, b"")
    with pytest.raises(MethodUnknown, match="GetGrant has one reply"):
        await anext(hub.kernel.handle_stream(AT + "GetGrant", b""))
    assert hub.kernel.method(AT + "GetGrant").name == AT + "GetGrant"


async def test_nobody_is_answered_without_a_credential(hub: Served) -> None:
    with pytest.raises(NotEnrolled, match="GetGrant is for enrolled units"):
        await hub.call("GetGrant", None, GRANT)


async def test_what_is_not_the_request_is_malformed(hub: Served) -> None:
    with pytest.raises(Malformed, match=r"is no zongheng\.sharing\.v1\.GetGrantRequest"):
        await hub.call("GetGrant", OWNER, b"\xff")


async def test_an_act_comes_signed(hub: Served) -> None:
    with pytest.raises(ActMissing, match=r"an act \(data\.granted\) and came unsigned"):
        await hub.call("GrantData", None, b"", channel=channel_of(OWNER))


async def test_an_act_may_be_as_large_as_is_said_and_no_larger(hub: Served) -> None:
    with pytest.raises(Malformed):  # this size was let in, and found to be no request
        await hub.call("GrantData", OWNER, b"\xff" * MAX_ACT_BYTES)
    with pytest.raises(TooLarge, match=f"at most {MAX_ACT_BYTES:,} bytes"):
        await hub.call("GrantData", OWNER, b"\xff" * (MAX_ACT_BYTES + 1))


async def test_channel_and_act_are_of_one_unit(hub: Served) -> None:
    reply = await hub.call("GetGrant", OWNER, GRANT, channel=channel_of(OWNER))
    assert pb.GetGrantReply.FromString(reply.payload).grant == OWNER.tenant.encode()
    with pytest.raises(ActMismatch, match="belongs to t_grantee, the act to t_owner"):
        await hub.call("GetGrant", OWNER, GRANT, channel=channel_of(GRANTEE))


async def test_the_owner_does_not_fetch_what_is_for_the_grantee(hub: Served) -> None:
    chunks = pb.ReadChunksRequest(parcel_id="p_00000000000000000000000")
    with pytest.raises(NotRelated, match="ReadChunks is for: grantee; t_owner"):
        await anext(
            hub.kernel.handle_stream(
                AT + "ReadChunks", chunks.SerializeToString(), channel=channel_of(OWNER)
            )
        )


async def test_a_stream_ends_with_the_channel_it_came_through(hub: Served) -> None:
    request = pb.ReadChunksRequest(parcel_id="p_00000000000000000000000").SerializeToString()
    channel = channel_of(GRANTEE, until_ms=NOW_MS + 10)
    whole = [
        each async for each in hub.kernel.handle_stream(AT + "ReadChunks", request, channel=channel)
    ]
    assert [pb.ReadChunksReply.FromString(each).sealed for each in whole] == [b"one", b"two"]
    chunks = hub.kernel.handle_stream(AT + "ReadChunks", request, channel=channel)
    assert await anext(chunks)
    hub.now_ms += 10
    with pytest.raises(ChannelExpired):
        await anext(chunks)


def test_a_room_that_does_not_do_what_it_says_is_refused_at_start() -> None:
    names = {each.name for each in methods_of(ROOM)}
    assert names == {AT + each.name for each in SHARING.methods}
    less = {name: one for name, one in ROOM.handlers.items() if name != "GetGrant"}
    for room in (
        replace(ROOM, handlers=less),
        replace(ROOM, streams={}),
        replace(ROOM, handlers={**ROOM.handlers, "ReadChunks": answer}),
        replace(ROOM, handlers={**ROOM.handlers, "ReadChunks": answer}, streams={}),
    ):
        with pytest.raises(RuleIncomplete, match="the room has no fitting handler"):
            list(methods_of(room))
    with pytest.raises(RuleIncomplete, match="the room cannot look up"):
        list(methods_of(replace(ROOM, subjects={})))


def test_methods_are_counted_under_the_service_unless_the_room_says_otherwise() -> None:
    assert {each.meter for each in methods_of(ROOM)} == {"zongheng.sharing.v1.SharingService"}
    assert {each.meter for each in methods_of(replace(ROOM, meter="snap"))} == {"snap"}


def test_requests_with_rules_for_their_fields_are_known() -> None:
    bounded = {each.name.removeprefix(AT): each.is_bounded for each in methods_of(ROOM)}
    assert set(map(type, bounded.values())) == {bool}
    assert bounded["OfferDataset"]


def test_nobody_is_a_caller_without_a_tenant() -> None:
    assert Caller().tenant == ""


async def test_a_channels_calls_are_counted_at_the_door_and_acts_here(hub: Served) -> None:
    share = hub.kernel.admission.share(OWNER.tenant)
    before = dict(share.served)
    await hub.call("GetGrant", None, GRANT, channel=channel_of(OWNER))
    assert share.served == before
    await hub.call("GetGrant", OWNER, GRANT)
    assert sum(share.served.values()) == sum(before.values()) + 1


async def test_callers_and_keys_kept_in_memory_are_bounded(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zongheng_hub.kernel.identity.MAX_KEPT", 1)
    identities = hub.kernel._identities
    for party in (OWNER, GRANTEE, OWNER):
        await hub.call("GetGrant", party, GRANT, channel=channel_of(party))
        assert (len(identities._callers), len(identities._keys)) == (1, 1)


def test_a_stream_lasts_as_long_as_both_channel_and_credential() -> None:
    credential = OWNER.credential
    caller = Caller(tenant=OWNER.tenant, credential=credential)
    channel = channel_of(OWNER, until_ms=NOW_MS)
    assert _ends_ms(caller, channel) == NOW_MS
    assert _ends_ms(caller, None) == credential.expires_ms
    assert _ends_ms(Caller(), channel) == NOW_MS
    assert _ends_ms(Caller(), None) == sys.maxsize
