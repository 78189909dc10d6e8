"""Revocation snapshots: signed, numbered lists of what does not count any more.

A list only ever grows and its number with it, each names the one before, and each says until
when it may be relied on. So whoever keeps the newest one seen notices a list that was put back,
split, or held back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from zongheng_protos.errors import (
    CredentialForeign,
    CredentialRevoked,
    GrantRevoked,
    KeyRevoked,
    RevocationsForked,
    RevocationsStale,
    SignatureInvalid,
)
from zongheng_protos.tenancy.v1 import credential_pb2 as credentials
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import Credential
from zongheng_tenants.envelope import REVOCATIONS, read_envelope, seal_envelope, verified_payload
from zongheng_tenants.keys import Signer

LIFE_MS = 3600 * 1000
"""How long a snapshot may be relied on."""
FRESH_MS = LIFE_MS // 2
"""When the next one is issued, though nothing was revoked."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """One thing that was revoked.

    Attributes:
        kind: number of tenancy.v1.RevokedKind.
        id: of the credential, key or grant; a channel certificate's serial number in hex.
        reason: number of tenancy.v1.RevocationReason.
        at_ms: from when on it does not count; Unix milliseconds.
        log_index: of the act that revoked it.
        tenant: whose it was.
    """

    kind: int
    id: str
    reason: int
    at_ms: int
    log_index: int
    tenant: str

    @property
    def reason_name(self) -> str:
        """Such as "lost"."""
        name = pb.RevocationReason.Name(self.reason)
        return name.removeprefix("REVOCATION_REASON_").lower()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A verified snapshot.

    Attributes:
        revoked: by kind and id.
        sha256: of the envelope.
    """

    number: int
    hub_id: str
    issued_ms: int
    next_ms: int
    previous_sha256: bytes
    revoked: Mapping[tuple[int, str], Revocation]
    sha256: bytes
    envelope: bytes

    def check_fresh(self, now_ms: int) -> None:
        """Raises RevocationsStale when it must not be relied on any more."""
        if now_ms >= self.next_ms:
            seconds = (now_ms - self.issued_ms) // 1000
            raise RevocationsStale(
                f"the list of revocations, number {self.number}, is {seconds} s old and may be "
                f"relied on for {(self.next_ms - self.issued_ms) // 1000} s"
            )

    def check_credential(self, credential: Credential, *, at_ms: int | None = None) -> None:
        """Raises CredentialRevoked when it, or one above it, was revoked (by at_ms)."""
        owners = (*credential.ancestors, credential.tenant)
        for link, owner in zip(credential.links, owners, strict=True):
            found = self._found(pb.REVOKED_KIND_CREDENTIAL, link, at_ms)
            if found is not None:
                raise CredentialRevoked(
                    f"the credential of {owner}, on which {credential.tenant} stands, was revoked "
                    f"({found.reason_name})"
                )

    def check_key(self, key_id: str, *, at_ms: int | None = None) -> None:
        """Raises KeyRevoked when the key was revoked (by at_ms)."""
        found = self._found(pb.REVOKED_KIND_KEY, key_id, at_ms)
        if found is not None:
            raise KeyRevoked(f"the key {key_id} was revoked ({found.reason_name})")

    def check_grant(self, grant_id: str, *, at_ms: int | None = None) -> None:
        """Raises GrantRevoked when its owner took it back (by at_ms)."""
        found = self._found(pb.REVOKED_KIND_GRANT, grant_id, at_ms)
        if found is not None:
            raise GrantRevoked(f"grant {grant_id} was revoked ({found.reason_name})")

    def _found(self, kind: int, identifier: str, at_ms: int | None) -> Revocation | None:
        found = self.revoked.get((kind, identifier))
        return None if found is None or (at_ms is not None and at_ms < found.at_ms) else found


