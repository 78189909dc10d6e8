"""The mTLS channel, and what gRPC's failures mean (P-256: grpcio refuses Ed25519 certificates)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import grpc

from zongheng_sdk.flow import Call, Reply

if TYPE_CHECKING:
    from zongheng_protos.errors import ZonghengError
    from zongheng_tenants.identity import Identity

STATUS_KEY = "grpc-status-details-bin"

OPTIONS: tuple[tuple[str, int], ...] = (
    # A hub that was restarted is found again within seconds, not within gRPC's two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
    ("grpc.max_metadata_size", 16 * 1024),
    # Every hub of one process has its own certificate, so nothing may be shared between them.
    ("grpc.use_local_subchannel_pool", 1),
)


def credentials(identity: Identity) -> grpc.ChannelCredentials:
    """Of an identity whose channel key is held elsewhere too: its holder signs the handshake."""
    if not identity.channel_key_pem:
        return _held_elsewhere(identity)
    return grpc.ssl_channel_credentials(
        root_certificates=identity.ca_pem,
        private_key=identity.channel_key_pem,
        certificate_chain=identity.channel_pem,
    )


def _held_elsewhere(identity: Identity) -> grpc.ChannelCredentials:
    import warnings

    from grpc import experimental

    from zongheng_sdk.custody import channel_signature

    def sign(data: bytes, _algorithm: Any, _on_complete: Any) -> bytes:
        return channel_signature(identity, data)

    make: Any = experimental.ssl_channel_credentials_with_custom_signer
    with warnings.catch_warnings():
        # The only way to keep the key outside; tests/integration/test_custody.py notices a change.
        warnings.simplefilter("ignore", experimental.ExperimentalApiWarning)
        found: grpc.ChannelCredentials = make(
            private_key_sign_fn=sign,
            root_certificates=identity.ca_pem,
            certificate_chain=identity.channel_pem,
        )
    return found


def metadata(call: Call) -> tuple[tuple[str, str | bytes], ...] | None:
    from zongheng_tenants.act import METADATA_KEY

    return None if call.act is None else ((METADATA_KEY, call.act),)


def reply_of(body: bytes, trailing: Any) -> Reply:
    from zongheng_tenants.act import RECEIPT_KEY

    return Reply(body, _value(trailing, RECEIPT_KEY))


def refusal(error: Any, identity: Identity, address: str) -> ZonghengError:
    """The ZonghengError behind a grpc.RpcError (or AioRpcError)."""
    from zongheng_protos.errors import ChannelExpired, Unavailable, ZonghengError

    code: grpc.StatusCode = error.code()
    status = _value(error.trailing_metadata(), STATUS_KEY)
    details = error.details() or code.name
    if status is None and code is grpc.StatusCode.CANCELLED:
        return Unavailable(f"the channel to {address} was closed while the call was under way")
    if status is None and code is grpc.StatusCode.UNAVAILABLE:
        if time.time() >= certificate_dates(identity.channel_pem)[1]:
            return ChannelExpired(f"the channel certificate of {identity.name} has expired")
        return Unavailable(f"the hub at {address} cannot be reached: {details}")
    return ZonghengError.from_status(status, code.value[0], details)


def certificate_dates(pem: bytes) -> tuple[float, float]:
    """From when until when a channel certificate is valid, Unix seconds."""
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(pem)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begins.timestamp(), ends.timestamp()


def _value(pairs: Any, wanted: str) -> bytes | None:
    for key, value in pairs or ():
        if key == wanted:
            return value if isinstance(value, bytes) else str(value).encode()
    return None
