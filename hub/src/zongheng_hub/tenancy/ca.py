"""The hub's channel CA: short P-256 certificates for mTLS (RFC 5280, RFC 2986)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zongheng_protos.errors import CredentialForeign
from zongheng_tenants.channel_request import checked_csr

CHANNEL_LIFE = timedelta(days=7)
SERVER_LIFE = timedelta(days=397)
AUTHORITY_LIFE = timedelta(days=3652)
SCHEME = "zongheng"
_SKEW = timedelta(minutes=5)
_MALFORMED = (ValueError, TypeError, x509.InvalidVersion)


@dataclass(frozen=True, slots=True)
class ChannelIdentity:
    """Who a channel certificate says is calling.

    Attributes:
        not_before_ms, not_after_ms: Unix milliseconds; to be checked on every call.
    """

    hub_id: str
    tenant: str
    not_before_ms: int
    not_after_ms: int
    serial: int


class ChannelAuthority:
    """Issues the certificates of both ends of a channel.

    Attributes:
        pem: the CA's own certificate, which clients trust for this hub and for nothing else.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    @classmethod
    def create(cls, *, hub_id: str, name: str, now_ms: int) -> ChannelAuthority:
        """A new CA for a hub; valid ten years."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = _at(now_ms)
        subject = _name(f"{name} {hub_id}")
        certificate = (
            _builder(key.public_key(), subject, subject, now - _SKEW, now + AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    @classmethod
    def load(cls, key_pem: bytes, certificate_pem: bytes) -> ChannelAuthority:
        """The CA from what private_pem and pem gave.

        Raises:
            ValueError: they are not a P-256 key and its certificate.
        """
        key = serialization.load_pem_private_key(key_pem, password=None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the channel CA's key is no P-256 key")
        if key.public_key() != certificate.public_key():
            raise ValueError("the channel CA's key and certificate do not belong together")
        return cls(key, certificate)

    def private_pem(self) -> bytes:
        """The CA's private key, PKCS#8 PEM, unencrypted: keep it where only the hub reads."""
        return _private_pem(self._key)

    def server_certificate(self, hosts: Sequence[str], *, now_ms: int) -> tuple[bytes, bytes]:
        """A new key and certificate (both PEM) for the gRPC port.

        Args:
            hosts: names and IP addresses; localhost and 127.0.0.1 are always added.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        names = [_general_name(host) for host in dict.fromkeys(("localhost", "127.0.0.1", *hosts))]
        certificate = self._leaf(
            key.public_key(), _name("zongheng hub"), names, now_ms, SERVER_LIFE, server=True
        )
        return _private_pem(key), certificate

    def issue_channel_certificate(
        self, csr_der: bytes, hub_id: str, tenant_id: str, now_ms: int
    ) -> bytes:
        """A tenant's channel certificate (PEM), valid seven days.

        Nothing of the request but its public key is taken over.

        Raises:
            Invalid: as checked_csr.
        """
        public = checked_csr(csr_der)
        san = x509.UniformResourceIdentifier(channel_uri(hub_id, tenant_id))
        return self._leaf(public, _name(tenant_id), [san], now_ms, CHANNEL_LIFE, server=False)

    def _leaf(
        self,
        public: ec.EllipticCurvePublicKey,
        subject: x509.Name,
        names: Sequence[x509.GeneralName],
        now_ms: int,
        life: timedelta,
        *,
        server: bool,
    ) -> bytes:
        now = _at(now_ms)
        begins = max(now - _SKEW, self._certificate.not_valid_before_utc)
        ends = min(now + life, self._certificate.not_valid_after_utc)
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            _builder(public, subject, self._certificate.subject, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(authority, critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)


def channel_uri(hub_id: str, tenant_id: str) -> str:
    """How a channel certificate names its tenant."""
    return f"{SCHEME}://{hub_id}/{tenant_id}"


@lru_cache(maxsize=8192)
def channel_identity(pem: bytes) -> ChannelIdentity:
    """Who a certificate speaks of. That the CA signed it, the TLS handshake has verified.

    Raises:
        CredentialForeign: it is no channel certificate.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except (*_MALFORMED, x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise CredentialForeign("the channel's certificate names no tenant") from error
    if len(uris) != 1:
        raise CredentialForeign(f"the channel's certificate names {len(uris)} tenants, not one")
    return ChannelIdentity(
        *_tenant_of(uris[0]),
        not_before_ms=_ms(certificate.not_valid_before_utc),
        not_after_ms=_ms(certificate.not_valid_after_utc),
        serial=certificate.serial_number,
    )


def _tenant_of(uri: str) -> tuple[str, str]:
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise CredentialForeign(f"the channel's certificate names {uri!r}") from error
    tenant = parts.path.removeprefix("/")
    if not tenant or not parts.netloc or uri != channel_uri(parts.netloc, tenant) or "/" in tenant:
        raise CredentialForeign(f"the channel's certificate names {uri!r}, which is no tenant")
    return parts.netloc, tenant


def _builder(
    public: ec.EllipticCurvePublicKey,
    subject: x509.Name,
    issuer: x509.Name,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .public_key(public)
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
