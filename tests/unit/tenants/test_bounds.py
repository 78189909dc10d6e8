"""Bounds of grants, credentials, acts and revocations: the last that holds, the first refused."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.unit.tenants.parties import (
    DAY_MS,
    GRANTEE,
    NOW_MS,
    OWNER,
    PROVINCE,
    STRANGER,
    Party,
    grant_of,
    make_csr,
    make_party,
)
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_protos.errors import (
    CredentialExpired,
    CredentialInvalid,
    Invalid,
    RevocationsStale,
    SignatureInvalid,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_protos.tenancy.v1 import revocation_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants import act as acts
from zongheng_tenants import credential as credentials
from zongheng_tenants import enrolment, grant, revocation
from zongheng_tenants.enrolment import Terms, child_rights, credential_for
from zongheng_tenants.envelope import ACT, REVOCATIONS, read_envelope
from zongheng_tenants.grant import Condition, GrantedField, sign_grant, verify_grant
from zongheng_tenants.identity import Identity
from zongheng_tenants.ids import new_id
from zongheng_tenants.revocation import Revocation, read_snapshot, sign_snapshot
from zongheng_tenants.suites import KEY_BYTES, SM_1

EQUALS = statement_pb2.OPERATOR_EQUALS


def test_what_the_documents_promise_in_figures_is_so() -> None:
    assert acts.MAX_SKEW_MS == 5 * 60_000
    assert acts.NONCE_BYTES == 16
    assert credentials.MAX_DEPTH == 8
    assert enrolment.CREDENTIAL_LIFE_MS == 730 * 86_400_000
    assert (grant.MAX_FIELDS, grant.MAX_CONDITIONS, grant.PSEUDONYM_KEY_BYTES) == (200, 100, 32)
    assert (revocation.LIFE_MS, revocation.FRESH_MS) == (3_600_000, 1_800_000)
    assert KEY_BYTES == {1: 32, 2: 65}


# Grants


@pytest.mark.parametrize("uses", [1, 2, 2**31 - 1])
def test_a_grant_allows_from_one_use_to_two_thousand_million(uses: int) -> None:
    assert grant_of(max_uses=uses).max_uses == uses


@pytest.mark.parametrize("uses", [0, -1, 2**31])
def test_a_grant_of_no_use_or_of_too_many_is_refused(uses: int) -> None:
    with pytest.raises(Invalid, match="at least one use"):
        grant_of(max_uses=uses)


def test_a_grant_begins_after_the_epoch_and_before_it_ends() -> None:
    assert grant_of(not_before_ms=1, expires_ms=2).not_before_ms == 1
    for begins, ends in ((0, 2), (-1, 2), (2, 2), (3, 2)):
        with pytest.raises(Invalid, match="ends before it begins"):
            grant_of(not_before_ms=begins, expires_ms=ends)


def test_a_grant_has_one_field_at_least_and_a_hundred_conditions_at_most() -> None:
    assert grant_of(fields=(GrantedField("a"),), rows=()).columns == ("a",)
    rows = tuple(Condition("a", EQUALS, (str(n),)) for n in range(101))
    assert len(grant_of(rows=rows[:100]).rows) == 100
    with pytest.raises(Invalid, match="at most 100 conditions"):
        grant_of(rows=rows)


@pytest.mark.parametrize("part", ["request_id", "owner", "grantee"])
@pytest.mark.parametrize("value", ["", "T_owner", "t_ab", "owner", "t_" + "x" * 61, "t_owner "])
def test_every_party_and_thing_is_named_by_an_identifier(part: str, value: str) -> None:
    with pytest.raises(Invalid, match=f"the grant's {part} is no identifier"):
        grant_of(**{part: value})  # type: ignore[arg-type]  # one of the texts above
    assert grant_of(request_id="q_" + "x" * 60).request_id


@pytest.mark.parametrize("operator", statement_pb2.Operator.values()[1:])
def test_only_a_list_of_values_has_more_than_one(operator: int) -> None:
    takes_many = operator == statement_pb2.OPERATOR_IN
    one = grant_of(rows=(Condition("income", operator, ("5",)),))
    assert one.rows[0].values == ("5",)
    if takes_many:
        many = (Condition("income", operator, ("5", "6")),)
        assert grant_of(rows=many).rows == many
        return
    with pytest.raises(Invalid, match="on income has 2 values, not one"):
        grant_of(rows=(Condition("income", operator, ("5", "6")),))


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("0", True),
        ("-5.25", True),
        ("+7", True),
        ("9" * 40, True),
        ("1." + "9" * 40, True),
        ("9" * 41, False),
        ("1." + "9" * 41, False),
        (".5", False),
        ("5.", False),
        ("1e3", False),
    ],
)
def test_a_bound_is_a_plain_decimal_number(number: str, is_one: bool) -> None:
    condition = Condition("income", statement_pb2.OPERATOR_AT_LEAST, (number,))
    if is_one:
        assert grant_of(rows=(condition,)).rows == (condition,)
    else:
        with pytest.raises(Invalid, match="which is no number"):
            grant_of(rows=(condition,))
    text = replace(condition, operator=EQUALS)
    assert grant_of(rows=(text,)).rows == (text,)


def test_what_is_said_of_a_grant_is_what_was_asked_for() -> None:
    made = grant_of()
    assert (made.id[:2], made.legal_basis, made.max_uses) == ("g_", "", 2)
    assert made.touched_fields == {"name", "village", "income"}
    assert grant_of(rows=(Condition("age", EQUALS, ("60",)),)).touched_fields == {
        "name", "village", "income", "age",
    }  # fmt: skip
    assert grant.make_grant(
        request_id="q_request", dataset_id="d_data", owner="t_owner", grantee="t_grantee",
        purpose="x", fields=[GrantedField("a")], not_before_ms=1, expires_ms=2, id="g_own",
    ) == grant.Grant(
        "g_own", "q_request", "d_data", "t_owner", "t_grantee", "x", "",
        (GrantedField("a", statement_pb2.MASK_NONE),), (), 1, 2, 1,
    )  # fmt: skip


def test_what_an_earlier_credential_signed_stays_signed() -> None:
    before, now = OWNER.credential, make_party(OWNER.tenant, PROVINCE)
    both = replace(now.credential, earlier=(before,))
    assert both.signed_with(OWNER.signing.id) is before
    assert both.signed_with(now.signing.id) is both
    assert both.signed_with("k_unknown") is both
    signed = sign_grant(grant_of(), OWNER.signing)
    assert verify_grant(signed, both).owner == OWNER.tenant
    with pytest.raises(SignatureInvalid, match=f"{OWNER.signing.id} is no signing key of t_owner"):
        verify_grant(signed, now.credential)


# Credentials


def test_a_credential_holds_from_its_first_moment_up_to_its_last() -> None:
    held = OWNER.credential
    held.check_time(held.not_before_ms)
    held.check_time(held.expires_ms - 1)
    with pytest.raises(CredentialExpired, match="t_owner is not valid yet"):
        held.check_time(held.not_before_ms - 1)
    with pytest.raises(CredentialExpired, match="t_owner has expired"):
        held.check_time(held.expires_ms)


def test_a_credential_says_under_which_envelope_it_was_issued() -> None:
    assert credentials.issuer_sha256(OWNER.chain[-1]) == PROVINCE.credential.sha256
    assert credentials.issuer_sha256(PROVINCE.chain[0]) == b""


def test_rights_of_a_credential_are_the_ones_that_can_be_held() -> None:
    not_held = {options.RIGHT_UNSPECIFIED, options.RIGHT_OPEN, options.RIGHT_ENROLLED}
    assert set(options.Right.values()) - not_held == credentials.RIGHTS


def test_usual_rights_follow_the_level() -> None:
    unit = {
        options.RIGHT_ADOPT, options.RIGHT_CALL, options.RIGHT_FILE, options.RIGHT_HANDLE,
        options.RIGHT_OFFER, options.RIGHT_REQUEST, options.RIGHT_GRANT, options.RIGHT_ADMINISTER,
        options.RIGHT_AUDIT,
    }  # fmt: skip
    assert child_rights(tenancy.LEVEL_COUNTY) == unit
    assert child_rights(tenancy.LEVEL_DEPARTMENT) == unit - {options.RIGHT_ADMINISTER}
    assert child_rights(tenancy.LEVEL_TOWNSHIP) == {
        options.RIGHT_CALL, options.RIGHT_FILE, options.RIGHT_HANDLE,
    }  # fmt: skip


def identity_of(party: Party) -> Identity:
    return Identity(
        hub_id="h_1", tenant=party.tenant, name=party.tenant, grpc_address="", web_address="",
        root_fingerprint=credentials.fingerprint(party.chain[0]), log_vkey="", chain=party.chain,
        signing_key=party.signing.private_bytes(), sealing_key=party.sealing.private_bytes(),
        channel_key_pem=b"", channel_pem=b"", ca_pem=b"", suite=party.signing.suite,
    )  # fmt: skip


def enrolled(below: Party, terms: Terms | None, now_ms: int = NOW_MS) -> credentials.Credential:
    handed_in = enrolment.Enrolment(
        "i_1", below.tenant, make_csr(), below.signing.public, below.sealing.public, b"", b"",
        below.console.public, below.signing.suite,
    )  # fmt: skip
    envelope = credential_for(
        handed_in, name="县", code="140100", level=tenancy.LEVEL_COUNTY,
        parent=identity_of(PROVINCE), now_ms=now_ms, terms=terms,
    )  # fmt: skip
    return credentials.verify_chain(
        (*PROVINCE.chain, envelope),
        root_fingerprint=credentials.fingerprint(PROVINCE.chain[0]),
        at_ms=now_ms,
    )


def test_terms_narrow_a_credential_and_never_widen_it() -> None:
    usual = enrolled(OWNER, None)
    assert (usual.depth, usual.rights) == (3, child_rights(tenancy.LEVEL_COUNTY))
    assert usual.not_before_ms == NOW_MS - 300_000
    assert usual.expires_ms == PROVINCE.credential.expires_ms
    assert (usual.name, usual.code, usual.suite) == ("县", "140100", 1)
    less = enrolled(OWNER, Terms(frozenset({options.RIGHT_CALL}), depth=1, life_ms=DAY_MS))
    assert (less.depth, less.rights) == (1, frozenset({int(options.RIGHT_CALL)}))
    assert less.expires_ms == NOW_MS + DAY_MS
    assert enrolled(OWNER, Terms(depth=9)).depth == 3
    assert enrolled(OWNER, Terms(depth=0)).depth == 0
    root = PROVINCE.credential
    assert enrolled(OWNER, None, root.not_before_ms + 1).not_before_ms == root.not_before_ms


def test_a_credential_of_sm_1_is_signed_by_a_parent_of_intl_1() -> None:
    below = make_party("t_smcounty", PROVINCE, suite=SM_1)
    assert enrolled(below, None).suite == SM_1


def township_of(parent: Party) -> bytes:
    handed_in = enrolment.Enrolment(
        "i_1", "t_below", make_csr(), OWNER.signing.public, OWNER.sealing.public, b"", b"",
        OWNER.console.public,
    )  # fmt: skip
    return credential_for(
        handed_in, name="", code="", level=tenancy.LEVEL_TOWNSHIP, parent=identity_of(parent),
        now_ms=NOW_MS,
    )  # fmt: skip


def test_a_unit_that_may_have_none_below_it_signs_for_none() -> None:
    last, leaf = depth_of(1), depth_of(0)
    assert (last.credential.depth, leaf.credential.depth) == (1, 0)
    assert credentials.issuer_sha256(township_of(last)) == last.credential.sha256
    with pytest.raises(CredentialInvalid, match=f"{leaf.tenant} allows none below it"):
        township_of(leaf)


def depth_of(depth: int) -> Party:
    """A party that may have so many links below it."""
    found = PROVINCE
    for number in range(4 - depth):
        found = make_party(f"t_level{number}", found)
    return found


@pytest.mark.parametrize("which", ["signing_key", "sealing_key"])
def test_keys_of_another_length_are_refused_by_length(which: str) -> None:
    keys = {"signing_key": OWNER.signing.public, "sealing_key": OWNER.sealing.public}
    for wrong in (bytes(31), bytes(33), b"", OWNER.signing.public + b"\0"):
        with pytest.raises(Invalid, match="have 32 bytes each"):
            enrolment.check_possession(
                invitation_id="i_1", csr=make_csr(), answer=b"", proof=b"",
                **(keys | {which: wrong}),  # type: ignore[arg-type]  # two keys
            )  # fmt: skip


def test_one_key_is_not_for_signing_and_sealing() -> None:
    with pytest.raises(Invalid, match="must differ"):
        enrolment.check_possession(
            invitation_id="i_1", csr=make_csr(), signing_key=OWNER.signing.public,
            sealing_key=OWNER.signing.public, answer=b"", proof=b"",
        )  # fmt: skip


# Acts and ids


def test_a_nonce_begins_with_the_time_and_ends_by_chance() -> None:
    before = int(time.time() * 1000)
    nonces = [acts.new_nonce() for _ in range(100)]
    after = int(time.time() * 1000)
    assert {len(nonce) for nonce in nonces} == {16}
    assert all(before <= int.from_bytes(nonce[:6], "big") <= after for nonce in nonces)
    assert len({nonce[6:] for nonce in nonces}) == 100


def test_an_act_is_dated_now_unless_it_says_otherwise() -> None:
    def dated(now_ms: int | None) -> int:
        envelope = acts.sign_act(
            method="/a/B", request=b"", tenant="t_owner", operator="王", audience="h_1",
            key=OWNER.signing, now_ms=now_ms,
        )  # fmt: skip
        return ActStatement.FromString(read_envelope(envelope, ACT).payload).time_ms

    before = int(time.time() * 1000)
    assert before <= dated(None) <= int(time.time() * 1000)
    assert (dated(0), dated(NOW_MS)) == (0, NOW_MS)


def time_of(identifier: str) -> int:
    """The 48 bits of time that an id begins with."""
    number = 0
    for digit in identifier.partition("_")[2]:
        number = number << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(digit)
    return number >> 67


def test_an_id_is_of_now_unless_it_says_otherwise() -> None:
    before = int(time.time() * 1000)
    assert before <= time_of(new_id("n")) <= int(time.time() * 1000)
    assert time_of(new_id("n", now_ms=0)) == 0
    assert time_of(new_id("n", now_ms=2**48 + 7)) == 7


# Revocations


def snapshot(*revoked: Revocation, previous: bytes | None = None) -> bytes:
    return sign_snapshot(
        hub_id="h_1", revoked=revoked, previous=previous, number=1, key=PROVINCE.console,
        now_ms=NOW_MS,
    )  # fmt: skip


def test_the_first_list_of_revocations_follows_nothing() -> None:
    first = read_snapshot(snapshot(), root=PROVINCE.credential, hub_id="h_1")
    assert first.previous_sha256 == b""
    second = snapshot(previous=first.envelope)
    read = read_snapshot(second, root=PROVINCE.credential, hub_id="h_1")
    assert read.previous_sha256 == first.sha256
    assert (read.envelope, read.hub_id) == (second, "h_1")


def test_a_list_that_is_too_old_says_how_old() -> None:
    first = read_snapshot(snapshot(), root=PROVINCE.credential, hub_id="h_1")
    with pytest.raises(RevocationsStale, match=r"is 7200 s old and may be relied on for 3600 s"):
        first.check_fresh(NOW_MS + 7_200_000)


def test_a_list_says_everything_in_the_order_of_the_log() -> None:
    kinds = (revocation_pb2.REVOKED_KIND_CREDENTIAL, revocation_pb2.REVOKED_KIND_KEY)
    ordered = [
        Revocation(kind, name, revocation_pb2.REVOCATION_REASON_LOST, NOW_MS, index, "t_x")
        for index in (3, 20)
        for kind in kinds
        for name in ("a", "b")
    ]
    message = revocation_pb2.RevocationSnapshot.FromString(
        read_envelope(snapshot(*reversed(ordered)), REVOCATIONS).payload
    )
    assert [revocation.from_message(one) for one in message.revoked] == ordered


def test_each_check_looks_for_its_own_kind_only() -> None:
    kind = revocation_pb2.REVOKED_KIND_CHANNEL
    one = Revocation(kind, OWNER.signing.id, revocation_pb2.REVOCATION_REASON_LOST, 1, 1, "t_x")
    shown = read_snapshot(snapshot(one), root=PROVINCE.credential, hub_id="h_1")
    shown.check_key(OWNER.signing.id)
    shown.check_grant(OWNER.signing.id)
    shown.check_credential(OWNER.credential)
    assert GRANTEE.credential.key_for(pb.KEY_USE_CONSOLE).public == GRANTEE.console.public
    assert STRANGER.credential.key_for(pb.KEY_USE_SEALING).public == STRANGER.sealing.public
