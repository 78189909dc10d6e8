"""An act is recorded once, in one store or in two, and what a module kept comes into the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from tests.logs import Log, opened
from tests.unit.tenants.parties import NOW_MS, OWNER, Party
from zongheng_hub.hosting import outbox
from zongheng_hub.hosting.outbox import Outbox
from zongheng_hub.kernel.call import Outcome
from zongheng_hub.kernel.recorder import Done, Recorder
from zongheng_hub.store import Entry, Store, Tx, open_store
from zongheng_protos.errors import NonceReused
from zongheng_protos.needs.v1.needs_pb2 import FileNeedReply, Need
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_tenants.act import SignedAct, sign_act, signer_of, verify_act

KIND, METHOD = "need.filed", "/zongheng.needs.v1.NeedsService/FileNeed"
NONCE = bytes(range(16))


@dataclass
class House:
    """A log, a module's store beside it, and the recorder between them."""

    log: Log
    module: Store
    recorder: Recorder
    worked: int = 0

    def outcome(self) -> Outcome:
        self.worked += 1
        reply = FileNeedReply(need=Need(id=f"n_{self.worked}"))
        return Outcome(reply, f"n_{self.worked}", ("t_city", "t_province"))

    async def record(self, act: SignedAct, request: bytes = b"request") -> Done:
        def work(tx: Tx, index: int) -> Outcome:
            assert index == tx.next_index()
            return self.outcome()

        return await self.recorder.record(
            act=act, kind=KIND, now_ms=NOW_MS, request=request, work=work
        )

    async def record_after(self, act: SignedAct) -> Done:
        return await self.recorder.record_after(
            self.module, act=act, kind=KIND, now_ms=NOW_MS, work=lambda tx: self.outcome()
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(tmp_path / "hub.sqlite3", tmp_path) as log:
        module = open_store(tmp_path / "module.sqlite3", journal=Outbox())
        outbox.metadata.create_all(module.writer)
        yield House(log, module, Recorder(log.store))
        module.close()


def act_of(
    request: bytes = b"request", *, nonce: bytes | None = None, method: str = METHOD
) -> SignedAct:
    return signed(OWNER, request, nonce, method)


def signed(by: Party, request: bytes, nonce: bytes | None, method: str) -> SignedAct:
    envelope = sign_act(
        method=method, request=request, tenant=by.tenant, operator="王", audience="h_1",
        key=by.signing, now_ms=NOW_MS, nonce=nonce,
    )  # fmt: skip
    parts, key = signer_of(envelope)
    return verify_act(
        envelope, parts, by.credential.keys[key].verifier(), method=method, request=request,
        audience="h_1", now_ms=NOW_MS,
    )  # fmt: skip


def replied(done: Done) -> str:
    return FileNeedReply.FromString(done.reply).need.id


async def test_an_act_is_recorded_with_everything_that_proves_it(house: House) -> None:
    done = await house.record(act_of())
    assert (done.index, done.replayed, replied(done)) == (0, False, "n_1")
    leaf = Leaf.FromString(done.leaf)
    assert (leaf.act, leaf.actor, leaf.subject, leaf.time_ms) == (
        KIND, OWNER.tenant, "n_1", NOW_MS,
    )  # fmt: skip
    assert list(leaf.parties) == ["t_city", "t_province"]
    assert len(done.salt) == 32


async def test_an_act_sent_again_gets_its_first_reply(house: House) -> None:
    act = act_of()
    first, other = await house.record(act), await house.record(act_of())
    again = await house.record(act)
    assert again == replace(first, replayed=True)
    assert (other.index, house.worked) == (1, 2)
    assert other.salt != first.salt


async def test_a_nonce_is_for_one_request_and_one_method(house: House) -> None:
    await house.record(act_of(nonce=NONCE))
    for other in (
        act_of(b"another", nonce=NONCE),
        act_of(nonce=NONCE, method=METHOD.replace("File", "Answer")),
    ):
        with pytest.raises(NonceReused, match=f"{NONCE.hex()} of {OWNER.signing.id} was used"):
            await house.record(other)
    assert house.worked == 1


async def test_a_modules_act_is_in_its_store_and_then_in_the_log(house: House) -> None:
    act = act_of()
    done = await house.record_after(act)
    assert (done.index, done.replayed, replied(done)) == (0, False, "n_1")
    (entry,) = kept(house, act)
    assert (entry.key, entry.leaf, entry.salt) == (act.key, done.leaf, done.salt)
    assert (entry.envelope, entry.request, entry.reply) == (act.envelope, b"", done.reply)
    assert len(done.salt) == 32
    assert await recorded(house, act) == (0, done.leaf)
    again = await house.record_after(act)
    assert again == replace(done, replayed=True)
    assert house.worked == 1


def kept(house: House, act: SignedAct) -> list[Entry]:
    """What the module's store has kept of an act."""
    found = house.module.read_now(lambda c: c.execute(outbox.act_table.select()).all())
    names = [field.name for field in fields(Entry)]
    rows = [row._mapping for row in found]
    return [Entry(**{name: row[name] for name in names}) for row in rows if row["key"] == act.key]


async def test_a_modules_nonce_is_for_one_request_too(house: House) -> None:
    await house.record_after(act_of(nonce=NONCE))
    with pytest.raises(NonceReused, match="was used for another request"):
        await house.record_after(act_of(b"another", nonce=NONCE))
    assert house.worked == 1


async def test_what_a_crash_left_with_a_module_comes_into_the_log_once(house: House) -> None:
    acts = [act_of(), act_of()]
    logged = await house.record_after(acts[0])
    kept_only = await in_the_module_only(house, acts[1])
    await house.recorder.log_kept([*kept(house, acts[0]), *kept(house, acts[1])])
    await house.recorder.log_kept(kept(house, acts[1]))
    assert await recorded(house, acts[0]) == (0, logged.leaf)
    assert await recorded(house, acts[1]) == (1, kept_only.leaf)
    assert await house.log.store.write(lambda tx: tx.next_index()) == 2


async def in_the_module_only(house: House, act: SignedAct) -> Entry:
    """The act as a crash before the log had it leaves it."""
    other = Recorder(house.module)
    await other.record(
        act=act, kind=KIND, now_ms=NOW_MS, request=b"", work=lambda tx, index: house.outcome()
    )
    (entry,) = kept(house, act)
    return entry


async def recorded(house: House, act: SignedAct) -> tuple[int, bytes] | None:
    def work(tx: Tx) -> tuple[int, bytes] | None:
        found = tx.recorded(act.key)
        return None if found is None else (found.index, found.leaf)

    return await house.log.store.write(work)


async def test_an_act_whose_nonce_the_log_knows_from_elsewhere_is_logged_beside_it(
    house: House,
) -> None:
    act = act_of(nonce=NONCE)
    first = await house.record(act)
    entry = await in_the_module_only(house, act)
    assert entry.leaf != first.leaf  # another salt
    for _ in range(2):
        await house.recorder.log_kept([entry])
        assert await house.log.store.write(lambda tx: tx.next_index()) == 2
    assert await recorded(house, act) == (0, first.leaf)
