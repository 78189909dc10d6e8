"""A request for a channel certificate has a P-256 key that signed it, or is refused."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.unit.tenants.parties import make_csr
from zongheng_protos.errors import Invalid
from zongheng_tenants.channel_request import checked_csr

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def csr_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_a_p256_request_gives_its_key() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert checked_csr(csr_of(key)) == key.public_key()


def test_a_request_over_another_key_says_which_is_taken() -> None:
    with pytest.raises(Invalid, match="another key than P-256"):
        checked_csr(csr_of(RSA))
    with pytest.raises(Invalid, match="a key on secp384r1; the channel takes P-256 only"):
        checked_csr(csr_of(ec.generate_private_key(ec.SECP384R1())))


def test_a_request_that_its_key_did_not_sign_is_refused() -> None:
    csr = make_csr()
    with pytest.raises(Invalid, match="not signed with the key that it names"):
        checked_csr(csr[:-1] + bytes([csr[-1] ^ 1]))
    with pytest.raises(Invalid, match=r"no PKCS#10 request"):
        checked_csr(b"")
