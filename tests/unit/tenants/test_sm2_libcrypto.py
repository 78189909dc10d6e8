"""What is borrowed from libcrypto is given back; what fails there fails here, once and by name."""

from __future__ import annotations

import ctypes
import gc
from collections import Counter
from collections.abc import Iterator
from ctypes import byref, c_char_p, c_int, c_size_t, c_void_p
from typing import Any

import pytest

from zongheng_protos.errors import SuiteUnavailable
from zongheng_tenants.suites import sm2, sm2_curve, sm2_libcrypto, sm_1
from zongheng_tenants.suites.sm2_libcrypto import Libcrypto, LibcryptoError

MADE = {
    "EVP_PKEY_CTX_new_from_name": "EVP_PKEY_CTX_free",
    "EVP_PKEY_CTX_new_from_pkey": "EVP_PKEY_CTX_free",
    "EVP_PKEY_fromdata": "EVP_PKEY_free",
    "EVP_PKEY_generate": "EVP_PKEY_free",
    "EVP_PKEY_get_bn_param": "BN_clear_free",
    "BN_bin2bn": "BN_clear_free",
    "EVP_MD_CTX_new": "EVP_MD_CTX_free",
    "EC_GROUP_new_by_curve_name": "EC_GROUP_free",
    "EC_POINT_new": "EC_POINT_free",
}
"""Calls that make something, and what lets go of it."""


class Counting:
    """libcrypto, counting what was made and not let go of."""

    def __init__(self, lib: ctypes.CDLL) -> None:
        self._lib = lib
        self.held: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._lib, name)

        def counted(*arguments: Any) -> Any:
            found = function(*arguments)
            if name in MADE:
                self.held[MADE[name]] += 1
            elif name in MADE.values():
                self.held[name] -= 1
            return found

        return counted


@pytest.fixture
def lib() -> Libcrypto:
    return Libcrypto(sm2.SIGNER_ID)


@pytest.fixture
def counting(lib: Libcrypto) -> Iterator[Counter[str]]:
    real = lib._lib
    counted = Counting(real)
    lib._lib = counted  # type: ignore[assignment]  # the same calls
    yield counted.held
    lib._lib = real


def left(held: Counter[str]) -> dict[str, int]:
    gc.collect()
    return {name: count for name, count in held.items() if count}


def test_a_new_key_leaves_nothing_behind(lib: Libcrypto, counting: Counter[str]) -> None:
    for _ in range(3):
        assert len(lib.generate()) == 32
    assert counting
    assert left(counting) == {}


def test_keys_are_let_go_of_with_the_objects_that_hold_them(
    lib: Libcrypto, counting: Counter[str]
) -> None:
    private = lib.private_key(lib.generate())
    public = lib.public_key(private.public)
    assert left(counting) == {"EVP_PKEY_free": 2}
    del private
    assert left(counting) == {"EVP_PKEY_free": 1}
    del public
    assert left(counting) == {}


def test_signing_and_sealing_leave_only_the_keys(lib: Libcrypto, counting: Counter[str]) -> None:
    private = lib.private_key(lib.generate())
    public = lib.public_key(private.public)
    signature = private.sign(b"message")
    assert public.verifies(signature, b"message")
    assert not public.verifies(signature, b"another")
    assert not public.verifies(b"\x30\x00", b"message")
    assert private.decrypt(public.encrypt(b"text")) == b"text"
    with pytest.raises(ValueError, match="does not open"):
        private.decrypt(b"\x30\x00")
    assert left(counting) == {"EVP_PKEY_free": 2}


def test_no_failure_stays_in_libcryptos_queue_for_the_next_to_find(lib: Libcrypto) -> None:
    private = lib.private_key(lib.generate())
    public = lib.public_key(private.public)
    lib._lib.ERR_clear_error()
    assert not public.verifies(b"\x30\x00", b"message")
    assert lib._lib.ERR_peek_error() == 0
    with pytest.raises(ValueError, match="does not open"):
        private.decrypt(b"\x30\x00")
    assert lib._lib.ERR_peek_error() == 0
    off = b"\x04" + bytes(64)
    with pytest.raises(LibcryptoError, match="EVP_PKEY_fromdata failed"):
        lib.load(off, None)
    assert lib._lib.ERR_peek_error() == 0
    with pytest.raises(LibcryptoError, match="EVP_PKEY_CTX_new_from_name failed"):
        lib._pointer("EVP_PKEY_CTX_new_from_name", None, c_char_p(b"no such thing"), None)
    assert lib._lib.ERR_peek_error() == 0


