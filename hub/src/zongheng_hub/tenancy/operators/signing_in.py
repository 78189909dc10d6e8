"""Signing in: by password and second factor, by passkey, by an OpenID provider, by a link.

Who fails learns nothing: an unknown account costs the same work and gives the same answer as a
wrong password.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import update

from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy.operators import lockout, login, people, totp
from zongheng_hub.tenancy.operators.login import Login
from zongheng_hub.tenancy.operators.passwords import Passwords, check_password
from zongheng_hub.tenancy.operators.steps import Steps
from zongheng_hub.tenancy.operators.tables import OPERATOR
from zongheng_hub.tenancy.operators.vault import Vault
from zongheng_protos.errors import Invalid, SignInFailed

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
_WRONG = "account, password or code is wrong"


@dataclass(frozen=True, slots=True)
class SetUp:
    """A set-up under way: the step's token, and the secret that an authenticator takes."""

    token: str
    secret: bytes


class SigningIn:
    """The ways in. Every refusal is a SignInFailed or a SignInDelayed.

    Args:
        clock: gives Unix milliseconds.
    """

    def __init__(
        self, store: Store, passwords: Passwords, vault: Vault, clock: Callable[[], int]
    ) -> None:
        self.store = store
        self.passwords = passwords
        self.vault = vault
        self.steps = Steps(vault)
        self.clock = clock

    async def with_password(self, name: str, password: str, *, address: str) -> str:
        """The token of the second step, once account and password hold.

        Raises:
            SignInFailed: there is no such account, it is disabled or not set up, or the password
                is wrong.
            SignInDelayed: too many attempts failed, or too many people are signing in.
        """
        counted = (lockout.by_account(name), lockout.by_address(address))
        await self.store.write(lambda tx: lockout.attempt(tx, counted, self.clock()))
        found = await self.store.read(lambda c: login.by_login(c, name))
        usable = found is not None and found.is_set_up and not found.account.disabled
        kept = found.password if found is not None and usable else ""
        if not await self.passwords.matches(password, kept) or found is None:
            raise SignInFailed(_WRONG)
        fresh = await self._hashed_anew(found, password)
        known = found

        def proceed(tx: Tx) -> str:
            now_ms = self.clock()
            lockout.succeeded(tx, counted, now_ms)
            if fresh:
                same = (OPERATOR.c.id == known.account.id, OPERATOR.c.password == kept)
                tx.execute(update(OPERATOR).where(*same).values(password=fresh))
            remembered = {"for": (fresh or kept)[-16:]}
            return self.steps.begin(tx, "second", known.account.id, remembered, now_ms)

        return await self.store.write(proceed)

    async def with_code(self, token: str, code: str, *, address: str) -> Login:
        """Who it is, once the second factor's code or a recovery code holds.

        Raises:
            SignInFailed: the code is wrong or was used, or the step is over.
            SignInDelayed: too many codes failed.
        """
        step = await self.store.write(lambda tx: self.steps.look(tx, "second", token, self.clock()))
        counted = (lockout.by_operator(step.operator_id), lockout.by_address(address))
        await self.store.write(lambda tx: lockout.attempt(tx, counted, self.clock()))

        def check(tx: Tx) -> Login | None:
            found = login.by_id(tx.connection, step.operator_id)
            if found is None or found.account.disabled or not found.is_set_up:
                return None
            if found.password[-16:] != step.remembered["for"]:
                return None  # it was changed meanwhile
            if not login.take_code(tx, found, code, self.vault, self.clock()):
                return None
            self.steps.take(tx, "second", token, self.clock())
            lockout.succeeded(tx, counted, self.clock())
            return found

        entered = await self.store.write(check)
        if entered is None:
            raise SignInFailed(_WRONG)
        return entered

    async def of_link(self, tenant: str, operator: str) -> Login:
        """Who a link lets in. Raises SignInFailed where they are gone or disabled."""
        found = await self.store.read(lambda c: people.operator_named(c, tenant, operator))
        entered = None
        if found is not None:
            operator_id = found.account.id
            entered = await self.store.read(lambda c: login.by_id(c, operator_id))
        if entered is None or entered.account.disabled:
            raise SignInFailed(f"{tenant} has no active operator of this name")
        return entered

    async def begin_set_up(self, operator_id: str) -> SetUp:
        """A new second factor to be proved by its code within ten minutes."""
        secret = totp.new_secret()
        token = await self.store.write(
            lambda tx: self.steps.begin(
                tx, "set-up", operator_id, {"secret": secret.hex()}, self.clock()
            )
        )
        return SetUp(token, secret)

    async def set_up_under_way(self, operator_id: str, token: str) -> SetUp:
        """The set-up of a token. Raises SignInFailed where it is over or someone else's."""
        step = await self.store.write(lambda tx: self.steps.look(tx, "set-up", token, self.clock()))
        if step.operator_id != operator_id:
            raise SignInFailed("this step is over: begin again")
        return SetUp(token, bytes.fromhex(step.remembered["secret"]))

    async def finish_set_up(
        self, operator_id: str, token: str, *, name: str, password: str, code: str, current: str
    ) -> tuple[str, ...]:
        """Set password and second factor; every session ends. Returns ten recovery codes.

        Args:
            name: the login, where the account has none yet.
            current: the password until now, where there is one.

        Raises:
            Invalid, Exists: the login cannot be taken.
            PasswordWeak: see check_password.
            SignInFailed: the code or the current password is wrong.
        """
        under_way = await self.set_up_under_way(operator_id, token)
        found = await self._own(operator_id)
        chosen = found.login or name.strip().lower()
        if not LOGIN.fullmatch(chosen):
            raise Invalid("a login has 3 to 64 of: a-z 0-9 . _ -")
        check_password(password, login=chosen, name=found.account.name)
        if found.password:
            await self.check_own_password(found, current)
        typed = "".join(code.split())
        step = totp.matching_step(under_way.secret, typed, now_ms=self.clock(), after=0)
        if step is None:
            raise SignInFailed("the code is not the one that the authenticator shows now")
        hashed = await self.passwords.hashed(password)
        proved = step

        def work(tx: Tx) -> tuple[str, ...]:
            self.steps.take(tx, "set-up", token, self.clock())
            return login.set_up(
                tx,
                operator_id,
                login=chosen,
                password=hashed,
                secret=under_way.secret,
                step=proved,
                vault=self.vault,
                now_ms=self.clock(),
            )

        return await self.store.write(work)

    async def change_password(
        self, operator_id: str, *, current: str, password: str, session_id: str
    ) -> None:
        """Another password; every other session of the operator ends.

        Raises:
            SignInFailed, SignInDelayed: the current one is wrong.
            PasswordWeak: see check_password.
        """
        found = await self._own(operator_id)
        await self.check_own_password(found, current)
        check_password(password, login=found.login, name=found.account.name)
        hashed = await self.passwords.hashed(password)
        await self.store.write(
            lambda tx: login.set_password(
                tx, operator_id, hashed, keep=session_id, now_ms=self.clock()
            )
        )

    async def new_codes(self, operator_id: str, *, current: str) -> tuple[str, ...]:
        """Ten new recovery codes. Raises as change_password."""
        await self.check_own_password(await self._own(operator_id), current)
        return await self.store.write(
            lambda tx: login.new_recovery_codes(tx, operator_id, self.vault)
        )

    async def check_own_password(self, found: Login, typed: str) -> None:
        """Raises SignInFailed or SignInDelayed."""
        counted = (lockout.by_operator(found.account.id),)
        await self.store.write(lambda tx: lockout.attempt(tx, counted, self.clock()))
        if not await self.passwords.matches(typed, found.password):
            raise SignInFailed("the current password is wrong")
        await self.store.write(lambda tx: lockout.succeeded(tx, counted, self.clock()))

    async def _own(self, operator_id: str) -> Login:
        found = await self.store.read(lambda c: login.by_id(c, operator_id))
        if found is None or found.account.disabled:
            raise SignInFailed("the account is gone")
        return found

    async def _hashed_anew(self, found: Login, password: str) -> str:
        """The hash at today's cost, where the one kept was made at another; else empty."""
        if not self.passwords.is_outdated(found.password):
            return ""
        return await self.passwords.hashed(password)
