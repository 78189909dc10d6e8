"""Statements that are well signed and say what they must not: by whom, for what, how far."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.forge.signatures import SMALL_ORDER
from tests.forge.victims import (
    FILE,
    HUB_ID,
    METHODS,
    NEED,
    Act,
    Chain,
    Grant,
    Victims,
    genuine_act,
)
from tests.unit.tenants.parties import DAY_MS, NOW_MS, Party
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement, Envelope
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.sharing.v1 import statement_pb2
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.credential import MAX_DEPTH, RIGHTS
from zongheng_tenants.envelope import ACT, CREDENTIAL, GRANT, seal_envelope
from zongheng_tenants.keys import key_id
from zongheng_tenants.suites import INTL_1, SM_1, suite_of

Lie = Callable[[random.Random, Victims], Act | Chain | Grant]


def _unit(rng: random.Random, house: Victims) -> Party:
    return rng.choice(tuple(house.units.values()))


# Acts


def other_request(rng: random.Random, house: Victims) -> Act:
    act = rng.choice(house.acts)
    return Act(act.envelope, act.method, act.request + rng.randbytes(rng.randrange(1, 9)))


def other_method(rng: random.Random, house: Victims) -> Act:
    act = rng.choice(house.acts)
    return Act(act.envelope, rng.choice([name for name in METHODS if name != FILE]), act.request)


def other_audience(rng: random.Random, house: Victims) -> Act:
    audience = rng.choice(("", HUB_ID.upper(), HUB_ID + "0", "h_neighbour", HUB_ID[:-1]))
    return genuine_act(_unit(rng, house), request=NEED, audience=audience)


def other_tenant(rng: random.Random, house: Victims) -> Act:
    unit = _unit(rng, house)
    others = [*(name for name in house.units if name != unit.tenant), "", "t_nobody"]
    return genuine_act(unit, request=NEED, tenant=rng.choice(others))


def other_clock(rng: random.Random, house: Victims) -> Act:
    late = rng.randrange(MAX_SKEW_MS + 1, 100 * DAY_MS) * rng.choice((-1, 1))
    return genuine_act(_unit(rng, house), request=NEED, now_ms=NOW_MS + late)


def nonce_of_other_length(rng: random.Random, house: Victims) -> Act:
    nonce = rng.randbytes(rng.choice((1, 8, 15, 17, 32)))
    return genuine_act(_unit(rng, house), request=NEED, nonce=nonce)


def on_behalf_without_the_console_key(rng: random.Random, house: Victims) -> Act:
    return genuine_act(_unit(rng, house), request=NEED, on_behalf=True)


def console_key_that_hides_it(rng: random.Random, house: Victims) -> Act:
    unit = _unit(rng, house)
    return genuine_act(unit, request=NEED, key=unit.console)


def key_nobody_enrolled(rng: random.Random, house: Victims) -> Act:
    key = rng.choice((house.stranger, house.foreign.signing, house.foreign.console))
    return genuine_act(_unit(rng, house), request=NEED, key=key)


def statement_of_another_kind(rng: random.Random, house: Victims) -> Act:
    """What a unit signed as an act, a credential or a grant, shown as another of them."""
    unit = house.county
    shown = rng.choice((unit.chain[-1], house.grant.envelope))
    if rng.random() < 0.5:
        return Act(shown, FILE, NEED)
    envelope = Envelope.FromString(shown)
    envelope.payload_type = ACT
    return Act(envelope.SerializeToString(), FILE, NEED)


def statement_that_says_too_little(rng: random.Random, house: Victims) -> Act:
    unit = _unit(rng, house)
    statement = ActStatement(method=FILE, tenant=unit.tenant, time_ms=NOW_MS, audience=HUB_ID)
    digest = "request_sha256" if unit.signing.suite == INTL_1 else "request_sm3"
    setattr(statement, digest, suite_of(unit.signing.suite).digest(NEED))
    statement.nonce = rng.randbytes(16)
    for name in rng.sample(("method", "tenant", "nonce", "time_ms", digest, "audience"), 2):
        statement.ClearField(name)
    return Act(seal_envelope(ACT, statement.SerializeToString(), unit.signing), FILE, NEED)


def digest_of_another_suite(rng: random.Random, house: Victims) -> Act:
    """The request's digest in a suite that the key is not of, alone or beside the right one."""
    unit = _unit(rng, house)
    digests = {"request_sha256": INTL_1, "request_sm3": SM_1}
    if rng.random() < 0.5:
        del digests["request_sha256" if unit.signing.suite == INTL_1 else "request_sm3"]
    statement = ActStatement(
        method=FILE, tenant=unit.tenant, time_ms=NOW_MS, audience=HUB_ID, nonce=rng.randbytes(16)
    )
    for name, suite in digests.items():
        setattr(statement, name, suite_of(suite).digest(NEED))
    return Act(seal_envelope(ACT, statement.SerializeToString(), unit.signing), FILE, NEED)


