"""Revocations: ending credentials, keys, channels, grants; and the list that others are held to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from zongheng_protos.errors import CredentialRevoked, RevocationsStale, Unavailable
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_sdk.flow import Flow, work
from zongheng_sdk.identity_file import write_secret
from zongheng_sdk.operation import Area, Mode, Run, operation
from zongheng_sdk.receipts import Receipt
from zongheng_sdk.session import Session
from zongheng_sdk.words import number, word
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.identity import Identity
from zongheng_tenants.revocation import Revocation, Snapshot, follow, from_message, read_snapshot

REVOCATIONS = "revocations.bin"
PULL_MS = 60_000
"""How old what is known may be before the hub is asked for news."""
Reason = Literal["superseded", "lost", "compromised", "closed", "policy"]
_METHODS = pb.DESCRIPTOR.services_by_name["RevocationService"].methods_by_name
_REASONS = pb.RevocationReason.DESCRIPTOR


@dataclass(frozen=True, slots=True)
class Ended:
    """What a revocation ended, and the number of the list that says so."""

    revoked: tuple[Revocation, ...]
    number: int
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Consequences:
    """What revoking a credential would do: enrolled units below it, streams that would end."""

    tenant_id: str
    units_below: int
    streams: int


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key of a credential; use is "signing", "sealing" or "console"."""

    id: str
    use: str
    revoked: Revocation | None


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """One of a unit's credentials; standing: "active", "superseded", "revoked" or "expired"."""

    id: str
    standing: str
    issued_ms: int
    expires_ms: int
    log_index: int
    keys: tuple[HeldKey, ...]
    revoked: Revocation | None


@dataclass(frozen=True, slots=True)
class HeldChannel:
    """A channel certificate that has not expired; serial in hex."""

    serial: str
    issued_ms: int
    expires_ms: int
    revoked: Revocation | None


@dataclass(frozen=True, slots=True)
class Held:
    """Everything by which a unit calls, newest first."""

    credentials: tuple[HeldCredential, ...]
    channels: tuple[HeldChannel, ...]


