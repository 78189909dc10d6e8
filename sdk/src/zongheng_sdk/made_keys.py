"""Keys made on this machine, kept in a file until a credential names them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from zongheng_protos.errors import ArgumentInvalid, CredentialInvalid
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_sdk import connect
from zongheng_sdk.channel_key import HeldKey
from zongheng_sdk.custody import with_holder
from zongheng_sdk.identity_file import write_secret
from zongheng_sdk.methods import method_of
from zongheng_sdk.passphrases import PENDING_KEYS, sealed_json, unsealed_json
from zongheng_sdk.token import TokenHolder
from zongheng_tenants.credential import Credential
from zongheng_tenants.identity import IN_FILE, Identity
from zongheng_tenants.invitation import keys_digest
from zongheng_tenants.keys import HeldOpener, Signer
from zongheng_tenants.possession import keys_fingerprint, open_challenge
from zongheng_tenants.suites import INTL_1, suite_of
from zongheng_tenants.vault import Vault

_METHODS = pb.DESCRIPTOR.services_by_name["TenancyService"].methods_by_name


@dataclass(frozen=True, slots=True)
class MadeKeys:
    """One key of each kind, and the request for the channel's certificate.

    Attributes:
        secrets: what goes into the identity by the name of its field; empty for keys in a token.
        vault: under which they wait and will be kept; None: in the open.
        custody: as Identity.custody.
    """

    signing: Signer
    sealing: HeldOpener
    secrets: dict[str, bytes] = field(repr=False)
    csr: bytes
    vault: Vault | None = None
    custody: str = IN_FILE

    def put_into(self, identity: Identity) -> Identity:
        """The identity with these keys in place of its own."""
        found = replace(identity, suite=self.signing.suite, vault=self.vault, custody=self.custody)
        return with_holder(
            replace(
                found,
                signing_key=self.secrets["signing"],
                sealing_key=self.secrets["sealing"],
                channel_key_pem=self.secrets["channel"],
            )
        )

    @property
    def fingerprint(self) -> str:
        """Of all of them, 24 digits, to be compared with what the parent sees."""
        return keys_fingerprint(
            csr=self.csr, signing_key=self.signing.public, sealing_key=self.sealing.public
        )

    def digest(self, purpose: str) -> bytes:
        """What proofs cover: the keys, handed in for one purpose."""
        return keys_digest(
            purpose, self.csr, self.signing.public, self.sealing.public, suite=self.signing.suite
        )

    def check_named(self, credential: Credential) -> None:
        """Raises CredentialInvalid when a credential names other keys than these."""
        ours = {
            credential_pb2.KEY_USE_SIGNING: self.signing.public,
            credential_pb2.KEY_USE_SEALING: self.sealing.public,
        }
        for use, public in ours.items():
            if [k.public for k in credential.keys.values() if k.use == use] != [public]:
                raise CredentialInvalid(
                    f"the credential that came for {credential.tenant} names keys not made here"
                )


def kept_keys(
    path: Path,
    purpose: str,
    suite: int = INTL_1,
    *,
    vault: Vault | None = None,
    token: str = "",
) -> MadeKeys:
    """Keys from an interrupted run for the same purpose, or new ones, on disk before any use.

    Args:
        purpose: id of the invitation, or of the tenant that rotates.
        vault: under which they wait.
        token: "pkcs11:…" where signing and channel key are to be made in a token.

    Raises:
        ArgumentInvalid: a token makes keys of INTL-1 only.
        Exists: the token holds keys of that name.
    """
    kept = _read(path, purpose)
    if kept is None:
        kept = _make_in_token(purpose, suite, token) if token else _make(purpose, suite)
        texts = {name: base64.b64encode(value).decode() for name, value in kept.items()}
        write_secret(path, sealed_json({"invitation": purpose, **texts}, vault, PENDING_KEYS))
    of = suite_of(int(kept.get("suite", b"1")))
    custody = kept.get("custody", IN_FILE.encode()).decode()
    return MadeKeys(
        of.signing_key(kept["signing"]) if custody == IN_FILE else TokenHolder(custody).signing(),
        of.sealing_key(kept["sealing"]),
        kept,
        kept["csr"],
        vault,
        custody,
    )


def answer_challenge(address: str, purpose: str, made: MadeKeys) -> bytes:
    """Show the hub that the sealing key opens what is sealed to it; what goes in with the keys.

    Raises:
        Invalid: what the hub sent was not sealed to this key.
    """
    digest = made.digest(purpose)
    request = pb.ChallengeRequest(
        keys_digest=digest,
        sealing_key=made.sealing.public,
        suite=made.signing.suite,  # type: ignore[arg-type]  # number of the enum
    )
    path = method_of(_METHODS["Challenge"]).path
    reply = connect.post(address, path, request, pb.ChallengeReply)
    return open_challenge(reply.wrapped, made.sealing, digest)


def make_csr(key: ec.EllipticCurvePrivateKey, common_name: str) -> bytes:
    """A PKCS#10 request, DER; the hub decides what the certificate says."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def _read(path: Path, purpose: str) -> dict[str, bytes] | None:
    if not path.exists():
        return None
    kept = unsealed_json(path.read_text(encoding="utf-8"), PENDING_KEYS)
    if kept.pop("invitation") != purpose:
        return None
    return {name: base64.b64decode(value) for name, value in kept.items()}


def _make(purpose: str, suite: int) -> dict[str, bytes]:
    channel = ec.generate_private_key(ec.SECP256R1())
    return {
        "suite": str(suite).encode(),
        "signing": suite_of(suite).new_signing().private_bytes(),
        "sealing": suite_of(suite).new_sealing().private_bytes(),
        "channel": channel.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "csr": make_csr(channel, purpose),
    }


def _make_in_token(purpose: str, suite: int, token: str) -> dict[str, bytes]:
    if suite != INTL_1:
        raise ArgumentInvalid(
            "tokens make keys of INTL-1: for SM-1 use a signer, see docs/howto/keys.md"
        )
    holder = TokenHolder(token)
    holder.make_keys()
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), holder.public("channel"))
    return {
        "suite": str(suite).encode(),
        "custody": token.encode(),
        "signing": b"",
        "sealing": suite_of(suite).new_sealing().private_bytes(),
        "channel": b"",
        "csr": make_csr(HeldKey(point, holder), purpose),
    }
