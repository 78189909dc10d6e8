"""SM-1: SM2 and SM3 as in GB/T 32918 and GB/T 32905, SM4-GCM as in RFC 8998; each form refused
but one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.errors import Invalid, SuiteUnavailable
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants import sealing, suites
from zongheng_tenants.keys import key_id
from zongheng_tenants.suites import INTL_1, SM_1, sm2, sm2_curve, sm_1
from zongheng_tenants.suites.sm2_libcrypto import Libcrypto

SUITE = suites.suite_of(SM_1)
KEY = SUITE.new_signing()
SEALING = SUITE.new_sealing()
MESSAGE = b"DSSEv1 \0 any bytes"


@pytest.fixture(params=["libcrypto", "gmssl-pyx"])
def backend(request: pytest.FixtureRequest) -> Iterator[sm2.Sm2]:
    if request.param == "gmssl-pyx":
        pytest.importorskip("gmssl_pyx", reason="the extra [sm] has no wheel for this machine")
    yield dict(sm2.KNOWN)[request.param]()


def test_numbers_are_those_of_the_proto() -> None:
    assert (INTL_1, SM_1) == (pb.SUITE_INTL_1, pb.SUITE_SM_1)
    assert suites.number_of("sm-1") == SM_1
    with pytest.raises(Invalid, match="INTL-1, SM-1"):
        suites.number_of("RSA")
    with pytest.raises(Invalid, match="suite 7 is not known"):
        suites.suite_of(7)


def test_every_backend_gives_the_standards_answers(backend: sm2.Sm2) -> None:
    sm2.self_test(backend)


def test_backends_read_each_other(backend: sm2.Sm2) -> None:
    ours = backend.private_key(KEY.private_bytes())
    assert ours.public == KEY.public
    assert SUITE.verify_key(KEY.public).verifies(ours.sign(MESSAGE), MESSAGE)
    assert backend.public_key(KEY.public).verifies(KEY.sign(MESSAGE), MESSAGE)
    wrapped = sm_1.Sm1(backend).wrap(bytes(16), SEALING.public, b"info")
    assert SEALING.unwrap(wrapped, b"info") == bytes(16)
    theirs = sm_1.Sm1(backend).sealing_key(SEALING.private_bytes())
    assert theirs.unwrap(SUITE.wrap(b"k" * 16, SEALING.public, b"info"), b"info") == b"k" * 16


def test_ciphers_answer_as_rfc_8998_and_sm3_says() -> None:
    sm_1.check_ciphers()


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    signature = KEY.sign(MESSAGE)
    verifier = SUITE.verify_key(KEY.public)
    assert verifier.id == KEY.id == key_id(KEY.public)
    assert verifier.verifies(signature, MESSAGE)
    assert not verifier.verifies(signature, MESSAGE + b"\0")
    assert not SUITE.verify_key(SEALING.public).verifies(signature, MESSAGE)


@given(st.integers(0, 71 * 8 - 1))
def test_no_altered_signature_is_accepted(bit: int) -> None:
    signature = bytearray(_SIGNATURE)
    signature[bit // 8 % len(signature)] ^= 1 << bit % 8
    assert not SUITE.verify_key(KEY.public).verifies(bytes(signature), MESSAGE)


_SIGNATURE = KEY.sign(MESSAGE)


def der(r: int, s: int) -> bytes:
    def integer(value: int) -> bytes:
        raw = value.to_bytes((value.bit_length() + 8) // 8 or 1, "big")
        return bytes((2, len(raw))) + raw

    body = integer(r) + integer(s)
    return bytes((0x30, len(body))) + body


@pytest.mark.parametrize(
    "numbers", [(0, 1), (1, 0), (0, 0), (sm2_curve.N, 1), (1, sm2_curve.N), (1 << 256, 1)]
)
def test_r_or_s_of_zero_or_beyond_the_order_is_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"range|long"):
        sm2_curve.check_signature(der(*numbers))
    assert not SUITE.verify_key(KEY.public).verifies(der(*numbers), MESSAGE)


def test_the_same_numbers_in_another_der_form_are_refused() -> None:
    r_s = _SIGNATURE[2:]
    body = r_s[2:]
    forms = [
        b"\x30\x81" + bytes((len(r_s),)) + r_s,  # a length in two bytes
        bytes((0x30, len(r_s) + 1)) + bytes((2, r_s[1] + 1, 0)) + body,  # a zero too many
        _SIGNATURE + b"\0",
        b"\x31" + _SIGNATURE[1:],
        _SIGNATURE[:-1],
        b"",
        b"\x30\x80" + r_s + b"\0\0",
    ]
    for form in forms:
        assert not SUITE.verify_key(KEY.public).verifies(form, MESSAGE), form.hex()


def test_a_signature_under_another_signer_id_is_refused() -> None:
    private = Libcrypto(b"ALICE123@YAHOO.COM").private_key(KEY.private_bytes())
    assert not SUITE.verify_key(KEY.public).verifies(private.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize(
    "public",
    [
        b"\x04" + bytes(64),
        KEY.public[:-1] + bytes((KEY.public[-1] ^ 1,)),
        KEY.public[1:],
        b"\x02" + KEY.public[1:33],
        b"\x04" + sm2_curve.P.to_bytes(32, "big") + KEY.public[33:],
        b"\0",
        bytes(65),
    ],
    ids=["zero", "one-bit", "no-prefix", "compressed", "x-too-large", "short", "infinity"],
)
def test_a_point_off_the_curve_is_no_key(public: bytes) -> None:
    for use in (SUITE.verify_key, SUITE.check_sealing):
        with pytest.raises(ValueError, match="SM2 public key"):
            use(public)
    with pytest.raises(ValueError, match=r"SM2 public key|suite 2"):
        suites.check_public(SM_1, public)
    with pytest.raises(Invalid, match="sealing key"):
        sealing.wrap_key(bytes(16), public, b"", SM_1)


@pytest.mark.parametrize(
    "private",
    [bytes(32), (sm2_curve.N - 1).to_bytes(32, "big"), b"\1"],
    ids=["zero", "order", "short"],
)
def test_a_number_out_of_range_is_no_private_key(private: bytes, backend: sm2.Sm2) -> None:
    with pytest.raises(ValueError, match="SM2 private key"):
        backend.private_key(private)


def test_a_wrapped_key_opens_for_its_recipient_and_purpose_only() -> None:
    wrapped = sealing.wrap_key(b"0123456789abcdef", SEALING.public, b"purpose", SM_1)
    assert len(wrapped) == SUITE.wrapped_key_bytes
    assert sealing.unwrap_key(wrapped, SEALING, b"purpose") == b"0123456789abcdef"
    for key, info in ((SUITE.new_sealing(), b"purpose"), (SEALING, b"other")):
        with pytest.raises(Invalid, match="made for another use"):
            sealing.unwrap_key(wrapped, key, info)
    with pytest.raises(Invalid, match="161 bytes"):
        sealing.unwrap_key(wrapped[:-1], SEALING, b"purpose")


@given(st.integers(0, 161 * 8 - 1))
def test_no_altered_wrapped_key_opens(bit: int) -> None:
    wrapped = bytearray(_WRAPPED)
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Invalid):
        SEALING.unwrap(bytes(wrapped), b"purpose")


_WRAPPED = SUITE.wrap(bytes(range(16)), SEALING.public, b"purpose")


def test_chunks_are_sealed_with_sm4_and_bound_to_their_place() -> None:
    key = sealing.new_data_key(SM_1)
    assert len(key) == 16
    plaintext = secrets.token_bytes(sealing.CHUNK_BYTES + 5)
    chunks = list(sealing.seal_chunks(plaintext, key, "p_1", SM_1))
    assert b"".join(sealing.open_chunks(chunks, key, "p_1", SM_1)) == plaintext
    for wrong in (chunks[:1], chunks[::-1], [chunks[0], chunks[1][:-1] + b"x"], [b"short"]):
        with pytest.raises(Invalid, match="does not open"):
            list(sealing.open_chunks(wrong, key, "p_1", SM_1))


def test_a_derived_key_is_always_the_same() -> None:
    seed = bytes(range(48))
    assert SUITE.derived_signing(seed).public == SUITE.derived_signing(seed).public
    assert SUITE.derived_signing(seed).public != SUITE.derived_signing(seed[::-1]).public
    with pytest.raises(ValueError, match="48 bytes"):
        SUITE.derived_signing(seed[:32])


def test_where_nothing_computes_sm2_the_suite_is_unavailable_and_says_why() -> None:
    def missing() -> sm2.Sm2:
        raise ImportError("No module named 'gmssl_pyx'")

    class Wrong(Libcrypto):
        def private_key(self, private: bytes) -> sm2.Sm2Private:  # type: ignore[override]  # its own kind will do
            return super().private_key(self.generate())

    with pytest.raises(SuiteUnavailable, match=r"gmssl-pyx: No module.*libcrypto: the self-test"):
        sm2.working_sm2([("gmssl-pyx", missing), ("libcrypto", lambda: Wrong(sm2.SIGNER_ID))])
    with pytest.raises(SuiteUnavailable, match="nothing on this machine"):
        sm2.working_sm2([])
    assert "[sm]" in SuiteUnavailable("x").advice


def test_the_base_point_times_a_number_is_libcryptos() -> None:
    scalar = int.from_bytes(KEY.private_bytes(), "big")
    assert sm2_curve.multiply_base(scalar) == KEY.public
    for small in (1, 2, 3, sm2_curve.N - 2):
        point = sm2_curve.multiply_base(small)
        sm2_curve.check_point(point)
        assert SUITE.signing_key(small.to_bytes(32, "big")).public == point


def test_no_associated_data_is_empty_associated_data() -> None:
    cipher, nonce = sm_1.Sm4Gcm(bytes(16)), bytes(12)
    for one, other in ((None, b""), (b"", None), (None, None)):
        assert cipher.decrypt(nonce, cipher.encrypt(nonce, b"text", one), other) == b"text"
