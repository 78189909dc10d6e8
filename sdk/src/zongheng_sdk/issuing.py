"""What a parent signs for its children, on this machine: at enrolment, rotation and anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, cast

from zongheng_protos.errors import ArgumentInvalid, InvitationInvalid, NotFound
from zongheng_protos.options.v1 import options_pb2
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk.flow import Flow, work
from zongheng_sdk.identity_file import InvitationBook
from zongheng_sdk.operation import Area, Mode, Run, operation
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.rotating import with_chain
from zongheng_sdk.session import Session
from zongheng_sdk.who import Tenant, as_tenant, credential_of, tenant_of, verified
from zongheng_sdk.words import number, word
from zongheng_tenants.credential import Credential
from zongheng_tenants.enrolment import (
    CREDENTIAL_LIFE_MS,
    Terms,
    check_enrolment,
    check_rotation,
    credential_for,
)
from zongheng_tenants.enrolment import Enrolment as HandedIn
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import Invitation
from zongheng_tenants.suites import INTL_1

DAY_MS = 24 * 3600 * 1000
State = Literal["waiting", "issued", "rejected"]
_METHODS = pb.DESCRIPTOR.services_by_name["TenancyService"].methods_by_name


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A child's keys that wait for this unit's signature, at enrolment or to rotate.

    Attributes:
        invitation_id: empty where an enrolled child rotates.
        handed_in_ms: since when it waits.
        terms: the most that the invitation says its credential may grant.
        reason: why it was rejected.
    """

    id: str
    tenant_id: str
    invitation_id: str
    handed_in: HandedIn
    handed_in_ms: int = 0
    terms: Terms = field(default_factory=Terms)
    state: State = "waiting"
    reason: str = ""

    @property
    def fingerprint(self) -> str:
        """Of all keys that arrived; as PendingEnrolment.fingerprint, or keys were swapped."""
        return self.handed_in.fingerprint

    @property
    def rotates(self) -> bool:
        """Whether an enrolled child asks for new keys."""
        return not self.invitation_id


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential that was signed here and handed in."""

    credential_id: str
    tenant: Tenant
    envelope: bytes
    receipt: Receipt | None


class Issuing(Area[Mode]):
    """The part of hub.tenancy that signs."""

    def __init__(self, session: Session, run: Run, invitations: InvitationBook) -> None:
        super().__init__(session, run)
        self._invitations = invitations

    @operation
    def enrolments(self, *, with_settled: bool = False) -> Flow[tuple[Enrolment, ...]]:
        """Children that wait for this unit's signature, oldest first.

        Args:
            with_settled: those too that were signed or rejected in the last seven days.
        """
        return (yield from self._listed(with_settled))

    @operation
    def approve(
        self,
        enrolment: Enrolment | str,
        *,
        invitation: str = "",
        rights: Iterable[str] = (),
        days: int = 0,
        depth: int | None = None,
    ) -> Flow[Issued]:
        """Check a child's keys, sign its credential here, hand it in.

        Keys handed in with an invitation are checked against its secret; keys to rotate, against
        the child's signature with the key it has until now. A rotation keeps rights, depth and
        length of life.

        Args:
            enrolment: as enrolments() gave it, or its id.
            invitation: what was handed out; empty: looked up in invitations.json.
            rights, days, depth: as in invite; narrow further.

        Raises:
            InvitationInvalid: its secret is not known here, or the keys are not the child's.
            SignatureInvalid, ActMismatch: the child did not ask for these keys.
        """
        waiting = yield from self._waiting(enrolment)
        if waiting.rotates:
            held = yield from credential_of(self._session, waiting.tenant_id)
            hub_id = self._session.identity.hub_id
            check_rotation(waiting.handed_in, held, hub_id=hub_id)
            terms = Terms.of(held)
        else:
            terms = yield from self._invited(waiting, invitation)
        terms = narrower(terms, terms_of(rights, days, depth))
        tenant = yield from tenant_of(self._session, waiting.tenant_id)
        envelope = yield from self._signed(waiting.handed_in, tenant, terms)
        request = pb.IssueCredentialRequest(
            tenant_id=tenant.id, enrolment_id=waiting.id, credential=envelope
        )
        reply, receipt = yield from self._session.unary(
            _METHODS["IssueCredential"], request, pb.IssueCredentialReply
        )
        yield from work(lambda: self._invitations.forget(waiting.invitation_id))
        return Issued(reply.credential_id, tenant, envelope, receipt)

    @operation
    def reject(self, enrolment: Enrolment | str, *, reason: str) -> Flow[Receipt | None]:
        """Do not sign for a child's keys; whoever waits reads the reason.

        Raises:
            NotFound: nothing of that id waits for this unit.
        """
        waiting = yield from self._waiting(enrolment)
        request = pb.RejectEnrolmentRequest(
            tenant_id=waiting.tenant_id, enrolment_id=waiting.id, reason=reason
        )
        _, receipt = yield from self._session.unary(
            _METHODS["RejectEnrolment"], request, pb.RejectEnrolmentReply
        )
        yield from work(lambda: self._invitations.forget(waiting.invitation_id))
        return receipt

    @operation
    def reissue(self, unit: str) -> Flow[Issued]:
        """Sign anew for the keys that a direct child has: after a rotation here, a move, a rename.

        The child does nothing: its SDK fetches the new chain. Rights, depth and length of life
        stay as they are, as far as this unit still has them.

        Raises:
            NotFound: the child holds no credential: invite it.
        """
        tenant = yield from tenant_of(self._session, unit)
        return (yield from self._reissued(tenant))

    @operation
    def reissue_all(self) -> Flow[tuple[Issued, ...]]:
        """reissue for every enrolled direct child."""
        token, issued = "", []
        while True:
            request = pb.ListTenantsRequest(
                parent_id=self._session.identity.tenant, page_token=token
            )
            reply, _ = yield from self._session.unary(
                _METHODS["ListTenants"], request, pb.ListTenantsReply
            )
            for tenant in map(as_tenant, reply.tenants):
                if tenant.enrolled:
                    issued.append((yield from self._reissued(tenant)))
            token = reply.next_page_token
            if not token:
                return tuple(issued)

    def _reissued(self, tenant: Tenant) -> Flow[Issued]:
        held = yield from self._held(tenant.id)
        same = HandedIn(
            invitation_id="",
            tenant_id=tenant.id,
            csr=b"",
            signing_key=held.key_for(credential_pb2.KEY_USE_SIGNING).public,
            sealing_key=held.key_for(credential_pb2.KEY_USE_SEALING).public,
            proof=b"",
            invitation_mac=b"",
            console_key=held.key_for(credential_pb2.KEY_USE_CONSOLE).public,
            suite=held.suite,
        )
        envelope = yield from self._signed(same, tenant, Terms.of(held))
        reply, receipt = yield from self._session.unary(
            _METHODS["Reissue"],
            pb.ReissueRequest(tenant_id=tenant.id, credential=envelope),
            pb.ReissueReply,
        )
        return Issued(reply.credential_id, tenant, envelope, receipt)

    def _held(self, tenant_id: str) -> Flow[Credential]:
        """What a child holds, its dates aside: it may have run out."""
        reply, _ = yield from self._session.unary(
            _METHODS["GetChain"], pb.GetChainRequest(tenant_id=tenant_id), pb.GetChainReply
        )
        return verified(self._session, tuple(reply.envelopes), tenant_id, now=False)

    def _signed(self, handed_in: HandedIn, tenant: Tenant, terms: Terms) -> Flow[bytes]:
        parent = yield from self._parent()
        return credential_for(
            handed_in,
            name=tenant.name,
            code=tenant.code,
            level=number(pb.Level.DESCRIPTOR, tenant.level, field="level"),
            parent=parent,
            now_ms=self._session.now_ms(),
            terms=terms,
        )

    def _parent(self) -> Flow[Identity]:
        """This unit's identity with the chain that its own parent signed last."""
        identity = self._session.identity
        reply, _ = yield from self._session.unary(
            _METHODS["GetChain"], pb.GetChainRequest(tenant_id=identity.tenant), pb.GetChainReply
        )
        return with_chain(identity, tuple(reply.envelopes))

    def _invited(self, waiting: Enrolment, invitation: str) -> Flow[Terms]:
        secret = Invitation.decode(invitation).secret if invitation else None
        kept = yield from work(lambda: self._invitations.invited(waiting.invitation_id))
        if secret is None and kept is not None:
            secret = kept.secret
        if secret is None:
            raise InvitationInvalid(
                f"the secret of invitation {waiting.invitation_id} is not kept here: "
                "approve where it was made, or pass the invitation"
            )
        check_enrolment(waiting.handed_in, secret)
        return waiting.terms if kept is None else narrower(kept.terms, waiting.terms)

    def _waiting(self, enrolment: Enrolment | str) -> Flow[Enrolment]:
        if isinstance(enrolment, Enrolment):
            return enrolment
        for found in (yield from self._listed(False)):
            if found.id == enrolment:
                return found
        raise NotFound(f"no enrolment {enrolment} waits for this unit's signature")

    def _listed(self, with_settled: bool) -> Flow[tuple[Enrolment, ...]]:
        reply, _ = yield from self._session.unary(
            _METHODS["ListEnrolments"],
            pb.ListEnrolmentsRequest(with_settled=with_settled),
            pb.ListEnrolmentsReply,
        )
        return tuple(map(_enrolment, reply.enrolments))


