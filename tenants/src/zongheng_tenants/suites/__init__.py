"""Suites: which algorithms a tenant's keys use, pinned in its credential and never negotiated.

INTL-1: Ed25519, SHA-256, HPKE with X25519, AES-256-GCM.
SM-1: SM2 with SM3 (GB/T 32918, GB/T 32905), SM2-wrapped keys, SM4-GCM (GB/T 32907, RFC 8998);
needs OpenSSL 3 with SM2 on the system, or the extra [sm].

Nothing of SM-1 is imported until a key of it is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from zongheng_protos.errors import Invalid

if TYPE_CHECKING:
    from zongheng_tenants.keys import HeldOpener, HeldSigner, Verifier

# Numbers of tenancy.v1.Suite; plain, so that importing this costs nothing.
INTL_1 = 1
SM_1 = 2
NAMES = {INTL_1: "INTL-1", SM_1: "SM-1"}
KEY_BYTES = {INTL_1: 32, SM_1: 65}
"""How long public keys of a suite are: raw for INTL-1, an uncompressed point for SM-1."""


class Cipher(Protocol):
    """Authenticated encryption under one data key, as cryptography's AEAD classes have it."""

    def encrypt(
        self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None
    ) -> bytes: ...

    def decrypt(
        self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None
    ) -> bytes:
        """Raises cryptography's InvalidTag."""
        ...


class Suite(Protocol):
    """The algorithms of one suite.

    Attributes:
        number: of tenancy.v1.Suite.
        data_key_bytes: length of a parcel's data key.
        wrapped_key_bytes: length of a wrapped data key.
    """

    @property
    def number(self) -> int: ...
    @property
    def data_key_bytes(self) -> int: ...
    @property
    def wrapped_key_bytes(self) -> int: ...

    def new_signing(self) -> HeldSigner: ...
    def signing_key(self, private: bytes) -> HeldSigner:
        """Raises ValueError: private is none of this suite."""
        ...

    def derived_signing(self, seed: bytes) -> HeldSigner:
        """The key that 48 uniformly random secret bytes yield, always the same."""
        ...

    def verify_key(self, public: bytes) -> Verifier:
        """Raises ValueError: public is no usable key of this suite."""
        ...

    def new_sealing(self) -> HeldOpener: ...
    def sealing_key(self, private: bytes) -> HeldOpener:
        """Raises ValueError: private is none of this suite."""
        ...

    def check_sealing(self, public: bytes) -> None:
        """Raises ValueError: public is no usable sealing key of this suite."""
        ...

    def digest(self, data: bytes) -> bytes: ...
    def mac(self, key: bytes, data: bytes) -> bytes: ...
    def wrap(self, data_key: bytes, public: bytes, info: bytes) -> bytes:
        """The data key for the holder of public, bound to info. Raises ValueError: bad public."""
        ...

    def cipher(self, data_key: bytes) -> Cipher: ...


def suite_of(number: int) -> Suite:
    """The suite of a number from a key's record.

    Raises:
        Invalid: no such suite is known here.
        SuiteUnavailable: this machine has nothing that computes it, or that fails its self-test.
    """
    if number == INTL_1:
        from zongheng_tenants.suites import intl_1

        return intl_1.SUITE
    if number == SM_1:
        from zongheng_tenants.suites import sm_1

        return sm_1.suite()
    raise Invalid(f"suite {number} is not known here")


def number_of(name: str) -> int:
    """The number of "INTL-1" or "SM-1". Raises Invalid."""
    for number, known in NAMES.items():
        if known == name.upper():
            return number
    raise Invalid(f"there is no suite {name}: name one of {', '.join(NAMES.values())}")


def verify_key(number: int, public: bytes) -> Verifier:
    """A public signing key of a suite. Raises ValueError, and what suite_of raises."""
    return suite_of(number).verify_key(public)


def check_public(number: int, public: bytes) -> None:
    """Whether public can be a key of a suite at all: length, and for SM-1 its curve.

    Raises:
        ValueError: it cannot.
    """
    if len(public) != KEY_BYTES.get(number):
        raise ValueError(f"a public key of suite {number} does not have {len(public)} bytes")
    if number == SM_1:
        from zongheng_tenants.suites.sm2_curve import check_point

        check_point(public)
