"""Decisions of tenancy: values in, values out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from zongheng_protos.errors import CredentialInvalid, Invalid, InvitationInvalid
from zongheng_protos.options.v1 import options_pb2 as options
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


@dataclass(frozen=True, slots=True)
class Allowed:
    """The most that an invitation lets a credential grant.

    Attributes:
        rights: numbers of options.Right; empty: as its issuer sees fit.
        depth: None: as its issuer sees fit.
        life_ms: 0: as its issuer sees fit.
    """

    rights: frozenset[int] = frozenset()
    depth: int | None = None
    life_ms: int = 0


def check_grantable(allowed: Allowed, inviter: Credential | None) -> None:
    """An invitation promises nothing that its inviter has not to give.

    Raises:
        Invalid: it names rights that the inviter lacks, or a depth that it may not pass on.
    """
    if inviter is None:
        return
    wider = allowed.rights - inviter.rights
    if wider:
        names = ", ".join(sorted(map(str, map(_right_name, wider))))
        raise Invalid(f"{inviter.tenant} has not all of these rights to give: {names}")
    if allowed.depth is not None and allowed.depth >= max(inviter.depth, 1):
        raise Invalid(f"{inviter.tenant} may pass on a depth below {inviter.depth}")


def _right_name(right: int) -> str:
    return options.Right.Name(right) if right in options.Right.values() else str(right)


def check_allowed(credential: Credential, allowed: Allowed) -> None:
    """Raises CredentialInvalid when a credential grants more than its invitation said."""
    who = credential.tenant
    wider = credential.rights - allowed.rights if allowed.rights else frozenset()
    if wider:
        names = ", ".join(sorted(options.Right.Name(right) for right in wider))
        raise CredentialInvalid(
            f"the credential of {who} grants what it was not invited to: {names}"
        )
    if allowed.depth is not None and credential.depth > allowed.depth:
        raise CredentialInvalid(f"the credential of {who} is deeper than its invitation")
    life_ms = credential.expires_ms - credential.not_before_ms
    if allowed.life_ms and life_ms > allowed.life_ms + 2 * MAX_SKEW_MS:
        raise CredentialInvalid(f"the credential of {who} lasts longer than its invitation said")


def check_place(credential: Credential, *, subject: str, issuer: str, name: str, code: str) -> None:
    """A credential handed in is the subject's, by this issuer, named as the tree names it.

    Args:
        issuer: the tenant that hands it in.
        name, code: the subject's, as the tree has them.

    Raises:
        CredentialInvalid: it differs; the message names in what.
    """
    if credential.tenant != subject:
        raise CredentialInvalid(
            f"the credential speaks of {credential.tenant}, what was handed in of {subject}"
        )
    if not credential.ancestors or credential.ancestors[-1] != issuer:
        raise CredentialInvalid(f"the credential of {credential.tenant} is not issued by {issuer}")
    if (credential.name, credential.code) != (name, code):
        raise CredentialInvalid(
            f"the credential calls {credential.tenant} {credential.name} {credential.code}, "
            f"the tree {name} {code}"
        )


def check_keys(credential: Credential, expected: Iterable[tuple[int, bytes]], suite: int) -> None:
    """A credential holds exactly these keys, by use, of this suite.

    Raises:
        CredentialInvalid: it holds others.
    """
    if credential.suite != suite:
        raise CredentialInvalid(f"the credential of {credential.tenant} is of another suite")
    keys = sorted((key.use, key.public) for key in credential.keys.values())
    if keys != sorted(expected):
        raise CredentialInvalid(
            f"the credential of {credential.tenant} holds other keys than those handed in"
        )


def handed_in_keys(enrolment: Enrolment) -> list[tuple[int, bytes]]:
    """The keys that an enrolment's credential is to hold."""
    return [
        (pb.KEY_USE_SIGNING, enrolment.signing_key),
        (pb.KEY_USE_SEALING, enrolment.sealing_key),
        (pb.KEY_USE_CONSOLE, enrolment.console_key),
    ]
