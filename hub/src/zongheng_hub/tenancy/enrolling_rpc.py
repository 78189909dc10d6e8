"""TenancyService's methods by which keys become credentials: wire messages in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zongheng_hub.kernel.call import Call, Handler, Outcome
from zongheng_hub.store import Store, Tx
from zongheng_hub.tenancy import enrolling, issuing, service
from zongheng_hub.tenancy.ca import ChannelAuthority
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.handed_in import SETTLED_MS, HandedIn, handed_in
from zongheng_hub.tenancy.revocation.revoking import note_channel
from zongheng_protos.errors import ActMismatch
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_tenants.enrolment import Enrolment, check_possession
from zongheng_tenants.possession import check_answer, wrap_challenge
from zongheng_tenants.suites import INTL_1


def handlers(
    store: Store,
    credentials: Credentials,
    authority: ChannelAuthority,
    console_keys: ConsoleKeys,
    hub_id: str,
    card: pb.GetHubReply,
    authorities: Callable[[int], bytes] | None = None,
) -> Mapping[str, Handler]:
    """By method name, as a Room takes them."""
    enrolment = _Enrolling(store, credentials, authority, console_keys, hub_id, card, authorities)
    return {
        "Challenge": enrolment.challenge,
        "Enrol": enrolment.enrol,
        "ListEnrolments": enrolment.list_enrolments,
        "RejectEnrolment": enrolment.reject_enrolment,
        "IssueCredential": enrolment.issue_credential,
        "CollectCredential": enrolment.collect_credential,
        "RequestRotation": enrolment.request_rotation,
        "Reissue": enrolment.reissue,
        "RenewChannel": enrolment.renew_channel,
    }


class _Enrolling:
    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        authority: ChannelAuthority,
        console_keys: ConsoleKeys,
        hub_id: str,
        card: pb.GetHubReply,
        authorities: Callable[[int], bytes] | None,
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._authority = authority
        self._console_keys = console_keys
        self._hub_id = hub_id
        self._card = card
        self._authorities = authorities
        self._secret = console_keys.challenge_secret()

    async def challenge(self, _call: Call, request: pb.ChallengeRequest) -> pb.ChallengeReply:
        suite = int(request.suite) or INTL_1
        wrapped = wrap_challenge(self._secret, request.keys_digest, request.sealing_key, suite)
        return pb.ChallengeReply(wrapped=wrapped)

    async def enrol(self, call: Call, request: pb.EnrolRequest) -> pb.EnrolReply:
        tenant_id = await self._store.read(
            lambda c: enrolling.invited_tenant(
                c, invitation_id=request.invitation_id, token=request.token, now_ms=call.now_ms
            )
        )
        suite = int(request.suite) or INTL_1
        enrolment = Enrolment(
            invitation_id=request.invitation_id,
            tenant_id=tenant_id,
            csr=request.csr,
            signing_key=request.signing_key,
            sealing_key=request.sealing_key,
            proof=request.proof,
            invitation_mac=request.invitation_mac,
            console_key=self._console_keys.key_of(tenant_id, suite).public,
            suite=suite,
            answer=request.answer,
        )
        self._check_possession(enrolment, under=request.invitation_id)
        enrolment_id = await self._store.write(
            lambda tx: enrolling.enrol(tx, enrolment, token=request.token, now_ms=call.now_ms)
        )
        return pb.EnrolReply(enrolment_id=enrolment_id)

    async def request_rotation(self, call: Call, request: pb.RequestRotationRequest) -> bytes:
        assert call.act is not None  # the method is declared an act
        if call.act.statement.on_behalf:
            raise ActMismatch("a unit asks for new keys with its own key, not with the hub's")
        tenant_id = call.caller.tenant
        suite = int(request.suite) or INTL_1
        enrolment = Enrolment(
            invitation_id="",
            tenant_id=tenant_id,
            csr=request.csr,
            signing_key=request.signing_key,
            sealing_key=request.sealing_key,
            proof=request.proof,
            invitation_mac=b"",
            console_key=self._console_keys.key_of(tenant_id, suite).public,
            suite=suite,
            answer=request.answer,
            act=call.act.envelope,
            request=call.request,
        )
        self._check_possession(enrolment, under=tenant_id)

        def work(tx: Tx, _index: int) -> Outcome:
            enrolment_id = enrolling.request_rotation(tx, enrolment, now_ms=call.now_ms)
            above = service.ancestors(tx.connection, tenant_id)[-1:]
            reply = pb.RequestRotationReply(enrolment_id=enrolment_id)
            return Outcome(reply, subject=tenant_id, parties=above)

        return await call.record(work)

    async def list_enrolments(
        self, call: Call, request: pb.ListEnrolmentsRequest
    ) -> pb.ListEnrolmentsReply:
        since = call.now_ms - SETTLED_MS if request.with_settled else None
        found = await self._store.read(
            lambda c: handed_in(c, call.caller.tenant, settled_since_ms=since)
        )
        return pb.ListEnrolmentsReply(enrolments=[_enrolment(one) for one in found])

    async def reject_enrolment(self, call: Call, request: pb.RejectEnrolmentRequest) -> bytes:
        def work(tx: Tx, _index: int) -> Outcome:
            enrolling.reject(
                tx,
                tenant_id=request.tenant_id,
                enrolment_id=request.enrolment_id,
                reason=request.reason,
                now_ms=call.now_ms,
            )
            return Outcome(
                pb.RejectEnrolmentReply(), subject=request.tenant_id, parties=(request.tenant_id,)
            )

        return await call.record(work)

    async def issue_credential(self, call: Call, request: pb.IssueCredentialRequest) -> bytes:
        verified, enrolment = await self._store.read(
            lambda c: issuing.verified_credential(
                c,
                request.credential,
                enrolment_id=request.enrolment_id,
                tenant_id=request.tenant_id,
                issuer=call.caller.tenant,
                root_fingerprint=self._credentials.root_fingerprint,
                now_ms=call.now_ms,
            )
        )
        channel_pem = self._authority.issue_channel_certificate(
            enrolment.csr, self._hub_id, request.tenant_id, call.now_ms
        )

        def work(tx: Tx, index: int) -> Outcome:
            issuing.issue(
                tx,
                verified,
                request.credential,
                enrolment_id=request.enrolment_id,
                channel_pem=channel_pem,
                now_ms=call.now_ms,
                log_index=index,
            )
            note_channel(tx, channel_pem, now_ms=call.now_ms)
            reply = pb.IssueCredentialReply(credential_id=verified.credential.id)
            return Outcome(reply, subject=request.tenant_id, parties=(request.tenant_id,))

        try:
            return await call.record(work)
        finally:
            self._credentials.forget()

    async def reissue(self, call: Call, request: pb.ReissueRequest) -> bytes:
        verified = await self._store.read(
            lambda c: issuing.verified_reissue(
                c,
                request.credential,
                tenant_id=request.tenant_id,
                issuer=call.caller.tenant,
                root_fingerprint=self._credentials.root_fingerprint,
                now_ms=call.now_ms,
            )
        )

        def work(tx: Tx, index: int) -> Outcome:
            issuing.reissue(tx, verified, request.credential, now_ms=call.now_ms, log_index=index)
            reply = pb.ReissueReply(credential_id=verified.credential.id)
            return Outcome(reply, subject=request.tenant_id, parties=(request.tenant_id,))

        try:
            return await call.record(work)
        finally:
            self._credentials.forget()

    async def collect_credential(
        self, _call: Call, request: pb.CollectCredentialRequest
    ) -> pb.CollectCredentialReply:
        collected = await self._store.read(lambda c: issuing.collect(c, request.enrolment_id))
        if collected is None:
            return pb.CollectCredentialReply(ready=False)
        return pb.CollectCredentialReply(
            ready=True,
            chain=collected.chain,
            channel_pem=collected.channel_pem,
            hub=self._card,
        )

    async def renew_channel(self, call: Call, request: pb.RenewChannelRequest) -> bytes:
        tenant = call.caller.tenant
        channel_pem = self._authority.issue_channel_certificate(
            request.csr, self._hub_id, tenant, call.now_ms
        )
        chain = await self._store.read(lambda c: service.chain(c, tenant))
        named = self._authorities(call.now_ms) if self._authorities else b""
        reply = pb.RenewChannelReply(channel_pem=channel_pem, chain=chain, authorities=named)

        def work(tx: Tx, _index: int) -> Outcome:
            note_channel(tx, channel_pem, now_ms=call.now_ms)
            return Outcome(reply, subject=tenant)

        return await call.record(work)

    def _check_possession(self, enrolment: Enrolment, *, under: str) -> None:
        digest = check_possession(
            invitation_id=under,
            csr=enrolment.csr,
            signing_key=enrolment.signing_key,
            sealing_key=enrolment.sealing_key,
            answer=enrolment.answer,
            proof=enrolment.proof,
            suite=enrolment.suite,
        )
        check_answer(self._secret, digest, enrolment.sealing_key, enrolment.answer, enrolment.suite)


def _enrolment(found: HandedIn) -> pb.Enrolment:
    enrolment = found.enrolment
    state = pb.ENROLMENT_STATE_WAITING
    if found.issued_ms:
        state = pb.ENROLMENT_STATE_ISSUED
    elif found.rejected_ms:
        state = pb.ENROLMENT_STATE_REJECTED
    return pb.Enrolment(
        id=found.id,
        invitation_id=enrolment.invitation_id,
        tenant_id=enrolment.tenant_id,
        csr=enrolment.csr,
        signing_key=enrolment.signing_key,
        sealing_key=enrolment.sealing_key,
        proof=enrolment.proof,
        invitation_mac=enrolment.invitation_mac,
        console_key=enrolment.console_key,
        suite=enrolment.suite,  # type: ignore[arg-type]  # number of the enum
        answer=enrolment.answer,
        act=enrolment.act,
        request=enrolment.request,
        handed_in_ms=found.handed_in_ms,
        rights=sorted(found.allowed.rights),  # type: ignore[arg-type]  # numbers of the enum
        depth=found.allowed.depth,
        life_ms=found.allowed.life_ms,
        state=state,
        reason=found.reason,
    )
