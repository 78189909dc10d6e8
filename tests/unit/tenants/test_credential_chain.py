"""A chain holds only while every link is signed by the one above and narrows it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import (
    CredentialExpired,
    CredentialForeign,
    CredentialInvalid,
    SignatureInvalid,
    ZonghengError,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.credential import (
    MAX_DEPTH,
    RIGHTS,
    fingerprint,
    issue_credential,
    verify_chain,
)
from zongheng_tenants.envelope import CREDENTIAL, GRANT, read_envelope, seal_envelope
from zongheng_tenants.keys import SealingKey, SigningKey

NOW_MS = 1_770_000_000_000
YEAR_MS = 365 * 86_400_000
CALL_AND_FILE = frozenset({int(options.RIGHT_CALL), int(options.RIGHT_FILE)})


@dataclass(frozen=True)
class Unit:
    name: str
    key: SigningKey
    envelope: bytes = b""


def issue(parent: Unit | None, name: str, **changes: object) -> Unit:
    key = SigningKey.generate()
    root = parent is None
    fields: dict[str, object] = {
        "subject": name,
        "name": name,
        "code": "",
        "keys": [
            (pb.KEY_USE_SIGNING, key.public),
            (pb.KEY_USE_SEALING, SealingKey.generate().public),
        ],
        "rights": RIGHTS if root else CALL_AND_FILE,
        "depth": 4 if root else 1,
        "not_before_ms": NOW_MS,
        "expires_ms": NOW_MS + (10 if root else 1) * YEAR_MS,
        "issuer": parent.name if parent else name,
        "issuer_key": parent.key if parent else key,
        "issuer_envelope": parent.envelope if parent else b"",
    }
    envelope = issue_credential(**(fields | changes))  # type: ignore[arg-type]
    return Unit(name, key, envelope)


ROOT = issue(None, "t_province")
CITY = issue(ROOT, "t_city")
SISTER = issue(ROOT, "t_sister")
COUNTY = issue(CITY, "t_county", depth=0)
TRUST = fingerprint(ROOT.envelope)


def test_a_credential_names_every_credential_of_its_chain() -> None:
    ids = [
        pb.Credential.FromString(read_envelope(unit.envelope, CREDENTIAL).payload).id
        for unit in (ROOT, CITY, COUNTY)
    ]
    chain = [unit.envelope for unit in (ROOT, CITY, COUNTY)]
    county = verify_chain(chain, root_fingerprint=TRUST, at_ms=NOW_MS)
    assert county.links == tuple(ids)
    assert county.links[-1] == county.id
    assert len(set(ids)) == 3


def verify(*units: Unit, at_ms: int | None = NOW_MS) -> object:
    return verify_chain([u.envelope for u in units], root_fingerprint=TRUST, at_ms=at_ms)


def test_a_narrowing_chain_gives_its_last_credential() -> None:
    credential = verify_chain(
        [ROOT.envelope, CITY.envelope, COUNTY.envelope], root_fingerprint=TRUST, at_ms=NOW_MS
    )

    assert credential.tenant == "t_county"
    assert credential.ancestors == ("t_province", "t_city")
    assert credential.rights == CALL_AND_FILE
    assert credential.key_for(pb.KEY_USE_SIGNING).public == COUNTY.key.public
    with pytest.raises(CredentialInvalid, match="KEY_USE_CONSOLE"):
        credential.key_for(pb.KEY_USE_CONSOLE)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rights": CALL_AND_FILE | {options.RIGHT_REVIEW}}, "claims more.*RIGHT_REVIEW"),
        ({"rights": frozenset({options.RIGHT_OPEN})}, "unknown rights"),
        ({"expires_ms": NOW_MS + 2 * YEAR_MS}, "outlives"),
        ({"not_before_ms": NOW_MS - 1}, "outlives"),
        ({"depth": 1}, "deeper"),
        ({"depth": 2**31}, "deeper"),
        ({"issuer": "t_sister"}, "not issued under"),
        ({"issuer_envelope": SISTER.envelope}, "not issued under"),
        ({"subject": "t_province"}, "above itself"),
        ({"subject": ""}, "names no id, subject or issuer"),
        ({"expires_ms": NOW_MS}, "ends before it begins"),
    ],
)
def test_a_link_that_widens_or_strays_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(CredentialInvalid, match=says):
        verify(ROOT, CITY, issue(CITY, "t_county", **({"depth": 0} | changes)))


def test_a_leaf_signs_nothing_below_itself() -> None:
    below = issue(COUNTY, "t_township", depth=0)

    with pytest.raises(CredentialInvalid, match="deeper"):
        verify(ROOT, CITY, COUNTY, below)


def test_a_siblings_key_signs_nothing_here() -> None:
    with pytest.raises(SignatureInvalid):
        verify(ROOT, CITY, issue(CITY, "t_county", depth=0, issuer_key=SISTER.key))


def test_a_sibling_cannot_be_put_above_another_citys_county() -> None:
    with pytest.raises(SignatureInvalid):
        verify(ROOT, SISTER, COUNTY)


def test_a_link_left_out_breaks_the_chain() -> None:
    with pytest.raises(ZonghengError):
        verify(ROOT, COUNTY)


def test_a_foreign_root_is_foreign() -> None:
    other = issue(None, "t_province")

    with pytest.raises(CredentialForeign):
        verify(other, issue(other, "t_city"))


def test_a_trusted_credential_that_is_no_root_starts_no_chain() -> None:
    with pytest.raises(ZonghengError):
        verify_chain([CITY.envelope], root_fingerprint=fingerprint(CITY.envelope), at_ms=NOW_MS)


def test_dates_are_checked_on_every_link() -> None:
    with pytest.raises(CredentialExpired, match="not valid yet"):
        verify(ROOT, CITY, at_ms=NOW_MS - 1)
    with pytest.raises(CredentialExpired, match="has expired"):
        verify(ROOT, CITY, at_ms=NOW_MS + YEAR_MS)
    assert verify(ROOT, CITY, at_ms=None)


def test_a_chain_is_neither_empty_nor_endless() -> None:
    with pytest.raises(CredentialInvalid, match="not 0"):
        verify()
    with pytest.raises(CredentialInvalid, match=f"1 to {MAX_DEPTH}"):
        verify(*([ROOT] * (MAX_DEPTH + 1)))


def test_a_key_under_anothers_id_is_refused() -> None:
    forged = pb.Credential.FromString(read_envelope(CITY.envelope, CREDENTIAL).payload)
    forged.keys[0].key_id = ROOT.key.id

    with pytest.raises(CredentialInvalid, match="does not match its id"):
        verify(ROOT, Unit("t_city", CITY.key, seal(forged)))


@pytest.mark.parametrize("suite", [pb.SUITE_UNSPECIFIED, pb.SUITE_SM_1, 77])
def test_a_suite_not_known_here_is_refused_and_never_guessed(suite: int) -> None:
    changed = pb.Credential.FromString(read_envelope(CITY.envelope, CREDENTIAL).payload)
    changed.suite = suite  # type: ignore[assignment]

    with pytest.raises(CredentialInvalid, match="suite"):
        verify(ROOT, Unit("t_city", CITY.key, seal(changed)))


def seal(credential: pb.Credential) -> bytes:
    return seal_envelope(CREDENTIAL, credential.SerializeToString(), ROOT.key)


def test_an_envelope_of_another_type_is_no_credential() -> None:
    payload = read_envelope(CITY.envelope, CREDENTIAL).payload

    with pytest.raises(SignatureInvalid, match="not application"):
        verify(ROOT, Unit("t_city", CITY.key, seal_envelope(GRANT, payload, ROOT.key)))


def test_a_second_signature_is_refused() -> None:
    parts = Envelope.FromString(CITY.envelope)
    parts.signatures.add().CopyFrom(parts.signatures[0])

    with pytest.raises(SignatureInvalid, match="2 signatures"):
        verify(ROOT, Unit("t_city", CITY.key, parts.SerializeToString()))


_LENGTHS = [len(unit.envelope) for unit in (ROOT, CITY, COUNTY)]


@given(st.integers(0, sum(_LENGTHS) - 1), st.integers(1, 255))
def test_a_chain_with_any_one_byte_changed_is_refused(at: int, change: int) -> None:
    flat = bytearray(ROOT.envelope + CITY.envelope + COUNTY.envelope)
    flat[at] ^= change
    first, second, _ = _LENGTHS
    chain = [bytes(flat[:first]), bytes(flat[first : first + second]), bytes(flat[-_LENGTHS[2] :])]

    with pytest.raises(ZonghengError):
        verify_chain(chain, root_fingerprint=TRUST, at_ms=NOW_MS)


@given(st.integers(0, len(COUNTY.envelope) - 1))
def test_a_chain_cut_short_anywhere_is_refused(length: int) -> None:
    with pytest.raises(ZonghengError):
        verify(ROOT, CITY, Unit("t_county", COUNTY.key, COUNTY.envelope[:length]))


@given(st.binary(max_size=300))
def test_random_bytes_are_no_credential(noise: bytes) -> None:
    with pytest.raises(ZonghengError):
        verify(ROOT, Unit("t_city", CITY.key, noise))


@given(st.binary(max_size=300))
def test_a_signature_over_random_bytes_makes_no_credential(noise: bytes) -> None:
    with pytest.raises(ZonghengError):
        verify(ROOT, Unit("t_city", CITY.key, seal_envelope(CREDENTIAL, noise, ROOT.key)))


def test_eight_links_hold_and_a_ninth_is_refused_though_it_narrows() -> None:
    units = [issue(None, "t_0", depth=20)]
    for number in range(1, 9):
        units.append(issue(units[-1], f"t_{number}", depth=20 - number, expires_ms=NOW_MS + 1))
    chain = [unit.envelope for unit in units]
    trust = fingerprint(chain[0])
    assert verify_chain(chain[:8], root_fingerprint=trust, at_ms=None).tenant == "t_7"
    with pytest.raises(CredentialInvalid, match="1 to 8 credentials, not 9"):
        verify_chain(chain, root_fingerprint=trust, at_ms=None)


@pytest.mark.parametrize("changes", [{"issuer": "t_other"}, {"issuer_envelope": b"something"}])
def test_a_root_stands_under_nobody_in_name_and_in_hash(changes: dict[str, object]) -> None:
    root = issue(None, "t_province", **changes)
    with pytest.raises(CredentialInvalid, match="not a root"):
        verify_chain([root.envelope], root_fingerprint=fingerprint(root.envelope), at_ms=None)
