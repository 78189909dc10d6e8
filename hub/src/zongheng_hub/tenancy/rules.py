"""Decisions of tenancy: values in, values out."""

from __future__ import annotations

import hashlib
import hmac

from zongheng_protos.errors import CredentialInvalid, Invalid, InvitationInvalid
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import Credential
from zongheng_tenants.enrolment import Enrolment
from zongheng_tenants.invitation import LIFE_MS


def check_invitation_life(expires_ms: int, now_ms: int) -> None:
    """An invitation ends within 72 hours, as the inviter's clock and the hub's may differ.

    Raises:
        Invalid: it ends in the past or too late.
    """
    if expires_ms <= now_ms:
        raise Invalid("expires_ms lies in the past")
    if expires_ms > now_ms + LIFE_MS + MAX_SKEW_MS:
        raise Invalid("expires_ms lies more than 72 hours ahead")


def check_token(
    *, token: bytes, token_sha256: bytes, expires_ms: int, invitation_id: str, now_ms: int
) -> None:
    """Whoever enrols holds the invitation, and it has not run out.

    Raises:
        InvitationInvalid: otherwise.
    """
    if not hmac.compare_digest(hashlib.sha256(token).digest(), token_sha256):
        raise InvitationInvalid(f"the token is not that of invitation {invitation_id}")
    if now_ms >= expires_ms:
        raise InvitationInvalid(f"invitation {invitation_id} has expired")


def check_matches(
    credential: Credential, enrolment: Enrolment, *, issuer: str, name: str, code: str
) -> None:
    """A credential handed in speaks of exactly this enrolment: subject, name and all three keys.

    Args:
        issuer: the tenant that hands it in.
        name, code: the subject's, as the tree has them.

    Raises:
        CredentialInvalid: it differs; the message names in what.
    """
    if credential.tenant != enrolment.tenant_id:
        raise CredentialInvalid(
            f"the credential speaks of {credential.tenant}, the enrolment of {enrolment.tenant_id}"
        )
    if not credential.ancestors or credential.ancestors[-1] != issuer:
        raise CredentialInvalid(f"the credential of {credential.tenant} is not issued by {issuer}")
    if (credential.name, credential.code) != (name, code):
        raise CredentialInvalid(
            f"the credential calls {credential.tenant} {credential.name} {credential.code}, "
            f"the tree {name} {code}"
        )
    if credential.suite != enrolment.suite:
        raise CredentialInvalid(f"the credential of {credential.tenant} is of another suite")
    keys = sorted((key.use, key.public) for key in credential.keys.values())
    expected = [
        (pb.KEY_USE_SIGNING, enrolment.signing_key),
        (pb.KEY_USE_SEALING, enrolment.sealing_key),
        (pb.KEY_USE_CONSOLE, enrolment.console_key),
    ]
    if keys != expected:
        raise CredentialInvalid(
            f"the credential of {credential.tenant} holds other keys than enrolment does"
        )
