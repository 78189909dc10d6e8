"""The suite comes from the key's record: no message, no hub and no unit can choose another."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.tenants.parties import (
    NOW_MS,
    OWNER,
    PROVINCE,
    Party,
    grant_of,
    make_csr,
    make_party,
)
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.errors import (
    ActMismatch,
    CredentialInvalid,
    Invalid,
    InvitationInvalid,
    SignatureInvalid,
)
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.act import sign_act, signer_of, verify_act
from zongheng_tenants.credential import fingerprint, issue_credential, verify_chain
from zongheng_tenants.enrolment import Enrolment, check_enrolment, prepare
from zongheng_tenants.envelope import ACT, CREDENTIAL, read_envelope, seal_envelope
from zongheng_tenants.grant import sign_grant
from zongheng_tenants.invitation import Invitation
from zongheng_tenants.keys import Signer
from zongheng_tenants.parcel import RECIPIENT, open_parcel, seal_parcel, verify_receipt, write_csv
from zongheng_tenants.suites import INTL_1, SM_1, suite_of

CITY = make_party("t_smcity", PROVINCE, suite=SM_1)
COUNTY = make_party("t_smcounty", CITY, suite=SM_1)
BELOW = make_party("t_intlbelow", COUNTY)
METHOD, REQUEST = "/zongheng.needs.v1.NeedsService/FileNeed", b"a request's exact bytes"


def act_of(key: Signer, tenant: str = "t_smcounty") -> bytes:
    return sign_act(
        method=METHOD, request=REQUEST, tenant=tenant, operator="王某某", audience="h_1",
        key=key, now_ms=NOW_MS,
    )  # fmt: skip


def verify(envelope: bytes, party: Party) -> ActStatement:
    parts, key = signer_of(envelope)
    verifier = party.credential.keys[key].verifier()
    return verify_act(
        envelope, parts, verifier, method=METHOD, request=REQUEST, audience="h_1", now_ms=NOW_MS
    ).statement


def resigned(statement: ActStatement, key: Signer) -> bytes:
    return seal_envelope(ACT, statement.SerializeToString(), key)


def test_chains_mix_suites_and_each_link_is_verified_in_its_issuers() -> None:
    suites = [p.credential.suite for p in (PROVINCE, CITY, COUNTY, BELOW)]
    assert suites == [INTL_1, SM_1, SM_1, INTL_1]


def test_an_act_of_an_sm_1_unit_carries_sm3_and_no_sha_256() -> None:
    statement = verify(act_of(COUNTY.signing), COUNTY)
    assert statement.request_sm3 == suite_of(SM_1).digest(REQUEST)
    assert statement.request_sha256 == b""


def test_an_act_with_the_other_suites_digest_is_refused() -> None:
    statement = verify(act_of(COUNTY.signing), COUNTY)
    both = ActStatement.FromString(statement.SerializeToString())
    both.request_sha256 = suite_of(INTL_1).digest(REQUEST)
    swapped = ActStatement.FromString(both.SerializeToString())
    swapped.ClearField("request_sm3")
    for altered in (both, swapped):
        with pytest.raises(ActMismatch, match="another request"):
            verify(resigned(altered, COUNTY.signing), COUNTY)
    intl = verify(act_of(OWNER.signing, "t_owner"), OWNER)
    intl.request_sm3 = suite_of(SM_1).digest(REQUEST)
    with pytest.raises(ActMismatch, match="another request"):
        verify(resigned(intl, OWNER.signing), OWNER)


def test_no_signature_and_one_of_another_suite_are_refused() -> None:
    envelope = Envelope.FromString(act_of(COUNTY.signing))
    forged = OWNER.signing.sign(b"DSSEv1")
    for signature in (b"", b"none", forged, bytes(64), b"\x30\x06\x02\x01\x01\x02\x01\x01"):
        envelope.signatures[0].sig = signature
        with pytest.raises(SignatureInvalid, match="does not hold"):
            verify(envelope.SerializeToString(), COUNTY)


def test_a_key_in_the_message_is_not_read() -> None:
    """An attacker's key beside the signature, in a field no one declared."""
    attacker = suite_of(SM_1).new_signing()
    embedded = b"\x7a\x41" + attacker.public
    with pytest.raises(SignatureInvalid):
        verify(act_of(COUNTY.signing) + embedded, COUNTY)
    forged = read_envelope(act_of(attacker), ACT)
    forged.signatures[0].keyid = COUNTY.signing.id
    with pytest.raises(SignatureInvalid, match="does not hold"):
        verify(forged.SerializeToString(), COUNTY)
    with pytest.raises(SignatureInvalid):
        verify(forged.SerializeToString() + embedded, COUNTY)


def test_a_credential_of_a_wrong_type_is_no_act_in_either_suite() -> None:
    for party in (COUNTY, OWNER):
        with pytest.raises(SignatureInvalid, match="holds application"):
            signer_of(party.chain[-1])


@pytest.mark.parametrize("suite", [INTL_1, SM_1])
def test_a_credential_cannot_name_keys_of_another_suite(suite: int) -> None:
    other = COUNTY if suite == INTL_1 else OWNER
    with pytest.raises(CredentialInvalid, match=r"does not have (65|32) bytes"):
        verify_chain(
            [PROVINCE.chain[0], credential_with(other.signing.public, suite)],
            root_fingerprint=fingerprint(PROVINCE.chain[0]),
            at_ms=NOW_MS,
        )


