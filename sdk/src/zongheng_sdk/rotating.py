"""Rotation: new keys made here, asked for with the old one, collected once they are signed for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from google.protobuf.message import Message

from zongheng_protos.errors import (
    CredentialInvalid,
    CredentialRevoked,
    DeadlineExceeded,
    KeyRevoked,
    Unavailable,
    ZonghengError,
)
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk import connect
from zongheng_sdk.channel_key import channel_key
from zongheng_sdk.custody import successor
from zongheng_sdk.identity_file import identity_path, read_identity, write_secret
from zongheng_sdk.made_keys import MadeKeys, answer_challenge, kept_keys, make_csr
from zongheng_sdk.methods import method_of
from zongheng_tenants.act import sign_act
from zongheng_tenants.channel_authorities import read_authorities
from zongheng_tenants.credential import verify_chain
from zongheng_tenants.identity import Identity
from zongheng_tenants.possession import answered

PENDING = "rotation.json"
POLL_SECONDS = 2.0
_METHODS = pb.DESCRIPTOR.services_by_name["TenancyService"].methods_by_name


@dataclass(frozen=True, slots=True)
class PendingRotation:
    """New keys made and handed in; the parent's signature is awaited, the old keys work on.

    Attributes:
        path: of identity.json; the new keys wait beside it in rotation.json, mode 0600.
    """

    path: Path
    enrolment_id: str
    made: MadeKeys

    @property
    def fingerprint(self) -> str:
        """What child and parent compare."""
        return self.made.fingerprint

    def collect(self, *, now_ms: int | None = None) -> Identity | None:
        """Switch to the new keys once the parent has signed; None until then.

        Hubs that are open on the same file notice within a second and go on with them.

        Raises:
            EnrolmentRejected: the parent does not sign; says why.
            CredentialInvalid: what came is not a credential of this unit for these keys.
        """
        old = read_identity(self.path)
        request = pb.CollectCredentialRequest(enrolment_id=self.enrolment_id)
        reply = _post(old, "CollectCredential", request, pb.CollectCredentialReply)
        if not reply.ready:
            return None
        chain = tuple(reply.chain)
        at_ms = int(time.time() * 1000) if now_ms is None else now_ms
        credential = verify_chain(chain, root_fingerprint=old.root_fingerprint, at_ms=at_ms)
        if credential.tenant != old.tenant:
            raise CredentialInvalid(f"the credential that came is that of {credential.tenant}")
        self.made.check_named(credential)
        kept = replace(
            old,
            chain=chain,
            name=credential.name,
            earlier_sealing_keys=(old.sealing_key, *old.earlier_sealing_keys),
            channel_pem=reply.channel_pem,
        )
        new = self.made.put_into(kept)
        write_secret(self.path, new.to_json())
        (self.path.parent / PENDING).unlink(missing_ok=True)
        return new

    def wait(
        self,
        *,
        timeout: float,
        sleep: Callable[[float], None] = time.sleep,
        progress: Callable[[float], None] = lambda _: None,
    ) -> Identity:
        """collect(), asked every two seconds for timeout seconds; as PendingEnrolment.wait."""
        begun = time.monotonic()
        while True:
            progress(time.monotonic() - begun)
            with contextlib.suppress(Unavailable):
                identity = self.collect()
                if identity is not None:
                    return identity
            if time.monotonic() + POLL_SECONDS > begun + timeout:
                raise DeadlineExceeded(
                    f"the parent unit has not signed {self.enrolment_id} yet; the old keys go on "
                    "working: call again once it has"
                )
            sleep(POLL_SECONDS)


def begin_rotation(identity: str | Path, *, operator: str) -> PendingRotation:
    """Make new keys and ask for a credential over them, signed with the key in use.

    Called again before the parent has signed, it goes on with the keys it made.

    Raises:
        NotEnrolled: there is no identity.
        StateConflict: no unit stands above that could sign.
    """
    path = identity_path(Path(identity))
    old = read_identity(path)
    made = kept_keys(
        path.parent / PENDING,
        old.tenant,
        old.suite,
        vault=old.vault,
        token=successor(old.custody),
    )
    answer = answer_challenge(old.web_address, old.tenant, made)
    request = pb.RequestRotationRequest(
        csr=made.csr,
        signing_key=made.signing.public,
        sealing_key=made.sealing.public,
        proof=made.signing.sign(answered(made.digest(old.tenant), answer)),
        answer=answer,
        suite=made.signing.suite,  # type: ignore[arg-type]  # number of the enum
    )
    try:
        reply = _post(old, "RequestRotation", request, pb.RequestRotationReply, operator=operator)
    except (CredentialRevoked, KeyRevoked):
        (path.parent / PENDING).unlink(missing_ok=True)  # no credential will ever name these keys
        raise
    return PendingRotation(path, reply.enrolment_id, made)


def renewed_identity(identity: Identity, *, operator: str = "") -> Identity:
    """As renew, for an identity that is not in a file: certificate and chain as they are now."""
    request = pb.RenewChannelRequest(csr=make_csr(channel_key(identity), identity.tenant))
    reply = _post(
        identity,
        "RenewChannel",
        request,
        pb.RenewChannelReply,
        operator=operator or "zongheng-sdk",
    )
    renewed = replace(
        identity,
        channel_pem=reply.channel_pem,
        ca_pem=_authorities(identity, reply.authorities),
    )
    return with_chain(renewed, tuple(reply.chain))


def _authorities(identity: Identity, envelope: bytes) -> bytes:
    """The hub's CAs as it signs for them now; those already known where it says nothing."""
    if not envelope:
        return identity.ca_pem
    root = verify_chain(identity.chain[:1], root_fingerprint=identity.root_fingerprint, at_ms=None)
    now_ms = int(time.time() * 1000)
    return read_authorities(envelope, root=root, hub_id=identity.hub_id, now_ms=now_ms)


def with_chain(identity: Identity, chain: tuple[bytes, ...]) -> Identity:
    """The identity with a chain that its parent reissued, where that is one of its own keys."""
    if not chain or chain == identity.chain:
        return identity
    try:
        credential = verify_chain(chain, root_fingerprint=identity.root_fingerprint, at_ms=None)
    except ZonghengError:
        return identity
    if credential.tenant != identity.tenant or identity.signing().id not in credential.keys:
        return identity
    return replace(identity, chain=chain, name=credential.name)


def _post(
    identity: Identity,
    name: str,
    request: Message,
    reply_type: type[connect.M],
    *,
    operator: str = "",
) -> connect.M:
    path = method_of(_METHODS[name]).path
    act = None
    if operator:
        act = sign_act(
            method=path,
            request=request.SerializeToString(),
            tenant=identity.tenant,
            operator=operator,
            audience=identity.hub_id,
            key=identity.signing(),
        )
    return connect.post(identity.web_address, path, request, reply_type, act=act)
