"""Tenants: who is who, inviting a child, and signing its credential on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Literal, cast

from zongheng_protos.errors import ArgumentInvalid, NotRelated
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk.flow import Flow, work
from zongheng_sdk.issuing import DAY_MS, Enrolment, Issued, Issuing, terms_of
from zongheng_sdk.operation import Mode, operation
from zongheng_sdk.who import (
    Level,
    Tenant,
    TenantState,
    as_tenant,
    credential_of,
    own_credential,
    own_credential_over_time,
    tenant_of,
    verified,
)
from zongheng_sdk.words import number
from zongheng_tenants.credential import Credential
from zongheng_tenants.invitation import LIFE_MS, Invitation, hub_fingerprint, token_of

__all__ = [
    "Enrolment",
    "Issued",
    "Level",
    "Tenancy",
    "Tenant",
    "TenantState",
    "as_tenant",
    "credential_of",
    "own_credential",
    "own_credential_over_time",
    "tenant_of",
    "verified",
]

PAGE = 2000
_METHODS = pb.DESCRIPTOR.services_by_name["TenancyService"].methods_by_name


class Tenancy(Issuing[Mode]):
    """hub.tenancy."""

    @operation
    def tenant(self, tenant_id: str = "", *, code: str = "", as_of_ms: int = 0) -> Flow[Tenant]:
        """One unit, by id or by code; as it was at a moment (Unix milliseconds) or as it is.

        Raises:
            NotFound: there is none with that id, or there was none then.
            DivisionUnknown: no unit has that code.
            CodeSucceeded: that unit has another code now, or a successor; says which.
        """
        if bool(tenant_id) == bool(code):
            raise ArgumentInvalid("name a unit by its id or by its code")
        request = (
            pb.GetTenantRequest(code=code, as_of_ms=as_of_ms)
            if code
            else pb.GetTenantRequest(tenant_id=tenant_id, as_of_ms=as_of_ms)
        )
        reply, _ = yield from self._session.unary(_METHODS["GetTenant"], request, pb.GetTenantReply)
        return as_tenant(reply.tenant)

    @operation
    def tenants(
        self, parent_id: str = "", *, level: Level | Literal[""] = "", with_closed: bool = False
    ) -> Flow[tuple[Tenant, ...]]:
        """The children of a unit, or the whole tree; of one level or of all; living, or all."""
        wanted = cast(Any, number(pb.Level.DESCRIPTOR, level, field="level"))
        token, found = "", []
        while True:
            request = pb.ListTenantsRequest(
                parent_id=parent_id,
                level=wanted,
                page_token=token,
                page_size=PAGE,
                with_closed=with_closed,
            )
            reply, _ = yield from self._session.unary(
                _METHODS["ListTenants"], request, pb.ListTenantsReply
            )
            found += [as_tenant(tenant) for tenant in reply.tenants]
            token = reply.next_page_token
            if not token:
                return tuple(found)

    @operation
    def credential(self, tenant_id: str) -> Flow[Credential]:
        """A unit's credential, its chain verified here up to the root this identity trusts.

        Raises:
            CredentialInvalid, CredentialForeign, CredentialExpired: the hub's word does not hold.
        """
        return (yield from credential_of(self._session, tenant_id))

    @operation
    def invite(
        self,
        unit: str,
        *,
        life_ms: int = LIFE_MS,
        rights: Iterable[str] = (),
        days: int = 0,
        depth: int | None = None,
    ) -> Flow[str]:
        """Invite a direct child, by code or id.

        The secret is made here; the hub only learns a digest of what it yields. It is kept in
        invitations.json beside the identity until approve.

        Args:
            life_ms: how long it works; at most 72 hours.
            rights: no more than these, such as "call"; empty: those usual for its level.
            days: how long its credential lasts; 0: two years.
            depth: how many units may stand below it, one under the other; None: as many as may.

        Returns:
            The invitation, "zh1.…", to be handed over past the hub (by telephone, on paper).

        Raises:
            NotRelated: another unit is its parent; names that unit.
        """
        tenant = yield from tenant_of(self._session, unit)
        yield from self._check_child(tenant)
        secret = Invitation.new_secret()
        terms = terms_of(rights, days, depth)
        request = pb.InviteRequest(
            tenant_id=tenant.id,
            token_sha256=hashlib.sha256(token_of(secret)).digest(),
            expires_ms=self._session.now_ms() + life_ms,
            rights=sorted(terms.rights or ()),  # type: ignore[arg-type]  # numbers of the enum
            depth=terms.depth,
            life_ms=days * DAY_MS,
        )
        reply, _ = yield from self._session.unary(_METHODS["Invite"], request, pb.InviteReply)
        yield from work(lambda: self._invitations.keep(reply.invitation_id, secret, terms))
        identity = self._session.identity
        # Asked over the channel, so this hub answers: its CA or log key may have changed.
        hub, _ = yield from self._session.unary(
            _METHODS["GetHub"], pb.GetHubRequest(), pb.GetHubReply
        )
        return Invitation(
            reply.invitation_id,
            identity.web_address,
            identity.root_fingerprint,
            secret,
            hub_fingerprint(hub_id=identity.hub_id, ca_pem=hub.ca_pem, log_vkey=hub.log_vkey),
        ).encode()

    def _check_child(self, tenant: Tenant) -> Flow[None]:
        if tenant.parent_id == self._session.identity.tenant:
            return
        named = f"{tenant.name} ({tenant.code or tenant.id})"
        if not tenant.parent_id:
            raise NotRelated(f"{named} stands at the top of the tree: no unit invites it")
        parent = yield from tenant_of(self._session, tenant.parent_id)
        raise NotRelated(f"{named} belongs to {parent.name}: that unit invites it")
