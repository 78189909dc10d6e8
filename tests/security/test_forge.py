"""A few thousand of the forgeries of `make forge`: none holds, none crashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forge.run import FIRST_RESULT, Tally, check, forge, forge_by_hypothesis, kinds_of
from tests.forge.victims import victims
from zongheng_tenants.suites import INTL_1, NAMES, SM_1

EACH = 14


@pytest.fixture(scope="module")
def tally() -> Tally:
    return forge(20261124, sum(len(kinds_of(suite)) for suite in NAMES) * EACH)


def test_no_forgery_is_accepted(tally: Tally) -> None:
    assert tally.accepted == []


def test_no_forgery_crashes_its_verifier(tally: Tally) -> None:
    assert tally.crashed == []


def test_every_kind_is_tried_and_every_declared_reason_comes_up(tally: Tally) -> None:
    assert set(tally.kinds) >= {*kinds_of(INTL_1), *kinds_of(SM_1)}
    assert {
        "SIGNATURE_INVALID",
        "ACT_MISMATCH",
        "CLOCK_SKEW",
        "NOT_ENROLLED",
        "NONCE_REUSED",
        "CREDENTIAL_INVALID",
        "CREDENTIAL_FOREIGN",
        "CREDENTIAL_EXPIRED",
        "INVALID",
        FIRST_RESULT,
    } <= set(tally.reasons)


def test_what_hypothesis_looks_for_is_not_there() -> None:
    tally = forge_by_hypothesis(7, 150)
    assert (tally.accepted, tally.crashed) == ([], [])
    assert tally.count >= 100


@pytest.mark.parametrize("suite", NAMES, ids=NAMES.values())
async def test_what_was_genuinely_signed_holds(tmp_path: Path, suite: int) -> None:
    """Else nothing being accepted would say nothing."""
    async with victims(tmp_path, 1, suite) as house:
        for genuine in sorted(house.genuine, key=repr):
            await check(house, genuine)
        assert house.done[0] == len(house.acts)
