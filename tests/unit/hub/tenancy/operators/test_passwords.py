"""Passwords: Argon2id, few at once, and none that everyone knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from zongheng_hub.settings import Argon2
from zongheng_hub.tenancy.operators.lockout import ACCOUNT, by_account, by_address
from zongheng_hub.tenancy.operators.passwords import Passwords, check_password
from zongheng_protos.errors import PasswordWeak, SignInDelayed

CHEAP = Argon2(memory_kib=64, passes=1, lanes=1, at_once=1, waiting=3)


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()


async def test_a_password_matches_its_hash_and_no_other(passwords: Passwords) -> None:
    kept = await passwords.hashed("晋祠的柏树有三千年")
    assert kept.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await passwords.matches("晋祠的柏树有三千年", kept)
    assert not await passwords.matches("晋祠的柏树有三千岁", kept)
    assert kept != await passwords.hashed("晋祠的柏树有三千年")


async def test_the_same_characters_match_however_they_were_typed(passwords: Passwords) -> None:
    kept = await passwords.hashed("abc１２３ ＸＹＺ é")
    assert await passwords.matches("abc123 XYZ e\u0301", kept)


async def test_where_there_is_no_password_none_matches(passwords: Passwords) -> None:
    for typed in ("", "x", "x" * 100_000, "\ud800"):
        assert not await passwords.matches(typed, "")


async def test_a_hash_of_another_cost_is_outdated(passwords: Passwords) -> None:
    kept = await passwords.hashed("晋祠的柏树有三千年")
    assert not passwords.is_outdated(kept)
    dearer = Passwords(Argon2(memory_kib=128, passes=1, lanes=1))
    assert dearer.is_outdated(kept)
    assert await dearer.matches("晋祠的柏树有三千年", kept)
    dearer.close()


async def test_a_flood_of_sign_ins_is_sent_away_beyond_the_limit(passwords: Passwords) -> None:
    tried = await asyncio.gather(
        *(passwords.matches("x", "") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, SignInDelayed) for one in tried) == 17
    assert not await passwords.matches("x", "")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "晋祠的柏树",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "Password1234567",
        "qwerty123456789",
        "wangxiaoming2026",
        "王小明的密码是什么呢啊",
        "1234567890123456",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(PasswordWeak):
        check_password(password, login="wangxiaoming", name="王小明")


@pytest.mark.parametrize(
    "password", ["晋祠的柏树有三千年了吧", "tr4il-mule-orchid-98", "我家门前两棵枣树都很老"]
)
def test_a_sentence_is_a_password(password: str) -> None:
    check_password(password + "。", login="wangxiaoming", name="王小明")


def test_delays_grow_and_stop_growing() -> None:
    waits = [ACCOUNT.after(failures) for failures in range(12)]
    assert waits[:5] == [0] * 5
    assert waits[5:9] == [30_000, 60_000, 120_000, 240_000]
    assert waits[-1] == ACCOUNT.after(10_000) == 900_000


def test_one_machine_is_one_address() -> None:
    assert by_address("2001:db8::1") == by_address("2001:db8::ffff")
    assert by_address("10.0.0.1") != by_address("10.0.0.2")
    assert by_account("Wang ") == by_account("wang")
    assert by_account("x" * 10_000).key != by_account("x").key
