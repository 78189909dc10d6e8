"""Credentials: what a parent signs for a child, and chains of them in which every link narrows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from zongheng_protos.errors import CredentialExpired, CredentialForeign, CredentialInvalid
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants import suites
from zongheng_tenants.envelope import CREDENTIAL, open_envelope, read_envelope, seal_envelope
from zongheng_tenants.ids import new_id
from zongheng_tenants.keys import Signer, Verifier, key_id
from zongheng_tenants.suites import INTL_1

MAX_DEPTH = 8
RIGHTS = frozenset(
    number
    for number in options.Right.values()
    if number not in (options.RIGHT_UNSPECIFIED, options.RIGHT_OPEN, options.RIGHT_ENROLLED)
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    id: str
    use: int
    public: bytes
    suite: int = INTL_1

    def verifier(self) -> Verifier:
        """What verifies its signatures, in the suite that the credential pins.

        Raises:
            SuiteUnavailable: this machine cannot compute the suite.
        """
        return suites.verify_key(self.suite, self.public)


@dataclass(frozen=True, slots=True)
class Credential:
    """What is known of a tenant once its chain has been verified.

    Attributes:
        tenant: whom it speaks of.
        ancestors: the tenants above, root first.
        links: ids of all credentials of the chain, root first, its own last: it counts only as
            long as none of them is revoked.
        keys: by id; signing, sealing and console keys.
        rights: numbers of options.Right.
        not_before_ms, expires_ms: the narrowest of the whole chain.
        sha256: of the last envelope.
        earlier: the tenant's credentials before this one, for what was signed under them.
        suite: of all its keys (tenancy.v1.Suite).
    """

    id: str
    tenant: str
    name: str
    code: str
    ancestors: tuple[str, ...]
    links: tuple[str, ...]
    keys: dict[str, PublicKey]
    rights: frozenset[int]
    depth: int
    not_before_ms: int
    expires_ms: int
    sha256: bytes
    suite: int = INTL_1
    earlier: tuple[Credential, ...] = ()

    def signed_with(self, key_id: str) -> Credential:
        """This credential or the earlier one in which a key stands; itself when none has it."""
        return next((one for one in (self, *self.earlier) if key_id in one.keys), self)

    def key_for(self, use: int) -> PublicKey:
        """Its first key of a use.

        Raises:
            CredentialInvalid: it has none.
        """
        for key in self.keys.values():
            if key.use == use:
                return key
        raise CredentialInvalid(f"{self.tenant} has no key for {pb.KeyUse.Name(use)}")

    def check_time(self, at_ms: int) -> None:
        """Raises CredentialExpired outside its dates."""
        if at_ms < self.not_before_ms:
            raise CredentialExpired(f"the credential of {self.tenant} is not valid yet")
        if at_ms >= self.expires_ms:
            raise CredentialExpired(f"the credential of {self.tenant} has expired")


def fingerprint(envelope: bytes) -> str:
    """SHA-256 of a credential's envelope, hex: what people compare."""
    return hashlib.sha256(envelope).hexdigest()


def issuer_sha256(envelope: bytes) -> bytes:
    """Of which envelope a credential says that it was issued under it; nothing verified yet."""
    return _claims(envelope).issuer_sha256


def issue_credential(
    *,
    subject: str,
    name: str,
    code: str,
    keys: Sequence[tuple[int, bytes]],
    rights: frozenset[int],
    depth: int,
    not_before_ms: int,
    expires_ms: int,
    issuer: str,
    issuer_key: Signer,
    issuer_envelope: bytes = b"",
    suite: int = INTL_1,
) -> bytes:
    """Sign a credential; keys are pairs of use and raw public key.

    All keys are of suite, whatever the issuer's is. The root signs itself: issuer equals subject
    and issuer_envelope is empty.
    """
    credential = pb.Credential(
        id=new_id("c"),
        subject=subject,
        issuer=issuer,
        rights=sorted(rights),  # type: ignore[arg-type]  # numbers of the enum
        depth=depth,
        not_before_ms=not_before_ms,
        expires_ms=expires_ms,
        suite=suite,  # type: ignore[arg-type]  # number of the enum
        name=name,
        code=code,
        issuer_sha256=hashlib.sha256(issuer_envelope).digest() if issuer_envelope else b"",
    )
    for use, public in keys:
        credential.keys.add(key_id=key_id(public), use=use, public_key=public)
    return seal_envelope(CREDENTIAL, credential.SerializeToString(), issuer_key)


