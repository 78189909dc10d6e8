"""Passkeys (WebAuthn level 3) by python-fido2: both factors in one, bound to this site."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, select, update
from starlette.requests import Request

from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy.operators import lockout, login
from zongheng_hub.tenancy.operators.login import Login
from zongheng_hub.tenancy.operators.signing_in import SigningIn
from zongheng_hub.tenancy.operators.tables import PASSKEY
from zongheng_hub.web.sessions import address_of
from zongheng_protos.errors import Exists, NotFound, SignInFailed

if TYPE_CHECKING:
    from fido2.server import Fido2Server
    from fido2.webauthn import AttestedCredentialData

MAX_PASSKEYS = 10
_WRONG = "the passkey was not accepted"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it; id is hex."""

    id: str
    name: str
    added_ms: int
    used_ms: int


class Passkeys:
    """Adds passkeys and lets people in by them.

    Args:
        origin: "https://hub.example"; empty: what each request says.
    """

    def __init__(self, store: Store, signing_in: SigningIn, *, origin: str) -> None:
        self._store = store
        self._signing_in = signing_in
        self._origin = origin

    async def offer(self, request: Request, found: Login) -> dict[str, Any]:
        """What a browser needs to make a passkey for who is signed in: {step, options}."""
        from fido2.webauthn import (
            PublicKeyCredentialUserEntity,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        operator_id = found.account.id
        known = await self._store.read(lambda c: _credentials(c, operator_id, self._rp(request)))
        if len(known) >= MAX_PASSKEYS:
            raise Exists(f"{found.account.name} has {MAX_PASSKEYS} passkeys: remove one first")
        options, state = self._server(request).register_begin(
            PublicKeyCredentialUserEntity(
                id=operator_id.encode(),
                name=found.login or found.account.name,
                display_name=found.account.name,
            ),
            known,
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return await self._step("passkey-new", operator_id, dict(options), state)

    async def add(self, request: Request, found: Login, body: bytes) -> None:
        """Keep the passkey that a browser made. Raises SignInFailed, Exists."""
        told = _parsed(body)
        operator_id = found.account.id
        state = await self._take("passkey-new", told, operator_id)
        try:
            made = self._server(request).register_complete(state, told["credential"])
        except Exception as error:  # whatever a browser may send: the library raises many kinds
            raise SignInFailed(f"{_WRONG}: {error}") from error
        data = made.credential_data
        if data is None:
            raise SignInFailed(_WRONG)
        name = str(told.get("name", ""))[:60].strip() or "通行密钥"

        def work(tx: Tx) -> None:
            if tx.one(select(PASSKEY).where(PASSKEY.c.credential_id == data.credential_id)):
                raise Exists("this passkey is registered already")
            tx.execute(
                insert(PASSKEY).values(
                    credential_id=data.credential_id,
                    operator_id=operator_id,
                    rp_id=self._rp(request),
                    public_key=bytes(data),
                    sign_count=made.counter,
                    name=name,
                    added_ms=self._signing_in.clock(),
                    used_ms=0,
                )
            )

        await self._store.write(work)

    async def ask(self, request: Request) -> dict[str, Any]:
        """What a browser needs to sign someone in: {step, options}."""
        from fido2.webauthn import UserVerificationRequirement

        options, state = self._server(request).authenticate_begin(
            user_verification=UserVerificationRequirement.REQUIRED
        )
        return await self._step("passkey", "", dict(options), state)

    async def enter(self, request: Request, body: bytes) -> Login:
        """Who it is, by the passkey that a browser answered with.

        Raises:
            SignInFailed: it is nobody's, does not hold, or was copied (its counter went back).
            SignInDelayed: too many attempts failed from this address.
        """
        now_ms = self._signing_in.clock()
        counted = (lockout.by_address(address_of(request)),)
        await self._store.write(lambda tx: lockout.attempt(tx, counted, now_ms))
        told = _parsed(body)
        state = await self._take("passkey", told, "")
        credential_id, counter = _answered(told)
        row = await self._store.read(
            lambda c: c.execute(
                select(PASSKEY).where(
                    PASSKEY.c.credential_id == credential_id, PASSKEY.c.rp_id == self._rp(request)
                )
            ).first()
        )
        if row is None:
            raise SignInFailed(_WRONG)
        try:
            self._server(request).authenticate_complete(
                state, [_data(row.public_key)], told["credential"]
            )
        except Exception as error:  # whatever a browser may send: the library raises many kinds
            raise SignInFailed(_WRONG) from error

        def proceed(tx: Tx) -> Login | None:
            same = PASSKEY.c.credential_id == credential_id
            if row.sign_count or counter:
                same = same & (PASSKEY.c.sign_count < counter)
            used = tx.execute(
                update(PASSKEY).where(same).values(sign_count=counter, used_ms=now_ms)
            )
            found = login.by_id(tx.connection, row.operator_id)
            if used.rowcount != 1 or found is None or found.account.disabled:
                return None
            lockout.succeeded(tx, counted, now_ms)
            return found

        entered = await self._store.write(proceed)
        if entered is None or entered.must_set_up:
            raise SignInFailed(_WRONG)
        return entered

    async def of(self, operator_id: str) -> list[Passkey]:
        """An operator's passkeys, in the order in which they were added."""
        query = select(PASSKEY).where(PASSKEY.c.operator_id == operator_id)
        rows = await self._store.read(
            lambda c: c.execute(query.order_by(PASSKEY.c.added_ms, PASSKEY.c.credential_id)).all()
        )
        return [Passkey(r.credential_id.hex(), r.name, r.added_ms, r.used_ms) for r in rows]

    async def remove(self, operator_id: str, passkey_id: str) -> None:
        """Raises NotFound."""
        try:
            credential_id = bytes.fromhex(passkey_id)
        except ValueError:
            raise NotFound("there is no such passkey") from None
        mine = (PASSKEY.c.credential_id == credential_id, PASSKEY.c.operator_id == operator_id)
        gone = await self._store.write(lambda tx: tx.execute(delete(PASSKEY).where(*mine)).rowcount)
        if gone != 1:
            raise NotFound("there is no such passkey of yours")

    def _rp(self, request: Request) -> str:
        return urlsplit(self._origin_of(request)).hostname or ""

    def _origin_of(self, request: Request) -> str:
        return self._origin or f"{request.url.scheme}://{request.headers.get('host', '')}"

    def _server(self, request: Request) -> Fido2Server:
        from fido2.server import Fido2Server
        from fido2.webauthn import PublicKeyCredentialRpEntity

        origin = self._origin_of(request)
        return Fido2Server(
            PublicKeyCredentialRpEntity(name="纵横 Zongheng", id=self._rp(request)),
            verify_origin=lambda seen: seen == origin,
        )

    async def _step(
        self, kind: str, operator_id: str, options: dict[str, Any], state: Mapping[str, Any]
    ) -> dict[str, Any]:
        steps, now_ms = self._signing_in.steps, self._signing_in.clock()
        token = await self._store.write(
            lambda tx: steps.begin(tx, kind, operator_id, dict(state), now_ms)
        )
        return {"step": token, "options": options}

    async def _take(self, kind: str, told: Mapping[str, Any], operator_id: str) -> dict[str, Any]:
        steps, now_ms = self._signing_in.steps, self._signing_in.clock()
        step = await self._store.write(
            lambda tx: steps.take(tx, kind, str(told.get("step", "")), now_ms)
        )
        if step.operator_id != operator_id:
            raise SignInFailed(_WRONG)
        return step.remembered


def _credentials(
    connection: Connection, operator_id: str, rp_id: str
) -> list[AttestedCredentialData]:
    query = select(PASSKEY.c.public_key).where(
        PASSKEY.c.operator_id == operator_id, PASSKEY.c.rp_id == rp_id
    )
    return [_data(public_key) for public_key in connection.scalars(query)]


def _data(public_key: bytes) -> AttestedCredentialData:
    from fido2.webauthn import AttestedCredentialData

    return AttestedCredentialData(public_key)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("credential"), dict):
        raise SignInFailed(_WRONG)
    return told


def _answered(told: Mapping[str, Any]) -> tuple[bytes, int]:
    """Which credential an answer is of, and its counter; nothing is verified yet."""
    from fido2.webauthn import AuthenticationResponse

    try:
        answer = AuthenticationResponse.from_dict(told["credential"])
        return answer.raw_id, answer.response.authenticator_data.counter
    except Exception as error:  # whatever a browser may send: the library raises many kinds
        raise SignInFailed(_WRONG) from error
