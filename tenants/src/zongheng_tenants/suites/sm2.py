"""Who computes SM2 on this machine: the first that answers GB/T 32918.5's examples rightly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from zongheng_protos.errors import SuiteUnavailable
from zongheng_tenants.suites import sm2_curve as curve

SIGNER_ID = b"1234567812345678"
"""The signer's id of GM/T 0009, the same for every key here."""


class Sm2Private(Protocol):
    public: bytes

    def sign(self, message: bytes) -> bytes:
        """A signature in DER, SM3 over the signer's Z and message."""
        ...

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Raises ValueError: the ciphertext (DER) does not open."""
        ...


class Sm2Public(Protocol):
    def verifies(self, signature: bytes, message: bytes) -> bool: ...
    def encrypt(self, plaintext: bytes) -> bytes: ...


class Sm2(Protocol):
    """What computes SM2. Keys given to it are checked: ValueError."""

    name: str

    def private_key(self, private: bytes) -> Sm2Private: ...
    def public_key(self, public: bytes) -> Sm2Public: ...
    def generate(self) -> bytes: ...


def _libcrypto() -> Sm2:
    from zongheng_tenants.suites.sm2_libcrypto import Libcrypto

    return Libcrypto(SIGNER_ID)


def _gmssl() -> Sm2:
    from zongheng_tenants.suites.sm2_gmssl import Gmssl

    return Gmssl(SIGNER_ID)


KNOWN: tuple[tuple[str, Callable[[], Sm2]], ...] = (
    ("libcrypto", _libcrypto),
    ("gmssl-pyx", _gmssl),
)


def working_sm2(candidates: Sequence[tuple[str, Callable[[], Sm2]]] = KNOWN) -> Sm2:
    """The first candidate that can be loaded and passes the self-test.

    Raises:
        SuiteUnavailable: none; the message says why each was passed over.
    """
    refused = []
    for name, load in candidates:
        try:
            found = load()
            self_test(found)
        except Exception as error:  # a foreign library: anything may be wrong with it
            refused.append(f"{name}: {error}")
            continue
        return found
    raise SuiteUnavailable(f"nothing on this machine computes SM2 ({'; '.join(refused)})")


# GB/T 32918.5-2017, annexes A and C: one key signs "message digest", opens "encryption standard".
_PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_SIGNATURE = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
_CIPHERTEXT = bytes.fromhex(
    "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
    "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    "21886ca989ca9c7d58087307ca93092d651efa"
)


def self_test(sm2: Sm2) -> None:
    """Known answers, and its own signature and ciphertext. Raises ValueError: one is wrong."""
    private, public = sm2.private_key(_PRIVATE), sm2.public_key(_PUBLIC)
    _expect(private.public == _PUBLIC, "the public half of a known key")
    _expect(public.verifies(_SIGNATURE, b"message digest"), "a known signature")
    _expect(not public.verifies(_SIGNATURE, b"message digests"), "another message")
    opened = private.decrypt(curve.ciphertext_to_der(_CIPHERTEXT))
    _expect(opened == b"encryption standard", "a known ciphertext")
    fresh = sm2.private_key(sm2.generate())
    signature = fresh.sign(b"self-test")
    curve.check_signature(signature)
    own = sm2.public_key(fresh.public)
    _expect(own.verifies(signature, b"self-test"), "its own signature")
    _expect(not public.verifies(signature, b"self-test"), "another key's signature")
    _expect(fresh.decrypt(own.encrypt(bytes(32))) == bytes(32), "its own ciphertext")


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"the self-test fails at {what}")