def verify_chain(chain: Sequence[bytes], *, root_fingerprint: str, at_ms: int | None) -> Credential:
    """The last credential of a chain (root first), once every link holds and narrows.

    Args:
        at_ms: the moment for which it is to be valid; None leaves dates to the caller.

    Raises:
        CredentialForeign: the chain starts at another root.
        CredentialInvalid: a link is malformed, wrongly signed or widens.
        CredentialExpired: a link is outside its dates.
    """
    if not chain or len(chain) > MAX_DEPTH:
        raise CredentialInvalid(f"a chain has 1 to {MAX_DEPTH} credentials, not {len(chain)}")
    if fingerprint(chain[0]) != root_fingerprint:
        raise CredentialForeign("the credential's chain does not start at this province's root")
    above: Credential | None = None
    for envelope in chain:
        above = _verify_link(envelope, above)
        if at_ms is not None:
            above.check_time(at_ms)
    assert above is not None
    return above


def _verify_link(envelope: bytes, above: Credential | None) -> Credential:
    claimed = _claims(envelope)
    issuer = above or _as_credential(claimed, envelope, None)
    signer = issuer.key_for(pb.KEY_USE_SIGNING).verifier()
    open_envelope(envelope, CREDENTIAL, signer)
    if above is None:
        if claimed.issuer != claimed.subject or claimed.issuer_sha256:
            raise CredentialInvalid("the first credential of a chain is not a root")
    else:
        _check_narrows(claimed, above)
    return _as_credential(claimed, envelope, above)


def _check_narrows(claimed: pb.Credential, above: Credential) -> None:
    who = claimed.subject
    if claimed.issuer != above.tenant or claimed.issuer_sha256 != above.sha256:
        raise CredentialInvalid(f"the credential of {who} was not issued under {above.tenant}'s")
    if claimed.subject in (*above.ancestors, above.tenant):
        raise CredentialInvalid(f"{who} stands above itself in the chain")
    if above.depth == 0 or claimed.depth >= above.depth:
        raise CredentialInvalid(f"the credential of {who} is deeper than {above.tenant} may issue")
    wider = set(claimed.rights) - above.rights
    if wider:
        names = ", ".join(sorted(options.Right.Name(r) for r in wider))
        raise CredentialInvalid(f"the credential of {who} claims more than its issuer has: {names}")
    if claimed.not_before_ms < above.not_before_ms or claimed.expires_ms > above.expires_ms:
        raise CredentialInvalid(f"the credential of {who} outlives its issuer's")


def _claims(envelope: bytes) -> pb.Credential:
    try:
        claimed = pb.Credential.FromString(read_envelope(envelope, CREDENTIAL).payload)
    except DecodeError as error:
        raise CredentialInvalid("the credential cannot be read") from error
    if not claimed.subject or not claimed.issuer or not claimed.id:
        raise CredentialInvalid("the credential names no id, subject or issuer")
    if claimed.suite not in suites.NAMES:
        raise CredentialInvalid(f"the credential's suite {claimed.suite} is not known here")
    if claimed.not_before_ms >= claimed.expires_ms:
        raise CredentialInvalid("the credential ends before it begins")
    unknown = set(claimed.rights) - RIGHTS
    if unknown:
        raise CredentialInvalid(f"the credential names unknown rights: {sorted(unknown)}")
    return claimed


def _as_credential(claimed: pb.Credential, envelope: bytes, above: Credential | None) -> Credential:
    keys: dict[str, PublicKey] = {}
    for key in claimed.keys:
        if key.key_id != key_id(key.public_key):
            raise CredentialInvalid(f"key {key.key_id} of {claimed.subject} does not match its id")
        try:
            suites.check_public(claimed.suite, key.public_key)
        except ValueError as error:
            raise CredentialInvalid(f"key {key.key_id} of {claimed.subject}: {error}") from error
        keys[key.key_id] = PublicKey(key.key_id, key.use, key.public_key, claimed.suite)
    return Credential(
        id=claimed.id,
        tenant=claimed.subject,
        name=claimed.name,
        code=claimed.code,
        ancestors=(*above.ancestors, above.tenant) if above else (),
        links=(*above.links, claimed.id) if above else (claimed.id,),
        keys=keys,
        rights=frozenset(claimed.rights),
        depth=claimed.depth,
        not_before_ms=claimed.not_before_ms,
        expires_ms=claimed.expires_ms,
        sha256=hashlib.sha256(envelope).digest(),
        suite=claimed.suite,
    )
