"""A parent signs for new keys only where the unit asked for these very keys with its old one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.tenants.parties import (
    NOW_MS,
    OWNER,
    PROVINCE,
    STRANGER,
    Party,
    make_csr,
    make_party,
)
from zongheng_protos.errors import ActMismatch, SignatureInvalid, ZonghengError
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants.act import sign_act
from zongheng_tenants.enrolment import (
    ROTATION_METHOD,
    Enrolment,
    Terms,
    check_rotation,
)
from zongheng_tenants.invitation import keys_digest
from zongheng_tenants.keys import SealingKey, Signer, SigningKey
from zongheng_tenants.possession import answered, keys_fingerprint
from zongheng_tenants.suites import SM_1

NEW, NEW_SEALING, CSR, ANSWER = SigningKey.generate(), SealingKey.generate(), make_csr(), b"a" * 32
PROOF = NEW.sign(answered(keys_digest(OWNER.tenant, CSR, NEW.public, NEW_SEALING.public), ANSWER))
REQUEST = tenancy.RequestRotationRequest(
    csr=CSR,
    signing_key=NEW.public,
    sealing_key=NEW_SEALING.public,
    proof=PROOF,
    answer=ANSWER,
)


def asked(
    *,
    key: Signer = OWNER.signing,
    method: str = ROTATION_METHOD,
    tenant: str = OWNER.tenant,
    audience: str = "h_1",
    on_behalf: bool = False,
    signed: bytes | None = None,
    request: tenancy.RequestRotationRequest = REQUEST,
) -> Enrolment:
    sent = request.SerializeToString()
    act = sign_act(
        method=method,
        request=sent if signed is None else signed,
        tenant=tenant,
        operator="测试员",
        audience=audience,
        key=key,
        now_ms=NOW_MS,
        on_behalf=on_behalf,
    )
    return Enrolment(
        invitation_id="",
        tenant_id=OWNER.tenant,
        csr=CSR,
        signing_key=NEW.public,
        sealing_key=NEW_SEALING.public,
        proof=PROOF,
        invitation_mac=b"",
        console_key=OWNER.console.public,
        answer=ANSWER,
        act=act,
        request=sent,
    )


def check(enrolment: Enrolment, held: Party = OWNER) -> None:
    check_rotation(enrolment, held.credential, hub_id="h_1")


def test_keys_that_the_unit_asked_for_pass() -> None:
    check(asked())


def test_keys_are_named_by_their_fingerprint() -> None:
    shown = asked().fingerprint
    assert shown == keys_fingerprint(
        csr=CSR, signing_key=NEW.public, sealing_key=NEW_SEALING.public
    )
    assert [len(group) for group in shown.split(" ")] == [4] * 6


def test_a_unit_of_sm_1_asks_for_keys_as_any_other() -> None:
    held = make_party(OWNER.tenant, PROVINCE, suite=SM_1)
    check(asked(key=held.signing), held)
    with pytest.raises(ActMismatch):
        check(asked(key=held.signing, signed=b"another request"), held)


@pytest.mark.parametrize(
    "enrolment",
    [
        asked(method="/zongheng.tenancy.v1.TenancyService/Enrol"),
        asked(tenant=STRANGER.tenant),
        asked(audience="h_2"),
        asked(on_behalf=True),
        asked(signed=b"another request"),
    ],
    ids=["method", "tenant", "hub", "on behalf", "request"],
)
def test_an_act_for_anything_else_asks_for_no_keys(enrolment: Enrolment) -> None:
    with pytest.raises(ActMismatch, match="t_owner did not ask for these keys: do not sign"):
        check(enrolment)


@pytest.mark.parametrize("part", ["csr", "signing_key", "sealing_key", "answer", "proof", "suite"])
def test_keys_other_than_those_asked_for_are_refused(part: str) -> None:
    other = tenancy.RequestRotationRequest()
    other.CopyFrom(REQUEST)
    setattr(other, part, 2 if part == "suite" else b"x" * 32)
    with pytest.raises(ActMismatch):
        check(asked(request=other))


@pytest.mark.parametrize("key", [OWNER.console, STRANGER.signing])
def test_nobody_elses_key_asks_for_the_unit(key: Signer) -> None:
    with pytest.raises(SignatureInvalid, match="is not the signing key that t_owner holds"):
        check(asked(key=key))


def test_a_request_is_not_held_against_another_unit() -> None:
    with pytest.raises(SignatureInvalid, match="t_owner holds"):
        check(replace(asked(), tenant_id=STRANGER.tenant))
    with pytest.raises(SignatureInvalid):
        check(asked(), STRANGER)


def test_keys_whose_proof_does_not_hold_are_refused_though_asked_for() -> None:
    other = tenancy.RequestRotationRequest()
    other.CopyFrom(REQUEST)
    other.proof = OWNER.signing.sign(b"something else")
    with pytest.raises(ZonghengError):
        check(replace(asked(request=other), proof=other.proof))


def test_terms_of_a_credential_are_those_it_had() -> None:
    held = OWNER.credential
    terms = Terms.of(held)
    assert (terms.rights, terms.depth) == (held.rights, held.depth)
    assert terms.life_ms == held.expires_ms - held.not_before_ms