def noise_well_signed(rng: random.Random, house: Victims) -> Act:
    payload = rng.randbytes(rng.randrange(300))
    return Act(seal_envelope(ACT, payload, _unit(rng, house).signing), FILE, NEED)


ACTS: tuple[Lie, ...] = (
    other_request,
    other_method,
    other_audience,
    other_tenant,
    other_clock,
    nonce_of_other_length,
    on_behalf_without_the_console_key,
    console_key_that_hides_it,
    key_nobody_enrolled,
    statement_of_another_kind,
    statement_that_says_too_little,
    digest_of_another_suite,
    noise_well_signed,
)

# Chains


def _claims(link: bytes) -> pb.Credential:
    return pb.Credential.FromString(Envelope.FromString(link).payload)


def _signed(claimed: pb.Credential, by: Party) -> bytes:
    return seal_envelope(CREDENTIAL, claimed.SerializeToString(), by.signing)


def links_swapped(rng: random.Random, house: Victims) -> Chain:
    links = list(rng.choice(house.chains).links)
    a, b = rng.sample(range(len(links)), 2)
    links[a], links[b] = links[b], links[a]
    return Chain(tuple(links))


def link_left_out(rng: random.Random, house: Victims) -> Chain:
    links = list(rng.choice([one for one in house.chains if len(one.links) > 2]).links)
    del links[rng.randrange(len(links) - 1)]
    return Chain(tuple(links))


def link_doubled(rng: random.Random, house: Victims) -> Chain:
    links = list(rng.choice(house.chains).links)
    at = rng.randrange(len(links))
    return Chain((*links[:at], links[at], *links[at:]))


def empty_or_endless(rng: random.Random, house: Victims) -> Chain:
    links = rng.choice(house.chains).links
    return Chain(()) if rng.random() < 0.3 else Chain(links * (MAX_DEPTH + rng.randrange(3)))


def link_of_another_branch(rng: random.Random, house: Victims) -> Chain:
    sibling, office = house.units["t_sibling"], house.leaf
    return Chain((*sibling.chain, office.chain[-1]))


def other_root(rng: random.Random, house: Victims) -> Chain:
    links = rng.choice(house.chains).links
    return Chain(rng.choice(((*house.foreign.chain, *links[1:]), house.foreign.chain, links[1:])))


def expired_or_not_yet(rng: random.Random, house: Victims) -> Chain:
    links = rng.choice(house.chains).links
    ends, begins = NOW_MS + 400 * DAY_MS, NOW_MS - DAY_MS
    at = rng.choice(
        (ends, ends + rng.randrange(10**12), begins - 1, begins - rng.randrange(10**12))
    )
    return Chain(links, at_ms=at)


def widened_by_its_issuer(rng: random.Random, house: Victims) -> Chain:
    """What the issuer itself signs, in its own right, and may not."""
    unit, above = house.leaf, house.county
    claimed, issuer = _claims(unit.chain[-1]), _claims(above.chain[-1])
    how = rng.randrange(7)
    if how == 0:
        claimed.depth = issuer.depth + rng.randrange(5)
    elif how == 1:
        claimed.expires_ms = issuer.expires_ms + rng.randrange(1, 10**12)
    elif how == 2:
        claimed.not_before_ms = issuer.not_before_ms - rng.randrange(1, 10**12)
    elif how == 3:
        claimed.rights.append(rng.choice((0, 1, 2, 99)))  # type: ignore[arg-type]  # that is the point
    elif how == 4:
        claimed.subject = rng.choice(("", "t_city", "t_province", "t_county"))
    elif how == 5:
        claimed.issuer_sha256 = rng.choice(
            (b"", rng.randbytes(32), house.credentials["t_city"].sha256)
        )
    else:
        claimed.issuer = rng.choice(("", "t_city", "t_office"))
    return Chain((*above.chain, _signed(claimed, above)))


def widened_and_signed_by_oneself(rng: random.Random, house: Victims) -> Chain:
    """More rights, depth or life, signed by whoever is not the issuer."""
    unit, above = house.leaf, house.county
    claimed = _claims(unit.chain[-1])
    claimed.rights[:] = sorted(RIGHTS)  # type: ignore[arg-type]  # numbers of the enum
    claimed.depth, claimed.expires_ms = 1, claimed.expires_ms - rng.randrange(10)
    by = rng.choice((unit, house.units["t_sibling"], house.units["t_city"], house.foreign))
    return Chain((*above.chain, _signed(claimed, by)))


