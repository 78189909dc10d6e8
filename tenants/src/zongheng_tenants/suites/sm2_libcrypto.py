"""SM2 by the system's libcrypto (OpenSSL 3, EVP) through ctypes."""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import Structure, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Any

from zongheng_tenants.suites import sm2_curve as curve

_SM2_NID = 1172
_PUBLIC, _KEYPAIR = 0x86, 0x87
_UNSIGNED, _UTF8, _OCTETS = 2, 4, 5
_POINTER_FUNCTIONS = [
    "EVP_PKEY_CTX_new_from_name",
    "EVP_PKEY_CTX_new_from_pkey",
    "EVP_MD_CTX_new",
    "EVP_sm3",
    "EC_GROUP_new_by_curve_name",
    "EC_POINT_new",
    "BN_bin2bn",
]
_PLAIN_FUNCTIONS = [
    "EVP_PKEY_fromdata_init",
    "EVP_PKEY_fromdata",
    "EVP_PKEY_keygen_init",
    "EVP_PKEY_generate",
    "EVP_PKEY_get_bn_param",
    "EVP_PKEY_CTX_set1_id",
    "EVP_DigestSignInit",
    "EVP_DigestSign",
    "EVP_DigestVerifyInit",
    "EVP_DigestVerify",
    "EVP_PKEY_encrypt_init",
    "EVP_PKEY_encrypt",
    "EVP_PKEY_decrypt_init",
    "EVP_PKEY_decrypt",
    "EC_POINT_mul",
    "EC_POINT_point2oct",
    "BN_bn2binpad",
]
_FREE_FUNCTIONS = [
    "EVP_PKEY_CTX_free",
    "EVP_PKEY_free",
    "EVP_MD_CTX_free",
    "EVP_MD_CTX_set_pkey_ctx",
    "EC_GROUP_free",
    "EC_POINT_free",
    "BN_clear_free",
    "ERR_clear_error",
]


class LibcryptoError(Exception):
    """A call into libcrypto failed."""


class _Param(Structure):
    _fields_ = (
        ("key", c_char_p),
        ("data_type", c_uint),
        ("data", c_void_p),
        ("data_size", c_size_t),
        ("return_size", c_size_t),
    )


class Libcrypto:
    """SM2 with one shared library. Raises LibcryptoError when it is no OpenSSL 3 or lacks SM2."""

    name = "libcrypto"

    def __init__(self, signer_id: bytes) -> None:
        self._id = signer_id
        self._lib = _load()
        try:
            for name in _POINTER_FUNCTIONS:
                getattr(self._lib, name).restype = c_void_p
            for name in (*_PLAIN_FUNCTIONS, *_FREE_FUNCTIONS):
                getattr(self._lib, name).restype = c_int
            self._lib.EC_POINT_point2oct.restype = c_size_t
        except AttributeError as error:
            raise LibcryptoError(f"the system's libcrypto is no OpenSSL 3: {error}") from error
        self._sm3 = c_void_p(self._pointer("EVP_sm3"))

    def private_key(self, private: bytes) -> PrivateKey:
        curve.check_scalar(private)
        return PrivateKey(self, private, self._public_of(private))

    def public_key(self, public: bytes) -> PublicKey:
        curve.check_point(public)
        return PublicKey(self, public)

    def generate(self) -> bytes:
        """A new private scalar."""
        context = self._pointer("EVP_PKEY_CTX_new_from_name", None, c_char_p(b"SM2"), None)
        try:
            self._call("EVP_PKEY_keygen_init", c_void_p(context))
            key = c_void_p()
            self._call("EVP_PKEY_generate", c_void_p(context), byref(key))
        finally:
            self._lib.EVP_PKEY_CTX_free(c_void_p(context))
        try:
            number = c_void_p()
            self._call("EVP_PKEY_get_bn_param", key, c_char_p(b"priv"), byref(number))
            try:
                out = ctypes.create_string_buffer(curve.SCALAR_BYTES)
                self._call("BN_bn2binpad", number, out, c_int(curve.SCALAR_BYTES))
                return out.raw
            finally:
                self._lib.BN_clear_free(number)
        finally:
            self._lib.EVP_PKEY_free(key)

    def load(self, public: bytes, private: bytes | None) -> c_void_p:
        """An EVP_PKEY."""
        group = ctypes.create_string_buffer(b"SM2")
        point = ctypes.create_string_buffer(public, len(public))
        params = [
            _Param(b"group", _UTF8, ctypes.addressof(group), 3, 0),
            _Param(b"pub", _OCTETS, ctypes.addressof(point), len(public), 0),
        ]
        if private is not None:
            # OSSL_PARAM integers are in the machine's own byte order.
            native = int.from_bytes(private, "big").to_bytes(len(private), _byte_order())
            scalar = ctypes.create_string_buffer(native, len(native))
            params.append(_Param(b"priv", _UNSIGNED, ctypes.addressof(scalar), len(native), 0))
        array = (_Param * (len(params) + 1))(*params, _Param(None, 0, None, 0, 0))
        context = self._pointer("EVP_PKEY_CTX_new_from_name", None, c_char_p(b"SM2"), None)
        try:
            self._call("EVP_PKEY_fromdata_init", c_void_p(context))
            key = c_void_p()
            selection = _PUBLIC if private is None else _KEYPAIR
            self._call("EVP_PKEY_fromdata", c_void_p(context), byref(key), c_int(selection), array)
            return key
        finally:
            self._lib.EVP_PKEY_CTX_free(c_void_p(context))

    def free(self, key: c_void_p) -> None:
        self._lib.EVP_PKEY_free(key)

    def sign(self, key: c_void_p, message: bytes) -> bytes:
        with _Digest(self, key, "EVP_DigestSignInit") as context:
            size = c_size_t(128)
            out = ctypes.create_string_buffer(128)
            self._call(
                "EVP_DigestSign", context, out, byref(size), c_char_p(message),
                c_size_t(len(message)),
            )  # fmt: skip
            return out.raw[: size.value]

    def verifies(self, key: c_void_p, signature: bytes, message: bytes) -> bool:
        with _Digest(self, key, "EVP_DigestVerifyInit") as context:
            found: int = self._lib.EVP_DigestVerify(
                context, c_char_p(signature), c_size_t(len(signature)), c_char_p(message),
                c_size_t(len(message)),
            )  # fmt: skip
            self._lib.ERR_clear_error()
            return found == 1

    def crypt(self, key: c_void_p, what: str, data: bytes) -> bytes:
        """EVP_PKEY_encrypt or EVP_PKEY_decrypt."""
        context = c_void_p(self._pointer("EVP_PKEY_CTX_new_from_pkey", None, key, None))
        try:
            self._call(f"EVP_PKEY_{what}_init", context)
            size = c_size_t(len(data) + 256)
            out = ctypes.create_string_buffer(size.value)
            self._call(
                f"EVP_PKEY_{what}", context, out, byref(size), c_char_p(data), c_size_t(len(data))
            )
            return out.raw[: size.value]
        finally:
            self._lib.EVP_PKEY_CTX_free(context)

    def _public_of(self, private: bytes) -> bytes:
        group = c_void_p(self._pointer("EC_GROUP_new_by_curve_name", c_int(_SM2_NID)))
        scalar = c_void_p(self._pointer("BN_bin2bn", c_char_p(private), c_int(len(private)), None))
        point = c_void_p(self._pointer("EC_POINT_new", group))
        try:
            self._call("EC_POINT_mul", group, point, scalar, None, None, None)
            out = ctypes.create_string_buffer(curve.POINT_BYTES)
            size = self._lib.EC_POINT_point2oct(
                group, point, c_int(4), out, c_size_t(curve.POINT_BYTES), None
            )
            if size != curve.POINT_BYTES:
                raise LibcryptoError("EC_POINT_point2oct failed")
            return out.raw
        finally:
            self._lib.EC_POINT_free(point)
            self._lib.BN_clear_free(scalar)
            self._lib.EC_GROUP_free(group)

    def _pointer(self, name: str, *arguments: Any) -> int:
        found: int | None = getattr(self._lib, name)(*arguments)
        if not found:
            self._lib.ERR_clear_error()
            raise LibcryptoError(f"{name} failed")
        return found

    def _call(self, name: str, *arguments: Any) -> None:
        if getattr(self._lib, name)(*arguments) <= 0:
            self._lib.ERR_clear_error()
            raise LibcryptoError(f"{name} failed")


