"""Digests, fingerprints and MACs that go over the wire, computed here from their description."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from tests.unit.tenants.parties import OWNER, PROVINCE, make_party
from zongheng_protos.errors import Invalid, PossessionUnproven
from zongheng_tenants import possession, sealing
from zongheng_tenants.enrolment import prepare
from zongheng_tenants.grant import grant_sha256
from zongheng_tenants.invitation import (
    LIFE_MS,
    Invitation,
    hub_fingerprint,
    keys_digest,
    token_of,
)
from zongheng_tenants.suites import INTL_1, SM_1, suite_of

SECRET = bytes(range(16))
HUBS = bytes(range(32))
OF_SM_1 = make_party("t_smcounty", PROVINCE, suite=SM_1)


def framed(*parts: bytes) -> bytes:
    """Every part with its length in four bytes before it."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def test_parts_are_bound_under_their_label() -> None:
    assert sealing.binding("label", b"one", b"") == framed(b"label", b"one", b"")


def test_what_an_enrolling_unit_signs_covers_every_key() -> None:
    parts = (b"i_1", b"csr", b"s" * 32, b"e" * 32)
    expected = sha256(b"zongheng enrol v1\0" + framed(*parts))
    assert keys_digest("i_1", *parts[1:]) == expected
    named = sha256(b"zongheng enrol v1\0" + framed(*parts, b"SM-1"))
    assert keys_digest("i_1", *parts[1:], suite=SM_1) == named


def test_a_hub_is_known_by_its_id_its_ca_and_its_log_key() -> None:
    expected = hashlib.sha256(b"zongheng hub v1\0" + framed(b"h_1", b"ca", b"vkey")).hexdigest()
    assert hub_fingerprint(hub_id="h_1", ca_pem=b"ca", log_vkey="vkey") == expected


def test_an_invitations_token_and_mac_are_under_its_secret() -> None:
    invitation = Invitation("i_1", "", "", SECRET)
    assert invitation.token == mac(SECRET, b"zongheng invitation token v1")
    assert token_of(SECRET) == invitation.token
    assert invitation.mac(b"digest") == mac(SECRET, b"zongheng invitation mac v1digest")
    assert len(Invitation.new_secret()) == 16


def test_an_invitation_lasts_72_hours() -> None:
    assert LIFE_MS == 259_200_000


def test_people_compare_24_digits_over_all_keys() -> None:
    parts = framed(b"zongheng keys v1", b"csr", b"signing", b"sealing")
    digits = f"{int.from_bytes(sha256(parts), 'big') % 10**24:024d}"
    shown = possession.keys_fingerprint(csr=b"csr", signing_key=b"signing", sealing_key=b"sealing")
    assert shown.replace(" ", "") == digits
    assert [len(group) for group in shown.split(" ")] == [4] * 6


def test_a_fingerprint_that_begins_with_zeros_keeps_them() -> None:
    small = min(
        possession.keys_fingerprint(csr=b"%d" % n, signing_key=b"", sealing_key=b"")
        for n in range(2000)
    )
    assert small.startswith("00")
    assert len(small) == 29


def test_signature_and_mac_cover_the_opened_challenge() -> None:
    expected = sha256(framed(b"zongheng enrol answered v1", b"digest", b"answer"))
    assert possession.answered(b"digest", b"answer") == expected
    invitation = Invitation("i_1", "", "", SECRET)
    signing, sealed = OWNER.signing, OWNER.sealing
    proof, code = prepare(invitation, signing, sealed, b"csr", b"answer")
    covered = possession.answered(
        keys_digest("i_1", b"csr", signing.public, sealed.public), b"answer"
    )
    assert proof == signing.sign(covered)
    assert code == invitation.mac(covered)


@pytest.mark.parametrize("party", [OWNER, OF_SM_1], ids=["INTL-1", "SM-1"])
def test_whoever_holds_a_sealing_key_answers_the_hubs_challenge(party: object) -> None:
    key = (OWNER if party is OWNER else OF_SM_1).sealing
    wrapped = possession.wrap_challenge(HUBS, b"digest", key.public, key.suite)
    answer = possession.open_challenge(wrapped, key, b"digest")
    expected = mac(HUBS, framed(b"zongheng challenge v1", b"digest", key.public))
    assert answer == expected[: suite_of(key.suite).data_key_bytes]
    assert sealing.unwrap_key(wrapped, key, framed(b"zongheng challenge v1", b"digest")) == answer
    possession.check_answer(HUBS, b"digest", key.public, answer, key.suite)
    for digest, told in ((b"other", answer), (b"digest", bytes(len(answer))), (b"digest", b"")):
        with pytest.raises(PossessionUnproven, match="was not opened"):
            possession.check_answer(HUBS, digest, key.public, told, key.suite)
    with pytest.raises(Invalid):
        possession.open_challenge(wrapped, key, b"other")


