"""Whoever calls is asked after each time: which key, which channel, which moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.unit.tenants.parties import NOW_MS, OWNER, PROVINCE, make_party
from zongheng_hub.kernel import identity, metering, paging, permission, slow
from zongheng_hub.kernel.call import Caller, Subject
from zongheng_hub.kernel.identity import Channel, Identities
from zongheng_hub.kernel.live import LiveCalls
from zongheng_hub.kernel.metering import Count, Meter
from zongheng_hub.kernel.quick_keys import QuickKey
from zongheng_hub.kernel.slow import Patience
from zongheng_protos.errors import (
    ActMismatch,
    ChannelExpired,
    CredentialRevoked,
    Forbidden,
    NotEnrolled,
    TooSlow,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import Credential
from zongheng_tenants.suites import SM_1

OF_SM_1 = make_party("t_smcounty", PROVINCE, suite=SM_1)
PARTIES = {one.tenant: one for one in (OWNER, OF_SM_1)}
LAST = NOW_MS + 86_400_000


class Book:
    """Credentials of a unit in each suite."""

    def __init__(self) -> None:
        self.credentials = {name: one.credential for name, one in PARTIES.items()}

    async def credential_of(self, tenant: str) -> Credential:
        return self.credentials[tenant]

    async def credential_by_key(self, key_id: str) -> Credential:
        return next(one for one in self.credentials.values() if key_id in one.keys)


class Standing:
    """Notes what it is asked, and refuses where it is told to."""

    number = 0

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, int | None, int]] = []
        self.refuses = False

    def check(
        self,
        credential: Credential,
        *,
        key_id: str | None,
        channel_serial: int | None,
        now_ms: int,
    ) -> None:
        self.asked.append((credential.tenant, key_id, channel_serial, now_ms))
        if self.refuses:
            raise CredentialRevoked(credential.tenant)


class Staff:
    """Everyone is registered, with the right to file."""

    async def rights_of(self, tenant: str, operator: str, now_ms: int) -> frozenset[int] | None:
        return frozenset({options.RIGHT_FILE})


@pytest.fixture
def standing() -> Standing:
    return Standing()


@pytest.fixture
def identities(standing: Standing) -> Identities:
    return Identities("h_1", Book(), operators=Staff(), standing=standing)


CHANNEL = Channel("h_1", OWNER.tenant, NOW_MS, LAST, serial=77)


def signed(tenant: str, *, says: str = "") -> bytes:
    party = PARTIES[tenant]
    return sign_act(
        method="/a/B", request=b"r", tenant=says or tenant, operator="王", audience="h_1",
        key=party.signing, now_ms=NOW_MS,
    )  # fmt: skip


async def test_every_way_in_asks_whether_the_caller_stands(
    identities: Identities, standing: Standing
) -> None:
    caller = await identities.from_channel(CHANNEL, NOW_MS)
    await identities.from_act(signed("t_owner"), method="/a/B", request=b"r", now_ms=NOW_MS)
    await identities.at_console("t_owner", "王", NOW_MS)
    identities.recheck(caller, channel=CHANNEL, key_id=None, now_ms=NOW_MS + 1)
    identities.recheck(caller, channel=None, key_id="k_1", now_ms=NOW_MS + 2)
    assert standing.asked == [
        ("t_owner", None, 77, NOW_MS),
        ("t_owner", OWNER.signing.id, None, NOW_MS),
        ("t_owner", None, None, NOW_MS),
        ("t_owner", None, 77, NOW_MS + 1),
        ("t_owner", "k_1", None, NOW_MS + 2),
    ]
    identities.recheck(Caller(), channel=None, key_id=None, now_ms=NOW_MS)
    assert len(standing.asked) == 5


async def test_no_way_in_is_open_to_whoever_does_not_stand(
    identities: Identities, standing: Standing
) -> None:
    caller = await identities.from_channel(CHANNEL, NOW_MS)
    standing.refuses = True
    with pytest.raises(CredentialRevoked):
        await identities.from_channel(CHANNEL, NOW_MS)
    with pytest.raises(CredentialRevoked):
        await identities.from_act(signed("t_owner"), method="/a/B", request=b"r", now_ms=NOW_MS)
    with pytest.raises(CredentialRevoked):
        await identities.at_console("t_owner", "王", NOW_MS)
    with pytest.raises(CredentialRevoked):
        identities.recheck(caller, channel=CHANNEL, key_id=None, now_ms=NOW_MS)


async def test_an_act_speaks_for_the_unit_whose_key_signed_it(identities: Identities) -> None:
    with pytest.raises(ActMismatch, match=r"speaks for t_other, but k_\w+ belongs to t_owner"):
        await identities.from_act(
            signed("t_owner", says="t_other"), method="/a/B", request=b"r", now_ms=NOW_MS
        )


async def test_each_key_is_verified_in_its_own_suite_and_kept(identities: Identities) -> None:
    for _ in range(2):
        for tenant in PARTIES:
            caller, _act = await identities.from_act(
                signed(tenant), method="/a/B", request=b"r", now_ms=NOW_MS
            )
            assert caller.tenant == tenant
    kept = dict(identities._keys)
    assert {key.suite for key in kept.values()} == {1, SM_1}
    assert isinstance(kept[OWNER.signing.id], QuickKey)
    await identities.from_act(signed("t_owner"), method="/a/B", request=b"r", now_ms=NOW_MS)
    assert identities._keys[OWNER.signing.id] is kept[OWNER.signing.id]


async def test_a_key_kept_in_another_suite_is_not_the_key(identities: Identities) -> None:
    identities._keys[OF_SM_1.signing.id] = QuickKey(OWNER.signing.public)
    caller, _act = await identities.from_act(
        signed(OF_SM_1.tenant), method="/a/B", request=b"r", now_ms=NOW_MS
    )
    assert caller.tenant == OF_SM_1.tenant


async def test_a_channel_counts_from_its_first_moment_up_to_its_last(
    identities: Identities,
) -> None:
    for now_ms in (NOW_MS, LAST - 1):
        assert (await identities.from_channel(CHANNEL, now_ms)).tenant == "t_owner"
    for now_ms in (NOW_MS - 1, LAST):
        with pytest.raises(ChannelExpired):
            await identities.from_channel(CHANNEL, now_ms)


async def test_a_new_credential_makes_a_new_caller() -> None:
    book = Book()
    identities = Identities("h_1", book)
    first = await identities.from_channel(CHANNEL, NOW_MS)
    assert await identities.from_channel(CHANNEL, NOW_MS) is first
    fewer = frozenset({options.RIGHT_CALL})
    book.credentials["t_owner"] = replace(book.credentials["t_owner"], rights=fewer)
    assert (await identities.from_channel(CHANNEL, NOW_MS)).rights == fewer


def test_what_a_process_keeps_is_bounded_as_is_said() -> None:
    assert identity.MAX_KEPT == 10_000
    assert paging.MOST_BYTES == 1_048_576
    assert slow.LOOK_SECONDS == 0.5
    assert (metering.DAY_MS, metering.BEIJING_MS) == (86_400_000, 28_800_000)


async def test_a_day_begins_at_midnight_in_beijing() -> None:
    meter, taken = Meter(), list[Count]()

    async def sink(counts: Sequence[Count]) -> None:
        taken.extend(counts)

    midnight = 1_795_276_800_000  # 2026-11-21 16:00 in Greenwich
    for now_ms in (midnight - 1, midnight, midnight + 86_399_999, midnight + 86_400_000):
        meter.count("snap", "t_a", now_ms, failed=True)
    await meter.flush(sink)
    assert [(one.day, one.calls, one.failures) for one in taken] == [
        ("2026-11-21", 1, 1),
        ("2026-11-22", 2, 2),
        ("2026-11-23", 1, 1),
    ]


async def test_counts_that_were_not_taken_come_back_with_their_failures() -> None:
    meter, taken, asked = Meter(), list[Count](), [0]

    async def broken(counts: Sequence[Count]) -> None:
        asked[0] += 1
        raise OSError("disk")

    async def sink(counts: Sequence[Count]) -> None:
        taken.extend(counts)

    await meter.flush(broken)
    assert asked == [0]  # there was nothing to hand over
    for failed in (True, False, True):
        meter.count("snap", "t_a", 0, failed=failed)
    with pytest.raises(OSError, match="disk"):
        await meter.flush(broken)
    await meter.flush(sink)
    assert [(one.calls, one.failures) for one in taken] == [(3, 2)]


def test_a_unit_without_the_right_is_not_told_of_roles() -> None:
    poor = make_party("t_poor", PROVINCE, rights=frozenset({options.RIGHT_CALL})).credential
    caller = Caller(tenant="t_poor", operator="王", rights=poor.rights, credential=poor)
    with pytest.raises(Forbidden, match="t_poor has no right to file, which /x/Y needs"):
        permission.check_right(options.RIGHT_FILE, caller, "/x/Y")
    permission.check_right(options.RIGHT_CALL, caller, "/x/Y")
    permission.check_right(options.RIGHT_ENROLLED, Caller(tenant="t_poor"), "/x/Y")
    with pytest.raises(NotEnrolled):
        permission.check_right(options.RIGHT_CALL, Caller(rights=poor.rights), "/x/Y")


def test_nobody_owns_handles_or_is_granted_what_names_nobody() -> None:
    assert permission.relations_of(Caller(), Subject(owner="")) == {options.RELATION_ANYONE}
    top = Subject(owner="t_province")
    assert permission.relations_of(Caller(tenant="t_city"), top) == {options.RELATION_ANYONE}


async def test_streams_of_many_units_are_told_apart() -> None:
    live = LiveCalls()
    with (
        live.running("t_a", lambda: None, ends_ms=1),
        live.running("t_a", lambda: None, ends_ms=1),
        live.running("t_b", lambda: None, ends_ms=1),
    ):
        assert (len(live), live.of(frozenset({"t_a"})), live.of(frozenset({"t_a", "t_b"}))) == (
            3, 2, 3,
        )  # fmt: skip
        assert live.of(frozenset({"t_c"})) == 0
        assert live.end(5, changed=False) == 0  # asked, and all of them stand


async def test_a_stream_that_ends_without_asking_why_leaves_no_verdict() -> None:
    live = LiveCalls()

    def revoked() -> None:
        raise CredentialRevoked("gone")

    async def deaf() -> None:
        with live.running("t_a", revoked, ends_ms=0):
            await asyncio.sleep(60)

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    assert live.end(1, changed=True) == 1
    assert live.end(1, changed=True) == 0  # ended once
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert live._verdicts == {}


async def test_whoever_was_ended_by_a_verdict_is_not_cancelled_any_more() -> None:
    live, seen = LiveCalls(), list[object]()

    def revoked() -> None:
        raise CredentialRevoked("gone")

    async def heard() -> None:
        try:
            with live.running("t_a", revoked, ends_ms=0):
                await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append(live.verdict())
            task = asyncio.current_task()
            assert task is not None
            seen.append(task.cancelling())

    task = asyncio.create_task(heard())
    await asyncio.sleep(0)
    live.end(1, changed=True)
    await task
    assert isinstance(seen[0], CredentialRevoked)
    assert seen[1] == 0


async def test_a_peer_is_late_only_after_its_last_moment_and_is_told_so_once() -> None:
    patience, cancelled = Patience(), [0]

    async def slow_peer() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled[0] += 1
            await asyncio.sleep(0.02)  # it takes a while to let go
            raise

    begun = time.monotonic()
    waiting = asyncio.create_task(patience.wait(slow_peer(), 5, "reading"))
    await asyncio.sleep(0)
    until = patience._until[waiting]
    assert begun + 5 <= until <= time.monotonic() + 5
    patience.look(until)
    await asyncio.sleep(0)
    assert cancelled == [0]
    for _ in range(3):
        patience.look(until + 0.001)
        await asyncio.sleep(0)
    with pytest.raises(TooSlow, match="reading took more than 5 s"):
        await waiting
    assert cancelled == [1]
    assert (patience._until, patience._late) == ({}, set())


async def test_whoever_was_late_once_may_wait_again_and_be_gone_for_another_reason() -> None:
    patience = Patience()

    async def twice() -> None:
        with pytest.raises(TooSlow):
            await patience.wait(asyncio.sleep(60), 5, "reading")
        here = asyncio.current_task()
        assert here is not None
        assert here.cancelling() == 0  # whoever was told is not cancelled any more
        await patience.wait(asyncio.sleep(60), 5, "reading")

    task = asyncio.create_task(twice())
    await asyncio.sleep(0)
    patience.look(time.monotonic() + 10)
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
