"""Attacks on enrolment, delegation and rotation, each refused by the control that is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.tenancy_house import TENANCY, House, build, hand
from zongheng_protos.errors import (
    CredentialInvalid,
    Exists,
    Invalid,
    InvitationInvalid,
    PossessionUnproven,
    SignatureInvalid,
    ZonghengError,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_tenants.enrolment import Terms, check_enrolment, credential_for
from zongheng_tenants.invitation import LIFE_MS
from zongheng_tenants.keys import SealingKey, SigningKey
from zongheng_tenants.possession import open_challenge

CITY, COUNTY = "140100", "140105"


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await build(where)
    yield built
    built.store.close()


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[House]:
    built = await build(tmp_path / "hub.sqlite3")
    yield built
    built.store.close()


async def test_of_twenty_who_use_an_invitation_at_once_one_enrols(house: House) -> None:
    invitation = await house.invite(house.province, house.by_code[CITY])
    requests = [await house.request(hand(invitation)) for _ in range(20)]

    async def use(request: pb.EnrolRequest) -> Any:
        try:
            return await house.call(None, TENANCY + "Enrol", request)
        except InvitationInvalid as error:
            return error

    outcomes = await asyncio.gather(*(use(request) for request in requests))

    assert sum(isinstance(one, pb.EnrolReply) for one in outcomes) == 1
    assert sum(isinstance(one, InvitationInvalid) for one in outcomes) == 19


async def test_a_sealing_key_that_is_not_held_is_refused(lite: House) -> None:
    """The victim's sealing key, handed in as one's own: parcels would go astray."""
    handed = hand(await lite.invite(lite.province, lite.by_code[CITY]))
    victim = SealingKey.generate()
    stolen = replace(handed, sealing=victim)
    own = handed.sealing
    asked = pb.ChallengeRequest(keys_digest=stolen.digest, sealing_key=own.public)
    reply = await lite.call(None, TENANCY + "Challenge", asked)
    answer = open_challenge(reply.wrapped, own, stolen.digest)

    for guessed in (answer, bytes(32)):
        with pytest.raises(PossessionUnproven):
            await lite.call(None, TENANCY + "Enrol", stolen.request(guessed))


async def test_a_challenge_opens_for_these_keys_only(lite: House) -> None:
    invitation = await lite.invite(lite.province, lite.by_code[CITY])
    one, other = hand(invitation), hand(invitation)
    reply = await lite.call(
        None,
        TENANCY + "Challenge",
        pb.ChallengeRequest(keys_digest=one.digest, sealing_key=one.sealing.public),
    )

    with pytest.raises(Invalid):
        open_challenge(reply.wrapped, one.sealing, other.digest)
    with pytest.raises(Invalid):
        open_challenge(reply.wrapped, other.sealing, one.digest)


async def test_an_answer_put_in_by_the_hub_is_noticed_by_the_parent(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code[CITY]))
    enrolment = await lite.pending(lite.province, await lite.enrol(handed))
    check_enrolment(enrolment, handed.invitation.secret)

    for swapped in (
        replace(enrolment, answer=bytes(32)),
        replace(enrolment, sealing_key=SealingKey.generate().public),
        replace(enrolment, signing_key=SigningKey.generate().public),
    ):
        assert swapped.fingerprint != enrolment.fingerprint or swapped.answer != enrolment.answer
        with pytest.raises(InvitationInvalid, match="do not sign"):
            check_enrolment(swapped, handed.invitation.secret)


async def test_a_credential_beyond_its_invitation_is_refused(lite: House) -> None:
    narrow = Terms(frozenset({options.RIGHT_CALL}), 0, 24 * 3600 * 1000)
    invitation = await lite.invite(lite.province, lite.by_code["140200"], narrow)
    handed = hand(invitation)
    enrolment_id = await lite.enrol(handed)
    enrolment = await lite.pending(lite.province, enrolment_id)

    async def signed(terms: Terms) -> bytes:
        return credential_for(
            enrolment,
            name="大同市",
            code="140200",
            level=pb.LEVEL_CITY,
            parent=lite.province,
            now_ms=lite.now_ms,
            terms=terms,
        )

    for wider in (
        replace(narrow, rights=frozenset({options.RIGHT_CALL, options.RIGHT_FILE})),
        replace(narrow, depth=1),
        replace(narrow, life_ms=3 * narrow.life_ms),
    ):
        with pytest.raises(CredentialInvalid):
            await lite.issue(lite.province, enrolment.tenant_id, enrolment_id, await signed(wider))
    await lite.issue(lite.province, enrolment.tenant_id, enrolment_id, await signed(narrow))


async def test_nobody_invites_to_what_it_has_not(lite: House) -> None:
    city = await lite.enrolled(lite.province, CITY)
    for terms in (
        Terms(frozenset({options.RIGHT_PUBLISH})),
        Terms(frozenset({options.RIGHT_CALL}), 8),
    ):
        with pytest.raises(Invalid):
            await lite.invite(city, lite.by_code[COUNTY], terms)


async def test_an_application_with_the_right_to_call_does_nothing_else(lite: House) -> None:
    only_call = Terms(frozenset({options.RIGHT_CALL}), 0)
    unit = await lite.enrolled(lite.province, CITY, only_call)

    with pytest.raises(ZonghengError, match="no right to administer"):
        await lite.invite(unit, lite.by_code[COUNTY])


async def test_a_rotation_to_someone_elses_key_is_refused(lite: House) -> None:
    city = await lite.enrolled(lite.province, CITY)
    other = await lite.enrolled(lite.province, "140200")
    invitation = await lite.invite(lite.province, lite.by_code["140481"])
    made = replace(
        hand(replace(invitation, id=city.tenant)),
        signing=other.signing(),
    )
    answer = await lite.answer(made)
    request = made.request(answer)
    asked = pb.RequestRotationRequest(
        csr=request.csr,
        signing_key=request.signing_key,
        sealing_key=request.sealing_key,
        proof=request.proof,
        answer=answer,
    )

    with pytest.raises(Exists):
        await lite.call(city, TENANCY + "RequestRotation", asked)
    asked.signing_key = SigningKey.generate().public
    with pytest.raises(SignatureInvalid):
        await lite.call(city, TENANCY + "RequestRotation", asked)


async def test_an_invitation_ends_after_72_hours(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code[CITY]))
    lite.later(LIFE_MS)

    with pytest.raises(InvitationInvalid, match="expired"):
        await lite.enrol(handed)
