"""SM2 by gmssl-pyx (extra [sm], x86_64): where the system's libcrypto has no SM2."""

from __future__ import annotations

import importlib
from typing import Any

from zongheng_tenants.suites import sm2_curve as curve

# Typed as Any: it carries no types, and where the extra is missing it is not there at all.
gmssl_pyx: Any = importlib.import_module("gmssl_pyx")


class Gmssl:
    """SM2 with GmSSL's own code, which holds the interpreter's lock as it works."""

    name = "gmssl-pyx"

    def __init__(self, signer_id: bytes) -> None:
        self._id = signer_id

    def private_key(self, private: bytes) -> PrivateKey:
        curve.check_scalar(private)
        return PrivateKey(private, self._id)

    def public_key(self, public: bytes) -> PublicKey:
        curve.check_point(public)
        return PublicKey(public, self._id)

    def generate(self) -> bytes:
        """A new private scalar."""
        _, private = gmssl_pyx.sm2_key_generate()
        return bytes(private)


class PrivateKey:
    """An SM2 private key."""

    def __init__(self, private: bytes, signer_id: bytes) -> None:
        self.public = curve.multiply_base(int.from_bytes(private, "big"))
        self._private, self._id = private, signer_id

    def sign(self, message: bytes) -> bytes:
        return bytes(gmssl_pyx.sm2_sign(self._private, self.public[1:], message, self._id))

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Of a ciphertext in DER. Raises ValueError."""
        try:
            return bytes(gmssl_pyx.sm2_decrypt(self._private, ciphertext))
        except gmssl_pyx.GmsslInnerError as error:
            raise ValueError("the SM2 ciphertext does not open") from error


class PublicKey:
    """An SM2 public key."""

    def __init__(self, public: bytes, signer_id: bytes) -> None:
        self._point, self._id = public[1:], signer_id

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            return bool(gmssl_pyx.sm2_verify(self._point, message, signature, self._id))
        except gmssl_pyx.GmsslInnerError:
            return False

    def encrypt(self, plaintext: bytes) -> bytes:
        """A ciphertext in DER."""
        return bytes(gmssl_pyx.sm2_encrypt(self._point, plaintext))
