"""Enrolment between child and parent: the hub in the middle can swap nothing unnoticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.tenants.parties import make_csr
from zongheng_protos.errors import (
    CredentialExpired,
    CredentialInvalid,
    Invalid,
    InvitationInvalid,
    SignatureInvalid,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as credential_pb
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_tenants.credential import RIGHTS, fingerprint, issue_credential, verify_chain
from zongheng_tenants.enrolment import (
    CREDENTIAL_LIFE_MS,
    Enrolment,
    check_enrolment,
    check_possession,
    child_rights,
    credential_for,
    prepare,
)
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import Invitation
from zongheng_tenants.keys import SealingKey, SigningKey

NOW_MS = 1_770_000_000_000
SECRET = Invitation.new_secret()
INVITATION = Invitation("i_1", "", "", SECRET)
SIGNING, SEALING = SigningKey.generate(), SealingKey.generate()
CSR = make_csr()
ANSWER = b"a" * 32
PROOF, MAC = prepare(INVITATION, SIGNING, SEALING, CSR, ANSWER)
ENROLMENT = Enrolment(
    invitation_id="i_1",
    tenant_id="t_city",
    csr=CSR,
    signing_key=SIGNING.public,
    sealing_key=SEALING.public,
    proof=PROOF,
    invitation_mac=MAC,
    console_key=SigningKey.generate().public,
    answer=ANSWER,
)


def province(depth: int = 4, life_ms: int = 10 * CREDENTIAL_LIFE_MS) -> Identity:
    key = SigningKey.generate()
    root = issue_credential(
        subject="t_province",
        name="山西省",
        code="140000",
        keys=[(credential_pb.KEY_USE_SIGNING, key.public)],
        rights=RIGHTS,
        depth=depth,
        not_before_ms=NOW_MS,
        expires_ms=NOW_MS + life_ms,
        issuer="t_province",
        issuer_key=key,
    )
    return Identity(
        hub_id="h_1",
        tenant="t_province",
        name="山西省",
        grpc_address="",
        web_address="",
        root_fingerprint=fingerprint(root),
        log_vkey="",
        chain=(root,),
        signing_key=key.private_bytes(),
        sealing_key=SealingKey.generate().private_bytes(),
        channel_key_pem=b"",
        channel_pem=b"",
        ca_pem=b"",
    )


def sign(parent: Identity, level: int = tenancy.LEVEL_CITY, now_ms: int = NOW_MS) -> bytes:
    return credential_for(
        ENROLMENT, name="太原市", code="140100", level=level, parent=parent, now_ms=now_ms
    )


def test_what_the_unit_prepared_passes_the_parents_check() -> None:
    check_enrolment(ENROLMENT, SECRET)


@pytest.mark.parametrize("part", ["csr", "signing_key", "sealing_key", "answer", "invitation_id"])
def test_any_part_swapped_on_the_way_is_noticed(part: str) -> None:
    other = SealingKey.generate().public
    swapped = replace(ENROLMENT, **{part: "i_2" if part == "invitation_id" else other})  # type: ignore[arg-type]

    with pytest.raises(InvitationInvalid, match="do not sign"):
        check_enrolment(swapped, SECRET)


def test_another_invitations_secret_is_noticed() -> None:
    with pytest.raises(InvitationInvalid):
        check_enrolment(ENROLMENT, Invitation.new_secret())


def test_a_holder_of_the_secret_still_shows_the_signing_key() -> None:
    with pytest.raises(SignatureInvalid):
        check_enrolment(replace(ENROLMENT, proof=SigningKey.generate().sign(b"")), SECRET)


@pytest.mark.parametrize(
    ("signing", "sealing"),
    [
        (bytes(31), SEALING.public),
        (SIGNING.public, SIGNING.public),
        (SIGNING.public, bytes(32)),  # X25519's point of low order: every secret would be zero
    ],
    ids=["too short", "one key for both", "low order"],
)
def test_malformed_or_weak_keys_are_refused(signing: bytes, sealing: bytes) -> None:
    with pytest.raises(Invalid):
        check_possession(
            invitation_id="i_1",
            csr=CSR,
            signing_key=signing,
            sealing_key=sealing,
            answer=ANSWER,
            proof=PROOF,
        )


def test_the_credential_narrows_its_parents() -> None:
    parent = province()
    credential = verify_chain(
        [*parent.chain, sign(parent)], root_fingerprint=parent.root_fingerprint, at_ms=NOW_MS
    )

    assert credential.tenant == "t_city"
    assert credential.depth == 3
    assert credential.rights == child_rights(tenancy.LEVEL_CITY)
    assert credential.expires_ms == NOW_MS + CREDENTIAL_LIFE_MS
    keys = {key.use: key.public for key in credential.keys.values()}
    assert keys == {
        credential_pb.KEY_USE_SIGNING: ENROLMENT.signing_key,
        credential_pb.KEY_USE_SEALING: ENROLMENT.sealing_key,
        credential_pb.KEY_USE_CONSOLE: ENROLMENT.console_key,
    }


def test_the_credential_ends_with_its_parents() -> None:
    parent = province(life_ms=1000)
    credential = verify_chain(
        [*parent.chain, sign(parent)], root_fingerprint=parent.root_fingerprint, at_ms=NOW_MS
    )

    assert credential.expires_ms == NOW_MS + 1000


def test_a_parent_that_may_not_sign_does_not() -> None:
    with pytest.raises(CredentialInvalid, match="allows none below"):
        sign(province(depth=0))
    with pytest.raises(CredentialExpired):
        sign(province(life_ms=1000), now_ms=NOW_MS + 1000)


def test_lower_levels_get_no_more_rights() -> None:
    city = child_rights(tenancy.LEVEL_CITY)

    assert child_rights(tenancy.LEVEL_COUNTY) == child_rights(tenancy.LEVEL_EXTRA) == city
    assert child_rights(tenancy.LEVEL_DEPARTMENT) < city
    assert child_rights(tenancy.LEVEL_TOWNSHIP) < child_rights(tenancy.LEVEL_DEPARTMENT)
    assert city < RIGHTS
    assert options.RIGHT_PUBLISH not in city


@pytest.mark.parametrize("level", [tenancy.LEVEL_PROVINCE, tenancy.LEVEL_UNSPECIFIED, 99])
def test_a_level_without_a_parent_gets_no_rights(level: int) -> None:
    with pytest.raises(Invalid, match="has no parent"):
        child_rights(level)
