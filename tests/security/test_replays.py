"""Replays where memory is gone or elsewhere: after a restart, at a replica, at another hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forge.victims import HUB_ID, NEED, Book, counting_room, genuine_act, need
from tests.logs import opened
from tests.unit.tenants.parties import NOW_MS, Party, make_party
from zongheng_hub.kernel.identity import Identities
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.store import Store
from zongheng_protos.errors import ActMismatch, NonceReused
from zongheng_protos.tlog.v1.tlog_pb2 import Receipt
from zongheng_tenants.suites import SM_1

UNIT = make_party("t_county")
OF_SM_1 = make_party("t_county", suite=SM_1)
NONCE = bytes(range(16))


def hub(store: Store, done: list[int], *, hub_id: str = HUB_ID, unit: Party = UNIT) -> Kernel:
    """A hub that has just started: it remembers nothing but what is in its store."""
    book = Book()
    book.add(unit.credential)
    kernel = Kernel(
        identities=Identities(hub_id, book), recorder=Recorder(store), clock=lambda: NOW_MS
    )
    kernel.serve([counting_room(done)])
    return kernel


async def test_an_act_replayed_after_a_restart_acts_no_second_time(tmp_path: Path) -> None:
    act, done, indices = genuine_act(UNIT, request=NEED), [0], []
    for _ in range(3):
        with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
            reply = await hub(log.store, done).handle(act.method, act.request, act=act.envelope)
            assert reply.receipt is not None
            indices.append(Receipt.FromString(reply.receipt).index)
    assert done == [1]
    assert indices == [0, 0, 0]


async def test_an_act_replayed_at_a_second_replica_acts_no_second_time(tmp_path: Path) -> None:
    act, done = genuine_act(UNIT, request=NEED), [0]
    with opened(tmp_path / "hub.sqlite3", tmp_path) as one:
        await hub(one.store, done).handle(act.method, act.request, act=act.envelope)
        with opened(tmp_path / "hub.sqlite3", tmp_path) as other:
            reply = await hub(other.store, done).handle(act.method, act.request, act=act.envelope)
    assert done == [1]
    assert reply.receipt is not None
    assert Receipt.FromString(reply.receipt).replayed


async def test_an_act_for_one_hub_is_none_at_another(tmp_path: Path) -> None:
    act, done = genuine_act(UNIT, request=NEED), [0]
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        neighbour = hub(log.store, done, hub_id="h_neighbour")
        with pytest.raises(ActMismatch, match="signed for hub h_attacked"):
            await neighbour.handle(act.method, act.request, act=act.envelope)
    assert done == [0]


@pytest.mark.parametrize("unit", [UNIT, OF_SM_1], ids=["INTL-1", "SM-1"])
async def test_a_nonce_used_before_a_restart_is_not_free_again(tmp_path: Path, unit: Party) -> None:
    first = genuine_act(unit, request=NEED, nonce=NONCE)
    other = genuine_act(unit, request=need("另一件事情"), nonce=NONCE)
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        kernel = hub(log.store, [0], unit=unit)
        await kernel.handle(first.method, first.request, act=first.envelope)
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log, pytest.raises(NonceReused):
        kernel = hub(log.store, [0], unit=unit)
        await kernel.handle(other.method, other.request, act=other.envelope)


async def test_a_retry_is_no_replay_and_gets_the_same_reply(tmp_path: Path) -> None:
    act, done = genuine_act(UNIT, request=NEED), [0]
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        kernel = hub(log.store, done)
        first = await kernel.handle(act.method, act.request, act=act.envelope)
        again = await kernel.handle(act.method, act.request, act=act.envelope)
        anew = genuine_act(UNIT, request=NEED)
        await kernel.handle(anew.method, anew.request, act=anew.envelope)
    assert first.payload == again.payload
    assert done == [2]
