"""A list of revocations is believed only from the province, only while fresh, only if it grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tenants.parties import make_party
from zongheng_protos.errors import (
    CredentialForeign,
    CredentialRevoked,
    GrantRevoked,
    KeyRevoked,
    RevocationsForked,
    RevocationsStale,
    SignatureInvalid,
    ZonghengError,
)
from zongheng_protos.tenancy.v1 import revocation_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.envelope import GRANT, REVOCATIONS, seal_envelope
from zongheng_tenants.keys import Signer, SigningKey
from zongheng_tenants.revocation import (
    LIFE_MS,
    Revocation,
    Snapshot,
    follow,
    read_snapshot,
    sign_snapshot,
)

HUB = "h_one"
NOW_MS = 1_800_000_000_000
PROVINCE = make_party("t_province")
CITY = make_party("t_city", PROVINCE)
COUNTY = make_party("t_county", CITY)
KIND = pb.REVOKED_KIND_CREDENTIAL


def revocation(identifier: str, *, kind: int = KIND, at_ms: int = NOW_MS) -> Revocation:
    return Revocation(kind, identifier, pb.REVOCATION_REASON_LOST, at_ms, 7, "t_city")


def signed(
    *revoked: Revocation,
    number: int = 1,
    previous: bytes | None = None,
    now_ms: int = NOW_MS,
    key: Signer = PROVINCE.console,
    hub_id: str = HUB,
) -> bytes:
    return sign_snapshot(
        hub_id=hub_id, revoked=revoked, previous=previous, number=number, key=key, now_ms=now_ms
    )


def read(envelope: bytes) -> Snapshot:
    return read_snapshot(envelope, root=PROVINCE.credential, hub_id=HUB)


def next_to(envelope: bytes, *revoked: Revocation) -> bytes:
    return signed(*revoked, number=read(envelope).number + 1, previous=envelope)


CITY_REVOKED = revocation(CITY.credential.id)
FIRST = signed(CITY_REVOKED)


def test_what_was_signed_is_read_again() -> None:
    shown = read(FIRST)
    assert (shown.number, shown.issued_ms, shown.next_ms) == (1, NOW_MS, NOW_MS + LIFE_MS)
    assert list(shown.revoked.values()) == [CITY_REVOKED]
    assert CITY_REVOKED.reason_name == "lost"


def test_only_the_key_that_the_hub_holds_for_the_province_signs_lists() -> None:
    for key in (PROVINCE.signing, CITY.console, SigningKey.generate()):
        with pytest.raises(SignatureInvalid):
            read(signed(CITY_REVOKED, key=key))
    with pytest.raises(SignatureInvalid, match="holds"):
        read(seal_envelope(GRANT, b"", PROVINCE.console))


def test_a_list_of_another_hub_is_not_believed() -> None:
    with pytest.raises(CredentialForeign, match="h_two"):
        read(signed(CITY_REVOKED, hub_id="h_two"))


@given(st.integers(0, len(FIRST) * 8 - 1))
def test_a_list_with_any_bit_changed_is_not_believed(bit: int) -> None:
    changed = bytearray(FIRST)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        shown = read(bytes(changed))
    except ZonghengError:
        return
    assert shown.revoked == read(FIRST).revoked  # a bit that nothing is read from


def test_a_list_is_relied_on_until_the_next_is_due() -> None:
    shown = read(FIRST)
    shown.check_fresh(NOW_MS + LIFE_MS - 1)
    with pytest.raises(RevocationsStale, match="number 1"):
        shown.check_fresh(NOW_MS + LIFE_MS)


def test_whoever_stands_on_a_revoked_credential_is_revoked() -> None:
    shown = read(FIRST)
    for unit in (CITY, COUNTY):
        with pytest.raises(CredentialRevoked, match="t_city"):
            shown.check_credential(unit.credential)
    shown.check_credential(PROVINCE.credential)


def test_what_was_done_before_a_revocation_still_counts() -> None:
    shown = read(
        signed(
            CITY_REVOKED,
            revocation("k_1", kind=pb.REVOKED_KIND_KEY),
            revocation("g_1", kind=pb.REVOKED_KIND_GRANT),
        )
    )
    shown.check_credential(CITY.credential, at_ms=NOW_MS - 1)
    shown.check_key("k_1", at_ms=NOW_MS - 1)
    shown.check_grant("g_1", at_ms=NOW_MS - 1)
    with pytest.raises(CredentialRevoked):
        shown.check_credential(CITY.credential, at_ms=NOW_MS)
    with pytest.raises(KeyRevoked):
        shown.check_key("k_1", at_ms=NOW_MS)
    with pytest.raises(GrantRevoked):
        shown.check_grant("g_1")


def test_a_newer_list_that_follows_is_taken() -> None:
    second = next_to(FIRST, CITY_REVOKED, revocation("c_other"))
    third = next_to(second, CITY_REVOKED, revocation("c_other"))
    known = follow(None, read(FIRST), now_ms=NOW_MS)
    assert follow(known, read(FIRST), now_ms=NOW_MS).number == 1
    assert follow(known, read(second), now_ms=NOW_MS).number == 2
    assert follow(known, read(third), now_ms=NOW_MS).number == 3  # one was missed


def test_a_list_that_was_put_back_is_noticed() -> None:
    second = read(next_to(FIRST, CITY_REVOKED))
    with pytest.raises(RevocationsForked, match="after list 2"):
        follow(second, read(FIRST), now_ms=NOW_MS)


def test_two_lists_of_one_number_are_noticed() -> None:
    with pytest.raises(RevocationsForked, match="two lists"):
        follow(read(FIRST), read(signed(now_ms=NOW_MS)), now_ms=NOW_MS)


def test_a_list_that_names_another_before_it_is_noticed() -> None:
    other = next_to(signed(), CITY_REVOKED)
    with pytest.raises(RevocationsForked, match="does not follow"):
        follow(read(FIRST), read(other), now_ms=NOW_MS)


def test_a_list_from_which_something_vanished_or_changed_is_noticed() -> None:
    second = next_to(FIRST, CITY_REVOKED)
    for later in ((), (revocation(CITY.credential.id, at_ms=NOW_MS + 1),)):
        third = next_to(second, *later)
        with pytest.raises(RevocationsForked, match="lacks"):
            follow(read(FIRST), read(third), now_ms=NOW_MS)


def test_an_older_list_under_a_newer_number_is_noticed() -> None:
    back = signed(CITY_REVOKED, number=3, previous=b"x", now_ms=NOW_MS - 1)
    with pytest.raises(RevocationsForked, match="older"):
        follow(read(FIRST), read(back), now_ms=NOW_MS)


def test_a_list_from_the_future_is_not_taken() -> None:
    ahead = signed(CITY_REVOKED, now_ms=NOW_MS + 600_000)
    with pytest.raises(RevocationsForked, match="future"):
        follow(None, read(ahead), now_ms=NOW_MS)


def test_channel_certificates_leave_the_list_when_they_have_expired() -> None:
    first = signed(CITY_REVOKED, revocation("af", kind=pb.REVOKED_KIND_CHANNEL))
    follow(read(first), read(next_to(first, CITY_REVOKED)), now_ms=NOW_MS)


def test_a_list_may_be_from_five_minutes_ahead_and_no_further() -> None:
    ahead = read(signed(now_ms=NOW_MS + MAX_SKEW_MS))
    assert follow(None, ahead, now_ms=NOW_MS) is ahead
    with pytest.raises(RevocationsForked, match="list 1 of revocations was issued in the future"):
        follow(None, ahead, now_ms=NOW_MS - 1)


def test_what_the_right_key_signed_is_a_list_or_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="cannot be read"):
        read(seal_envelope(REVOCATIONS, b"\xff", PROVINCE.console))
