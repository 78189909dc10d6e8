"""An exchange is judged as of each act: what was revoked before it proves nothing."""

from __future__ import annotations

import json

import pytest

from tests.unit.sdk.exchange_case import Case, make_case
from tests.unit.tenants.parties import NOW_MS, OWNER, PROVINCE, STRANGER, make_party
from zongheng_protos.tenancy.v1 import revocation_pb2
from zongheng_sdk.exchange import ExchangeEvidence, verify_exchange
from zongheng_sdk.exchange_evidence import FIRST_FORMAT
from zongheng_tenants.revocation import LIFE_MS

KEY, CREDENTIAL = revocation_pb2.REVOKED_KIND_KEY, revocation_pb2.REVOKED_KIND_CREDENTIAL
GRANT = revocation_pb2.REVOKED_KIND_GRANT
REQUESTED, GRANTED, DELIVERED, FETCHED = 3, 4, 5, 6


def failures(case: Case, **given: dict[str, int]) -> str:
    verdict = verify_exchange(case.logged(), case.vkey, **given)
    assert not verdict.ok
    return "\n".join(map(str, verdict.failures))


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [(KEY, OWNER.signing.id), (CREDENTIAL, OWNER.credential.id)],
    ids=["key", "credential"],
)
def test_what_was_revoked_before_an_act_proves_nothing(kind: int, identifier: str) -> None:
    case = make_case()
    case.revoke(kind, identifier, REQUESTED)
    said = failures(case)
    assert f"entry {GRANTED} (data.granted) was signed with what still counted" in said
    assert f"{identifier} had been revoked in entry {REQUESTED}" in said
    assert "data.requested" not in said  # the grantee's own act stays


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [(KEY, OWNER.signing.id), (CREDENTIAL, OWNER.credential.id)],
    ids=["key", "credential"],
)
def test_what_was_revoked_afterwards_stays_proven_and_it_is_said(
    kind: int, identifier: str
) -> None:
    case = make_case()
    case.revoke(kind, identifier, 99)
    verdict = verify_exchange(case.logged(), case.vkey)
    assert verdict.ok, str(verdict)
    assert f"{identifier} was revoked afterwards, in entry 99" in str(verdict)


def test_a_credential_above_that_was_revoked_before_counts_as_well() -> None:
    case = make_case()
    case.revoke(CREDENTIAL, PROVINCE.credential.id, REQUESTED)
    assert PROVINCE.credential.id in failures(case)


def test_revoked_between_granting_and_delivering_the_grant_stands_and_the_parcel_does_not() -> None:
    case = make_case()
    case.revoke(KEY, OWNER.signing.id, GRANTED)
    said = failures(case)
    assert f"entry {DELIVERED}" in said
    assert f"✗ entry {GRANTED}" not in said


def test_a_parcel_under_a_grant_taken_back_is_not_proven() -> None:
    case = make_case()
    grant_id = next(step.subject for step in case.steps if step.kind == "data.granted")
    case.revoke(GRANT, grant_id, DELIVERED)
    assert f"entry {FETCHED}" in failures(case)
    case = make_case()
    case.revoke(GRANT, grant_id, 99)
    assert verify_exchange(case.logged(), case.vkey).ok


def test_the_log_itself_is_believed_before_a_list_that_is_silent() -> None:
    case = make_case()
    assert verify_exchange(case.logged(), case.vkey, revoked={}).ok
    assert "had been revoked" in failures(case, revoked={OWNER.signing.id: REQUESTED})


def test_a_list_that_ends_before_the_last_act_says_nothing_of_it() -> None:
    case = make_case()
    case.listed_ms = NOW_MS - LIFE_MS
    assert "ends before the last act" in failures(case)
    assert verify_exchange(case.logged(), case.vkey, revoked={}).ok


def test_a_list_that_the_province_did_not_sign_is_refused() -> None:
    case = make_case()
    case.lister = STRANGER
    assert "not the key that signs revocations" in failures(case)


def test_a_file_of_the_first_form_needs_the_log() -> None:
    case = make_case()
    document = json.loads(case.logged().to_json())
    del document["revocations"], document["earlier_chains"]
    first = ExchangeEvidence.from_json(json.dumps({**document, "format": FIRST_FORMAT}))
    verdict = verify_exchange(first, case.vkey)
    assert "--log" in "".join(map(str, verdict.failures))
    assert verify_exchange(first, case.vkey, revoked={}).ok


def test_an_owner_that_changed_its_keys_meanwhile_is_proven_by_both_credentials() -> None:
    case = make_case(delivering=make_party(OWNER.tenant, PROVINCE))
    verdict = verify_exchange(case.logged(), case.vkey)
    assert verdict.ok, str(verdict)


def test_an_earlier_credential_that_is_left_out_is_missed() -> None:
    case = make_case(delivering=make_party(OWNER.tenant, PROVINCE))
    case.earlier_chains = ()
    assert "is no signing key of t_owner" in failures(case)


def test_an_earlier_credential_that_nobody_logged_proves_nothing() -> None:
    case = make_case(delivering=make_party(OWNER.tenant, PROVINCE))
    case.steps = [
        step
        for step in case.steps
        if not (step.kind == "tenant.credentialed" and OWNER.chain[-1] in step.request)
    ]
    assert "no entry of the evidence issued it" in failures(case)


def test_an_earlier_key_revoked_before_it_signed_proves_nothing() -> None:
    case = make_case(delivering=make_party(OWNER.tenant, PROVINCE))
    case.revoke(KEY, OWNER.signing.id, REQUESTED)
    said = failures(case)
    assert f"✗ entry {GRANTED}" in said
    assert "parcel.delivered" not in said
