"""Whether a key and its credential still counted when an act was logged, by the log's own order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import CredentialExpired, CredentialRevoked, RevocationsStale
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.revocation import read_snapshot


@dataclass(frozen=True, slots=True)
class Endings:
    """What was revoked: by id, the entry of the log that did it.

    Attributes:
        source: who says so.
    """

    entries: Mapping[str, int]
    source: str

    def first(self, ids: Iterable[str]) -> tuple[str, int] | None:
        """The one of these that was revoked earliest, and where; None: none was."""
        found = [(one, self.entries[one]) for one in ids if one in self.entries]
        return min(found, key=lambda each: each[1]) if found else None

    def check(self, what: str, ids: Iterable[str], index: int) -> str:
        """What to say of these at an entry of the log: nothing, or that they ended after it.

        Raises:
            CredentialRevoked: one of them had ended before.
        """
        ended = self.first(ids)
        if ended is None:
            return ""
        if ended[1] < index:
            raise CredentialRevoked(f"{what}: {ended[0]} had been revoked in entry {ended[1]}")
        return f"{ended[0]} was revoked afterwards, in entry {ended[1]}"


def endings(
    envelope: bytes,
    *,
    root: bytes,
    fingerprint: str,
    hub_id: str,
    last_ms: int,
    in_log: Mapping[str, int] | None,
) -> Endings:
    """What is known of revocations: from the log itself where it is at hand, else the hub's list.

    Args:
        envelope: the list; empty: there is none.
        last_ms: of the last act that is judged by it.
        in_log: every revocation of the whole log, by id; None: the log is not at hand.

    Raises:
        RevocationsStale: neither reaches to the last act.
        SignatureInvalid, CredentialForeign: the list is not this hub's.
    """
    listed: dict[str, int] = {}
    if envelope:
        issuer = verify_chain([root], root_fingerprint=fingerprint, at_ms=None)
        snapshot = read_snapshot(envelope, root=issuer, hub_id=hub_id)
        listed = {one.id: one.log_index for one in snapshot.revoked.values()}
        if in_log is None and snapshot.next_ms <= last_ms:
            raise RevocationsStale(
                f"list {snapshot.number} of revocations ends before the last act: export the "
                "evidence anew, or give the log with --log"
            )
        if in_log is None:
            return Endings(listed, f"the hub's list {snapshot.number}; with --log, the log itself")
    elif in_log is None:
        raise RevocationsStale(
            "the evidence holds no list of revocations: export it anew, or give the log with --log"
        )
    earliest = {
        one: min(index for index in (listed.get(one), (in_log or {}).get(one)) if index is not None)
        for one in {*listed, *(in_log or {})}
    }
    return Endings(earliest, f"{len(in_log or {})} revocations in the whole log")


def stood(
    held: Iterable[Credential], key_id: str, *, index: int, time_ms: int, ended: Endings
) -> str:
    """That a key stood in a credential that counted at an entry of the log; what to say of it.

    Args:
        held: the tenant's proven credentials; one of them is enough.

    Raises:
        CredentialRevoked, CredentialExpired: none did.
    """
    refused: CredentialRevoked | CredentialExpired | None = None
    said: str | None = None
    for credential in held:
        if key_id not in credential.keys:
            continue
        try:
            if time_ms >= credential.expires_ms:
                raise CredentialExpired(f"the credential of {credential.tenant} had expired")
            who = credential.name or credential.tenant
            found = ended.check(who, (key_id, *credential.links), index)
        except (CredentialRevoked, CredentialExpired) as error:
            refused = error
        else:
            said = found if said is None else min(said, found, key=len)
    if said is not None:
        return said
    raise refused or CredentialRevoked(f"{key_id} is no key of a proven credential")


def signer_id(envelope: bytes) -> str:
    """The key that an envelope names; what it holds is verified elsewhere."""
    signatures = Envelope.FromString(envelope).signatures
    return signatures[0].keyid if signatures else ""