def test_a_key_that_cannot_be_loaded_leaves_no_context(
    lib: Libcrypto, counting: Counter[str]
) -> None:
    with pytest.raises(LibcryptoError):
        lib.load(b"\x04" + bytes(64), None)
    counting.pop("EVP_PKEY_free", None)  # none was made
    assert left(counting) == {}


def test_a_loaded_private_key_is_the_number_it_was_given(lib: Libcrypto) -> None:
    for scalar in (1, 2, 256, sm2_curve.N - 2):
        private = scalar.to_bytes(32, "big")
        key = lib.load(sm2_curve.multiply_base(scalar), private)
        number = c_void_p()
        assert lib._lib.EVP_PKEY_get_bn_param(key, c_char_p(b"priv"), byref(number)) == 1
        out = ctypes.create_string_buffer(32)
        assert lib._lib.BN_bn2binpad(number, out, c_int(32)) == 32
        assert out.raw == private
        lib._lib.BN_clear_free(number)
        lib.free(key)


def test_a_loaded_public_key_is_the_point_it_was_given(lib: Libcrypto) -> None:
    point = sm2_curve.multiply_base(77)
    for private in (None, (77).to_bytes(32, "big")):
        key = lib.load(point, private)
        out, size = ctypes.create_string_buffer(128), c_size_t()
        found = lib._lib.EVP_PKEY_get_octet_string_param(
            key, c_char_p(b"pub"), out, c_size_t(128), byref(size)
        )
        assert (found, out.raw[: size.value]) == (1, point)
        lib.free(key)


def test_every_size_of_text_is_sealed_and_opened(lib: Libcrypto) -> None:
    private = lib.private_key(lib.generate())
    public = lib.public_key(private.public)
    for size in (1, 31, 32, 255, 1000):
        sealed = public.encrypt(b"t" * size)
        assert private.decrypt(sealed) == b"t" * size
        with pytest.raises(ValueError, match="does not open"):
            lib.private_key(lib.generate()).decrypt(sealed)


def test_a_system_without_libcrypto_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: no such file")

    monkeypatch.setattr(ctypes, "CDLL", nothing)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(LibcryptoError, match="this system has no libcrypto"):
        Libcrypto(sm2.SIGNER_ID)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so")
    with pytest.raises(LibcryptoError, match=r"cannot be loaded: libcrypto\.so: no such file"):
        Libcrypto(sm2.SIGNER_ID)


def test_another_name_of_libcrypto_is_found_by_the_loader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, asked = ctypes.CDLL, list[str]()

    def only_found(name: str) -> ctypes.CDLL:
        asked.append(name)
        if name != "found":
            raise OSError(name)
        return real("libcrypto.so.3")

    monkeypatch.setattr(ctypes, "CDLL", only_found)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: "found")
    assert len(Libcrypto(sm2.SIGNER_ID).generate()) == 32
    assert asked == ["libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "found"]


def test_an_older_libcrypto_is_no_openssl_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_libcrypto, "_load", lambda: ctypes.CDLL(None))
    monkeypatch.setattr(sm2_libcrypto, "_PLAIN_FUNCTIONS", ["EVP_no_such_function"])
    with pytest.raises(LibcryptoError, match="is no OpenSSL 3"):
        Libcrypto(sm2.SIGNER_ID)


class Credulous(Libcrypto):
    """A library that accepts every signature."""

    def public_key(self, public: bytes) -> Any:
        class Public:
            def verifies(self, signature: bytes, message: bytes) -> bool:
                return True

        return Public()


def test_a_signature_in_another_form_does_not_even_reach_the_library(lib: Libcrypto) -> None:
    private = lib.private_key(lib.generate())
    key = sm_1.Sm2VerifyKey(Credulous(sm2.SIGNER_ID), private.public)
    signature = private.sign(b"message")
    assert key.verifies(signature, b"message")
    for form in (signature + b"\0", b"", signature[:-1], b"\x31" + signature[1:], bytes(64)):
        assert not key.verifies(form, b"message")


# The self-tests


