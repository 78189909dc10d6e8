"""Envelopes: exact bytes and who signed them (DSSE v1.0, protobuf form, one spelling only)."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import SignatureInvalid
from zongheng_tenants.keys import Signer, Verifier

ACT = "application/vnd.zongheng.act.v1+protobuf"
AUDIT_PACKAGE = "application/vnd.zongheng.audit-package.v1+json"
CREDENTIAL = "application/vnd.zongheng.credential.v1+protobuf"
GRANT = "application/vnd.zongheng.grant.v1+protobuf"
CHANNEL_AUTHORITIES = "application/vnd.zongheng.channel-authorities.v1+protobuf"
LOG_KEY = "application/vnd.zongheng.log-key.v1+protobuf"
MANIFEST = "application/vnd.zongheng.parcel-manifest.v1+protobuf"
RECEIPT = "application/vnd.zongheng.parcel-receipt.v1+protobuf"
REVOCATIONS = "application/vnd.zongheng.revocations.v1+protobuf"


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE's PAE."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal_envelope(payload_type: str, payload: bytes, key: Signer) -> bytes:
    """An envelope around payload, signed once with key."""
    signature = key.sign(pre_authentication_encoding(payload_type, payload))
    return _spelt(payload_type, payload, signature, key.id)


def _spelt(payload_type: str, payload: bytes, signature: bytes, key_id: str) -> bytes:
    envelope = Envelope(payload=payload, payload_type=payload_type)
    envelope.signatures.add(sig=signature, keyid=key_id)
    return envelope.SerializeToString()


def read_envelope(envelope: bytes, payload_type: str) -> Envelope:
    """The parts of an envelope, nothing verified yet.

    Raises:
        SignatureInvalid: it is no envelope, holds another type, has not one signature, or spells
            its parts otherwise than seal_envelope would: each envelope is one sequence of bytes,
            so that whoever passes it on cannot make two of it (docs/adr/0017).
    """
    try:
        parts = Envelope.FromString(envelope)
    except DecodeError as error:
        raise SignatureInvalid("the envelope cannot be read: it is no DSSE envelope") from error
    if parts.payload_type != payload_type:
        raise SignatureInvalid(
            f"the envelope holds {parts.payload_type or 'nothing'}, not {payload_type}"
        )
    if len(parts.signatures) != 1:
        raise SignatureInvalid(f"the envelope has {len(parts.signatures)} signatures, not one")
    signature = parts.signatures[0]
    if _spelt(payload_type, parts.payload, signature.sig, signature.keyid) != envelope:
        raise SignatureInvalid(
            "the envelope holds more than payload, type and signature, or spells them another way"
        )
    return parts


def open_envelope(envelope: bytes, payload_type: str, key: Verifier) -> bytes:
    """The payload, once its signature by key holds.

    Raises:
        SignatureInvalid: wrong type, wrong key or wrong signature.
    """
    parts = read_envelope(envelope, payload_type)
    return verified_payload(parts, key)


def verified_payload(parts: Envelope, key: Verifier) -> bytes:
    """The payload of an envelope already taken apart, once its signature by key holds."""
    signature = parts.signatures[0]
    if signature.keyid != key.id:
        raise SignatureInvalid(f"the envelope is signed with {signature.keyid}, not {key.id}")
    signed = pre_authentication_encoding(parts.payload_type, parts.payload)
    if not key.verifies(signature.sig, signed):
        raise SignatureInvalid(f"the signature by {key.id} does not hold over these bytes")
    return parts.payload
