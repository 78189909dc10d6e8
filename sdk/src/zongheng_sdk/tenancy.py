"""Tenants: who is who, inviting a child, and signing its credential on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from zongheng_protos.errors import (
    CredentialInvalid,
    Invalid,
    InvitationInvalid,
    NotFound,
    NotRelated,
)
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk.enrolling import key_fingerprint
from zongheng_sdk.flow import Flow, work
from zongheng_sdk.identity_file import InvitationBook
from zongheng_sdk.operation import Area, Mode, Run, operation
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.session import Session
from zongheng_sdk.words import number, word
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.enrolment import CREDENTIAL_LIFE_MS, check_enrolment, credential_for
from zongheng_tenants.enrolment import Enrolment as HandedIn
from zongheng_tenants.invitation import LIFE_MS, Invitation, hub_fingerprint, token_of
from zongheng_tenants.suites import INTL_1

Level = Literal["province", "city", "county", "township", "department", "extra"]
TenantState = Literal["active", "suspended", "closed"]
PAGE = 2000
_METHODS = pb.DESCRIPTOR.services_by_name["TenancyService"].methods_by_name


@dataclass(frozen=True, slots=True)
class Tenant:
    """A unit of the tree; code is its GB/T 2260 code, an attribute that may change, never a path.

    Attributes:
        uscc: 统一社会信用代码, or empty.
        kind: such as 县级市.
        successor_id: who took over when it was merged; empty otherwise.
    """

    id: str
    parent_id: str
    level: Level
    name: str
    code: str
    enrolled: bool
    uscc: str = ""
    kind: str = ""
    state: TenantState = "active"
    successor_id: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A child that waits for its parent's signature; fingerprint is what the two compare."""

    id: str
    tenant_id: str
    invitation_id: str
    handed_in: HandedIn

    @property
    def fingerprint(self) -> str:
        """As PendingEnrolment.fingerprint, of the key that arrived."""
        return key_fingerprint(self.handed_in.signing_key)


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential that was signed here and handed in."""

    credential_id: str
    tenant: Tenant
    envelope: bytes
    receipt: Receipt | None


class Tenancy(Area[Mode]):
    """hub.tenancy."""

    def __init__(self, session: Session, run: Run, invitations: InvitationBook) -> None:
        super().__init__(session, run)
        self._invitations = invitations

    @operation
    def tenant(self, tenant_id: str = "", *, code: str = "", as_of_ms: int = 0) -> Flow[Tenant]:
        """One unit, by id or by code; as it was at a moment (Unix milliseconds) or as it is.

        Raises:
            NotFound: there is none with that id, or there was none then.
            DivisionUnknown: no unit has that code.
            CodeSucceeded: that unit has another code now, or a successor; says which.
        """
        if bool(tenant_id) == bool(code):
            raise Invalid("name a unit by its id or by its code")
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
    def invite(self, unit: str, *, life_ms: int = LIFE_MS) -> Flow[str]:
        """Invite a direct child, by code or id.

        The secret is made here; the hub only learns a digest of what it yields. It is kept in
        invitations.json beside the identity until approve.

        Args:
            life_ms: how long it works; at most 72 hours.

        Returns:
            The invitation, "zh1.…", to be handed over past the hub (by telephone, on paper).

        Raises:
            NotRelated: another unit is its parent; names that unit.
        """
        tenant = yield from self._unit(unit)
        yield from self._check_child(tenant)
        secret = Invitation.new_secret()
        request = pb.InviteRequest(
            tenant_id=tenant.id,
            token_sha256=hashlib.sha256(token_of(secret)).digest(),
            expires_ms=self._session.now_ms() + life_ms,
        )
        reply, _ = yield from self._session.unary(_METHODS["Invite"], request, pb.InviteReply)
        yield from work(lambda: self._invitations.keep(reply.invitation_id, secret))
        identity = self._session.identity
        return Invitation(
            reply.invitation_id,
            identity.web_address,
            identity.root_fingerprint,
            secret,
            hub_fingerprint(
                hub_id=identity.hub_id, ca_pem=identity.ca_pem, log_vkey=identity.log_vkey
            ),
        ).encode()

    @operation
    def enrolments(self) -> Flow[tuple[Enrolment, ...]]:
        """Children that wait for this unit's signature."""
        reply, _ = yield from self._session.unary(
            _METHODS["ListEnrolments"], pb.ListEnrolmentsRequest(), pb.ListEnrolmentsReply
        )
        return tuple(_enrolment(enrolment) for enrolment in reply.enrolments)

    @operation
    def approve(
        self,
        enrolment: Enrolment | str,
        *,
        invitation: str = "",
        life_ms: int = CREDENTIAL_LIFE_MS,
    ) -> Flow[Issued]:
        """Check a child's keys against its invitation, sign its credential here, hand it in.

        Args:
            enrolment: as enrolments() gave it, or its id.
            invitation: what was handed out; empty: looked up in invitations.json.

        Raises:
            InvitationInvalid: its secret is not known here, or the keys are not the child's.
        """
        waiting = yield from self._waiting(enrolment)
        secret = Invitation.decode(invitation).secret if invitation else None
        if secret is None:
            secret = yield from work(lambda: self._invitations.secret(waiting.invitation_id))
        if secret is None:
            raise InvitationInvalid(
                f"the secret of invitation {waiting.invitation_id} is not kept here: "
                "approve where it was made, or pass the invitation"
            )
        check_enrolment(waiting.handed_in, secret)
        tenant = yield from self._unit(waiting.tenant_id)
        envelope = credential_for(
            waiting.handed_in,
            name=tenant.name,
            code=tenant.code,
            level=number(pb.Level.DESCRIPTOR, tenant.level, field="level"),
            parent=self._session.identity,
            now_ms=self._session.now_ms(),
            life_ms=life_ms,
        )
        request = pb.IssueCredentialRequest(
            tenant_id=tenant.id, enrolment_id=waiting.id, credential=envelope
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["IssueCredential"], request, pb.IssueCredentialReply
        )
        yield from work(lambda: self._invitations.forget(waiting.invitation_id))
        return Issued(reply.credential_id, tenant, envelope, receipt)

    def _waiting(self, enrolment: Enrolment | str) -> Flow[Enrolment]:
        if isinstance(enrolment, Enrolment):
            return enrolment
        reply, _ = yield from self._session.unary(
            _METHODS["ListEnrolments"], pb.ListEnrolmentsRequest(), pb.ListEnrolmentsReply
        )
        for found in reply.enrolments:
            if found.id == enrolment:
                return _enrolment(found)
        raise NotFound(f"no enrolment {enrolment} waits for this unit's signature")

    def _check_child(self, tenant: Tenant) -> Flow[None]:
        if tenant.parent_id == self._session.identity.tenant:
            return
        named = f"{tenant.name} ({tenant.code or tenant.id})"
        if not tenant.parent_id:
            raise NotRelated(f"{named} stands at the top of the tree: no unit invites it")
        parent = yield from self._unit(tenant.parent_id)
        raise NotRelated(f"{named} belongs to {parent.name}: that unit invites it")

    def _unit(self, unit: str) -> Flow[Tenant]:
        return (yield from tenant_of(self._session, unit))


