"""Who is who, asked of the hub; credentials verified here up to the root."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

from zongheng_protos.errors import CredentialInvalid
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk.flow import Flow
from zongheng_sdk.session import Session
from zongheng_sdk.words import word
from zongheng_tenants.credential import Credential, verify_chain

Level = Literal["province", "city", "county", "township", "department", "extra"]
TenantState = Literal["active", "suspended", "closed"]
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
    """As own_credential, with this unit's other credentials, under which it signed before.

    A chain that the parent has signed anew for the same keys is gone on with from here.
    """
    from zongheng_sdk.rotating import with_chain

    tenant = session.identity.tenant
    reply, _ = yield from session.unary(
        _METHODS["GetChain"], pb.GetChainRequest(tenant_id=tenant), pb.GetChainReply
    )
    session.identity = with_chain(session.identity, tuple(reply.envelopes))
    own = own_credential(session)
    at_hub = (reply.envelopes, *(chain.envelopes for chain in reply.earlier))
    others = (verified(session, tuple(chain), tenant, now=False) for chain in at_hub)
    return replace(own, earlier=tuple(one for one in others if one.sha256 != own.sha256))


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