def sign_snapshot(
    *,
    hub_id: str,
    revoked: Iterable[Revocation],
    previous: bytes | None,
    number: int,
    key: Signer,
    now_ms: int,
    life_ms: int = LIFE_MS,
) -> bytes:
    """The envelope of the next snapshot.

    Args:
        previous: the envelope of the one before; None for the first.
        number: one more than that of the one before.
        key: the one that the hub holds for the province.
    """
    message = pb.RevocationSnapshot(
        number=number,
        hub_id=hub_id,
        issued_ms=now_ms,
        next_ms=now_ms + life_ms,
        previous_sha256=b"" if previous is None else hashlib.sha256(previous).digest(),
    )
    for one in sorted(revoked, key=lambda each: (each.log_index, each.kind, each.id)):
        message.revoked.append(as_message(one))
    return seal_envelope(REVOCATIONS, message.SerializeToString(), key)


def read_snapshot(envelope: bytes, *, root: Credential, hub_id: str) -> Snapshot:
    """What a snapshot says, once the province's hub-held key has signed it for this hub.

    Args:
        root: the verified root credential.

    Raises:
        SignatureInvalid: it is none, or another has signed it.
        CredentialForeign: it is of another hub.
    """
    parts = read_envelope(envelope, REVOCATIONS)
    key = root.keys.get(parts.signatures[0].keyid)
    if key is None or key.use != credentials.KEY_USE_CONSOLE:
        raise SignatureInvalid(
            f"{parts.signatures[0].keyid or 'no key'} is not the key that signs revocations for "
            f"{root.tenant}"
        )
    payload = verified_payload(parts, key.verifier())
    try:
        message = pb.RevocationSnapshot.FromString(payload)
    except DecodeError as error:
        raise SignatureInvalid("the list of revocations cannot be read") from error
    if message.hub_id != hub_id:
        raise CredentialForeign(
            f"the list of revocations is of hub {message.hub_id}, not of {hub_id}"
        )
    revoked: dict[tuple[int, str], Revocation] = {
        (one.kind, one.id): from_message(one) for one in message.revoked
    }
    return Snapshot(
        number=message.number,
        hub_id=message.hub_id,
        issued_ms=message.issued_ms,
        next_ms=message.next_ms,
        previous_sha256=message.previous_sha256,
        revoked=revoked,
        sha256=hashlib.sha256(envelope).digest(),
        envelope=envelope,
    )


def follow(known: Snapshot | None, shown: Snapshot, *, now_ms: int) -> Snapshot:
    """The newer of two, once it is certain that one follows the other.

    Args:
        known: the newest one seen so far; None: none was.

    Raises:
        RevocationsForked: shown is older than known, another of the same number, does not name
            known as the one before it, or lacks what known says; or it comes from the future.
    """
    if shown.issued_ms > now_ms + MAX_SKEW_MS:
        raise RevocationsForked(
            f"list {shown.number} of revocations was issued in the future: check the clocks"
        )
    if known is None or shown.sha256 == known.sha256:
        return shown
    if shown.number < known.number:
        raise RevocationsForked(
            f"list {shown.number} of revocations was shown after list {known.number}"
        )
    if shown.number == known.number:
        raise RevocationsForked(f"there are two lists of revocations with number {shown.number}")
    if shown.number == known.number + 1 and shown.previous_sha256 != known.sha256:
        raise RevocationsForked(
            f"list {shown.number} of revocations does not follow the list {known.number} shown "
            "before"
        )
    if shown.issued_ms < known.issued_ms:
        raise RevocationsForked(
            f"list {shown.number} of revocations is older than list {known.number}"
        )
    for (kind, identifier), one in known.revoked.items():
        if kind != pb.REVOKED_KIND_CHANNEL and shown.revoked.get((kind, identifier)) != one:
            raise RevocationsForked(
                f"list {shown.number} of revocations lacks {identifier}, which list "
                f"{known.number} held"
            )
    return shown


def as_message(one: Revocation) -> pb.Revoked:
    return pb.Revoked(
        kind=one.kind,  # type: ignore[arg-type]  # number of the enum
        id=one.id,
        reason=one.reason,  # type: ignore[arg-type]  # number of the enum
        at_ms=one.at_ms,
        log_index=one.log_index,
        tenant_id=one.tenant,
    )


def from_message(message: pb.Revoked) -> Revocation:
    return Revocation(
        kind=message.kind,
        id=message.id,
        reason=message.reason,
        at_ms=message.at_ms,
        log_index=message.log_index,
        tenant=message.tenant_id,
    )
