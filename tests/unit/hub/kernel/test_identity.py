"""Who is calling is checked anew on every call, against dates, hub and key use."""

from __future__ import annotations

import pytest

from zongheng_hub.kernel.identity import Channel, Identities
from zongheng_hub.kernel.quick_keys import QuickKey
from zongheng_protos.errors import (
    ActMismatch,
    ChannelExpired,
    CredentialExpired,
    CredentialInvalid,
    NotEnrolled,
    OperatorDisabled,
    OperatorUnknown,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.act import sign_act
from zongheng_tenants.credential import (
    RIGHTS,
    Credential,
    fingerprint,
    issue_credential,
    verify_chain,
)
from zongheng_tenants.keys import SealingKey, SigningKey

HUB = "h_one"
DAY = 86_400_000
SIGNING, CONSOLE, SEALING = SigningKey.generate(), SigningKey.generate(), SealingKey.generate()


class OneTenant:
    """The book of a hub with one enrolled tenant."""

    def __init__(self) -> None:
        root = issue_credential(
            subject="t_one",
            name="山西省",
            code="140000",
            keys=[
                (pb.KEY_USE_SIGNING, SIGNING.public),
                (pb.KEY_USE_CONSOLE, CONSOLE.public),
                (pb.KEY_USE_SEALING, SEALING.public),
            ],
            rights=RIGHTS,
            depth=1,
            not_before_ms=0,
            expires_ms=30 * DAY,
            issuer="t_one",
            issuer_key=SIGNING,
        )
        self.credential = verify_chain([root], root_fingerprint=fingerprint(root), at_ms=None)

    async def credential_of(self, tenant: str) -> Credential:
        if tenant != "t_one":
            raise NotEnrolled(tenant)
        return self.credential

    async def credential_by_key(self, key_id: str) -> Credential:
        if key_id not in self.credential.keys:
            raise NotEnrolled(key_id)
        return self.credential


class Staff:
    """An OperatorBook in which one person has one right, and another is disabled."""

    async def rights_of(self, tenant: str, operator: str, now_ms: int) -> frozenset[int] | None:
        if operator == "停某某":
            raise OperatorDisabled(operator)
        return frozenset({options.RIGHT_FILE}) if operator == "王小明" else None


@pytest.fixture
def identities() -> Identities:
    return Identities(HUB, OneTenant(), operators=Staff())


async def test_a_channel_names_its_tenant_while_its_certificate_lasts(
    identities: Identities,
) -> None:
    channel = Channel(HUB, "t_one", 0, 7 * DAY)
    caller = await identities.from_channel(channel, 7 * DAY - 1)
    assert (caller.tenant, caller.rights, caller.via) == ("t_one", RIGHTS, "channel")
    with pytest.raises(ChannelExpired, match="t_one has expired"):
        await identities.from_channel(channel, 7 * DAY)


async def test_an_open_channel_does_not_outlive_the_credential(identities: Identities) -> None:
    channel = Channel(HUB, "t_one", 0, 60 * DAY)
    with pytest.raises(CredentialExpired):
        await identities.from_channel(channel, 30 * DAY)


async def test_a_channel_of_another_hub_is_refused(identities: Identities) -> None:
    with pytest.raises(NotEnrolled, match="for hub h_two"):
        await identities.from_channel(Channel("h_two", "t_one", 0, DAY), 1)


async def test_an_act_names_tenant_and_operator(identities: Identities) -> None:
    caller, act = await identities.from_act(
        signed(SIGNING), method="/a/B", request=b"r", now_ms=DAY
    )
    assert (caller.tenant, caller.operator, caller.via) == ("t_one", "王小明", "act")
    assert act.key == act.statement.nonce + SIGNING.id.encode()


async def test_a_console_act_says_on_whose_behalf(identities: Identities) -> None:
    caller, _ = await identities.from_act(
        signed(CONSOLE, on_behalf=True), method="/a/B", request=b"r", now_ms=DAY
    )
    assert (caller.via, caller.operator) == ("console", "王小明")
    with pytest.raises(ActMismatch, match="on behalf"):
        await identities.from_act(signed(CONSOLE), method="/a/B", request=b"r", now_ms=DAY)


async def test_the_console_acts_for_registered_operators_only(identities: Identities) -> None:
    stranger = signed(CONSOLE, on_behalf=True, operator="外人")
    with pytest.raises(OperatorUnknown, match="外人"):
        await identities.from_act(stranger, method="/a/B", request=b"r", now_ms=DAY)
    with pytest.raises(OperatorUnknown):
        await Identities(HUB, OneTenant()).from_act(
            signed(CONSOLE, on_behalf=True), method="/a/B", request=b"r", now_ms=DAY
        )


async def test_a_registered_operator_is_held_to_their_roles_whoever_signs(
    identities: Identities,
) -> None:
    for act in (signed(SIGNING), signed(CONSOLE, on_behalf=True)):
        caller, _ = await identities.from_act(act, method="/a/B", request=b"r", now_ms=DAY)
        assert caller.rights == {options.RIGHT_FILE}


async def test_a_unit_answers_for_people_it_has_not_registered(identities: Identities) -> None:
    act = signed(SIGNING, operator="外人")
    caller, _ = await identities.from_act(act, method="/a/B", request=b"r", now_ms=DAY)
    assert caller.rights == RIGHTS
    assert caller.operator_rights is None


async def test_a_disabled_operator_acts_neither_in_the_console_nor_by_the_units_key(
    identities: Identities,
) -> None:
    for act in (
        signed(SIGNING, operator="停某某"),
        signed(CONSOLE, on_behalf=True, operator="停某某"),
    ):
        with pytest.raises(OperatorDisabled):
            await identities.from_act(act, method="/a/B", request=b"r", now_ms=DAY)


async def test_a_sealing_key_signs_no_acts(identities: Identities) -> None:
    forged = signed(SIGNING).replace(SIGNING.id.encode(), SEALING.id.encode())
    with pytest.raises(CredentialInvalid, match="not for signing"):
        await identities.from_act(forged, method="/a/B", request=b"r", now_ms=DAY)


async def test_an_act_under_an_expired_credential_is_refused(identities: Identities) -> None:
    late = signed(SIGNING, now_ms=31 * DAY)
    with pytest.raises(CredentialExpired):
        await identities.from_act(late, method="/a/B", request=b"r", now_ms=31 * DAY)


def signed(
    key: SigningKey, *, on_behalf: bool = False, now_ms: int = DAY, operator: str = "王小明"
) -> bytes:
    return sign_act(
        method="/a/B",
        request=b"r",
        tenant="t_one",
        operator=operator,
        audience=HUB,
        key=key,
        now_ms=now_ms,
        on_behalf=on_behalf,
    )


async def test_a_call_that_lasts_ends_with_channel_or_credential(identities: Identities) -> None:
    channel = Channel(HUB, "t_one", 0, 7 * DAY)
    caller = await identities.from_channel(channel, DAY)
    identities.recheck(caller, channel=channel, key_id=None, now_ms=7 * DAY - 1)
    with pytest.raises(ChannelExpired):
        identities.recheck(caller, channel=channel, key_id=None, now_ms=7 * DAY)
    identities.recheck(caller, channel=None, key_id=None, now_ms=7 * DAY)
    with pytest.raises(CredentialExpired):
        identities.recheck(caller, channel=None, key_id=None, now_ms=30 * DAY)


async def test_a_caller_is_made_once_and_given_again(identities: Identities) -> None:
    channel = Channel(HUB, "t_one", 0, 7 * DAY)
    assert await identities.from_channel(channel, DAY) is await identities.from_channel(channel, 1)


async def test_the_console_acts_as_the_unit_with_the_operators_rights(
    identities: Identities,
) -> None:
    caller = await identities.at_console("t_one", "王小明", DAY)
    assert (caller.tenant, caller.via, caller.operator) == ("t_one", "console", "王小明")
    assert caller.rights == {options.RIGHT_FILE}
    with pytest.raises(CredentialExpired):
        await identities.at_console("t_one", "王小明", 30 * DAY)
    with pytest.raises(OperatorUnknown, match="t_one has registered no operator 外人"):
        await identities.at_console("t_one", "外人", DAY)


async def test_an_act_by_an_ed25519_key_is_verified_the_quick_way(identities: Identities) -> None:
    await identities.from_act(signed(SIGNING), method="/a/B", request=b"r", now_ms=DAY)
    assert [type(key) for key in identities._keys.values()] == [QuickKey]
