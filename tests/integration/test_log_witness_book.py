"""Whom the log is witnessed by, on SQLite and on PostgreSQL: taken, offered to, remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.logs import Log, entry, opened
from tests.witnesses import listening
from zongheng_hub.tlog import witnesses as book
from zongheng_hub.tlog.standing import (
    ALARM_MS,
    ALIVE_MS,
    HEARTBEAT_MS,
    HOLD_MS,
    LEAST_MS,
    QUORUM_MISSING,
    RETRY_MS,
    WENT_BACK,
    alarm_of,
    is_to_be_asked,
    offer_is_due,
)
from zongheng_hub.tlog.witnesses import KnownWitness, Offer
from zongheng_hub.tlog.witnessing import Witnessing
from zongheng_protos.errors import Exists, Invalid, NotFound
from zongheng_sdk.notes import verify_checkpoint
from zongheng_tenants.cosignature import cosign, cosignatures, witness_key
from zongheng_tenants.keys import SigningKey
from zongheng_tenants.witness_policy import parse_policy

SIGNING = [SigningKey(bytes([at] * 32)) for at in range(1, 20)]
KEYS = [witness_key(f"w{at}", key.public) for at, key in enumerate(SIGNING)]
NOTE = b"log\n10\nAAAA\n\n\xe2\x80\x94 log AAAAAAAA\n"
NOW = 1_800_000_000_000


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    with opened(where, tmp_path / "tlog") as one:
        yield one


def taken(log: Log, count: int, url: str = "") -> tuple[KnownWitness, ...]:
    for key in KEYS[:count]:
        log.store.write_now(partial(book.add, vkey=key.vkey, url=url, now_ms=NOW))
    return log.store.read_now(book.witnesses)


def needed(log: Log, count: int) -> int:
    return log.store.read_now(partial(book.needed_of, count=count))


def test_witnesses_come_and_go(log: Log) -> None:
    first, second = taken(log, 2, "https://w.example/prefix/")
    assert (first.name, first.url, first.added_ms) == ("w0", "https://w.example/prefix", NOW)
    assert (second.size, second.cosigned_ms, second.trouble) == (0, 0, "")
    renamed = witness_key("renamed", SIGNING[0].public)
    for key in (KEYS[0], renamed, witness_key("w0", SIGNING[9].public)):
        with pytest.raises(Exists):
            log.store.write_now(partial(book.add, vkey=key.vkey, url="", now_ms=NOW))
    log.store.write_now(partial(book.remove, name="w0"))
    assert [one.name for one in log.store.read_now(book.witnesses)] == ["w1"]
    with pytest.raises(NotFound):
        log.store.write_now(partial(book.remove, name="w0"))


@pytest.mark.parametrize("url", ["ftp://w.example", "w.example", "http://" + "w" * 600])
def test_an_address_that_is_none_is_refused(log: Log, url: str) -> None:
    with pytest.raises(Invalid, match="is reached at"):
        log.store.write_now(partial(book.add, vkey=KEYS[0].vkey, url=url, now_ms=NOW))


def test_there_are_sixteen_at_most(log: Log) -> None:
    taken(log, 16)
    with pytest.raises(Invalid, match="there are 16"):
        log.store.write_now(partial(book.add, vkey=KEYS[16].vkey, url="", now_ms=NOW))


def test_the_quorum_is_more_than_half_until_it_is_said(log: Log) -> None:
    assert [needed(log, count) for count in range(6)] == [0, 1, 2, 2, 3, 3]
    log.store.write_now(partial(book.set_needed, needed=4))
    assert needed(log, 5) == 4
    log.store.write_now(partial(book.set_needed, needed=0))
    assert needed(log, 5) == 3
    for odd in (-1, 17):
        with pytest.raises(Invalid):
            log.store.write_now(partial(book.set_needed, needed=odd))


def test_the_policy_that_is_printed_can_be_read(log: Log) -> None:
    policy = log.store.read_now(partial(book.policy_of, vkeys=[log.vkey]))
    assert parse_policy(policy.text().encode()) == policy
    taken(log, 3, "http://10.0.0.1:7490")
    policy = log.store.read_now(partial(book.policy_of, vkeys=[log.vkey]))
    assert parse_policy(policy.text().encode()) == policy
    assert policy.satisfied(KEYS[:2])
    assert not policy.satisfied(KEYS[:1])


def test_what_a_witness_saw_never_shrinks(log: Log) -> None:
    (one,) = taken(log, 1)
    line = cosign(b"x", key=SIGNING[0], name="w0", time=5)
    (found,) = cosignatures([line], b"x", [one.key])
    trouble = partial(book.in_trouble, one=one, trouble=book.SILENT, detail="x" * 900)
    assert log.store.write_now(partial(trouble, now_ms=NOW))
    for size, now_ms in ((20, NOW + 1), (10, NOW + 2)):
        log.store.write_now(partial(book.saw, cosignature=found, size=size, now_ms=now_ms))
    (after,) = log.store.read_now(book.witnesses)
    assert (after.size, after.cosigned_ms, after.trouble, after.since_ms) == (20, NOW + 2, "", 0)


def test_trouble_lasts_since_it_began(log: Log) -> None:
    (one,) = taken(log, 1)
    for kind, now_ms in ((book.SILENT, NOW), (book.SILENT, NOW + 9), (book.CLAIMS, NOW + 20)):
        trouble = partial(book.in_trouble, one=one, trouble=kind, detail="d")
        log.store.write_now(partial(trouble, now_ms=now_ms))
        (one,) = log.store.read_now(book.witnesses)
    assert (one.trouble, one.since_ms) == (book.CLAIMS, NOW + 20)


def test_offers_long_past_are_forgotten_but_for_the_newest_that_was_witnessed(log: Log) -> None:
    taken(log, 1)
    for size in range(1, 40):
        made = log.store.write_now(partial(book.offer, size=size, note=NOTE, now_ms=NOW + size))
        if size == 3:
            put = partial(book.put_lines, made=made, lines="\u2014 w0 AAAA\n")
            log.store.write_now(partial(put, witnessed_ms=NOW))
    kept = [size for size in range(1, 40) if log.store.read_now(partial(book.offer_of, size=size))]
    assert kept == [3, *range(24, 40)]
    witnessed = log.store.read_now(book.newest_witnessed)
    assert witnessed is not None
    assert (witnessed.size, witnessed.lines) == (3, "\u2014 w0 AAAA\n")
    newest = log.store.read_now(book.newest_offer)
    assert newest is not None
    assert newest.size == 39


def test_a_log_is_witnessed_on_either_database(log: Log, tmp_path: Path) -> None:
    log.append(*(entry(number) for number in range(300)))
    with listening(tmp_path / "w", log.vkey, name="w") as one:
        add = partial(book.add, vkey=one.vkey, url=one.url, now_ms=NOW)
        log.store.write_now(add)

        async def until_witnessed() -> None:
            publisher = log.publisher()
            await publisher.start()
            dealings = Witnessing(log.store, publisher, log.sequencer.signer, clock=lambda: NOW)
            await dealings.check()
            async with dealings.running():
                async with asyncio.timeout(20):
                    while b" w " not in (log.folder / "checkpoint").read_bytes():
                        await asyncio.sleep(0.05)
            await publisher.stop()

        asyncio.run(until_witnessed())
        assert one.newest().body == (log.folder / "witnessed").read_bytes()
        assert verify_checkpoint(one.newest().body, log.vkey).size == 300


def offered(*cosigners: int, size: int = 10, at_ms: int = NOW) -> Offer:
    text = NOTE.partition(b"\n\n")[0] + b"\n"
    lines = [cosign(text, key=SIGNING[at], name=f"w{at}", time=9) for at in cosigners]
    return Offer(size, NOTE, "".join(lines), at_ms, 0)


ASKED = KnownWitness(KEYS[0], "http://w", NOW)
COMES = KnownWitness(KEYS[1], "", NOW, size=9, cosigned_ms=NOW)


@pytest.mark.parametrize(
    ("offer", "published", "known", "waited", "due"),
    [
        (None, 0, (ASKED,), 0, False),
        (None, 1, (ASKED,), 0, True),
        (offered(), 10, (ASKED,), HOLD_MS, False),
        (offered(), 11, (ASKED,), LEAST_MS, False),
        (offered(), 11, (ASKED,), HOLD_MS, True),
        (offered(0), 11, (ASKED,), LEAST_MS - 1, False),
        (offered(0), 11, (ASKED,), LEAST_MS, True),
        (offered(0), 11, (ASKED, COMES), LEAST_MS, False),
        (offered(0), 11, (ASKED, COMES), HOLD_MS, True),
        (offered(0, 1), 11, (ASKED, COMES), LEAST_MS, True),
        (offered(), 11, (replace(ASKED, trouble=book.SILENT),), LEAST_MS, True),
        (offered(0), 11, (ASKED, replace(COMES, cosigned_ms=NOW - ALIVE_MS)), LEAST_MS, True),
    ],
)
def test_an_offer_stands_until_those_alive_have_cosigned_it(
    offer: Offer | None, published: int, known: tuple[KnownWitness, ...], waited: int, due: bool
) -> None:
    assert offer_is_due(offer, published, known, now_ms=NOW + waited) == due


@pytest.mark.parametrize(
    ("one", "offer", "asked", "is_asked"),
    [
        (ASKED, offered(), 0, True),
        (COMES, offered(), 0, False),
        (replace(ASKED, size=11), offered(), 0, False),
        (replace(ASKED, cosigned_ms=NOW), offered(0), 0, False),
        (replace(ASKED, cosigned_ms=NOW - HEARTBEAT_MS), offered(0), 0, True),
        (replace(ASKED, cosigned_ms=NOW - HEARTBEAT_MS), offered(0), NOW - 1, False),
        (replace(ASKED, trouble=book.SILENT), offered(), NOW - RETRY_MS + 1, False),
        (replace(ASKED, trouble=book.SILENT), offered(), NOW - RETRY_MS, True),
    ],
)
def test_a_witness_is_asked_once_and_then_seldom(
    one: KnownWitness, offer: Offer, asked: int, is_asked: bool
) -> None:
    assert is_to_be_asked(one, offer, asked_ms=asked, now_ms=NOW) == is_asked


def test_alarm_is_raised_for_too_few_lately_and_for_a_log_that_went_back() -> None:
    late = KnownWitness(KEYS[0], "", 0, cosigned_ms=NOW - ALARM_MS)
    well = KnownWitness(KEYS[1], "", 0, cosigned_ms=NOW - ALARM_MS + 1)
    alarm = partial(alarm_of, now_ms=NOW, since_ms=0)
    assert alarm((), 0) == ""
    assert alarm((well,), 1) == ""
    assert alarm((late,), 1) == QUORUM_MISSING
    assert alarm((late, well), 1) == ""
    assert alarm((late, well), 2) == QUORUM_MISSING
    assert alarm_of((late, well), 2, now_ms=NOW, since_ms=NOW - 1) == ""
    for grave in (book.BEHIND, book.FORKED):
        assert alarm((well, replace(late, trouble=grave)), 1) == WENT_BACK