def terms_of(rights: Iterable[str], days: int, depth: int | None) -> Terms:
    """Terms in the words of the command line. Raises ArgumentInvalid: there is no such right."""
    numbers = frozenset(
        number(options_pb2.Right.DESCRIPTOR, right, field="rights") for right in rights
    )
    if days < 0 or (depth is not None and depth < 0):
        raise ArgumentInvalid("days and depth are not negative")
    life_ms = days * DAY_MS or CREDENTIAL_LIFE_MS
    return Terms(numbers or None, depth, life_ms)


def narrower(one: Terms, other: Terms) -> Terms:
    """What both allow."""
    rights = [terms.rights for terms in (one, other) if terms.rights is not None]
    depths = [terms.depth for terms in (one, other) if terms.depth is not None]
    return replace(
        one,
        rights=frozenset.intersection(*rights) if rights else None,
        depth=min(depths) if depths else None,
        life_ms=min(one.life_ms, other.life_ms),
    )


def _enrolment(found: pb.Enrolment) -> Enrolment:
    return Enrolment(
        id=found.id,
        tenant_id=found.tenant_id,
        invitation_id=found.invitation_id,
        handed_in=HandedIn(
            invitation_id=found.invitation_id,
            tenant_id=found.tenant_id,
            csr=found.csr,
            signing_key=found.signing_key,
            sealing_key=found.sealing_key,
            proof=found.proof,
            invitation_mac=found.invitation_mac,
            console_key=found.console_key,
            suite=int(found.suite) or INTL_1,
            answer=found.answer,
            act=found.act,
            request=found.request,
        ),
        handed_in_ms=found.handed_in_ms,
        terms=Terms(
            frozenset(found.rights) or None,
            found.depth if found.HasField("depth") else None,
            found.life_ms or CREDENTIAL_LIFE_MS,
        ),
        state=cast(State, word(pb.EnrolmentState.DESCRIPTOR, found.state)),
        reason=found.reason,
    )
