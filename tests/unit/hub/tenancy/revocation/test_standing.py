"""Whoever is revoked, or stands below a revoked credential, does not stand any more."""

from __future__ import annotations

import pytest

from tests.unit.tenants.parties import make_party
from zongheng_hub.tenancy.revocation.standing import InMemoryStanding, Known
from zongheng_protos.errors import ChannelRevoked, CredentialRevoked, KeyRevoked
from zongheng_tenants.credential import Credential

PROVINCE = make_party("t_province")
CITY = make_party("t_city", PROVINCE)
COUNTY = make_party("t_county", CITY)


def check(
    known: Known, who: Credential, *, key_id: str | None = None, serial: int | None = None
) -> None:
    standing = InMemoryStanding()
    standing.become(known)
    standing.check(who, key_id=key_id, channel_serial=serial, now_ms=0)


def test_who_is_not_named_stands() -> None:
    known = Known({"c_other": "was revoked"}, {"k_other": "was revoked"}, {7: "was revoked"})
    check(known, COUNTY.credential, key_id=COUNTY.signing.id, serial=8)


def test_a_revoked_credential_does_not_stand_nor_does_anything_below_it() -> None:
    known = Known({CITY.credential.id: "was revoked (lost)"})
    with pytest.raises(CredentialRevoked, match="of t_city was revoked"):
        check(known, CITY.credential)
    with pytest.raises(CredentialRevoked, match="t_city, which stands above t_county, was"):
        check(known, COUNTY.credential)
    check(known, PROVINCE.credential)


def test_a_revoked_key_signs_nothing_but_its_unit_stands() -> None:
    known = Known(keys={COUNTY.console.id: "was revoked"})
    with pytest.raises(KeyRevoked, match=COUNTY.console.id):
        check(known, COUNTY.credential, key_id=COUNTY.console.id)
    check(known, COUNTY.credential, key_id=COUNTY.signing.id)
    check(known, COUNTY.credential)


def test_a_revoked_channel_certificate_opens_nothing_but_its_unit_stands() -> None:
    known = Known(channels={2**150: "was revoked"})
    with pytest.raises(ChannelRevoked):
        check(known, COUNTY.credential, serial=2**150)
    check(known, COUNTY.credential, serial=2**150 + 1)


def test_its_number_grows_only_when_what_is_known_changes() -> None:
    standing = InMemoryStanding()
    assert not standing.become(Known())
    assert standing.become(Known({"c_1": "was revoked"}))
    assert not standing.become(Known({"c_1": "was revoked"}))
    assert standing.number == 1