class _Digest:
    """A digest context for one signature, with the signer's id set."""

    def __init__(self, lib: Libcrypto, key: c_void_p, init: str) -> None:
        self._lib, self._key, self._init = lib, key, init
        self._digest = self._context = c_void_p()

    def __enter__(self) -> c_void_p:
        lib = self._lib
        self._context = c_void_p(lib._pointer("EVP_PKEY_CTX_new_from_pkey", None, self._key, None))
        lib._call("EVP_PKEY_CTX_set1_id", self._context, c_char_p(lib._id), c_size_t(len(lib._id)))
        self._digest = c_void_p(lib._pointer("EVP_MD_CTX_new"))
        lib._lib.EVP_MD_CTX_set_pkey_ctx(self._digest, self._context)
        lib._call(self._init, self._digest, None, lib._sm3, None, self._key)
        return self._digest

    def __exit__(self, *_: object) -> None:
        # The digest context does not own the key context that it was given.
        self._lib._lib.EVP_MD_CTX_free(self._digest)
        self._lib._lib.EVP_PKEY_CTX_free(self._context)


class PrivateKey:
    """An SM2 private key within libcrypto."""

    def __init__(self, lib: Libcrypto, private: bytes, public: bytes) -> None:
        self.public = public
        self._lib, self._key = lib, lib.load(public, private)

    def sign(self, message: bytes) -> bytes:
        return self._lib.sign(self._key, message)

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Of a ciphertext in DER. Raises ValueError."""
        try:
            return self._lib.crypt(self._key, "decrypt", ciphertext)
        except LibcryptoError as error:
            raise ValueError("the SM2 ciphertext does not open") from error

    def __del__(self) -> None:
        if hasattr(self, "_key"):
            self._lib.free(self._key)


class PublicKey:
    """An SM2 public key within libcrypto."""

    def __init__(self, lib: Libcrypto, public: bytes) -> None:
        self._lib, self._key = lib, lib.load(public, None)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        return self._lib.verifies(self._key, signature, message)

    def encrypt(self, plaintext: bytes) -> bytes:
        """A ciphertext in DER."""
        return self._lib.crypt(self._key, "encrypt", plaintext)

    def __del__(self) -> None:
        if hasattr(self, "_key"):
            self._lib.free(self._key)


def _byte_order() -> Any:
    import sys

    return sys.byteorder


def _load() -> ctypes.CDLL:
    """OpenSSL 3's libcrypto. Only names that the system's own loader resolves are tried."""
    for name in ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    found = ctypes.util.find_library("crypto")
    if found is None:
        raise LibcryptoError("this system has no libcrypto")
    try:
        return ctypes.CDLL(found)
    except OSError as error:
        raise LibcryptoError(f"the system's libcrypto cannot be loaded: {error}") from error
