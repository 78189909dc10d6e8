"""LogService answers with proofs that hold and refuses what it can't prove."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from sqlalchemy import Connection

from tests.logs import Log, entry, opened
from zongheng_hub.kernel.call import Call, Room
from zongheng_hub.tlog.keys import LogKeys
from zongheng_hub.tlog.rpc import room
from zongheng_protos.errors import Invalid, NotFound
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tlog.v1 import tlog_pb2 as pb
from zongheng_sdk.audit import check_commitment, verify_entry, verify_growth

SIZE = 300
NO_CALL = cast(Call, None)  # these reads ask nothing of the call


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as opened_log:
        opened_log.append(*(entry(number) for number in range(SIZE)))
        yield opened_log


@pytest.fixture
def service(log: Log) -> Room:
    keys = LogKeys(log.sequencer, lambda: None, root=b"", root_fingerprint="")
    return room(log.store, keys, ancestors)


def ancestors(connection: Connection, tenant: str) -> tuple[str, ...]:
    return ("t_province", f"{tenant}'s city")


async def ask(service: Room, method: str, request: Message) -> Any:
    return await service.handlers[method](NO_CALL, request)


async def test_an_entry_is_proven_to_whoever_asks(service: Room) -> None:
    reply = await ask(service, "GetInclusion", pb.GetInclusionRequest(index=17))
    head = await ask(service, "GetCheckpoint", pb.GetCheckpointRequest())
    assert (reply.index, reply.size, reply.checkpoint) == (17, SIZE, head.checkpoint)
    assert verify_entry(reply.leaf, 17, reply.hashes, reply.checkpoint, head.vkey).size == SIZE


async def test_an_entry_is_proven_at_an_older_size_without_a_checkpoint(service: Room) -> None:
    reply = await ask(service, "GetInclusion", pb.GetInclusionRequest(index=17, size=18))
    assert (reply.size, reply.checkpoint) == (18, b"")


async def test_the_log_is_proven_to_have_grown(log: Log, service: Room) -> None:
    old = await ask(service, "GetCheckpoint", pb.GetCheckpointRequest())
    await log.store.write(lambda tx: tx.append(entry(SIZE)))
    new = await ask(service, "GetCheckpoint", pb.GetCheckpointRequest())
    request = pb.GetConsistencyRequest(old_size=SIZE, new_size=SIZE + 1)
    reply = await ask(service, "GetConsistency", request)
    verify_growth(old.checkpoint, new.checkpoint, reply.hashes, new.vkey)


@pytest.mark.parametrize(
    ("method", "request_", "error"),
    [
        ("GetInclusion", pb.GetInclusionRequest(index=SIZE), NotFound),
        ("GetInclusion", pb.GetInclusionRequest(index=2**64 - 1), NotFound),
        ("GetInclusion", pb.GetInclusionRequest(index=0, size=SIZE + 1), Invalid),
        ("GetInclusion", pb.GetInclusionRequest(index=0, size=2**64 - 1), Invalid),
        ("GetInclusion", pb.GetInclusionRequest(index=10, size=10), Invalid),
        ("GetConsistency", pb.GetConsistencyRequest(old_size=0, new_size=3), Invalid),
        ("GetConsistency", pb.GetConsistencyRequest(old_size=4, new_size=3), Invalid),
        ("GetConsistency", pb.GetConsistencyRequest(old_size=1, new_size=2**64 - 1), Invalid),
        ("GetContent", pb.GetContentRequest(index=SIZE), NotFound),
        ("GetContent", pb.GetContentRequest(index=2**64 - 1), NotFound),
    ],
)
async def test_what_the_log_does_not_hold_is_refused_by_name(
    service: Room, method: str, request_: Message, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"\d+"):
        await ask(service, method, request_)


async def test_entries_are_listed_from_where_one_asks(service: Room) -> None:
    reply = await ask(service, "ListEntries", pb.ListEntriesRequest(start=298, limit=10))
    assert [each.index for each in reply.entries] == [298, 299]
    assert reply.size == SIZE
    assert reply.entries[0].leaf == entry(298).leaf
    whole = await ask(service, "ListEntries", pb.ListEntriesRequest())
    assert len(whole.entries) == 100
    beyond = await ask(service, "ListEntries", pb.ListEntriesRequest(start=2**64 - 1))
    assert (list(beyond.entries), beyond.size) == ([], SIZE)


async def test_content_opens_the_commitment_of_its_leaf(service: Room) -> None:
    reply = await ask(service, "GetContent", pb.GetContentRequest(index=5))
    assert check_commitment(reply.leaf, reply.salt, reply.envelope).subject == "n_5"
    assert reply.request == entry(5).request


async def test_content_is_for_the_actor_its_superiors_and_the_parties(service: Room) -> None:
    subject = await service.subjects["index"](5)
    assert subject.owner == "t_county5"
    assert subject.owner_ancestors == ("t_province", "t_county5's city")
    assert subject.grantees == {"t_city"}
    with pytest.raises(NotFound):
        await service.subjects["index"](2**64 - 1)
    method = pb.DESCRIPTOR.services_by_name["LogService"].methods_by_name["GetContent"]
    extensions = method.GetOptions().Extensions
    declared: options.MethodRule = extensions[options.rule]  # type: ignore[index]  # protoc's stub
    named = {options.Relation.Name(each) for each in declared.relations}
    assert named == {"RELATION_OWN", "RELATION_GRANTEE", "RELATION_ABOVE"}


def test_every_method_has_a_handler(service: Room) -> None:
    assert set(service.handlers) == set(service.service.methods_by_name)
