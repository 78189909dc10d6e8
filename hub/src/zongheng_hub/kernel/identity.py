"""Who is calling: by the channel's certificate, or by a signed act where there is no channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from zongheng_hub.kernel.call import Caller
from zongheng_hub.kernel.quick_keys import quick_key
from zongheng_protos.errors import (
    ActMismatch,
    ChannelExpired,
    CredentialInvalid,
    NotEnrolled,
    OperatorUnknown,
)
from zongheng_protos.tenancy.v1 import credential_pb2 as credentials
from zongheng_tenants.act import SignedAct, signer_of, verify_act
from zongheng_tenants.credential import Credential, PublicKey
from zongheng_tenants.keys import Verifier
from zongheng_tenants.suites import INTL_1


@dataclass(frozen=True, slots=True)
class Channel:
    """What a verified channel certificate says.

    Attributes:
        not_before_ms, not_after_ms: Unix milliseconds.
        serial: the certificate's, by which it is revoked.
    """

    hub_id: str
    tenant: str
    not_before_ms: int
    not_after_ms: int
    serial: int = 0


class CredentialBook(Protocol):
    """Verified credentials, by tenant and by key. Raises NotEnrolled where there is none."""

    async def credential_of(self, tenant: str) -> Credential: ...

    async def credential_by_key(self, key_id: str) -> Credential: ...


class OperatorBook(Protocol):
    """Who acts for whom. On the way of every act: answers from memory."""

    async def rights_of(self, tenant: str, operator: str, now_ms: int) -> frozenset[int] | None:
        """The rights that an operator's roles allow; None: the tenant has not registered them.

        Raises:
            OperatorDisabled: the operator must not act.
            OperatorUnknown: not registered, and the tenant wants all its operators to be.
        """
        ...


class NobodyRegistered:
    """An OperatorBook without operators: units act by their own keys, the console not at all."""

    async def rights_of(self, tenant: str, operator: str, now_ms: int) -> frozenset[int] | None:
        return None


class Standing(Protocol):
    """Whether who is calling still stands: what has been revoked, who is suspended or closed.

    Asked on every call and every chunk of a stream: answers from memory, at once.

    Attributes:
        number: another one whenever any answer may be another.
    """

    number: int

    def check(
        self,
        credential: Credential,
        *,
        key_id: str | None,
        channel_serial: int | None,
        now_ms: int,
    ) -> None:
        """Raises what speaks against the caller, or nothing.

        Args:
            credential: the caller's, its chain verified.
            key_id: the key that signed the act, where there is one.
            channel_serial: of the channel's certificate, where there is a channel.

        Raises:
            CredentialRevoked, KeyRevoked, ChannelRevoked: it, or a credential above it, was.
            TenantSuspended, TenantClosed: the unit must not call.
            Unavailable: what is known of revocations is too old to be relied on.
        """
        ...


class NothingRevoked:
    """A Standing in which everyone stands, for a kernel that runs without a tenancy."""

    number = 0

    def check(
        self,
        credential: Credential,
        *,
        key_id: str | None,
        channel_serial: int | None,
        now_ms: int,
    ) -> None:
        return None


MAX_KEPT = 10_000


class Identities:
    """Turns channels and acts into callers; every check anew on every call."""

    def __init__(
        self,
        hub_id: str,
        book: CredentialBook,
        *,
        operators: OperatorBook | None = None,
        standing: Standing | None = None,
    ) -> None:
        self._hub_id = hub_id
        self._book = book
        self._operators = operators or NobodyRegistered()
        self.standing = standing or NothingRevoked()
        self._keys: dict[str, Verifier] = {}
        self._callers: dict[str, Caller] = {}

    async def from_channel(self, channel: Channel, now_ms: int) -> Caller:
        """The tenant that the channel's certificate names.

        Raises:
            NotEnrolled: the certificate is for another hub or the tenant has no credential.
            ChannelExpired, CredentialExpired: outside their dates by now.
            What Standing.check raises.
        """
        if channel.hub_id != self._hub_id:
            raise NotEnrolled(f"the channel certificate is for hub {channel.hub_id}, not for this")
        _check_dates(channel, now_ms)
        credential = await self._book.credential_of(channel.tenant)
        credential.check_time(now_ms)
        self.standing.check(credential, key_id=None, channel_serial=channel.serial, now_ms=now_ms)
        caller = self._callers.get(channel.tenant)
        if caller is None or caller.credential is not credential:
            if len(self._callers) >= MAX_KEPT:
                self._callers.clear()
            caller = self._callers[channel.tenant] = _caller(credential, via="channel")
        return caller

    async def from_act(
        self, envelope: bytes, *, method: str, request: bytes, now_ms: int
    ) -> tuple[Caller, SignedAct]:
        """The tenant and operator that signed this very call.

        Raises:
            SignatureInvalid, ActMismatch, ClockSkew: see zongheng_tenants.act.
            NotEnrolled: nobody enrolled holds the key.
            CredentialExpired: the signer's credential is outside its dates.
            What Standing.check raises.
            OperatorUnknown, OperatorDisabled: the operator named must not act.
        """
        parts, key_id = signer_of(envelope)
        credential = await self._book.credential_by_key(key_id)
        public = credential.keys[key_id]
        if public.use not in (credentials.KEY_USE_SIGNING, credentials.KEY_USE_CONSOLE):
            raise CredentialInvalid(f"key {key_id} of {credential.tenant} is not for signing acts")
        act = verify_act(
            envelope,
            parts,
            self._verifier(public),
            method=method,
            request=request,
            audience=self._hub_id,
            now_ms=now_ms,
        )
        credential.check_time(now_ms)
        self.standing.check(credential, key_id=key_id, channel_serial=None, now_ms=now_ms)
        if act.statement.tenant != credential.tenant:
            raise ActMismatch(
                f"the act speaks for {act.statement.tenant}, but {key_id} belongs to "
                f"{credential.tenant}"
            )
        console = public.use == credentials.KEY_USE_CONSOLE
        if act.statement.on_behalf != console:
            raise ActMismatch("only the hub's console key signs on behalf of an operator")
        caller = _caller(credential, via="console" if console else "act")
        return await self._through(caller, act.statement.operator, now_ms), act

    async def at_console(self, tenant: str, operator: str, now_ms: int) -> Caller:
        """Whom the hub acts for when an operator of a tenant sits at the console.

        Raises:
            NotEnrolled: the tenant has no credential.
            CredentialExpired: its credential is outside its dates.
            What Standing.check raises.
            OperatorUnknown, OperatorDisabled: the operator must not act.
            What Standing.check raises.
        """
        credential = await self._book.credential_of(tenant)
        credential.check_time(now_ms)
        self.standing.check(credential, key_id=None, channel_serial=None, now_ms=now_ms)
        return await self._through(_caller(credential, via="console"), operator, now_ms)

    async def _through(self, caller: Caller, operator: str, now_ms: int) -> Caller:
        allowed = await self._operators.rights_of(caller.tenant, operator, now_ms)
        if caller.via == "console" and allowed is None:
            raise OperatorUnknown(f"{caller.tenant} has registered no operator {operator}")
        return with_operator(caller, operator, allowed)

    def recheck(
        self, caller: Caller, *, channel: Channel | None, key_id: str | None, now_ms: int
    ) -> None:
        """Whether a caller who was let in still stands: for calls that last.

        Raises:
            ChannelExpired, CredentialExpired: outside their dates by now.
            What Standing.check raises.
        """
        if channel is not None:
            _check_dates(channel, now_ms)
        if caller.credential is not None:
            caller.credential.check_time(now_ms)
            serial = None if channel is None else channel.serial
            self.standing.check(
                caller.credential, key_id=key_id, channel_serial=serial, now_ms=now_ms
            )

    def _verifier(self, public: PublicKey) -> Verifier:
        key = self._keys.get(public.id)
        if key is None or key.suite != public.suite:
            if len(self._keys) >= MAX_KEPT:
                self._keys.clear()
            key = quick_key(public.public) if public.suite == INTL_1 else public.verifier()
            self._keys[public.id] = key
        return key


def _check_dates(channel: Channel, now_ms: int) -> None:
    if not channel.not_before_ms <= now_ms < channel.not_after_ms:
        raise ChannelExpired(f"the channel certificate of {channel.tenant} has expired")


def with_operator(caller: Caller, operator: str, allowed: frozenset[int] | None) -> Caller:
    """caller, acting through an operator, narrowed to what the operator's roles allow."""
    return Caller(
        tenant=caller.tenant,
        operator=operator,
        ancestors=caller.ancestors,
        rights=caller.rights if allowed is None else caller.rights & allowed,
        via=caller.via,
        credential=caller.credential,
        operator_rights=allowed,
    )


def _caller(credential: Credential, *, via: str) -> Caller:
    return Caller(
        tenant=credential.tenant,
        ancestors=credential.ancestors,
        rights=credential.rights,
        via=via,  # type: ignore[arg-type]  # one of the literals above
        credential=credential,
    )
