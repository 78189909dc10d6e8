"""Whom a hub's own certificate comes from: the hub says so with the key it holds for the province.

A unit renews its channel over whatever network there is, so what it learns there of the hub's CAs
counts only under a key that its root credential names, and only while it is fresh.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from zongheng_protos.errors import ClockSkew, CredentialForeign, SignatureInvalid
from zongheng_protos.tenancy.v1 import credential_pb2 as credentials
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import Credential
from zongheng_tenants.envelope import (
    CHANNEL_AUTHORITIES,
    read_envelope,
    seal_envelope,
    verified_payload,
)
from zongheng_tenants.keys import Signer


def sign_authorities(*, hub_id: str, pem: bytes, key: Signer, now_ms: int) -> bytes:
    """An envelope saying which CAs (PEM) the hub's certificates come from, as of now."""
    message = pb.ChannelAuthorities(hub_id=hub_id, pem=pem, time_ms=now_ms)
    return seal_envelope(CHANNEL_AUTHORITIES, message.SerializeToString(), key)


def read_authorities(envelope: bytes, *, root: Credential, hub_id: str, now_ms: int) -> bytes:
    """The CAs' certificates (PEM), once the province's hub-held key says so for this hub.

    Args:
        root: the verified root credential.

    Raises:
        SignatureInvalid: it is none, or another key has signed it.
        CredentialForeign: it is of another hub.
        ClockSkew: it was signed more than five minutes ago; an old one may name a CA that went.
    """
    parts = read_envelope(envelope, CHANNEL_AUTHORITIES)
    key = root.keys.get(parts.signatures[0].keyid)
    if key is None or key.use != credentials.KEY_USE_CONSOLE:
        raise SignatureInvalid("the hub's CAs are not signed with the key it holds for the root")
    try:
        message = pb.ChannelAuthorities.FromString(verified_payload(parts, key.verifier()))
    except DecodeError as error:
        raise SignatureInvalid("what the hub says of its CAs cannot be read") from error
    if message.hub_id != hub_id:
        raise CredentialForeign(f"these are the CAs of hub {message.hub_id}, not of {hub_id}")
    if abs(now_ms - message.time_ms) > MAX_SKEW_MS:
        seconds = (now_ms - message.time_ms) // 1000
        raise ClockSkew(f"what the hub says of its CAs is {seconds} s old")
    return message.pem