def tenant_of(session: Session, unit: str) -> Flow[Tenant]:
    """A unit by its id or its code; raises as Tenancy.tenant."""
    request = (
        pb.GetTenantRequest(tenant_id=unit)
        if unit.startswith("t_")
        else pb.GetTenantRequest(code=unit)
    )
    reply, _ = yield from session.unary(_METHODS["GetTenant"], request, pb.GetTenantReply)
    return as_tenant(reply.tenant)


def credential_of(session: Session, tenant_id: str) -> Flow[Credential]:
    """A tenant's verified credential; see Tenancy.credential."""
    reply, _ = yield from session.unary(
        _METHODS["GetChain"], pb.GetChainRequest(tenant_id=tenant_id), pb.GetChainReply
    )
    newest = verified(session, tuple(reply.envelopes), tenant_id)
    earlier = tuple(
        verified(session, tuple(chain.envelopes), tenant_id, now=False) for chain in reply.earlier
    )
    return replace(newest, earlier=earlier)


def own_credential_over_time(session: Session) -> Flow[Credential]:
    """As own_credential, with this unit's other credentials, under which it signed before."""
    own = own_credential(session)
    at_hub = yield from credential_of(session, own.tenant)
    others = (one for one in (at_hub, *at_hub.earlier) if one.sha256 != own.sha256)
    return replace(own, earlier=tuple(others))


def own_credential(session: Session) -> Credential:
    """What this identity's own chain says."""
    return verified(session, session.identity.chain, session.identity.tenant)


def verified(
    session: Session, chain: tuple[bytes, ...], tenant_id: str, *, now: bool = True
) -> Credential:
    """A chain's credential, of this very tenant and, with now, valid at this moment.

    Raises:
        CredentialInvalid: it is another tenant's, or a link does not hold.
        CredentialForeign, CredentialExpired: as verify_chain.
    """
    credential = verify_chain(
        chain,
        root_fingerprint=session.identity.root_fingerprint,
        at_ms=session.now_ms() if now else None,
    )
    if credential.tenant != tenant_id:
        raise CredentialInvalid(f"the chain given for {tenant_id} is that of {credential.tenant}")
    return credential


def as_tenant(tenant: pb.Tenant) -> Tenant:
    """A unit from the wire."""
    return Tenant(
        id=tenant.id,
        parent_id=tenant.parent_id,
        level=cast(Level, word(pb.Level.DESCRIPTOR, tenant.level)),
        name=tenant.name,
        code=tenant.code,
        enrolled=tenant.enrolled,
        uscc=tenant.uscc,
        kind=tenant.kind,
        state=cast(TenantState, word(pb.TenantState.DESCRIPTOR, tenant.state)),
        successor_id=tenant.successor_id,
    )


def _enrolment(enrolment: pb.Enrolment) -> Enrolment:
    return Enrolment(
        id=enrolment.id,
        tenant_id=enrolment.tenant_id,
        invitation_id=enrolment.invitation_id,
        handed_in=HandedIn(
            invitation_id=enrolment.invitation_id,
            tenant_id=enrolment.tenant_id,
            csr=enrolment.csr,
            signing_key=enrolment.signing_key,
            sealing_key=enrolment.sealing_key,
            proof=enrolment.proof,
            invitation_mac=enrolment.invitation_mac,
            suite=int(enrolment.suite) or INTL_1,
            console_key=enrolment.console_key,
        ),
    )
