"""The kernel counts every call, asks again who stands, and gives an act's receipt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from tests.logs import opened
from tests.unit.hub.kernel.test_kernel import (
    AT,
    GRANT,
    ROOM,
    SHARING,
    Book,
    channel_of,
    signed,
    stream,
)
from tests.unit.tenants.parties import GRANTEE, NOW_MS, OWNER, Party
from zongheng_hub.kernel.call import Handler, Outcome, Room
from zongheng_hub.kernel.identity import Identities
from zongheng_hub.kernel.kernel import MAX_ACT_BYTES, Kernel
from zongheng_hub.kernel.metering import Count
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.store import Tx
from zongheng_protos.errors import (
    ActMissing,
    CredentialRevoked,
    Forbidden,
    Invalid,
    Malformed,
    NotEnrolled,
    NotRelated,
    OperatorForbidden,
    OperatorUnknown,
    TooLarge,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import sharing_pb2 as pb
from zongheng_protos.tlog.v1.tlog_pb2 import Receipt
from zongheng_tenants.credential import Credential

METER = "zongheng.sharing.v1.SharingService"
PARCEL = pb.ReadChunksRequest(parcel_id="p_00000000000000000000000").SerializeToString()
OFFER = pb.OfferDatasetRequest(
    title="户表数据", fields=[pb.Field(name="name", title="姓名")]
).SerializeToString()


class Standing:
    """Who stands, and what was asked of it."""

    def __init__(self) -> None:
        self.number = 0
        self.revoked = False
        self.asked: list[tuple[str, str | None, int | None, int]] = []

    def check(
        self,
        credential: Credential,
        *,
        key_id: str | None,
        channel_serial: int | None,
        now_ms: int,
    ) -> None:
        self.asked.append((credential.tenant, key_id, channel_serial, now_ms))
        if self.revoked:
            raise CredentialRevoked("it was revoked")

    def revoke(self) -> None:
        self.number += 1
        self.revoked = True


class Staff:
    """One reader, one who files, nobody else."""

    async def rights_of(self, tenant: str, operator: str, now_ms: int) -> frozenset[int] | None:
        known = {"读某某": options.RIGHT_AUDIT, "供某某": options.RIGHT_OFFER}
        return frozenset({known[operator]}) if operator in known else None


def nothing() -> None:
    """What most calls do while they run."""


class House:
    """A kernel over a real log whose handlers do what a test says."""

    def __init__(self, recorder: Recorder) -> None:
        self.standing = Standing()
        self.now_ms = NOW_MS
        self.during: Callable[[], None] = nothing
        self.kernel = Kernel(
            identities=Identities("h_1", Book(), operators=Staff(), standing=self.standing),
            recorder=recorder,
            clock=lambda: self.now_ms,
        )
        handlers: dict[str, Handler] = dict.fromkeys(ROOM.handlers, self.read)
        handlers |= {"OfferDataset": self.act, "RequestData": self.forgotten}
        self.kernel.serve([Room(SHARING, handlers, {"ReadChunks": self.stream}, ROOM.subjects)])

    async def read(self, call: Any, message: Message) -> Message:
        self.during()
        return pb.GetGrantReply(grant=b"read")

    async def act(self, call: Any, message: Message) -> bytes:
        def work(tx: Tx, index: int) -> Outcome:
            return Outcome(pb.OfferDatasetReply(), "d_1")

        done: bytes = await call.record(work)
        self.during()
        return done

    async def forgotten(self, call: Any, message: Message) -> bytes:
        raise KeyError("a fault of the room's own")

    async def stream(self, call: Any, message: Message) -> AsyncIterator[Message]:
        async for chunk in stream(call, message):
            yield chunk
            self.during()

    async def call(self, name: str, request: bytes, **more: Any) -> Any:
        return await self.kernel.handle(AT + name, request, **more)

    async def counts(self) -> list[tuple[str, str, int, int]]:
        taken: list[Count] = []

        async def sink(counts: Sequence[Count]) -> None:
            taken.extend(counts)

        await self.kernel.meter.flush(sink)
        return [(one.meter, one.tenant, one.calls, one.failures) for one in taken]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        yield House(Recorder(log.store))


def act_of(name: str, request: bytes, by: Party = OWNER) -> bytes:
    return signed(name, by, request)


def chunk(size: int) -> bytes:
    return pb.PutChunkRequest(
        grant_id="g_00000000000000000000000", parcel_id="p_" + "0" * 20, sealed=b"x" * size
    ).SerializeToString()


REQUEST = GRANT.SerializeToString()


async def test_calls_are_counted_for_their_tenant_with_those_that_failed(house: House) -> None:
    await house.call("GetGrant", REQUEST, channel=channel_of(OWNER))
    assert await house.counts() == [(METER, "t_owner", 1, 0)]
    with pytest.raises(Malformed):
        await house.call("GetGrant", b"\xff", channel=channel_of(OWNER))
    assert await house.counts() == [(METER, "t_owner", 1, 1)]
    with pytest.raises(NotEnrolled):
        await house.call("GetGrant", REQUEST)
    assert await house.counts() == [(METER, "", 1, 1)]
    chunks = house.kernel.handle_stream(AT + "ReadChunks", PARCEL, channel=channel_of(GRANTEE))
    assert len([chunk async for chunk in chunks]) == 2
    assert await house.counts() == [(METER, "t_grantee", 1, 0)]


async def test_a_fault_of_a_room_is_counted_and_goes_on(house: House) -> None:
    request = pb.RequestDataRequest(
        dataset_id="d_1", purpose="低保复核", fields=["name"]
    ).SerializeToString()
    with pytest.raises(KeyError, match="a fault of the room's own"):
        await house.call("RequestData", request, act=act_of("RequestData", request))
    assert await house.counts() == [(METER, "t_owner", 1, 1)]


async def test_what_was_read_does_not_go_to_whoever_was_revoked_meanwhile(house: House) -> None:
    house.during = house.standing.revoke
    with pytest.raises(CredentialRevoked):
        await house.call("GetGrant", REQUEST, channel=channel_of(OWNER))
    assert await house.counts() == [(METER, "t_owner", 1, 1)]
    house.standing.revoked = False
    with pytest.raises(CredentialRevoked):
        await house.call("GetGrant", REQUEST, act=act_of("GetGrant", REQUEST))
    assert house.standing.asked[-1] == ("t_owner", OWNER.signing.id, None, NOW_MS)


async def test_whoever_stands_is_asked_once_where_nothing_changed(house: House) -> None:
    await house.call("GetGrant", REQUEST, channel=channel_of(OWNER))
    assert house.standing.asked == [("t_owner", None, 0, NOW_MS)]

    def another() -> None:
        house.standing.number += 1

    house.during = another
    await house.call("GetGrant", REQUEST, channel=channel_of(OWNER))
    assert len(house.standing.asked) == 3


async def test_what_was_done_is_told_even_to_whoever_was_revoked_meanwhile(house: House) -> None:
    house.during = house.standing.revoke
    reply = await house.call("OfferDataset", OFFER, act=act_of("OfferDataset", OFFER))
    assert reply.payload == pb.OfferDatasetReply().SerializeToString()
    assert reply.receipt is not None


async def test_a_receipt_names_the_acts_place_and_whether_it_was_there_before(
    house: House,
) -> None:
    act = act_of("OfferDataset", OFFER)
    first = await house.call("OfferDataset", OFFER, act=act)
    again = await house.call("OfferDataset", OFFER, act=act)
    receipts = [Receipt.FromString(reply.receipt) for reply in (first, again)]
    assert [(receipt.index, receipt.replayed) for receipt in receipts] == [(0, False), (0, True)]
    assert receipts[0].leaf == receipts[1].leaf != b""
    assert receipts[0].salt == receipts[1].salt != b""


async def test_a_room_records_nothing_under_a_method_that_is_no_act(house: House) -> None:
    async def records(call: Any, message: Message) -> bytes:
        done: bytes = await call.record(lambda tx, index: Outcome(pb.GetGrantReply()))
        return done

    handlers = {**ROOM.handlers, "GetGrant": records}
    house.kernel.serve([Room(SHARING, handlers, {"ReadChunks": stream}, ROOM.subjects)])
    for more in ({"act": act_of("GetGrant", REQUEST)}, {"channel": channel_of(OWNER)}):
        with pytest.raises(TypeError, match="GetGrant is not declared as an act"):
            await house.call("GetGrant", REQUEST, **more)


async def test_a_stream_asks_on_every_chunk_who_stands(house: House) -> None:
    house.during = house.standing.revoke
    chunks = house.kernel.handle_stream(AT + "ReadChunks", PARCEL, channel=channel_of(GRANTEE))
    assert pb.ReadChunksReply.FromString(await anext(chunks)).sealed == b"one"
    with pytest.raises(CredentialRevoked):
        await anext(chunks)
    signed_stream = house.kernel.handle_stream(
        AT + "ReadChunks", PARCEL, act=act_of("ReadChunks", PARCEL, GRANTEE)
    )
    house.standing.revoked, house.during = False, nothing
    assert len([chunk async for chunk in signed_stream]) == 2
    assert house.standing.asked[-1] == ("t_grantee", GRANTEE.signing.id, None, NOW_MS)


async def test_a_request_beyond_its_bounds_is_invalid_and_says_where(house: House) -> None:
    empty = pb.OfferDatasetRequest().SerializeToString()
    with pytest.raises(Invalid, match="title: must be at least 2 characters"):
        await house.call("OfferDataset", empty, act=act_of("OfferDataset", empty))


async def test_a_request_that_is_no_act_may_be_larger_than_one(house: House) -> None:
    large = chunk(MAX_ACT_BYTES)
    assert len(large) > MAX_ACT_BYTES == 4_128_768
    with pytest.raises(Invalid):  # it was let in, and found to be beyond its own bounds
        await house.call("PutChunk", large, channel=channel_of(GRANTEE))
    with pytest.raises(TooLarge):
        await house.call("OfferDataset", large, act=act_of("OfferDataset", large))


async def test_only_acts_must_come_signed(house: House) -> None:
    with pytest.raises(ActMissing):
        await house.call("OfferDataset", OFFER, channel=channel_of(OWNER))
    assert (await house.call("GetGrant", REQUEST, channel=channel_of(OWNER))).receipt is None


async def test_an_operator_who_only_reads_reads_and_does_not_act(house: House) -> None:
    from zongheng_tenants.act import sign_act

    def by(name: str, request: bytes, operator: str) -> bytes:
        return sign_act(
            method=AT + name, request=request, tenant="t_owner", operator=operator,
            audience="h_1", key=OWNER.signing, now_ms=NOW_MS,
        )  # fmt: skip

    assert await house.call("GetGrant", REQUEST, act=by("GetGrant", REQUEST, "读某某"))
    with pytest.raises(OperatorForbidden):
        await house.call("OfferDataset", OFFER, act=by("OfferDataset", OFFER, "读某某"))
    assert await house.call("OfferDataset", OFFER, act=by("OfferDataset", OFFER, "供某某"))
    through_both = by("OfferDataset", OFFER, "读某某")
    with pytest.raises(OperatorForbidden):
        await house.call("OfferDataset", OFFER, act=through_both, channel=channel_of(OWNER))
    with pytest.raises(OperatorForbidden, match="has no role with the right to grant"):
        await house.call("GrantData", b"", act=by("GrantData", b"", "供某某"))


async def test_a_caller_is_its_own_subject_where_the_rule_names_none(house: House) -> None:
    listed = pb.ListRequestsRequest().SerializeToString()
    assert await house.call("ListRequests", listed, channel=channel_of(OWNER))
    found = await house.call("ListDatasets", b"", channel=channel_of(GRANTEE))
    assert pb.GetGrantReply.FromString(found.payload).grant == b"read"
    with pytest.raises(NotRelated):
        await house.call("PutChunk", chunk(20), channel=channel_of(GRANTEE))
    assert await house.call("PutChunk", chunk(20), channel=channel_of(OWNER))


async def test_pages_ask_for_a_right_as_calls_do(house: House) -> None:
    await house.kernel.check_right("t_owner", "供某某", options.RIGHT_OFFER, "the page")
    with pytest.raises((Forbidden, OperatorForbidden)):
        await house.kernel.check_right("t_owner", "供某某", options.RIGHT_GRANT, "the page")
    with pytest.raises(OperatorUnknown):
        await house.kernel.check_right("t_owner", "外人", options.RIGHT_OFFER, "the page")
    house.standing.revoke()
    with pytest.raises(CredentialRevoked):
        await house.kernel.check_right("t_owner", "供某某", options.RIGHT_OFFER, "the page")
    assert house.standing.asked[-1] == ("t_owner", None, None, NOW_MS)