class Bent:
    """A libcrypto that gives one wrong answer."""

    name = "bent"

    def __init__(self, lie: str) -> None:
        self.lib, self.lie = Libcrypto(sm2.SIGNER_ID), lie
        self.known = sm2._PRIVATE

    def generate(self) -> bytes:
        return self.lib.generate()

    def private_key(self, private: bytes) -> Any:
        return BentPrivate(self, private)

    def public_key(self, public: bytes) -> Any:
        return BentPublic(self, public)


class BentPrivate:
    """A private key of a Bent."""

    def __init__(self, bent: Bent, private: bytes) -> None:
        self.bent, self.is_known = bent, private == bent.known
        self.real = bent.lib.private_key(private)
        other = bent.lib.private_key(bent.lib.generate())
        wrong = bent.lie == "public half" and self.is_known
        self.public = other.public if wrong else self.real.public

    def sign(self, message: bytes) -> bytes:
        if self.bent.lie == "own signature":
            return self.real.sign(message + b"!")
        signature = self.real.sign(message)
        return signature + b"\0" if self.bent.lie == "form" else signature

    def decrypt(self, ciphertext: bytes) -> bytes:
        text = self.real.decrypt(ciphertext)
        lie = "known ciphertext" if self.is_known else "own ciphertext"
        return text[::-1] + b"!" if self.bent.lie == lie else text


class BentPublic:
    """A public key of a Bent."""

    def __init__(self, bent: Bent, public: bytes) -> None:
        self.bent, self.is_known = bent, public == sm2._PUBLIC
        self.real = bent.lib.public_key(public)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        lies = {
            "known signature": False if self.is_known and message == b"message digest" else None,
            "any message": True if message == b"message digests" else None,
            "any key": True if self.is_known and message == b"self-test" else None,
        }
        lie = lies.get(self.bent.lie)
        return self.real.verifies(signature, message) if lie is None else lie

    def encrypt(self, plaintext: bytes) -> bytes:
        return self.real.encrypt(plaintext)


def test_what_answers_rightly_passes_its_self_test() -> None:
    sm2.self_test(Bent("none"))
    assert sm2.working_sm2([("bent", lambda: Bent("none"))]).name == "bent"


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("public half", "the public half of a known key"),
        ("known signature", "a known signature"),
        ("any message", "another message"),
        ("known ciphertext", "a known ciphertext"),
        ("form", "something follows"),
        ("own signature", "its own signature"),
        ("any key", "another key's signature"),
        ("own ciphertext", "its own ciphertext"),
    ],
)
def test_whatever_answers_one_question_wrongly_is_passed_over(lie: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sm2.self_test(Bent(lie))
    with pytest.raises(SuiteUnavailable, match=said):
        sm2.working_sm2([("bent", lambda: Bent(lie))])
    found = sm2.working_sm2([("bent", lambda: Bent(lie)), ("good", lambda: Bent("none"))])
    assert isinstance(found, Bent)
    assert found.lie == "none"


def test_ciphers_that_answer_wrongly_make_the_suite_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sm_1.check_ciphers()
    for name in ("_GCM_SEALED", "_SM3_ABC"):
        with monkeypatch.context() as changed:
            changed.setattr(sm_1, name, bytes(len(getattr(sm_1, name))))
            with pytest.raises(SuiteUnavailable, match="gives wrong answers on this machine"):
                sm_1.check_ciphers()
    with monkeypatch.context() as changed:
        changed.setattr(sm_1, "_GCM_KEY", b"short")
        with pytest.raises(SuiteUnavailable, match="lacks SM3 or SM4-GCM here"):
            sm_1.check_ciphers()
    with monkeypatch.context() as changed:
        changed.setattr(sm_1, "_GCM_SEALED", b"")
        sm_1.suite.cache_clear()
        with pytest.raises(SuiteUnavailable):
            sm_1.suite()
    assert sm_1.suite() is sm_1.suite()


def test_sm4_gcm_opens_nothing_shorter_than_its_tag() -> None:
    from cryptography.exceptions import InvalidTag

    cipher, nonce = sm_1.Sm4Gcm(bytes(16)), bytes(12)
    empty = cipher.encrypt(nonce, b"", b"about")
    assert len(empty) == 16
    assert cipher.decrypt(nonce, empty, b"about") == b""
    for sealed in (b"", empty[:-1], empty[1:]):
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, sealed, b"about")
    assert cipher.encrypt(nonce, b"text", b"about") != cipher.encrypt(nonce, b"text", b"")
