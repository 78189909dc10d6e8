"""Enrolment: what child and parent do on their own machines, so that the hub can swap no keys."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_protos.errors import (
    ActMismatch,
    CredentialInvalid,
    Invalid,
    InvitationInvalid,
    SignatureInvalid,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants.act import MAX_SKEW_MS, is_of, signer_of
from zongheng_tenants.channel_request import checked_csr
from zongheng_tenants.credential import Credential, issue_credential, verify_chain
from zongheng_tenants.envelope import verified_payload
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import Invitation, keys_digest
from zongheng_tenants.keys import Opener, Signer
from zongheng_tenants.possession import answered, keys_fingerprint
from zongheng_tenants.suites import INTL_1, KEY_BYTES, suite_of

CREDENTIAL_LIFE_MS = 2 * 365 * 24 * 3600 * 1000
ROTATION_METHOD = "/zongheng.tenancy.v1.TenancyService/RequestRotation"

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
        answer: the hub's challenge, opened with the sealing key.
        act, request: of a rotation, which has no invitation: as the unit signed it.
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
    answer: bytes = b""
    act: bytes = b""
    request: bytes = b""

    @property
    def fingerprint(self) -> str:
        """What parent and child compare, over all keys."""
        return keys_fingerprint(
            csr=self.csr, signing_key=self.signing_key, sealing_key=self.sealing_key
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What a credential is to grant, as far as its issuer may; None leaves it as usual.

    Attributes:
        rights: no more than these.
        depth: how many further links may follow, at most.
        life_ms: how long it lasts, at most.
    """

    rights: frozenset[int] | None = None
    depth: int | None = None
    life_ms: int = CREDENTIAL_LIFE_MS

    @classmethod
    def of(cls, credential: Credential) -> Terms:
        """Those of a credential, for one that is to follow it."""
        life_ms = credential.expires_ms - credential.not_before_ms
        return cls(credential.rights, credential.depth, life_ms)


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
    invitation: Invitation, signing: Signer, sealing: Opener, csr: bytes, answer: bytes
) -> tuple[bytes, bytes]:
    """The child's part: proof of possession, and the MAC that its parent will check.

    Args:
        answer: the hub's challenge, opened with sealing; see possession.
    """
    digest = keys_digest(invitation.id, csr, signing.public, sealing.public, suite=signing.suite)
    covered = answered(digest, answer)
    return signing.sign(covered), invitation.mac(covered)


def check_possession(
    *,
    invitation_id: str,
    csr: bytes,
    signing_key: bytes,
    sealing_key: bytes,
    answer: bytes,
    proof: bytes,
    suite: int = INTL_1,
) -> bytes:
    """The hub's part and the parent's: whoever enrols holds channel key and signing key.

    That the sealing key is held too, the hub checks with possession.check_answer.

    Args:
        invitation_id: the id of the tenant, where keys are handed in to rotate.

    Returns:
        keys_digest of what was handed in.

    Raises:
        Invalid: a key is malformed, weak or used twice, the suite is not known, or the CSR is not
            signed with its own key.
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
    checked_csr(csr)
    digest = keys_digest(invitation_id, csr, signing_key, sealing_key, suite=suite)
    if not verifier.verifies(proof, answered(digest, answer)):
        raise SignatureInvalid("the proof was not made with signing_key over these very keys")
    return digest


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
    expected = Invitation(enrolment.invitation_id, "", "", secret).mac(
        answered(digest, enrolment.answer)
    )
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
        answer=enrolment.answer,
        proof=enrolment.proof,
        suite=enrolment.suite,
    )


def check_rotation(enrolment: Enrolment, held: Credential, *, hub_id: str) -> None:
    """The parent's part, before it signs for new keys: the unit asked for them with its old one.

    Args:
        held: the unit's credential now, its chain verified.

    Raises:
        ActMismatch, SignatureInvalid: the request was not signed with the unit's own key for these
            very keys, but by the hub or someone else. Do not sign.
        Invalid: as check_possession.
    """
    parts, key_id = signer_of(enrolment.act)
    key = held.keys.get(key_id)
    if key is None or key.use != pb.KEY_USE_SIGNING or held.tenant != enrolment.tenant_id:
        raise SignatureInvalid(f"{key_id} is not the signing key that {held.tenant} holds")
    statement = ActStatement.FromString(verified_payload(parts, key.verifier()))
    asked = tenancy.RequestRotationRequest.FromString(enrolment.request)
    same = (
        statement.method == ROTATION_METHOD
        and statement.tenant == held.tenant
        and statement.audience == hub_id
        and not statement.on_behalf
        and is_of(statement, enrolment.request, key.suite)
        and asked.csr == enrolment.csr
        and asked.signing_key == enrolment.signing_key
        and asked.sealing_key == enrolment.sealing_key
        and asked.answer == enrolment.answer
        and asked.proof == enrolment.proof
        and (int(asked.suite) or INTL_1) == enrolment.suite
    )
    if not same:
        raise ActMismatch(f"{held.tenant} did not ask for these keys: do not sign")
    check_possession(
        invitation_id=enrolment.tenant_id,
        csr=enrolment.csr,
        signing_key=enrolment.signing_key,
        sealing_key=enrolment.sealing_key,
        answer=enrolment.answer,
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
    terms: Terms | None = None,
) -> bytes:
    """The credential envelope that parent signs for a checked enrolment.

    The child gets child_rights(level) as far as the parent has them, one step less of depth,
    and never outlives its parent; terms narrow that. name and code must be those of the hub's
    tree.

    Raises:
        CredentialExpired, CredentialForeign, CredentialInvalid: the parent's own chain does not
            hold now, or allows no further link.
    """
    issuer = verify_chain(parent.chain, root_fingerprint=parent.root_fingerprint, at_ms=now_ms)
    if issuer.depth == 0:
        raise CredentialInvalid(f"the credential of {issuer.tenant} allows none below it")
    terms = terms or Terms()
    rights = child_rights(level) if terms.rights is None else terms.rights
    depth = issuer.depth - 1 if terms.depth is None else min(terms.depth, issuer.depth - 1)
    return issue_credential(
        subject=enrolment.tenant_id,
        name=name,
        code=code,
        keys=[
            (pb.KEY_USE_SIGNING, enrolment.signing_key),
            (pb.KEY_USE_SEALING, enrolment.sealing_key),
            (pb.KEY_USE_CONSOLE, enrolment.console_key),
        ],
        rights=rights & issuer.rights,
        depth=depth,
        not_before_ms=max(issuer.not_before_ms, now_ms - MAX_SKEW_MS),
        expires_ms=min(issuer.expires_ms, now_ms + terms.life_ms),
        issuer=issuer.tenant,
        issuer_key=parent.signing(),
        issuer_envelope=parent.chain[-1],
        suite=enrolment.suite,
    )
