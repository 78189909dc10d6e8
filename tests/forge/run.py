"""Forges at random from a seed and counts what became of it."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from tests.forge import bending, lies, signatures, sm2_signatures
from tests.forge.victims import NEED, Act, Chain, Grant, Victims, genuine_act, need, victims
from zongheng_protos.errors import ZonghengError
from zongheng_tenants.act import new_nonce
from zongheng_tenants.credential import verify_chain
from zongheng_tenants.grant import verify_grant
from zongheng_tenants.suites import INTL_1, NAMES, SM_1

Forgery = Act | Chain | Grant
Forger = Callable[[random.Random, Victims], Forgery]
Bend = Callable[[random.Random, bytes, Victims], bytes]
DECLARED: dict[type[Forgery], frozenset[str]] = {
    Act: frozenset(
        {
            "SIGNATURE_INVALID",
            "ACT_MISMATCH",
            "CLOCK_SKEW",
            "NOT_ENROLLED",
            "CREDENTIAL_INVALID",
            "ACT_MISSING",
        }
    ),
    Chain: frozenset(
        {"SIGNATURE_INVALID", "CREDENTIAL_INVALID", "CREDENTIAL_FOREIGN", "CREDENTIAL_EXPIRED"}
    ),
    Grant: frozenset({"SIGNATURE_INVALID", "INVALID"}),
}
"""With what a forgery is refused. Another reason means that it was believed for a while."""
FIRST_RESULT = "(first result again)"
REPLAY_SHARE = 0.03
WORST = 5


@dataclass
class Tally:
    """What became of forgeries.

    Attributes:
        kinds: how many of each kind were tried.
        reasons: how many were refused for each reason.
        accepted, crashed: those that must not be there, told so that they can be made again.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.kinds += other.kinds
        self.reasons += other.reasons
        self.accepted += other.accepted
        self.crashed += other.crashed

    @property
    def count(self) -> int:
        return self.kinds.total()


def kinds_of(suite: int) -> dict[str, Forger]:
    """Every kind by its name, for units of a suite."""
    found: dict[str, Forger] = {}
    for bend in (*bending.BYTES, *bending.WIRE):
        found |= _of_each(_name(bend), _alone(bend))
    for resign in signatures.SIGNATURES:
        found |= _of_each(_name(resign), _with_stranger(resign))
    if suite == INTL_1:
        for resign in signatures.ED25519:
            found |= _of_each(_name(resign), _with_stranger(resign))
    else:
        for numbers in sm2_signatures.SM2:
            found |= _of_each(_name(numbers), numbers)
    for area, told in (("act", lies.ACTS), ("chain", lies.CHAINS), ("grant", lies.GRANTS)):
        found |= {f"{area}: {_name(lie)}": lie for lie in told}
    return {f"{NAMES[suite]} {name}": forger for name, forger in found.items()}


def _of_each(name: str, bend: Bend) -> dict[str, Forger]:
    return {
        f"act: {name}": _bent_act(bend),
        f"chain: {name}": _bent_chain(bend),
        f"grant: {name}": _bent_grant(bend),
    }


def _name(function: Callable[..., object]) -> str:
    return str(getattr(function, "__name__", function)).replace("_", " ")


def _alone(bend: bending.Bend) -> Bend:
    return lambda rng, data, house: bend(rng, data)


def _with_stranger(resign: signatures.Resign) -> Bend:
    return lambda rng, data, house: resign(rng, data, house.stranger)


def _bent_act(bend: Bend) -> Forger:
    def forge(rng: random.Random, house: Victims) -> Act:
        act = rng.choice(house.acts)
        return Act(bend(rng, act.envelope, house), act.method, act.request)

    return forge


def _bent_chain(bend: Bend) -> Forger:
    def forge(rng: random.Random, house: Victims) -> Chain:
        links = list(rng.choice(house.chains).links)
        at = rng.randrange(len(links))
        links[at] = bend(rng, links[at], house)
        return Chain(tuple(links))

    return forge


def _bent_grant(bend: Bend) -> Forger:
    def forge(rng: random.Random, house: Victims) -> Grant:
        return Grant(bend(rng, house.grant.envelope, house))

    return forge


def forge(seed: int, count: int) -> Tally:
    """Try count forgeries, the same ones for the same seed but for keys, ids and salts."""
    with tempfile.TemporaryDirectory(prefix="zongheng-forge-") as folder:
        return asyncio.run(_forge(Path(folder), seed, count))


