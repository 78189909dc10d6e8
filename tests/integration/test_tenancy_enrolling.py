"""From invitation to credential through the kernel, and every way to get it wrong."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.tenancy_house import (
    HUB_ID,
    TENANCY,
    Handed,
    House,
    build,
    by_code,
    hand,
    make_csr,
)
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.ca import channel_identity
from zongheng_protos.errors import (
    CredentialExpired,
    CredentialInvalid,
    Exists,
    Forbidden,
    Invalid,
    InvitationInvalid,
    NotEnrolled,
    NotFound,
    NotRelated,
    SignatureInvalid,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as credential_pb
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb
from zongheng_tenants.credential import issue_credential, verify_chain
from zongheng_tenants.enrolment import Enrolment, check_enrolment
from zongheng_tenants.identity import Identity
from zongheng_tenants.invitation import LIFE_MS
from zongheng_tenants.keys import SealingKey, SigningKey


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


async def test_a_county_enrols_under_its_city_under_the_province(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    county = await house.enrolled(city, "140105")
    tenant = house.by_code["140105"]

    verified = verify_chain(
        county.chain, root_fingerprint=house.credentials.root_fingerprint, at_ms=house.now_ms
    )
    assert verified.tenant == tenant
    assert verified.ancestors == (house.province.tenant, city.tenant)
    assert verified.depth == 2
    assert options.RIGHT_FILE in verified.rights
    assert options.RIGHT_PUBLISH not in verified.rights
    channel = channel_identity(county.channel_pem)
    assert (channel.hub_id, channel.tenant) == (HUB_ID, tenant)
    assert await house.credentials.credential_of(tenant) == verified
    assert await house.credentials.credential_by_key(county.signing().id) == verified
    assert await house.store.read(lambda c: service.chain(c, tenant)) == county.chain
    entries = await house.store.read(lambda c: service.credential_entries(c, tenant))
    assert entries[0] == 0
    assert sorted(set(entries)) == list(entries)
    found = await house.store.read(lambda c: service.tenant(c, tenant))
    assert found is not None
    assert found.enrolled
    assert (await house.call(county, TENANCY + "GetTenant", by_code("140105"))).tenant.enrolled


async def test_two_units_with_one_invitation_race_and_one_wins(house: House) -> None:
    invitation = await house.invite(house.province, house.by_code["140100"])
    outcomes = await asyncio.gather(
        *(house.enrol(hand(invitation)) for _ in range(8)), return_exceptions=True
    )

    refused = [one for one in outcomes if not isinstance(one, str)]
    assert len(outcomes) - len(refused) == 1
    assert all(isinstance(one, InvitationInvalid) for one in refused)
    assert all("has been used" in str(one) for one in refused)


async def test_the_same_keys_sent_again_give_the_same_enrolment(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code["140100"]))

    assert await lite.enrol(handed) == await lite.enrol(handed)


async def test_an_expired_invitation_is_refused(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code["140100"]))
    lite.later(LIFE_MS)

    with pytest.raises(InvitationInvalid, match="has expired"):
        await lite.enrol(handed)


async def test_a_later_invitation_ends_the_earlier_one(lite: House) -> None:
    first = await lite.invite(lite.province, lite.by_code["140100"])
    second = await lite.invite(lite.province, lite.by_code["140100"])

    with pytest.raises(InvitationInvalid, match="has expired"):
        await lite.enrol(hand(first))
    assert await lite.enrol(hand(second))


async def test_a_wrong_token_neither_enrols_nor_uses_the_invitation_up(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code["140100"]))
    guessed = await lite.request(handed)
    guessed.token = bytes(32)

    with pytest.raises(InvitationInvalid, match="token"):
        await lite.call(None, TENANCY + "Enrol", guessed)
    assert await lite.enrol(handed)


async def test_an_unknown_invitation_is_refused_by_name(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code["140100"]))
    stranger = replace(handed, invitation=replace(handed.invitation, id="i_nobody"))

    with pytest.raises(InvitationInvalid, match="i_nobody"):
        await lite.enrol(stranger)


async def test_a_proof_by_another_key_is_refused(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code["140100"]))
    request = await lite.request(handed)
    handed_by_another = await lite.request(replace(handed, signing=SigningKey.generate()))
    request.proof = handed_by_another.proof

    with pytest.raises(SignatureInvalid, match="proof"):
        await lite.call(None, TENANCY + "Enrol", request)


async def test_a_csr_on_another_curve_is_refused(lite: House) -> None:
    invitation = await lite.invite(lite.province, lite.by_code["140100"])

    with pytest.raises(Invalid, match="secp384r1"):
        await lite.enrol(replace(hand(invitation), csr=make_csr(ec.SECP384R1())))


async def test_the_parent_notices_keys_that_the_hub_swapped(lite: House) -> None:
    handed = hand(await lite.invite(lite.province, lite.by_code["140100"]))
    swapped = replace(handed, signing=SigningKey.generate(), sealing=SealingKey.generate())
    request = await lite.request(swapped)
    request.invitation_mac = (await lite.request(handed)).invitation_mac
    reply = await lite.call(None, TENANCY + "Enrol", request)
    enrolment = await lite.pending(lite.province, reply.enrolment_id)

    with pytest.raises(InvitationInvalid, match="do not sign"):
        check_enrolment(enrolment, handed.invitation.secret)


async def test_a_key_of_another_tenant_is_not_taken_twice(lite: House) -> None:
    city = await lite.enrolled(lite.province, "140100")
    invitation = await lite.invite(lite.province, lite.by_code["140200"])

    with pytest.raises(Exists, match="make new keys"):
        await lite.enrol(replace(hand(invitation), sealing=city.sealing()))


async def test_only_the_direct_parent_invites(lite: House) -> None:
    taiyuan = await lite.enrolled(lite.province, "140100")

    with pytest.raises(NotRelated):
        await lite.invite(taiyuan, lite.by_code["140212"])
    with pytest.raises(NotRelated):
        await lite.invite(lite.province, lite.by_code["140105"])
    with pytest.raises(NotFound):
        await lite.invite(lite.province, "t_nobody")


async def test_a_code_that_looks_like_a_citys_does_not_make_it_the_parent(lite: House) -> None:
    county = await lite.enrolled(lite.province, "140481")

    credential = await lite.credentials.credential_of(county.tenant)
    assert credential.ancestors == (lite.province.tenant,)


async def test_a_township_may_not_invite(lite: House) -> None:
    city = await lite.enrolled(lite.province, "140100")
    county = await lite.enrolled(city, "140105")
    township = await lite.enrolled(county, "140105001")

    with pytest.raises(Forbidden):
        await lite.invite(township, lite.by_code["140105"])


async def test_who_holds_a_credential_is_not_invited_again(lite: House) -> None:
    city = await lite.enrolled(lite.province, "140100")

    with pytest.raises(Exists, match="太原市"):
        await lite.invite(lite.province, city.tenant)


async def test_an_invitation_lasts_72_hours_at_most(lite: House) -> None:
    request = pb.InviteRequest(
        tenant_id=lite.by_code["140100"],
        token_sha256=hashlib.sha256(b"").digest(),
        expires_ms=lite.now_ms + 2 * LIFE_MS,
    )

    with pytest.raises(Invalid, match="72 hours"):
        await lite.call(lite.province, TENANCY + "Invite", request)


async def test_an_invite_sent_again_gives_the_first_invitation(lite: House) -> None:
    request = pb.InviteRequest(
        tenant_id=lite.by_code["140100"], token_sha256=bytes(32), expires_ms=lite.now_ms + 1000
    )
    nonce = bytes(range(16))

    first = await lite.call(lite.province, TENANCY + "Invite", request, nonce)
    assert await lite.call(lite.province, TENANCY + "Invite", request, nonce) == first


async def waiting(house: House) -> tuple[Handed, str, Enrolment]:
    handed = hand(await house.invite(house.province, house.by_code["140100"]))
    enrolment_id = await house.enrol(handed)
    return handed, enrolment_id, await house.pending(house.province, enrolment_id)


async def test_nothing_is_collected_before_the_parent_has_signed(lite: House) -> None:
    _, enrolment_id, _ = await waiting(lite)
    request = pb.CollectCredentialRequest(enrolment_id=enrolment_id)

    reply = await lite.call(None, TENANCY + "CollectCredential", request)
    assert not reply.ready
    assert not reply.chain
    with pytest.raises(NotFound):
        await lite.call(
            None, TENANCY + "CollectCredential", pb.CollectCredentialRequest(enrolment_id="e_no")
        )


@pytest.mark.parametrize("key", ["signing_key", "sealing_key", "console_key"])
async def test_a_credential_over_other_keys_than_enrolled_is_refused(lite: House, key: str) -> None:
    _, enrolment_id, enrolment = await waiting(lite)
    other = replace(enrolment, **{key: SigningKey.generate().public})  # type: ignore[arg-type]
    credential = await lite.credential(lite.province, other)

    with pytest.raises(CredentialInvalid, match="other keys"):
        await lite.issue(lite.province, enrolment.tenant_id, enrolment_id, credential)


def sign(parent: Identity, enrolment: Enrolment, house: House, **changes: object) -> bytes:
    fields: dict[str, object] = {
        "subject": enrolment.tenant_id,
        "name": "太原市",
        "code": "140100",
        "keys": [
            (credential_pb.KEY_USE_SIGNING, enrolment.signing_key),
            (credential_pb.KEY_USE_SEALING, enrolment.sealing_key),
            (credential_pb.KEY_USE_CONSOLE, enrolment.console_key),
        ],
        "rights": frozenset({options.RIGHT_CALL}),
        "depth": 1,
        "not_before_ms": house.now_ms,
        "expires_ms": house.now_ms + 1000,
        "issuer": parent.tenant,
        "issuer_key": parent.signing(),
        "issuer_envelope": parent.chain[-1],
    }
    return issue_credential(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"subject": "t_other"}, "speaks of t_other"),
        ({"name": "大同市"}, "calls"),
        ({"code": "140200"}, "calls"),
        ({"depth": 4}, "deeper"),
        ({"expires_ms": 2**52}, "outlives"),
        ({"issuer_envelope": b"another"}, "not issued under"),
        ({"rights": frozenset({99})}, "unknown rights"),
    ],
)
async def test_a_credential_that_differs_or_widens_is_refused(
    lite: House, changes: dict[str, object], says: str
) -> None:
    _, enrolment_id, enrolment = await waiting(lite)
    credential = sign(lite.province, enrolment, lite, **changes)

    with pytest.raises(CredentialInvalid, match=says):
        await lite.issue(lite.province, enrolment.tenant_id, enrolment_id, credential)


async def test_a_credential_signed_by_someone_else_is_refused(lite: House) -> None:
    _, enrolment_id, enrolment = await waiting(lite)
    credential = sign(lite.province, enrolment, lite, issuer_key=SigningKey.generate())

    with pytest.raises(SignatureInvalid):
        await lite.issue(lite.province, enrolment.tenant_id, enrolment_id, credential)


async def test_a_credential_that_is_over_already_is_refused(lite: House) -> None:
    _, enrolment_id, enrolment = await waiting(lite)
    credential = sign(lite.province, enrolment, lite)
    lite.later(1000)

    with pytest.raises(CredentialExpired):
        await lite.issue(lite.province, enrolment.tenant_id, enrolment_id, credential)


async def test_a_city_signs_no_county_of_another_city(lite: House) -> None:
    taiyuan = await lite.enrolled(lite.province, "140100")
    datong = await lite.enrolled(lite.province, "140200")
    tenant = lite.by_code["140105"]
    enrolment_id = await lite.enrol(hand(await lite.invite(taiyuan, tenant)))
    enrolment = await lite.pending(taiyuan, enrolment_id)
    credential = sign(datong, enrolment, lite, name="小店区", code="140105")

    with pytest.raises(NotRelated):
        await lite.issue(datong, tenant, enrolment_id, credential)
    with pytest.raises(SignatureInvalid):
        await lite.issue(taiyuan, tenant, enrolment_id, credential)


async def test_of_two_enrolments_the_parent_signs_one_and_the_other_is_told(lite: House) -> None:
    _, early, first = await waiting(lite)
    _, late, second = await waiting(lite)
    await lite.issue(
        lite.province, second.tenant_id, late, await lite.credential(lite.province, second)
    )

    with pytest.raises(InvitationInvalid, match="another enrolment"):
        await lite.call(
            None, TENANCY + "CollectCredential", pb.CollectCredentialRequest(enrolment_id=early)
        )
    with pytest.raises(Exists):
        await lite.issue(
            lite.province, first.tenant_id, early, await lite.credential(lite.province, first)
        )


async def test_two_credentials_for_one_tenant_race_and_one_is_stored(house: House) -> None:
    _, enrolment_id, enrolment = await waiting(house)
    signed = [await house.credential(house.province, enrolment) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(house.issue(house.province, enrolment.tenant_id, enrolment_id, one) for one in signed),
        return_exceptions=True,
    )

    assert sum(isinstance(one, pb.IssueCredentialReply) for one in outcomes) == 1
    assert sum(isinstance(one, Exists) for one in outcomes) == 3


async def test_a_channel_is_renewed_for_the_same_tenant(lite: House) -> None:
    city = await lite.enrolled(lite.province, "140100")
    lite.later(86_400_000)

    request = pb.RenewChannelRequest(csr=make_csr())
    renewed = await lite.call(city, TENANCY + "RenewChannel", request)
    channel = channel_identity(renewed.channel_pem)
    assert channel.tenant == city.tenant
    assert channel.not_after_ms > channel_identity(city.channel_pem).not_after_ms


async def test_a_credential_over_its_date_opens_nothing(lite: House) -> None:
    city = await lite.enrolled(lite.province, "140100")
    lite.later(3 * 365 * 86_400_000)

    with pytest.raises(CredentialExpired):
        await lite.call(city, TENANCY + "GetTenant", by_code("140100"))


async def test_strangers_have_no_credential(lite: House) -> None:
    with pytest.raises(NotEnrolled):
        await lite.credentials.credential_of(lite.by_code["140100"])
    with pytest.raises(NotEnrolled):
        await lite.credentials.credential_by_key("k_0000000000000000")
    with pytest.raises(NotFound):
        await lite.call(
            lite.province,
            TENANCY + "GetChain",
            pb.GetChainRequest(tenant_id=lite.by_code["140100"]),
        )
