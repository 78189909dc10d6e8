"""Enrolment from the unit's side: keys made here, a credential from the parent (RFC 2986 CSR)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import Message

from zongheng_protos.errors import (
    CredentialForeign,
    DeadlineExceeded,
    Unavailable,
)
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk import connect
from zongheng_sdk.identity_file import IDENTITY, write_secret
from zongheng_sdk.made_keys import MadeKeys, answer_challenge, kept_keys
from zongheng_sdk.methods import method_of
from zongheng_sdk.passphrases import waiting_vault
from zongheng_sdk.replaced import check_replaceable, keep_aside
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.enrolment import prepare
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import Invitation, hub_fingerprint
from zongheng_tenants.suites import INTL_1

PENDING = "enrolment.json"
POLL_SECONDS = 2.0
_METHODS = pb.DESCRIPTOR.services_by_name["TenancyService"].methods_by_name


@dataclass(frozen=True, slots=True)
class PendingEnrolment:
    """Keys made and handed in; the parent's signature is awaited.

    Attributes:
        folder: where identity.json will be; the keys wait there in enrolment.json, mode 0600.
    """

    folder: Path
    invitation: Invitation
    enrolment_id: str
    made: MadeKeys

    @property
    def fingerprint(self) -> str:
        """What child and parent compare, of all keys made here, as the parent's list shows it."""
        return self.made.fingerprint

    def wait(
        self,
        *,
        timeout: float,
        sleep: Callable[[float], None] = time.sleep,
        progress: Callable[[float], None] = lambda _: None,
    ) -> Path:
        """collect(), asked every two seconds for timeout seconds.

        Args:
            progress: told, each time, how many seconds have gone by.

        Raises:
            DeadlineExceeded: not signed yet.
            EnrolmentRejected: the parent does not sign; says why.
        """
        begun = time.monotonic()
        deadline = begun + timeout
        while True:
            progress(time.monotonic() - begun)
            with contextlib.suppress(Unavailable):
                path = self.collect()
                if path is not None:
                    return path
            if time.monotonic() + POLL_SECONDS > deadline:
                raise DeadlineExceeded(
                    f"the parent unit has not signed enrolment {self.enrolment_id} yet; "
                    "enrol again with the same invitation once it has"
                )
            sleep(POLL_SECONDS)

    def collect(self, *, now_ms: int | None = None) -> Path | None:
        """The identity's path once the parent has signed; None until then.

        An old identity of the same unit is kept aside, as replaced says.

        Raises:
            CredentialForeign, CredentialInvalid, CredentialExpired: what came is not a credential
                for these keys under the root that the invitation names.
            FileInTheWay: the folder holds another unit's identity; once it is moved away,
                collect() goes on.
        """
        request = pb.CollectCredentialRequest(enrolment_id=self.enrolment_id)
        reply = _post(
            self.invitation.address, "CollectCredential", request, pb.CollectCredentialReply
        )
        if not reply.ready:
            return None
        at_ms = int(time.time() * 1000) if now_ms is None else now_ms
        chain = tuple(reply.chain)
        root = self.invitation.root_fingerprint
        credential = verify_chain(chain, root_fingerprint=root, at_ms=at_ms)
        self._check_ours(credential, reply)
        path = self.folder / IDENTITY
        identity = Identity(
            hub_id=reply.hub.hub_id,
            tenant=credential.tenant,
            name=credential.name,
            grpc_address=reply.hub.grpc_address,
            web_address=self.invitation.address,
            root_fingerprint=root,
            log_vkey=reply.hub.log_vkey,
            chain=chain,
            signing_key=b"",
            sealing_key=b"",
            channel_key_pem=b"",
            channel_pem=reply.channel_pem,
            ca_pem=reply.hub.ca_pem,
        )
        new = self.made.put_into(identity).to_json()
        if path.exists():
            keep_aside(self.folder, self.replaced, tenant=credential.tenant, root=root)
        write_secret(path, new)
        (self.folder / PENDING).unlink(missing_ok=True)
        return path

    @property
    def replaced(self) -> Path:
        """Where the unit's old identity is kept, if the folder held one when the new one came."""
        return self.folder / f"identity-before-{self.enrolment_id}.json"

    def _check_ours(self, credential: Credential, reply: pb.CollectCredentialReply) -> None:
        self.made.check_named(credential)
        _check_hub(reply.hub, self.invitation)


def begin_enrolment(
    invitation: str,
    folder: str | Path,
    *,
    suite: int = INTL_1,
    passphrase: str | None = None,
    token: str = "",
) -> PendingEnrolment:
    """Make keys and hand their public halves in; collect() fetches the credential later.

    Args:
        suite, passphrase, token: as enrol.

    Raises:
        InvitationInvalid, FileInTheWay: as enrol.
        CredentialForeign: what answers is not the hub that the invitation names.
        PassphraseNeeded, PassphraseWrong: keys that wait from before are under another one.
    """
    parsed, place = Invitation.decode(invitation), Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    if (place / IDENTITY).exists():
        check_replaceable(place, root=parsed.root_fingerprint)
    # Before the invitation is spent: it is good for one try.
    _check_hub(_post(parsed.address, "GetHub", pb.GetHubRequest(), pb.GetHubReply), parsed)
    vault = waiting_vault(place / PENDING, passphrase)
    made = kept_keys(place / PENDING, parsed.id, suite, vault=vault, token=token)
    answer = answer_challenge(parsed.address, parsed.id, made)
    proof, mac = prepare(parsed, made.signing, made.sealing, made.csr, answer)
    request = pb.EnrolRequest(
        invitation_id=parsed.id,
        token=parsed.token,
        csr=made.csr,
        signing_key=made.signing.public,
        sealing_key=made.sealing.public,
        answer=answer,
        suite=made.signing.suite,  # type: ignore[arg-type]  # number of the enum
        proof=proof,
        invitation_mac=mac,
    )
    reply = _post(parsed.address, "Enrol", request, pb.EnrolReply)
    return PendingEnrolment(place, parsed, reply.enrolment_id, made)


def _check_hub(hub: pb.GetHubReply, invitation: Invitation) -> None:
    named = hub_fingerprint(hub_id=hub.hub_id, ca_pem=hub.ca_pem, log_vkey=hub.log_vkey)
    if named != invitation.hub_fingerprint:
        raise CredentialForeign(
            "what answers is not the hub that the invitation names: its id, channel CA or log key "
            "is another. Tell the parent unit: where the hub has changed one of them since it "
            "invited you, a new invitation helps; otherwise do not go on"
        )


def _post(address: str, name: str, request: Message, reply_type: type[connect.M]) -> connect.M:
    return connect.post(address, method_of(_METHODS[name]).path, request, reply_type)
