"""A tenant has several credentials over time: which one speaks for it, and how replicas notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.integration.tenancy_house import TENANCY, House, build, by_code, hand
from zongheng_hub.store import open_store
from zongheng_hub.store.migrate import MIGRATIONS, migrate
from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.credentials import OVERLAP_MS, Credentials, revoke_credential
from zongheng_hub.tenancy.credentials import store_credential as store
from zongheng_protos.errors import CredentialRevoked, KeySuperseded
from zongheng_protos.tenancy.v1 import credential_pb2, tenancy_pb2
from zongheng_tenants.credential import issue_credential, verify_chain
from zongheng_tenants.identity import Identity
from zongheng_tenants.keys import SealingKey, Signer, SigningKey

SIGNING = credential_pb2.KEY_USE_SIGNING


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    where: Path | str = tmp_path / "hub.sqlite3"
    if request.param == "postgresql":
        where = request.getfixturevalue("postgresql_url")
    built = await build(where)
    yield built
    built.store.close()


async def second_credential(
    house: House, unit: Identity, signing: Signer, *, forget: bool = True
) -> None:
    """The province signs for other keys of one of its units."""
    now = verify_chain(
        unit.chain, root_fingerprint=house.credentials.root_fingerprint, at_ms=house.now_ms
    )
    envelope = issue_credential(
        subject=unit.tenant,
        name=now.name,
        code=now.code,
        keys=[(SIGNING, signing.public), (credential_pb2.KEY_USE_SEALING, sealing_of(unit))],
        rights=now.rights,
        depth=now.depth,
        not_before_ms=now.not_before_ms,
        expires_ms=now.expires_ms,
        issuer=house.province.tenant,
        issuer_key=house.province.signing(),
        issuer_envelope=house.province.chain[0],
    )
    credential = verify_chain(
        (*house.province.chain, envelope),
        root_fingerprint=house.credentials.root_fingerprint,
        at_ms=house.now_ms,
    )
    root = (await house.store.read(lambda c: service.links(c, house.province.tenant)))[0]
    await house.store.write(
        lambda tx: store(
            tx,
            credential,
            envelope,
            issuer_id=root.credential_id,
            now_ms=house.now_ms,
            log_index=7,
        )
    )
    if forget:
        house.credentials.forget()


def sealing_of(unit: Identity) -> bytes:
    return unit.sealing().public


async def test_the_newest_credential_speaks_and_both_keys_sign_for_seven_days(
    house: House,
) -> None:
    city = await house.enrolled(house.province, "140100")
    newer = SigningKey.generate()
    await second_credential(house, city, newer)

    found = await house.credentials.credential_of(city.tenant)
    assert found.key_for(SIGNING).public == newer.public
    assert [one.key_for(SIGNING).public for one in found.earlier] == [city.signing().public]
    assert found.signed_with(city.signing().id) is found.earlier[0]
    for key in (newer, city.signing()):
        assert (await house.credentials.credential_by_key(key.id)).tenant == city.tenant
    await house.call(city, TENANCY + "GetTenant", by_code("140100"))

    house.later(OVERLAP_MS)

    assert (await house.credentials.credential_by_key(newer.id)).tenant == city.tenant
    with pytest.raises(KeySuperseded):
        await house.call(city, TENANCY + "GetTenant", by_code("140100"))


async def test_a_key_in_both_credentials_signs_on(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    await second_credential(house, city, city.signing())

    house.later(OVERLAP_MS)

    await house.call(city, TENANCY + "GetTenant", by_code("140100"))


async def test_children_stand_under_a_superseded_credential_as_before(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    county = await house.enrolled(city, "140105")
    await second_credential(house, city, SigningKey.generate())
    house.later(OVERLAP_MS)

    await house.call(county, TENANCY + "GetTenant", by_code("140105"))


async def test_a_revoked_credential_speaks_for_nobody_and_the_tenant_can_be_invited_again(
    house: House,
) -> None:
    city = await house.enrolled(house.province, "140100")
    link = (await house.store.read(lambda c: service.links(c, city.tenant)))[-1]

    await house.store.write(lambda tx: revoke_credential(tx, link.credential_id))
    house.credentials.forget()

    with pytest.raises(CredentialRevoked):
        await house.credentials.credential_of(city.tenant)
    with pytest.raises(CredentialRevoked):
        await house.call(city, TENANCY + "GetTenant", by_code("140100"))
    again = await house.enrolled(house.province, "140100")
    assert again.tenant == city.tenant
    await house.call(again, TENANCY + "GetTenant", by_code("140100"))


async def test_another_replica_notices_a_change_within_a_second(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    replica = Credentials(house.store, house.credentials.root_fingerprint)
    before = await replica.credential_of(city.tenant)

    newer = SigningKey.generate()
    await second_credential(house, city, newer)
    await asyncio.sleep(1.0)

    assert before.key_for(SIGNING).public == city.signing().public
    assert (await replica.credential_of(city.tenant)).key_for(SIGNING).public == newer.public


async def test_the_chain_is_given_with_those_of_earlier_credentials(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    await second_credential(house, city, SigningKey.generate())

    reply = await house.call(
        city, TENANCY + "GetChain", tenancy_pb2.GetChainRequest(tenant_id=city.tenant)
    )

    assert [tuple(one.envelopes) for one in reply.earlier] == [city.chain]
    assert reply.envelopes[-1] != city.chain[-1]


async def test_nobody_gets_anothers_key(house: House) -> None:
    city = await house.enrolled(house.province, "140100")
    handed = hand(await house.invite(house.province, house.by_code["140200"]))
    stolen = type(handed)(handed.invitation, city.signing(), SealingKey.generate(), handed.csr)

    with pytest.raises(Exception, match="in use"):
        await house.enrol(stolen)


def test_a_database_of_version_01_keeps_its_credentials(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    path = tmp_path / "hub.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO tenant (id, level, name, code, kind, created_ms) "
                "VALUES ('t_a', 1, '省', '140000', '', 1)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO credential (id, tenant_id, issuer_id, envelope, expires_ms, "
                "issued_ms, log_index) VALUES ('c_a', 't_a', NULL, x'01', 9, 1, 0)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO credential_key (key_id, credential_id, tenant_id) "
                "VALUES ('k_a', 'c_a', 't_a')"
            )
        )
    engine.dispose()

    kept = open_store(path)
    try:
        migrate(kept.writer)
        with kept.writer.connect() as connection:
            (found,) = service.credentials_of(connection, "t_a")
            assert (found.id, found.state) == ("c_a", service.CredentialState.ACTIVE)
            assert service.credential_with_key(connection, "k_a") == found
            keys = inspect(connection).get_foreign_keys("credential_key")
            assert {key["referred_table"] for key in keys} == {"credential", "tenant"}
    finally:
        kept.close()
