"""The channel's P-256 key as cryptography wants it for a request, wherever it is held."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from zongheng_protos.errors import ChannelExpired, SignerUnavailable
from zongheng_sdk.custody import channel_signature
from zongheng_tenants.identity import Identity, KeyHolder


def channel_key(identity: Identity) -> ec.EllipticCurvePrivateKey:
    """The key of an identity's channel certificate.

    Raises:
        ChannelExpired: it is no P-256 key.
    """
    if identity.channel_key_pem:
        key = load_pem_private_key(identity.channel_key_pem, password=None)
    else:
        public = x509.load_pem_x509_certificate(identity.channel_pem).public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        key = HeldKey(public, _Holding(identity))
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ChannelExpired("the identity's channel key is no P-256 key: enrol again")
    return key


class _Holding:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def sign_channel(self, data: bytes) -> bytes:
        return channel_signature(self._identity, data)


class HeldKey(ec.EllipticCurvePrivateKey):
    """A private key that can be asked to sign and nothing else."""

    def __init__(self, public: ec.EllipticCurvePublicKey, holder: _Holding | KeyHolder) -> None:
        self._public, self._holder = public, holder

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        if not isinstance(signature_algorithm.algorithm, SHA256):
            raise SignerUnavailable("a held channel key signs with SHA-256 only")
        return self._holder.sign_channel(bytes(data))

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        raise SignerUnavailable("a held channel key signs only")

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        raise SignerUnavailable("a held channel key cannot be taken out")

    def private_bytes(self, *_: Any, **__: Any) -> bytes:
        raise SignerUnavailable("a held channel key cannot be taken out")

    def __copy__(self) -> HeldKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> HeldKey:
        return self
