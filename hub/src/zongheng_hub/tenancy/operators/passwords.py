"""Passwords: Argon2id (RFC 9106) on a few threads, so that a flood of sign-ins costs no memory."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from zongheng_hub.settings import Argon2
from zongheng_protos.errors import PasswordWeak, SignInDelayed

T = TypeVar("T")
MIN_CHARACTERS, MAX_CHARACTERS = 12, 128
_SALT_BYTES, _HASH_BYTES = 16, 32
_COSTS = re.compile(r"^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$")
_COMMON = (
    *("password", "passw0rd", "qwerty", "letmein", "iloveyou", "welcome", "admin", "zongheng"),
    *("woaini", "mima", "shanxi", "taiyuan", "abcdef", "abc123", "aa123", "qazwsx", "1q2w3e"),
)
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")


class Passwords:
    """Hashes and compares. At most cost.at_once hashes run, at most cost.waiting wait."""

    def __init__(self, cost: Argon2) -> None:
        self._cost = cost
        self._threads = ThreadPoolExecutor(cost.at_once, thread_name_prefix="argon2")
        self._waiting = 0
        # Nobody's password: it is compared with where there is none, so that both take as long.
        self._nobody = (
            f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
            f"${_base64(secrets.token_bytes(_SALT_BYTES))}${_base64(secrets.token_bytes(_HASH_BYTES))}"
        )

    async def hashed(self, password: str) -> str:
        """A PHC string. Raises SignInDelayed where too many wait."""
        return await self._run(lambda: self._kdf().derive_phc_encoded(_bytes(password)))

    async def matches(self, password: str, kept: str) -> bool:
        """Whether a password is the one kept as a PHC string; empty: nobody's, after as long.

        Raises:
            SignInDelayed: too many wait.
        """

        def compare() -> bool:
            try:
                Argon2id.verify_phc_encoded(_bytes(password), kept or self._nobody)
            except InvalidKey:
                return False
            return bool(kept)

        return await self._run(compare)

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made at another cost than today's."""
        found = _COSTS.match(kept)
        cost = (self._cost.memory_kib, self._cost.passes, self._cost.lanes)
        return found is None or tuple(map(int, found.groups())) != cost

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._cost.waiting:
            raise SignInDelayed("too many people are signing in: wait a few seconds")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _kdf(self) -> Argon2id:
        return Argon2id(
            salt=secrets.token_bytes(_SALT_BYTES),
            length=_HASH_BYTES,
            iterations=self._cost.passes,
            lanes=self._cost.lanes,
            memory_cost=self._cost.memory_kib,
        )


def check_password(password: str, *, login: str, name: str) -> None:
    """Raises PasswordWeak for one that is short, common, or made of what everyone knows."""
    text = unicodedata.normalize("NFKC", password)
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS:
        raise PasswordWeak(f"a password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters")
    low = text.lower()
    for known in (login.lower(), name.lower()):
        if len(known) >= 2 and known in low:
            raise PasswordWeak("the password holds the login or the name")
    rest = low
    for common in (*_COMMON, *_runs(low)):
        rest = rest.replace(common, "")
    if len(set(low)) < 5 or len(rest) < MIN_CHARACTERS // 2:
        raise PasswordWeak("the password is a common one, or a run of keys")


def _runs(text: str) -> list[str]:
    """Parts of text that go up or down in order, four characters or longer."""
    found = []
    for start in range(len(text) - 3):
        part = text[start : start + 4]
        if any(part in run for run in _RUNS):
            found.append(part)
    return found


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password[: 4 * MAX_CHARACTERS]).encode("utf-8", "replace")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
