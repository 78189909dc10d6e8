"""Enrolment: what child and parent do on their own machines, so that the hub can swap no keys."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from zongheng_protos.errors import CredentialInvalid, Invalid, InvitationInvalid, SignatureInvalid
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import issue_credential, verify_chain
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import Invitation, keys_digest
from zongheng_tenants.keys import Opener, Signer
from zongheng_tenants.suites import INTL_1, KEY_BYTES, suite_of

CREDENTIAL_LIFE_MS = 2 * 365 * 24 * 3600 * 1000

_UNIT_RIGHTS = frozenset(
    {
        options.RIGHT_ADOPT,
        options.RIGHT_CALL,
        options.RIGHT_FILE,
        options.RIGHT_HANDLE,
        options.RIGHT_OFFER,
        options.RIGHT_REQUEST,
        options.RIGHT_GRANT,
        options.RIGHT_ADMINISTER,
        options.RIGHT_AUDIT,
    }
)
_DEPARTMENT_RIGHTS = _UNIT_RIGHTS - {options.RIGHT_ADMINISTER}
_TOWNSHIP_RIGHTS = frozenset({options.RIGHT_CALL, options.RIGHT_FILE, options.RIGHT_HANDLE})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an invited unit handed in, as its parent gets to see it.

    Attributes:
        csr: PKCS#10 request for the channel certificate, DER.
        signing_key, sealing_key: raw public keys, 32 bytes each, in SM-1 65.
        proof: signature by signing_key over the keys' digest.
        invitation_mac: the digest's HMAC under the invitation's secret, 32 bytes.
        console_key: the hub's public key for this tenant's operators in the console.
        suite: of all three keys; the unit chose it, and proof and MAC cover it.
    """

    invitation_id: str
    tenant_id: str
    csr: bytes
    signing_key: bytes
    sealing_key: bytes
    proof: bytes
    invitation_mac: bytes
    console_key: bytes
    suite: int = INTL_1


def child_rights(level: int) -> frozenset[int]:
    """The rights a unit of a level (tenancy.v1.Level) usually gets from its parent.

    Cities, counties and extra units (开发区) run their own affairs; a department does not
    enrol others; a township calls, files and handles.
    """
    if level in (tenancy.LEVEL_CITY, tenancy.LEVEL_COUNTY, tenancy.LEVEL_EXTRA):
        return _UNIT_RIGHTS
    if level == tenancy.LEVEL_DEPARTMENT:
        return _DEPARTMENT_RIGHTS
    if level == tenancy.LEVEL_TOWNSHIP:
        return _TOWNSHIP_RIGHTS
    raise Invalid(f"a unit of level {level} has no parent that could give it rights")


def prepare(
    invitation: Invitation, signing: Signer, sealing: Opener, csr: bytes
) -> tuple[bytes, bytes]:
    """The child's part: proof of possession, and the MAC that its parent will check."""
    digest = keys_digest(invitation.id, csr, signing.public, sealing.public, suite=signing.suite)
    return signing.sign(digest), invitation.mac(digest)


def check_possession(
    *,
    invitation_id: str,
    csr: bytes,
    signing_key: bytes,
    sealing_key: bytes,
    proof: bytes,
    suite: int = INTL_1,
) -> None:
    """The hub's part and the parent's: whoever enrols holds the signing key.

    Raises:
        Invalid: a key is malformed, weak or used twice, or the suite is not known.
        SuiteUnavailable: this machine cannot compute the suite.
        SignatureInvalid: the proof does not hold over exactly these parts.
    """
    algorithms = suite_of(suite)
    if {len(signing_key), len(sealing_key)} != {KEY_BYTES[suite]}:
        raise Invalid(f"signing_key and sealing_key have {KEY_BYTES[suite]} bytes each")
    if signing_key == sealing_key:
        raise Invalid("signing_key and sealing_key must differ")
    try:
        verifier = algorithms.verify_key(signing_key)
        algorithms.check_sealing(sealing_key)
    except ValueError as error:
        raise Invalid("signing_key or sealing_key is no usable public key") from error
    digest = keys_digest(invitation_id, csr, signing_key, sealing_key, suite=suite)
    if not verifier.verifies(proof, digest):
        raise SignatureInvalid("the proof was not made with signing_key over these very keys")


def check_enrolment(enrolment: Enrolment, secret: bytes) -> None:
    """The parent's part, before it signs: these are the keys the invited unit made.

    Args:
        secret: of the invitation the parent handed out; the hub never saw it.

    Raises:
        InvitationInvalid: the MAC does not hold: keys were swapped on the way, or another
            invitation was used. Do not sign.
        Invalid, SignatureInvalid: as check_possession.
    """
    digest = keys_digest(
        enrolment.invitation_id,
        enrolment.csr,
        enrolment.signing_key,
        enrolment.sealing_key,
        suite=enrolment.suite,
    )
    expected = Invitation(enrolment.invitation_id, "", "", secret).mac(digest)
    if not hmac.compare_digest(expected, enrolment.invitation_mac):
        raise InvitationInvalid(
            f"the keys handed in for {enrolment.tenant_id} are not those of the unit that holds "
            f"invitation {enrolment.invitation_id}: do not sign, invite it anew"
        )
    check_possession(
        invitation_id=enrolment.invitation_id,
        csr=enrolment.csr,
        signing_key=enrolment.signing_key,
        sealing_key=enrolment.sealing_key,
        proof=enrolment.proof,
        suite=enrolment.suite,
    )


def credential_for(
    enrolment: Enrolment,
    *,
    name: str,
    code: str,
    level: int,
    parent: Identity,
    now_ms: int,
    life_ms: int = CREDENTIAL_LIFE_MS,
) -> bytes:
    """The credential envelope that parent signs for a checked enrolment.

    The child gets child_rights(level) as far as the parent has them, one step less of depth,
    and never outlives its parent. name and code must be those of the hub's tree.

    Raises:
        CredentialExpired, CredentialForeign, CredentialInvalid: the parent's own chain does not
            hold now, or allows no further link.
    """
    issuer = verify_chain(parent.chain, root_fingerprint=parent.root_fingerprint, at_ms=now_ms)
    if issuer.depth == 0:
        raise CredentialInvalid(f"the credential of {issuer.tenant} allows none below it")
    return issue_credential(
        subject=enrolment.tenant_id,
        name=name,
        code=code,
        keys=[
            (pb.KEY_USE_SIGNING, enrolment.signing_key),
            (pb.KEY_USE_SEALING, enrolment.sealing_key),
            (pb.KEY_USE_CONSOLE, enrolment.console_key),
        ],
        rights=child_rights(level) & issuer.rights,
        depth=issuer.depth - 1,
        not_before_ms=max(issuer.not_before_ms, now_ms - MAX_SKEW_MS),
        expires_ms=min(issuer.expires_ms, now_ms + life_ms),
        issuer=issuer.tenant,
        issuer_key=parent.signing(),
        issuer_envelope=parent.chain[-1],
        suite=enrolment.suite,
    )
