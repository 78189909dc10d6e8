"""A log's keys, the first and those that follow: the province's root vouches (C2SP signed-note)."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import DecodeError

from zongheng_protos.errors import CredentialForeign, SignatureInvalid
from zongheng_protos.tenancy.v1 import credential_pb2 as credentials
from zongheng_protos.tlog.v1.tlog_pb2 import LogKeySuccession
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.envelope import LOG_KEY, open_envelope, seal_envelope
from zongheng_tenants.keys import Signer


def sign_succession(
    *, origin: str, old_vkey: str, new_vkey: str, root_key: Signer, now_ms: int
) -> bytes:
    """An envelope saying that new_vkey follows old_vkey as the key of the log called origin.

    Args:
        old_vkey: empty where new_vkey is the first that the root vouches for.
    """
    succession = LogKeySuccession(
        origin=origin, old_vkey=old_vkey, new_vkey=new_vkey, time_ms=now_ms
    )
    return seal_envelope(LOG_KEY, succession.SerializeToString(), root_key)


def read_succession(envelope: bytes, root: Credential) -> LogKeySuccession:
    """What a succession says, once the root has signed it.

    Args:
        root: the verified root credential.

    Raises:
        SignatureInvalid: it is none, another has signed it, or its keys are of different logs.
    """
    signer = root.key_for(credentials.KEY_USE_SIGNING).verifier()
    try:
        succession = LogKeySuccession.FromString(open_envelope(envelope, LOG_KEY, signer))
    except DecodeError as error:
        raise SignatureInvalid("the succession of the log's key cannot be read") from error
    if not succession.new_vkey:
        raise SignatureInvalid("the succession of the log's key names no key")
    for vkey in (succession.old_vkey, succession.new_vkey):
        if vkey and vkey.partition("+")[0] != succession.origin:
            raise SignatureInvalid(f"the key {vkey} is not one of the log {succession.origin}")
    return succession


def newest_log_key(
    vkey: str, successions: Iterable[bytes], *, root: bytes, root_fingerprint: str
) -> str:
    """The key that follows vkey, and the one that follows that, to the last; vkey if none does.

    Args:
        vkey: the verifier key known so far.
        root: the root credential's envelope, as the hub shows it.
        root_fingerprint: what is trusted: SHA-256 of that envelope, hex.

    Raises:
        CredentialForeign, CredentialInvalid, SignatureInvalid: root or a succession does not hold.
    """
    verified = verify_chain([root], root_fingerprint=root_fingerprint, at_ms=None)
    following: dict[str, str] = {}
    for envelope in successions:
        succession = read_succession(envelope, verified)
        if following.setdefault(succession.old_vkey, succession.new_vkey) != succession.new_vkey:
            raise CredentialForeign(f"two keys follow {succession.old_vkey}: the log was forked")
    seen = {vkey}
    while (after := following.get(vkey)) is not None and after not in seen:
        seen.add(after)
        vkey = after
    return vkey


def rooted_log_key(successions: Iterable[bytes], *, root: bytes, root_fingerprint: str) -> str:
    """The log's key that follows from the root alone: its first, and what came after that.

    Raises:
        CredentialForeign, CredentialInvalid, SignatureInvalid: as newest_log_key; or the root
            vouches for no first key.
    """
    found = newest_log_key("", successions, root=root, root_fingerprint=root_fingerprint)
    if not found:
        raise SignatureInvalid("the root vouches for no key of the log: zongheng log vouch")
    return found
