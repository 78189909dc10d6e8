"""The channel CA signs short P-256 certificates over requests that hold, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from zongheng_hub.tenancy.ca import ChannelAuthority, channel_identity
from zongheng_protos.errors import CredentialForeign, Invalid
from zongheng_tenants.channel_request import checked_csr

NOW_MS = 1_770_000_000_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def authority() -> ChannelAuthority:
    return ChannelAuthority.create(hub_id="h_1", name="test", now_ms=NOW_MS)


def csr(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.DER)


def test_a_channel_certificate_names_hub_and_tenant_for_seven_days(
    authority: ChannelAuthority,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = authority.issue_channel_certificate(csr(key), "h_1", "t_1", NOW_MS)

    who = channel_identity(pem)
    assert (who.hub_id, who.tenant) == ("h_1", "t_1")
    assert who.not_after_ms == NOW_MS + 7 * DAY_MS
    assert who.not_before_ms <= NOW_MS
    certificate = x509.load_pem_x509_certificate(pem)
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem))


def test_no_certificate_outlives_the_ca(authority: ChannelAuthority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    nearly_over = NOW_MS + int(timedelta(days=3650).total_seconds() * 1000)
    pem = authority.issue_channel_certificate(csr(key), "h_1", "t_1", nearly_over)

    ca = x509.load_pem_x509_certificate(authority.pem)
    assert x509.load_pem_x509_certificate(pem).not_valid_after_utc == ca.not_valid_after_utc


def test_what_was_kept_makes_the_same_ca(authority: ChannelAuthority) -> None:
    again = ChannelAuthority.load(authority.private_pem(), authority.pem)

    key_pem, pem = again.server_certificate(["hub.example.cn", "10.0.0.8"], now_ms=NOW_MS)
    certificate = x509.load_pem_x509_certificate(pem)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "hub.example.cn"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "10.0.0.8",
    ]
    key = serialization.load_pem_private_key(key_pem, password=None)
    assert key.public_key() == certificate.public_key()


def test_a_key_and_a_certificate_of_two_cas_do_not_load(authority: ChannelAuthority) -> None:
    other = ChannelAuthority.create(hub_id="h_2", name="test", now_ms=NOW_MS)

    with pytest.raises(ValueError, match="do not belong together"):
        ChannelAuthority.load(other.private_pem(), authority.pem)


def test_a_servers_certificate_is_no_channel_certificate(authority: ChannelAuthority) -> None:
    with pytest.raises(CredentialForeign, match="names 0 tenants"):
        channel_identity(authority.server_certificate([], now_ms=NOW_MS)[1])
    with pytest.raises(CredentialForeign):
        channel_identity(authority.pem)
    with pytest.raises(CredentialForeign):
        channel_identity(b"no certificate")


@pytest.mark.parametrize("tenant", ["t_1/t_2", "t_1?x", "t_1#x", "../t_1/.."])
def test_a_uri_that_is_no_tenant_names_nobody(authority: ChannelAuthority, tenant: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = authority.issue_channel_certificate(csr(key), "h_1", tenant, NOW_MS)

    with pytest.raises(CredentialForeign, match="is no tenant"):
        channel_identity(pem)


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1()])
def test_a_request_on_another_curve_is_refused(curve: ec.EllipticCurve) -> None:
    with pytest.raises(Invalid, match="P-256"):
        checked_csr(csr(ec.generate_private_key(curve)))


def test_a_request_over_another_kind_of_key_is_refused() -> None:
    for key in (rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()):
        with pytest.raises(Invalid, match="P-256"):
            checked_csr(csr(key))


def test_a_request_not_signed_with_its_own_key_is_refused() -> None:
    mine, yours = (csr(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
    point = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    before, after = (x509.load_der_x509_csr(one).public_key() for one in (mine, yours))
    forged = mine.replace(before.public_bytes(*point), after.public_bytes(*point))

    with pytest.raises(Invalid, match="not signed with the key"):
        checked_csr(forged)


@given(st.binary(max_size=300))
def test_random_bytes_are_no_request(noise: bytes) -> None:
    with pytest.raises(Invalid):
        checked_csr(noise)


_GOOD = csr(ec.generate_private_key(ec.SECP256R1()))


@given(st.integers(0, len(_GOOD) - 1), st.integers(1, 255))
def test_a_request_with_one_byte_changed_is_refused(at: int, change: int) -> None:
    altered = _GOOD[:at] + bytes([_GOOD[at] ^ change]) + _GOOD[at + 1 :]

    with pytest.raises(Invalid):
        checked_csr(altered)


def test_a_signature_that_leaves_bits_over_is_refused() -> None:
    good = _GOOD
    while good[-1] & 1:  # the last bit must be free for the encoding to parse at all
        good = csr(ec.generate_private_key(ec.SECP256R1()))
    at = len(good) - len(x509.load_der_x509_csr(good).signature) - 1

    assert checked_csr(good).curve.name == "secp256r1"
    with pytest.raises(Invalid):
        checked_csr(good[:at] + b"\1" + good[at + 1 :])
