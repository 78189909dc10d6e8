"""SM-1: SM2 signatures with SM3, SM4-GCM (RFC 8998), data keys wrapped under SM2 and HKDF-SM3.

SM2 encryption takes no associated data. So SM2 carries 32 fresh bytes, HKDF-SM3 derives from them
and the binding info the key that wraps the data key: a wrapped key moved to another sender,
recipient, grant or parcel does not open.
"""

from __future__ import annotations

import functools
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zongheng_protos.errors import Invalid, SuiteUnavailable
from zongheng_tenants.keys import key_id
from zongheng_tenants.suites import SM_1, sm2_curve
from zongheng_tenants.suites.sm2 import Sm2, working_sm2

DATA_KEY_BYTES = 16
TAG_BYTES = 16
_SECRET_BYTES = 32
# Point, digest and text of the SM2 ciphertext; the data key under SM4-GCM and its tag.
_SM2_BYTES = sm2_curve.CIPHERTEXT_OVERHEAD + _SECRET_BYTES
WRAPPED_KEY_BYTES = _SM2_BYTES + DATA_KEY_BYTES + TAG_BYTES
_WRAP = b"zongheng SM-1 wrap v1\0"


def sm3(data: bytes) -> bytes:
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


class Sm4Gcm:
    """SM4-GCM with a tag of 16 bytes, in the manner of cryptography's AESGCM."""

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt(
        self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None
    ) -> bytes:
        sealing = Cipher(self._key, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data or b"")
        sealed = sealing.update(data) + sealing.finalize()
        return sealed + sealing.tag

    def decrypt(
        self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None
    ) -> bytes:
        """Raises InvalidTag."""
        if len(data) < TAG_BYTES:
            raise InvalidTag
        opening = Cipher(self._key, modes.GCM(nonce, bytes(data[-TAG_BYTES:]))).decryptor()
        opening.authenticate_additional_data(associated_data or b"")
        return opening.update(data[:-TAG_BYTES]) + opening.finalize()


class Sm2SigningKey:
    """An SM2 private key in memory that signs."""

    suite = SM_1

    def __init__(self, sm2: Sm2, private: bytes) -> None:
        self._bytes = private
        self._private = sm2.private_key(private)
        self.public = self._private.public
        self.id = key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def private_bytes(self) -> bytes:
        return self._bytes


class Sm2VerifyKey:
    """An SM2 public key; accepts one form of a signature only."""

    suite = SM_1

    def __init__(self, sm2: Sm2, public: bytes) -> None:
        self._public = sm2.public_key(public)
        self.public = public
        self.id = key_id(public)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            sm2_curve.check_signature(signature)
        except ValueError:
            return False
        return self._public.verifies(signature, message)


class Sm2SealingKey:
    """An SM2 private key in memory to which others seal."""

    suite = SM_1

    def __init__(self, sm2: Sm2, private: bytes) -> None:
        self._bytes = private
        self._private = sm2.private_key(private)
        self.public = self._private.public
        self.id = key_id(self.public)

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        if len(wrapped) != WRAPPED_KEY_BYTES:
            raise Invalid(f"a wrapped key has {WRAPPED_KEY_BYTES} bytes, not {len(wrapped)}")
        try:
            secret = self._private.decrypt(sm2_curve.ciphertext_to_der(wrapped[:_SM2_BYTES]))
            cipher = _wrapping(secret, self.public, info)
            return cipher.decrypt(bytes(12), wrapped[_SM2_BYTES:], info)
        except (InvalidTag, ValueError) as error:
            raise Invalid("the wrapped key does not open: it was made for another use") from error

    def private_bytes(self) -> bytes:
        return self._bytes


class Sm1:
    """See zongheng_tenants.suites.Suite."""

    number = SM_1
    data_key_bytes = DATA_KEY_BYTES
    wrapped_key_bytes = WRAPPED_KEY_BYTES

    def __init__(self, sm2: Sm2) -> None:
        self.sm2 = sm2

    def new_signing(self) -> Sm2SigningKey:
        return Sm2SigningKey(self.sm2, self.sm2.generate())

    def signing_key(self, private: bytes) -> Sm2SigningKey:
        return Sm2SigningKey(self.sm2, private)

    def derived_signing(self, seed: bytes) -> Sm2SigningKey:
        return Sm2SigningKey(self.sm2, sm2_curve.scalar_from(seed))

    def verify_key(self, public: bytes) -> Sm2VerifyKey:
        return Sm2VerifyKey(self.sm2, public)

    def new_sealing(self) -> Sm2SealingKey:
        return Sm2SealingKey(self.sm2, self.sm2.generate())

    def sealing_key(self, private: bytes) -> Sm2SealingKey:
        return Sm2SealingKey(self.sm2, private)

    def check_sealing(self, public: bytes) -> None:
        sm2_curve.check_point(public)

    def digest(self, data: bytes) -> bytes:
        return sm3(data)

    def mac(self, key: bytes, data: bytes) -> bytes:
        code = HMAC(key, SM3())
        code.update(data)
        return code.finalize()

    def wrap(self, data_key: bytes, public: bytes, info: bytes) -> bytes:
        secret = secrets.token_bytes(_SECRET_BYTES)
        sealed = sm2_curve.ciphertext_from_der(self.sm2.public_key(public).encrypt(secret))
        return sealed + _wrapping(secret, public, info).encrypt(bytes(12), data_key, info)

    def cipher(self, data_key: bytes) -> Sm4Gcm:
        return Sm4Gcm(data_key)


def _wrapping(secret: bytes, public: bytes, info: bytes) -> Sm4Gcm:
    """The cipher that wraps one data key; its key is used once, so its nonce is zero."""
    kdf = HKDF(algorithm=SM3(), length=DATA_KEY_BYTES, salt=None, info=_WRAP + public + info)
    return Sm4Gcm(kdf.derive(secret))


@functools.cache
def suite() -> Sm1:
    """SM-1 on this machine, self-tested once.

    Raises:
        SuiteUnavailable: nothing here computes SM2, SM3 or SM4 rightly.
    """
    check_ciphers()
    return Sm1(working_sm2())


# RFC 8998, appendix A.1, and GB/T 32905-2016, annex A.1.
_GCM_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
_GCM_NONCE = bytes.fromhex("00001234567800000000abcd")
_GCM_DATA = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_GCM_PLAIN = bytes.fromhex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
)
_GCM_SEALED = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)
_SM3_ABC = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")


def check_ciphers() -> None:
    """Known answers of SM3 and SM4-GCM. Raises SuiteUnavailable: one is wrong or missing."""
    try:
        sealed = Sm4Gcm(_GCM_KEY).encrypt(_GCM_NONCE, _GCM_PLAIN, _GCM_DATA)
        right = hmac.compare_digest(sealed, _GCM_SEALED) and hmac.compare_digest(
            sm3(b"abc"), _SM3_ABC
        )
    except Exception as error:  # UnsupportedAlgorithm, or whatever the library fails with
        raise SuiteUnavailable(f"cryptography lacks SM3 or SM4-GCM here: {error}") from error
    if not right:
        raise SuiteUnavailable("SM3 or SM4-GCM gives wrong answers on this machine")