def test_answers_are_as_long_as_a_data_key() -> None:
    assert len(possession.challenge_answer(HUBS, b"d", b"k")) == 32
    assert len(possession.challenge_answer(HUBS, b"d", b"k", SM_1)) == 16


def test_a_commitment_is_an_hmac_over_the_contents_digest() -> None:
    key = bytes(32)
    assert sealing.commitment(key, b"rows") == mac(key, sha256(b"rows"))
    sm = suite_of(SM_1)
    assert sealing.commitment(key, b"rows", SM_1) == sm.mac(key, sm.digest(b"rows"))
    assert sm.mac(key, b"rows") != suite_of(INTL_1).mac(key, b"rows")


def test_sm3_and_its_hmac_give_the_standards_answers() -> None:
    sm = suite_of(SM_1)
    # GB/T 32905-2016, annex A.1.
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm.digest(b"abc").hex() == abc
    inner = sm.digest(bytes(b ^ 0x36 for b in b"k" + bytes(63)) + b"text")
    assert sm.mac(b"k", b"text") == sm.digest(bytes(b ^ 0x5C for b in b"k" + bytes(63)) + inner)


def test_a_chunk_is_sealed_under_its_number_for_its_place() -> None:
    key, content = bytes(range(32)), bytes(sealing.CHUNK_BYTES) + b"tail"
    cipher = suite_of(INTL_1).cipher(key)
    for index, chunk in enumerate(sealing.seal_chunks(content, key, "p_1")):
        place = index.to_bytes(4, "big") + bytes([index == 1])
        about = framed(b"zongheng chunk v1", b"p_1", place)
        opened = cipher.decrypt(index.to_bytes(12, "big"), chunk, about)
        assert opened == content[index * 1024 * 1024 :][: 1024 * 1024]


class Token:
    """A token that unwraps to so many bytes."""

    id, public = "k_token", b""

    def __init__(self, suite: int, size: int) -> None:
        self.suite, self.size = suite, size

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        return bytes(self.size)


@pytest.mark.parametrize(("suite", "size"), [(INTL_1, 32), (SM_1, 16)])
def test_a_token_that_gives_no_data_key_of_its_suite_is_not_believed(suite: int, size: int) -> None:
    assert sealing.unwrap_key(b"", Token(suite, size), b"") == bytes(size)
    for other in (0, size - 1, size + 1, 24):
        with pytest.raises(Invalid, match=f"the wrapped key opens to {other} bytes"):
            sealing.unwrap_key(b"", Token(suite, other), b"")


@pytest.mark.parametrize("suite", [INTL_1, SM_1])
def test_a_secret_seed_yields_one_key(suite: int) -> None:
    kind = suite_of(suite)
    key = kind.derived_signing(bytes(range(48)))
    assert key.public == kind.derived_signing(bytes(range(48))).public
    assert key.public != kind.derived_signing(bytes(range(1, 49))).public
    assert kind.verify_key(key.public).verifies(key.sign(b"m"), b"m")
    assert kind.signing_key(key.private_bytes()).public == key.public
    if suite == INTL_1:
        assert key.private_bytes() == bytes(range(32))


def test_a_grant_is_named_by_the_hash_of_its_envelope() -> None:
    assert grant_sha256(b"envelope") == sha256(b"envelope")


def test_parcels_hold_65_536_chunks_of_a_mebibyte_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (sealing.MAX_CHUNKS, sealing.CHUNK_BYTES, sealing.TAG_BYTES) == (65_536, 1_048_576, 16)
    monkeypatch.setattr(sealing, "CHUNK_BYTES", 4)
    monkeypatch.setattr(sealing, "MAX_CHUNKS", 3)
    key = bytes(32)
    assert len(list(sealing.seal_chunks(bytes(12), key, "p_1"))) == 3
    with pytest.raises(Invalid, match="at most 3 chunks of 1 MiB, not 4"):
        sealing.seal_chunks(bytes(13), key, "p_1")


@pytest.mark.parametrize(("suite", "data", "wrapped"), [(INTL_1, 32, 80), (SM_1, 16, 161)])
def test_keys_are_as_long_as_the_suite_says(suite: int, data: int, wrapped: int) -> None:
    kind = suite_of(suite)
    assert (kind.number, kind.data_key_bytes, kind.wrapped_key_bytes) == (suite, data, wrapped)
    assert len(sealing.new_data_key(suite)) == data
    assert sealing.new_data_key(suite) != sealing.new_data_key(suite)
    key = kind.new_sealing()
    sealed = kind.wrap(b"k" * data, key.public, b"info")
    assert len(sealed) == wrapped
    for other in (sealed + b"\0", sealed[:-1], b""):
        with pytest.raises(Invalid, match=f"a wrapped key has {wrapped} bytes, not {len(other)}"):
            key.unwrap(other, b"info")