def test_a_credential_with_an_sm2_key_off_the_curve_is_refused() -> None:
    public = COUNTY.signing.public
    off = public[:-1] + bytes((public[-1] ^ 1,))
    with pytest.raises(CredentialInvalid, match="no point of the curve"):
        verify_chain(
            [PROVINCE.chain[0], credential_with(off, SM_1)],
            root_fingerprint=fingerprint(PROVINCE.chain[0]),
            at_ms=NOW_MS,
        )


def test_a_suite_swapped_in_a_signed_credential_breaks_it() -> None:
    parts = read_envelope(COUNTY.chain[-1], CREDENTIAL)
    claimed = pb.Credential.FromString(parts.payload)
    claimed.suite = pb.SUITE_INTL_1
    parts.payload = claimed.SerializeToString()
    with pytest.raises((CredentialInvalid, SignatureInvalid)):
        verify_chain(
            [*COUNTY.chain[:-1], parts.SerializeToString()],
            root_fingerprint=fingerprint(PROVINCE.chain[0]),
            at_ms=NOW_MS,
        )


@pytest.mark.parametrize("suite", [0, 3, 99])
def test_a_suite_not_known_here_is_refused(suite: int) -> None:
    with pytest.raises(CredentialInvalid, match=f"suite {suite} is not known here"):
        verify_chain(
            [PROVINCE.chain[0], credential_with(OWNER.signing.public, suite)],
            root_fingerprint=fingerprint(PROVINCE.chain[0]),
            at_ms=NOW_MS,
        )


def credential_with(public: bytes, suite: int) -> bytes:
    return issue_credential(
        subject="t_x", name="", code="", keys=[(pb.KEY_USE_SIGNING, public)],
        rights=frozenset(), depth=1, not_before_ms=NOW_MS - 1, expires_ms=NOW_MS + 1,
        issuer=PROVINCE.tenant, issuer_key=PROVINCE.signing, issuer_envelope=PROVINCE.chain[0],
        suite=suite,
    )  # fmt: skip


INVITATION = Invitation("i_1", "http://hub", "0" * 64, b"0123456789abcdef", "0" * 64)


def handed_in(suite: int) -> Enrolment:
    kind = suite_of(suite)
    signing, sealing = kind.new_signing(), kind.new_sealing()
    csr, answer = make_csr(), bytes(kind.data_key_bytes)
    proof, mac = prepare(INVITATION, signing, sealing, csr, answer)
    return Enrolment(
        "i_1", "t_x", csr, signing.public, sealing.public, proof, mac,
        kind.new_signing().public, suite, answer,
    )  # fmt: skip


@pytest.mark.parametrize("suite", [INTL_1, SM_1])
def test_a_hub_cannot_change_the_suite_that_a_unit_enrolled_with(suite: int) -> None:
    enrolment = handed_in(suite)
    check_enrolment(enrolment, INVITATION.secret)
    other = SM_1 if suite == INTL_1 else INTL_1
    with pytest.raises(InvitationInvalid, match="do not sign"):
        check_enrolment(dataclasses.replace(enrolment, suite=other), INVITATION.secret)


def test_a_hub_cannot_put_its_own_sealing_key_into_an_sm_1_enrolment() -> None:
    enrolment = handed_in(SM_1)
    own = suite_of(SM_1).new_sealing().public
    with pytest.raises(InvitationInvalid, match="do not sign"):
        check_enrolment(dataclasses.replace(enrolment, sealing_key=own), INVITATION.secret)


def parcel_between(owner: Party, grantee: Party) -> None:
    grant = grant_of(owner=owner.tenant, grantee=grantee.tenant)
    envelope = sign_grant(grant, owner.signing)
    rows_csv, rows = write_csv(grant.columns, [["x"] * len(grant.columns)])
    parcel = seal_parcel(
        rows_csv=rows_csv, rows=rows, grant=envelope, sender=owner.credential,
        recipient=grantee.credential, signing_key=owner.signing, now_ms=NOW_MS,
    )  # fmt: skip
    opened = open_parcel(
        manifest=parcel.manifest, grant=envelope, chunks=parcel.chunks, sender=owner.credential,
        recipient=grantee.tenant, sealing_key=grantee.sealing,
    )  # fmt: skip
    assert opened.rows_csv == rows_csv
    receipt = opened.sign_receipt(grantee.signing, now_ms=NOW_MS)
    verify_receipt(receipt, manifest=parcel.manifest, role=RECIPIENT, signer=grantee.credential)


def test_parcels_go_between_suites_sealed_by_the_recipients() -> None:
    for owner, grantee in ((OWNER, COUNTY), (COUNTY, OWNER), (COUNTY, CITY)):
        parcel_between(owner, grantee)


def test_a_data_key_of_another_length_than_the_suites_opens_nothing() -> None:
    from zongheng_tenants import sealing

    for party, wrong in ((COUNTY, 32), (OWNER, 16)):
        wrapped = sealing.wrap_key(bytes(wrong), party.sealing.public, b"", party.sealing.suite)
        with pytest.raises(Invalid):
            sealing.unwrap_key(wrapped, party.sealing, b"")
