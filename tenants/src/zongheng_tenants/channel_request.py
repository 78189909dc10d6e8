"""Requests for a channel certificate: PKCS#10 (RFC 2986) with a P-256 key that signed it."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from zongheng_protos.errors import Invalid


def checked_csr(csr_der: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of a PKCS#10 request, once its own signature holds.

    Raises:
        Invalid: it is no request, its key is not on P-256, or its signature does not hold.
    """
    try:
        csr = x509.load_der_x509_csr(csr_der)
        public = csr.public_key()
        holds = csr.is_signature_valid
    except (
        ValueError,
        TypeError,
        x509.InvalidVersion,
        UnsupportedAlgorithm,
        InvalidSignature,
    ) as error:
        raise Invalid("csr is no PKCS#10 request in DER form with a P-256 key") from error
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise Invalid("csr asks for a certificate over another key than P-256")
    if not isinstance(public.curve, ec.SECP256R1):
        raise Invalid(f"csr has a key on {public.curve.name}; the channel takes P-256 only")
    if not holds or not csr_der.endswith(b"\0" + csr.signature):  # whole bytes, no bits to spare
        raise Invalid("csr is not signed with the key that it names")
    return public