class RevocationBook:
    """The newest list of revocations that this unit has seen.

    Args:
        folder: where the identity lies; the list is kept beside it. None keeps it in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / REVOCATIONS
        self._known: Snapshot | None = None
        self._pulled_ms = 0
        self._lock = threading.Lock()

    def known(self, identity: Identity) -> tuple[Snapshot | None, int]:
        """The newest one, and when the hub was last asked."""
        with self._lock:
            self._catch_up(identity)
            return self._known, self._pulled_ms

    def keep(
        self, shown: list[bytes], since: Snapshot | None, identity: Identity, now_ms: int
    ) -> Snapshot | None:
        """Take lists that the hub showed, oldest first, once each follows the one before.

        Args:
            since: what was known when the hub was asked.

        Raises:
            RevocationsForked, SignatureInvalid, CredentialForeign: one does not; none is kept.
        """
        newest = since
        for envelope in shown:
            newest = follow(newest, _read(envelope, identity), now_ms=now_ms)
        with self._lock:
            self._catch_up(identity)
            if newest is not None and self._is_news(newest, now_ms):
                if self._path is not None:
                    write_secret(self._path, newest.envelope)
                self._known = newest
            self._pulled_ms = now_ms
            return self._known

    def _is_news(self, newest: Snapshot, now_ms: int) -> bool:
        known = self._known
        if known is not None and newest.number < known.number:
            return False  # meanwhile another thread or program of this unit has got further
        follow(known, newest, now_ms=now_ms)
        return known is None or newest.sha256 != known.sha256

    def _catch_up(self, identity: Identity) -> None:
        """Another program of this unit may have kept a newer one."""
        if self._path is None or not self._path.exists():
            return
        envelope = self._path.read_bytes()
        if self._known is None or envelope != self._known.envelope:
            kept = _read(envelope, identity)
            if self._known is None or kept.number > self._known.number:
                self._known = kept


class Revocations(Area[Mode]):
    """hub.revocations."""

    def __init__(self, session: Session, run: Run, book: RevocationBook) -> None:
        super().__init__(session, run)
        self._book = book

    @operation
    def latest(self) -> Flow[Snapshot]:
        """The newest list, asked for now, verified, and kept.

        Raises:
            RevocationsForked: it is older or other than one seen before.
            RevocationsStale: the hub has none that may still be relied on.
        """
        return (yield from current(self._session, self._book, max_age_ms=0))

    @operation
    def credentials(self, tenant_id: str = "") -> Flow[Held]:
        """Credentials, keys and channel certificates of this unit, or of one below it."""
        request = pb.ListCredentialsRequest(tenant_id=tenant_id or self._session.identity.tenant)
        reply, _ = yield from self._session.unary(
            _METHODS["ListCredentials"], request, pb.ListCredentialsReply
        )
        return Held(
            tuple(map(_credential, reply.credentials)),
            tuple(
                HeldChannel(one.serial, one.issued_ms, one.expires_ms, _revoked(one))
                for one in reply.channels
            ),
        )

    @operation
    def preview(self, credential_id: str) -> Flow[Consequences]:
        """What revoking a credential would do; nothing is done."""
        reply, _ = yield from self._session.unary(
            _METHODS["PreviewRevocation"],
            pb.PreviewRevocationRequest(credential_id=credential_id),
            pb.PreviewRevocationReply,
        )
        return Consequences(reply.tenant_id, reply.units_below, reply.streams)

    @operation
    def revoke_credential(self, credential_id: str, *, reason: Reason) -> Flow[Ended]:
        """End a credential of this unit or of one below it, and all access that stands on it.

        Raises:
            NotRelated: the unit does not stand above it.
            StateConflict: it was revoked already, or is the root.
        """
        request = pb.RevokeCredentialRequest(credential_id=credential_id, reason=_reason(reason))
        return (yield from self._revoke("RevokeCredential", request))

    @operation
    def revoke_key(self, key_id: str, *, reason: Reason) -> Flow[Ended]:
        """End one key of this unit or of one below it; raises as revoke_credential."""
        request = pb.RevokeKeyRequest(key_id=key_id, reason=_reason(reason))
        return (yield from self._revoke("RevokeKey", request))

    @operation
    def revoke_channel(self, serial: str, *, reason: Reason) -> Flow[Ended]:
        """End one channel certificate, by its serial number in hex."""
        request = pb.RevokeChannelRequest(serial=serial, reason=_reason(reason))
        return (yield from self._revoke("RevokeChannel", request))

    @operation
    def revoke_grant(self, grant_id: str, *, reason: Reason) -> Flow[Ended]:
        """Take back a grant that this unit gave."""
        request = pb.RevokeGrantRequest(grant_id=grant_id, reason=_reason(reason))
        return (yield from self._revoke("RevokeGrant", request))

    def _revoke(self, name: str, request: Any) -> Flow[Ended]:
        reply, receipt = yield from self._session.unary(_METHODS[name], request, pb.RevokeReply)
        return Ended(tuple(map(from_message, reply.revoked)), reply.number, receipt)


def current(session: Session, book: RevocationBook, *, max_age_ms: int = PULL_MS) -> Flow[Snapshot]:
    """The list to go by now: asked for where what is known is older than max_age_ms.

    Raises:
        RevocationsStale: the hub gave none that may still be relied on.
        RevocationsForked: it gave one that does not follow what is known.
    """
    known, pulled_ms = yield from work(lambda: book.known(session.identity))
    now_ms = session.now_ms()
    if known is None or not 0 <= now_ms - pulled_ms < max_age_ms:
        known = yield from _pull(session, book, known)
    if known is None:
        raise RevocationsStale("the hub has not shown its list of revocations")
    known.check_fresh(session.now_ms())
    return known


def _pull(session: Session, book: RevocationBook, known: Snapshot | None) -> Flow[Snapshot | None]:
    request = pb.GetRevocationsRequest(since=0 if known is None else known.number)
    try:
        reply, _ = yield from session.unary(
            _METHODS["GetRevocations"], request, pb.GetRevocationsReply
        )
    except Unavailable:
        return known  # as long as it is fresh it will do
    shown, identity = list(reply.snapshots), session.identity
    return (yield from work(lambda: book.keep(shown, known, identity, session.now_ms())))


def standing(snapshot: Snapshot, credential: Credential) -> Credential:
    """A credential that is not revoked, without the earlier ones that are.

    Raises:
        CredentialRevoked: it, or one above it, is.
    """
    snapshot.check_credential(credential)
    return replace(
        credential, earlier=tuple(one for one in credential.earlier if _stands(snapshot, one))
    )


def _stands(snapshot: Snapshot, credential: Credential) -> bool:
    try:
        snapshot.check_credential(credential)
    except CredentialRevoked:
        return False
    return True


def _read(envelope: bytes, identity: Identity) -> Snapshot:
    root = verify_chain(identity.chain[:1], root_fingerprint=identity.root_fingerprint, at_ms=None)
    return read_snapshot(envelope, root=root, hub_id=identity.hub_id)


def _credential(record: pb.CredentialRecord) -> HeldCredential:
    from zongheng_protos.tenancy.v1 import credential_pb2

    return HeldCredential(
        id=record.id,
        standing=word(pb.CredentialStanding.DESCRIPTOR, record.standing),
        issued_ms=record.issued_ms,
        expires_ms=record.expires_ms,
        log_index=record.log_index,
        keys=tuple(
            HeldKey(key.key_id, word(credential_pb2.KeyUse.DESCRIPTOR, key.use), _revoked(key))
            for key in record.keys
        ),
        revoked=_revoked(record),
    )


def _revoked(record: Any) -> Revocation | None:
    return from_message(record.revoked) if record.HasField("revoked") else None


def _reason(reason: Reason) -> Any:
    return cast(Any, number(_REASONS, reason, field="reason"))
