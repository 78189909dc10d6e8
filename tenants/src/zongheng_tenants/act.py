"""Acts: a signed statement that an operator of a tenant makes one call."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.errors import ActMismatch, ClockSkew, SignatureInvalid
from zongheng_tenants.envelope import ACT, read_envelope, seal_envelope, verified_payload
from zongheng_tenants.keys import Signer, Verifier
from zongheng_tenants.suites import INTL_1, suite_of

METADATA_KEY = "zongheng-act-bin"
RECEIPT_KEY = "zongheng-receipt-bin"
MAX_SKEW_MS = 300_000
NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class SignedAct:
    """An act whose signature has been verified.

    Attributes:
        envelope: the exact bytes received.
        statement: what was signed.
        key_id: the key that signed it.
    """

    envelope: bytes
    statement: ActStatement
    key_id: str

    @property
    def key(self) -> bytes:
        """What makes it happen once: the nonce and the signing key's id.

        The nonce comes first: it begins with the time, so that an index over keys grows at its
        end.
        """
        return self.statement.nonce + self.key_id.encode()


def sign_act(
    *,
    method: str,
    request: bytes,
    tenant: str,
    operator: str,
    audience: str,
    key: Signer,
    nonce: bytes | None = None,
    now_ms: int | None = None,
    on_behalf: bool = False,
) -> bytes:
    """An envelope saying that operator of tenant calls method with exactly request."""
    statement = ActStatement(
        method=method,
        tenant=tenant,
        operator=operator,
        nonce=nonce or new_nonce(),
        time_ms=int(time.time() * 1000) if now_ms is None else now_ms,
        audience=audience,
        on_behalf=on_behalf,
    )
    if key.suite == INTL_1:
        statement.request_sha256 = hashlib.sha256(request).digest()
    else:
        statement.request_sm3 = suite_of(key.suite).digest(request)
    return seal_envelope(ACT, statement.SerializeToString(), key)


def new_nonce() -> bytes:
    """16 bytes that never come twice: 48 bits of time in milliseconds, then 80 random bits."""
    return int(time.time() * 1000).to_bytes(6, "big") + secrets.token_bytes(10)


def signer_of(envelope: bytes) -> tuple[Envelope, str]:
    """An act's parts and the id of the key that claims to have signed it; nothing verified."""
    parts = read_envelope(envelope, ACT)
    return parts, parts.signatures[0].keyid


def verify_act(
    envelope: bytes,
    parts: Envelope,
    key: Verifier,
    *,
    method: str,
    request: bytes,
    audience: str,
    now_ms: int | None,
) -> SignedAct:
    """The act, once its signature holds and it speaks of this very call.

    Args:
        parts: what signer_of gave for envelope.
        now_ms: the verifier's clock; None verifies long after the fact.

    Raises:
        SignatureInvalid: the signature does not hold.
        ActMismatch: it was signed for another method, hub or request.
        ClockSkew: its time is more than five minutes off.
    """
    payload = verified_payload(parts, key)
    try:
        statement = ActStatement.FromString(payload)
    except DecodeError as error:
        raise SignatureInvalid("the act's statement cannot be read") from error
    if statement.method != method:
        raise ActMismatch(f"the act was signed for {statement.method}, not for {method}")
    if statement.audience != audience:
        raise ActMismatch(f"the act was signed for hub {statement.audience}, not for {audience}")
    if not is_of(statement, request, key.suite):
        raise ActMismatch("the act was signed for another request than the one that came with it")
    if len(statement.nonce) != NONCE_BYTES:
        raise ActMismatch(f"the act's nonce has {len(statement.nonce)} bytes, not {NONCE_BYTES}")
    if now_ms is not None and abs(now_ms - statement.time_ms) > MAX_SKEW_MS:
        seconds = (statement.time_ms - now_ms) // 1000
        raise ClockSkew(f"the act's time is {seconds:+d} s off the hub's clock")
    return SignedAct(envelope=envelope, statement=statement, key_id=key.id)


def is_of(statement: ActStatement, request: bytes, key_suite: int) -> bool:
    """Whether the statement has the request's digest in the key's suite, and none in another."""
    if key_suite == INTL_1:
        digest = hashlib.sha256(request).digest()
        return statement.request_sha256 == digest and not statement.request_sm3
    digest = suite_of(key_suite).digest(request)
    return statement.request_sm3 == digest and not statement.request_sha256
