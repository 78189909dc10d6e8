"""A grant says what its owner signed, and nothing that contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.tenants.parties import (
    DAY_MS,
    GRANTEE,
    HOUSEHOLDS,
    NOW_MS,
    OWNER,
    PROVINCE,
    STRANGER,
    grant_of,
    make_party,
)
from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import Forbidden, GrantExceeded, Invalid, NotRelated, SignatureInvalid
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import statement_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import RIGHTS
from zongheng_tenants.envelope import GRANT, MANIFEST, seal_envelope
from zongheng_tenants.grant import Condition, GrantedField, sign_grant, verify_grant


def test_a_signed_grant_reads_back_whole() -> None:
    grant = grant_of()
    assert verify_grant(sign_grant(grant, OWNER.signing), OWNER.credential) == grant


def test_a_grant_signed_by_another_is_refused() -> None:
    envelope = sign_grant(grant_of(), STRANGER.signing)
    with pytest.raises(SignatureInvalid):
        verify_grant(envelope, OWNER.credential)


def test_a_grant_in_another_owners_name_is_refused() -> None:
    envelope = sign_grant(grant_of(owner=STRANGER.tenant), OWNER.signing)
    with pytest.raises(SignatureInvalid, match="t_stranger"):
        verify_grant(envelope, OWNER.credential)


def test_the_key_that_the_hub_holds_cannot_sign_a_grant() -> None:
    envelope = sign_grant(grant_of(), OWNER.console)
    with pytest.raises(SignatureInvalid, match="no signing key"):
        verify_grant(envelope, OWNER.credential)


def test_an_owner_without_the_right_cannot_grant() -> None:
    poor = make_party("t_poor", PROVINCE, rights=RIGHTS - {options.RIGHT_GRANT})
    envelope = sign_grant(grant_of(owner=poor.tenant), poor.signing)
    with pytest.raises(Forbidden):
        verify_grant(envelope, poor.credential)


def test_an_envelope_of_another_type_is_no_grant() -> None:
    payload = pb.Grant(id="g_1abc").SerializeToString()
    with pytest.raises(SignatureInvalid):
        verify_grant(seal_envelope(MANIFEST, payload, OWNER.signing), OWNER.credential)


@pytest.mark.parametrize("extra", [b"\xa0\x06\x01", b"\x42\x05\x0a\x01x\xa0\x06"])
def test_what_is_not_known_here_is_refused_rather_than_overlooked(extra: bytes) -> None:
    known = sign_grant(grant_of(), OWNER.signing)
    payload = payload_of(known)
    with pytest.raises(Invalid):
        verify_grant(seal_envelope(GRANT, payload + extra, OWNER.signing), OWNER.credential)


def payload_of(envelope: bytes) -> bytes:
    return Envelope.FromString(envelope).payload


CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "no purpose": {"purpose": " "},
    "own data": {"grantee": OWNER.tenant},
    "no fields": {"fields": ()},
    "a field twice": {"fields": (GrantedField("a"), GrantedField("a"))},
    "a field without name": {"fields": (GrantedField(""),)},
    "no mask said": {"fields": (GrantedField("a", pb.MASK_UNSPECIFIED),)},
    "unknown mask": {"fields": (GrantedField("a", 99),)},
    "no operator": {"rows": (Condition("a", 0, ("1",)),)},
    "unknown operator": {"rows": (Condition("a", 99, ("1",)),)},
    "no value": {"rows": (Condition("a", pb.OPERATOR_IN, ()),)},
    "two values for one": {"rows": (Condition("a", pb.OPERATOR_EQUALS, ("1", "2")),)},
    "comparison with no number": {"rows": (Condition("a", pb.OPERATOR_AT_LEAST, ("一",)),)},
    "comparison with infinity": {"rows": (Condition("a", pb.OPERATOR_AT_MOST, ("Infinity",)),)},
    "condition on nothing": {"rows": (Condition("", pb.OPERATOR_EQUALS, ("1",)),)},
    "ends before it begins": {"expires_ms": NOW_MS - 2 * DAY_MS},
    "no use": {"max_uses": 0},
    "an id of nothing": {"request_id": ""},
}


@pytest.mark.parametrize("change", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_grant_that_contradicts_itself_is_neither_made_nor_signed(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        grant_of(**change)
    with pytest.raises(Invalid):
        sign_grant(replace(grant_of(), **change), OWNER.signing)


def test_a_grant_holds_from_its_first_moment_less_a_slow_clock_up_to_its_last() -> None:
    grant = grant_of(not_before_ms=NOW_MS, expires_ms=NOW_MS + 10)
    grant.check_time(NOW_MS - MAX_SKEW_MS)
    grant.check_time(NOW_MS + 9)
    for outside in (NOW_MS - MAX_SKEW_MS - 1, NOW_MS + 10):
        with pytest.raises(GrantExceeded):
            grant.check_time(outside)


def test_a_grant_is_for_its_grantee_alone() -> None:
    grant_of().check_grantee(GRANTEE.tenant)
    with pytest.raises(NotRelated):
        grant_of().check_grantee(STRANGER.tenant)


def test_a_grant_ends_with_its_uses() -> None:
    grant_of(max_uses=2).check_uses(1)
    with pytest.raises(GrantExceeded, match="2 uses"):
        grant_of(max_uses=2).check_uses(2)


def test_a_field_that_the_data_lacks_is_named_before_anything_leaves() -> None:
    grant = grant_of(rows=(Condition("age", pb.OPERATOR_AT_LEAST, ("60",)),))
    with pytest.raises(Invalid, match="age"):
        grant.check_available(HOUSEHOLDS[0])
    grant_of().check_available(HOUSEHOLDS[0])


def test_a_grant_names_two_hundred_fields_and_no_more() -> None:
    fields = tuple(GrantedField(f"f{number}") for number in range(201))
    assert len(grant_of(fields=fields[:200], rows=()).fields) == 200
    with pytest.raises(Invalid):
        grant_of(fields=fields, rows=())