def child_of_a_leaf(rng: random.Random, house: Victims) -> Chain:
    """A link below a unit with rights of its own making."""
    unit = house.leaf
    claimed = _claims(unit.chain[-1])
    claimed.subject, claimed.issuer, claimed.id = "t_made_up", unit.tenant, "c_made_up"
    claimed.issuer_sha256 = house.credentials[unit.tenant].sha256
    claimed.rights[:] = [options.RIGHT_ADMINISTER]
    return Chain((*unit.chain, _signed(claimed, unit)))


def key_that_is_none(rng: random.Random, house: Victims) -> Chain:
    """Keys under another's id, of another length, of small order, or of no known use."""
    unit, above = house.leaf, house.county
    claimed = _claims(unit.chain[-1])
    key = claimed.keys[0]
    how = rng.randrange(4)
    if how == 0:
        key.key_id = above.signing.id
    elif how == 1:
        key.public_key = rng.choice((b"", key.public_key[:-1], key.public_key + b"\0"))
    elif how == 2:
        key.public_key = _no_key(rng, house)
    else:
        key.public_key = bytes.fromhex(rng.choice(SMALL_ORDER))
        key.key_id = key_id(key.public_key)[:-1] + "x"
    return Chain((*above.chain, _signed(claimed, above)))


def _no_key(rng: random.Random, house: Victims) -> bytes:
    """Bytes as long as a key of these units; in SM-1 a point that is not on the curve."""
    return rng.randbytes(32) if house.suite == INTL_1 else b"\4" + rng.randbytes(64)


def other_suite(rng: random.Random, house: Victims) -> Chain:
    """A suite that is none, or under which these keys are none."""
    unit, above = house.leaf, house.county
    claimed = _claims(unit.chain[-1])
    claimed.suite = rng.choice((0, 3 - house.suite, 3, 99))  # type: ignore[assignment]  # that is the point
    return Chain((*above.chain, _signed(claimed, above)))


def dates_inverted(rng: random.Random, house: Victims) -> Chain:
    unit, above = house.leaf, house.county
    claimed = _claims(unit.chain[-1])
    claimed.not_before_ms, claimed.expires_ms = claimed.expires_ms, claimed.not_before_ms
    return Chain((*above.chain, _signed(claimed, above)))


CHAINS: tuple[Lie, ...] = (
    links_swapped,
    link_left_out,
    link_doubled,
    empty_or_endless,
    link_of_another_branch,
    other_root,
    expired_or_not_yet,
    widened_by_its_issuer,
    widened_and_signed_by_oneself,
    child_of_a_leaf,
    key_that_is_none,
    other_suite,
    dates_inverted,
)

# Grants


def grant_signed_by_another(rng: random.Random, house: Victims) -> Grant:
    """By its grantee, by the hub's key for the owner, by a unit above: never by its owner."""
    by = rng.choice(
        (
            house.units["t_sibling"].signing,
            house.county.console,
            house.units["t_city"].signing,
            house.units["t_province"].signing,
            house.foreign.signing,
            house.stranger,
        )
    )
    grant = statement_pb2.Grant.FromString(Envelope.FromString(house.grant.envelope).payload)
    if rng.random() < 0.7:
        grant.max_uses += rng.randrange(1, 100)
        grant.fields.add(name="phone", mask=statement_pb2.MASK_NONE)
    return Grant(seal_envelope(GRANT, grant.SerializeToString(), by))


def grant_that_contradicts_itself(rng: random.Random, house: Victims) -> Grant:
    grant = statement_pb2.Grant.FromString(Envelope.FromString(house.grant.envelope).payload)
    how = rng.randrange(7)
    if how == 0:
        grant.owner = rng.choice(("t_sibling", "t_city", ""))
    elif how == 1:
        grant.grantee = grant.owner
    elif how == 2:
        del grant.fields[:]
    elif how == 3:
        grant.fields.add(name="phone")
    elif how == 4:
        grant.max_uses = 0
    elif how == 5:
        grant.expires_ms = grant.not_before_ms
    else:
        grant.purpose = "  "
    return Grant(seal_envelope(GRANT, grant.SerializeToString(), house.county.signing))


def grant_with_unknown_terms(rng: random.Random, house: Victims) -> Grant:
    payload = Envelope.FromString(house.grant.envelope).payload
    terms = bytes((0xA2 | 0, 0x06, 3)) + rng.randbytes(3)
    return Grant(seal_envelope(GRANT, payload + terms, house.county.signing))


GRANTS: tuple[Lie, ...] = (
    grant_signed_by_another,
    grant_that_contradicts_itself,
    grant_with_unknown_terms,
)
