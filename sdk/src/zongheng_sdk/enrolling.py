"""Enrolment from the unit's side: keys made here, a credential from the parent (RFC 2986 CSR)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.message import Message

from zongheng_protos.errors import (
    ChannelExpired,
    CredentialForeign,
    CredentialInvalid,
    DeadlineExceeded,
    Exists,
    Unavailable,
)
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk import connect
from zongheng_sdk.identity_file import IDENTITY, write_secret
from zongheng_sdk.methods import method_of
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.enrolment import prepare
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import Invitation, hub_fingerprint
from zongheng_tenants.keys import SealingKey, SigningKey

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
    signing: SigningKey
    sealing: SealingKey
    channel_key_pem: bytes

    @property
    def fingerprint(self) -> str:
        """What child and parent compare: of the signing key, as the parent's list shows it."""
        return key_fingerprint(self.signing.public)

    def wait(self, *, timeout: float, sleep: Callable[[float], None] = time.sleep) -> Path:
        """collect(), asked every two seconds for timeout seconds. Raises DeadlineExceeded."""
        deadline = time.monotonic() + timeout
        while True:
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

        Raises:
            CredentialForeign, CredentialInvalid, CredentialExpired: what came is not a credential
                for these keys under the root that the invitation names.
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
            signing_key=self.signing.private_bytes(),
            sealing_key=self.sealing.private_bytes(),
            channel_key_pem=self.channel_key_pem,
            channel_pem=reply.channel_pem,
            ca_pem=reply.hub.ca_pem,
        )
        write_secret(path, identity.to_json())
        (self.folder / PENDING).unlink(missing_ok=True)
        return path

    def _check_ours(self, credential: Credential, reply: pb.CollectCredentialReply) -> None:
        ours = {
            credential_pb2.KEY_USE_SIGNING: self.signing.public,
            credential_pb2.KEY_USE_SEALING: self.sealing.public,
        }
        for use, public in ours.items():
            if [k.public for k in credential.keys.values() if k.use == use] != [public]:
                raise CredentialInvalid(
                    f"the credential that came for {credential.tenant} names keys not made here"
                )
        hub = reply.hub
        named = hub_fingerprint(hub_id=hub.hub_id, ca_pem=hub.ca_pem, log_vkey=hub.log_vkey)
        if named != self.invitation.hub_fingerprint:
            raise CredentialForeign(
                "what answers is not the hub that the invitation names: its id, channel CA or log "
                "key is another. Do not go on; tell the parent unit"
            )


def begin_enrolment(invitation: str, folder: str | Path) -> PendingEnrolment:
    """Make keys and hand their public halves in; collect() fetches the credential later.

    Raises:
        InvitationInvalid, Exists: as enrol.
    """
    parsed, place = Invitation.decode(invitation), Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    if (place / IDENTITY).exists():
        raise Exists(f"{place / IDENTITY} exists: enrol into another folder or move it away")
    kept = _kept_keys(place / PENDING, parsed)
    signing, sealing = SigningKey(kept["signing"]), SealingKey(kept["sealing"])
    csr = kept["csr"]
    proof, mac = prepare(parsed, signing, sealing, csr)
    request = pb.EnrolRequest(
        invitation_id=parsed.id,
        token=parsed.token,
        csr=csr,
        signing_key=signing.public,
        sealing_key=sealing.public,
        proof=proof,
        invitation_mac=mac,
    )
    reply = _post(parsed.address, "Enrol", request, pb.EnrolReply)
    return PendingEnrolment(place, parsed, reply.enrolment_id, signing, sealing, kept["channel"])


def renewed_identity(identity: Identity, *, operator: str = "") -> Identity:
    """As renew, for an identity that is not in a file."""
    key = serialization.load_pem_private_key(identity.channel_key_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ChannelExpired("the identity's channel key is no P-256 key: enrol again")
    request = pb.RenewChannelRequest(csr=make_csr(key, identity.tenant))
    body, path = request.SerializeToString(), method_of(_METHODS["RenewChannel"]).path
    act = sign_act(
        method=path,
        request=body,
        tenant=identity.tenant,
        operator=operator or "zongheng-sdk",
        audience=identity.hub_id,
        key=identity.signing(),
    )
    reply = connect.post(identity.web_address, path, request, pb.RenewChannelReply, act=act)
    return replace(identity, channel_pem=reply.channel_pem)


def key_fingerprint(public_key: bytes) -> str:
    """First 16 hex digits of a key's SHA-256, in groups of four."""
    digits = hashlib.sha256(public_key).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def make_csr(key: ec.EllipticCurvePrivateKey, common_name: str) -> bytes:
    """A PKCS#10 request, DER; the hub decides what the certificate says."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def _kept_keys(path: Path, invitation: Invitation) -> dict[str, bytes]:
    """Keys from an interrupted enrolment with the same invitation, or new ones, on disk first."""
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept.pop("invitation") == invitation.id:
            return {name: base64.b64decode(value) for name, value in kept.items()}
    channel = ec.generate_private_key(ec.SECP256R1())
    made = {
        "signing": SigningKey.generate().private_bytes(),
        "sealing": SealingKey.generate().private_bytes(),
        "channel": channel.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "csr": make_csr(channel, invitation.id),
    }
    texts = {name: base64.b64encode(value).decode() for name, value in made.items()}
    write_secret(path, json.dumps({"invitation": invitation.id, **texts}))
    return made


def _post(address: str, name: str, request: Message, reply_type: type[connect.M]) -> connect.M:
    return connect.post(address, method_of(_METHODS[name]).path, request, reply_type)