async def _forge(folder: Path, seed: int, count: int) -> Tally:
    rng, tally = random.Random(seed), Tally()
    for suite, share in ((INTL_1, count - count // 2), (SM_1, count // 2)):
        async with victims(folder / NAMES[suite], seed, suite) as house:
            await _forge_at(house, rng, share, tally)
    return tally


async def _forge_at(house: Victims, rng: random.Random, count: int, tally: Tally) -> None:
    kinds = kinds_of(house.suite)
    names = tuple(kinds)
    replays = int(count * REPLAY_SHARE)
    for number in range(count - replays):
        name = names[number % len(names)]
        forgery = kinds[name](rng, house)
        while forgery in house.genuine:  # bent back into what was said: no forgery
            forgery = kinds[name](rng, house)
        tally.kinds[name] += 1
        await _try(tally, house, name, forgery)
    await _replay(tally, house, rng, replays)


def forge_by_hypothesis(seed: int, count: int) -> Tally:
    """As forge, with hypothesis making every choice: it seeks edges, and shrinks what it finds."""
    tally = Tally()
    kinds = [(suite, *kind) for suite in NAMES for kind in sorted(kinds_of(suite).items())]
    with (
        tempfile.TemporaryDirectory(prefix="zongheng-forge-") as folder,
        asyncio.Runner() as runner,
    ):
        attacked = {
            suite: victims(Path(folder) / name, seed, suite) for suite, name in NAMES.items()
        }
        houses = {suite: runner.run(one.__aenter__()) for suite, one in attacked.items()}

        @with_seed(seed)
        @settings(max_examples=count, database=None, deadline=None)
        @given(st.sampled_from(kinds), st.randoms(use_true_random=False))
        def tried(kind: tuple[int, str, Forger], rng: random.Random) -> None:
            suite, name, forger = kind
            house = houses[suite]
            forgery = forger(rng, house)
            assume(forgery not in house.genuine)
            tally.kinds["hypothesis"] += 1
            wrong = len(tally.accepted) + len(tally.crashed)
            runner.run(_try(tally, house, name, forgery))
            assert len(tally.accepted) + len(tally.crashed) == wrong

        try:
            tried()
        except AssertionError:
            pass  # it stands in the tally, shrunk
        finally:
            for one in attacked.values():
                runner.run(one.__aexit__(None, None, None))
    return tally


async def _try(tally: Tally, house: Victims, name: str, forgery: Forgery) -> None:
    try:
        await check(house, forgery)
    except ZonghengError as error:
        tally.reasons[error.reason_name] += 1
        if error.reason_name not in DECLARED[type(forgery)]:  # it got further than it should
            _note(tally.accepted, f"{name}: {error!r}: {forgery!r}")
    except Exception as error:
        _note(tally.crashed, f"{name}: {error!r}: {forgery!r}")
    else:
        _note(tally.accepted, f"{name}: {forgery!r}")


async def check(house: Victims, forgery: Forgery) -> None:
    """Put a forgery to the test. Raises what refuses it."""
    match forgery:
        case Act(envelope, method, request):
            await house.kernel.handle(method, request, act=envelope)
        case Chain(links, at_ms):
            verify_chain(links, root_fingerprint=house.root_fingerprint, at_ms=at_ms)
        case Grant(envelope):
            verify_grant(envelope, house.credentials[house.county.tenant])


async def _replay(tally: Tally, house: Victims, rng: random.Random, count: int) -> None:
    """Genuine acts once, then again and again: as they were, and their nonces for other calls."""
    units = tuple(house.units.values())
    genuine: list[tuple[Act, bytes]] = []
    for _ in range(max(1, min(200, count // 20))):
        nonce, unit = new_nonce(), rng.choice(units)
        act = genuine_act(unit, request=NEED, nonce=nonce)
        await house.kernel.handle(act.method, act.request, act=act.envelope)
        genuine.append((act, nonce))
    done = house.done[0]
    for number in range(count):
        act, nonce = rng.choice(genuine)
        how = ("replay: sent again", "replay: nonce for another request")[number % 2]
        name = f"{NAMES[house.suite]} {how}"
        if number % 2:
            unit = next(u for u in units if u.signing.id.encode() in act.envelope)
            act = genuine_act(unit, request=need(rng.randbytes(4).hex()), nonce=nonce)
        tally.kinds[name] += 1
        try:
            reply = await house.kernel.handle(act.method, act.request, act=act.envelope)
        except ZonghengError as error:
            tally.reasons[error.reason_name] += 1
        except Exception as error:
            _note(tally.crashed, f"{name}: {error!r}: {act!r}")
        else:
            if house.done[0] != done or number % 2:
                _note(tally.accepted, f"{name}: {act!r}: {reply!r}")
            tally.reasons[FIRST_RESULT] += 1


def _note(where: list[str], what: str) -> None:
    where.append(what if len(where) < WORST else what[:60])
