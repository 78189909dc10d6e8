"""Second factors against RFC 6238's own vectors, and codes that work once."""

from __future__ import annotations

import pytest

from zongheng_hub.tenancy.operators import totp
from zongheng_hub.tenancy.operators.vault import SealBroken, Vault

RFC_SECRET = b"12345678901234567890"
# RFC 6238, appendix B, SHA-1: Unix seconds and the code of eight digits.
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
NOW = 1_770_000_000_000
STEP = totp.step_of(NOW)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.step_of(seconds * 1000)
    assert totp.code_at(RFC_SECRET, step, digits=8) == code
    assert totp.code_at(RFC_SECRET, step) == code[2:]


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_code_is_taken_one_step_early_or_late(off: int) -> None:
    code = totp.code_at(RFC_SECRET, STEP + off)
    assert totp.matching_step(RFC_SECRET, code, now_ms=NOW, after=0) == STEP + off


@pytest.mark.parametrize("off", [-2, 2, 10])
def test_a_code_of_another_time_is_refused(off: int) -> None:
    code = totp.code_at(RFC_SECRET, STEP + off)
    assert totp.matching_step(RFC_SECRET, code, now_ms=NOW, after=0) is None


def test_a_code_that_was_taken_is_refused_and_so_are_earlier_ones() -> None:
    for off in (-1, 0):
        code = totp.code_at(RFC_SECRET, STEP + off)
        assert totp.matching_step(RFC_SECRET, code, now_ms=NOW, after=STEP) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code, now_ms=NOW, after=0) is None


def test_the_uri_names_account_issuer_and_secret() -> None:
    uri = totp.enrolment_uri(RFC_SECRET, account="wang", issuer="纵横")
    assert uri.startswith("otpauth://totp/%E7%BA%B5%E6%A8%AA%3Awang?secret=GEZDGNBV")
    assert "period=30" in uri


def test_a_sealed_secret_opens_for_its_owner_only() -> None:
    vault = Vault(bytes(32))
    sealed = vault.seal(RFC_SECRET, "totp o_one")
    assert RFC_SECRET not in sealed
    assert vault.open(sealed, "totp o_one") == RFC_SECRET
    for other, purpose in ((vault, "totp o_two"), (Vault(bytes([1] * 32)), "totp o_one")):
        with pytest.raises(SealBroken):
            other.open(sealed, purpose)
    with pytest.raises(SealBroken):
        vault.open(sealed[:-1], "totp o_one")
