"""An identity is one JSON document: written, read again, refused when it is another thing."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.errors import (
    Invalid,
    NotEnrolled,
    PassphraseNeeded,
    PassphraseWrong,
    SignerUnavailable,
)
from zongheng_tenants.identity import Identity, moved, protection_of
from zongheng_tenants.keys import SealingKey, SigningKey
from zongheng_tenants.suites import SM_1, suite_of
from zongheng_tenants.vault import Vault

SIGNING, SEALING = SigningKey.generate(), SealingKey.generate()
IDENTITY = Identity(
    hub_id="h_1",
    tenant="t_1",
    name="小店区",
    grpc_address="127.0.0.1:1",
    web_address="http://127.0.0.1:2",
    root_fingerprint="ab" * 32,
    log_vkey="vkey",
    chain=(b"\0root", b"\xffcounty"),
    signing_key=SIGNING.private_bytes(),
    sealing_key=SEALING.private_bytes(),
    channel_key_pem=b"key",
    channel_pem=b"certificate",
    ca_pem=b"ca",
)


def test_what_was_written_is_read() -> None:
    read = Identity.from_json(IDENTITY.to_json())

    assert read == IDENTITY
    assert read.signing().public == SIGNING.public
    assert read.sealing().public == SEALING.public


def test_names_stay_readable_in_the_file() -> None:
    assert "小店区" in IDENTITY.to_json()


@pytest.mark.parametrize("field", ["signing_key", "chain", "tenant", "format"])
def test_a_missing_field_is_refused(field: str) -> None:
    fields = json.loads(IDENTITY.to_json())
    del fields[field]

    with pytest.raises(NotEnrolled):
        Identity.from_json(json.dumps(fields))


def test_a_newer_format_says_to_update() -> None:
    fields = json.loads(IDENTITY.to_json()) | {"format": 3}

    with pytest.raises(NotEnrolled, match="newer version"):
        Identity.from_json(json.dumps(fields))


@given(st.text(max_size=60))
def test_random_text_is_no_identity(text: str) -> None:
    with pytest.raises(NotEnrolled):
        Identity.from_json(text)


@pytest.mark.parametrize("text", ["[]", "null", "1", '{"format": 1}', '"x"'])
def test_other_json_is_no_identity(text: str) -> None:
    with pytest.raises(NotEnrolled):
        Identity.from_json(text)


VAULT = Vault.new("一把长长的口令-2026")
PROTECTED = replace(IDENTITY, vault=VAULT)


def test_keys_under_a_passphrase_are_not_in_the_file() -> None:
    text = PROTECTED.to_json()
    for secret in (SIGNING.private_bytes(), SEALING.private_bytes(), b"key"):
        assert base64.b64encode(secret).decode() not in text.replace("signing_key", "")
    assert json.loads(text)["format"] == 2
    assert Identity.from_json(text, VAULT) == PROTECTED
    with pytest.raises(PassphraseNeeded, match="小店区"):
        Identity.from_json(text)


def test_the_passphrase_opens_what_another_does_not() -> None:
    protected = protection_of(PROTECTED.to_json())
    assert protected is not None
    assert Vault.of(protected, "一把长长的口令-2026").key == VAULT.key
    with pytest.raises(PassphraseWrong, match="not the right one"):
        Identity.from_json(PROTECTED.to_json(), Vault.of(protected, "另一把长长的口令-2026"))


def test_each_writing_has_its_own_nonce_and_keeps_the_salt() -> None:
    first, second = (protection_of(PROTECTED.to_json()) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first["salt"] == second["salt"]
    assert first["nonce"] != second["nonce"]
    assert first["sealed"] != second["sealed"]


@pytest.mark.parametrize("field", ["tenant", "hub_id", "root_fingerprint", "custody"])
def test_keys_under_a_passphrase_belong_to_their_identity(field: str) -> None:
    fields = json.loads(PROTECTED.to_json()) | {field: "another"}
    with pytest.raises(PassphraseWrong):
        Identity.from_json(json.dumps(fields), VAULT)


def test_a_hub_that_moves_needs_no_passphrase() -> None:
    text = moved(PROTECTED.to_json(), grpc_address="hub:1", web_address="http://hub:2")
    assert Identity.from_json(text, VAULT) == replace(
        PROTECTED, grpc_address="hub:1", web_address="http://hub:2"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"memory_kib": 1 << 40},
        {"iterations": 10_000},
        {"lanes": 0},
        {"kdf": "pbkdf2"},
        {"salt": "*"},
        {"iterations": "many"},
        {"memory_kib": 1},
    ],
)
def test_a_file_that_asks_for_too_much_work_or_another_way_is_refused(
    changes: dict[str, object],
) -> None:
    protected = protection_of(PROTECTED.to_json())
    assert protected is not None
    with pytest.raises(Invalid):
        Vault.of(protected | changes, "一把长长的口令-2026")


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(Invalid, match="12 characters"):
        Vault.new("kurz")


def test_no_representation_shows_a_key() -> None:
    shown = repr(PROTECTED) + repr(VAULT) + repr(SIGNING) + repr(IDENTITY)
    for secret in (SIGNING.private_bytes(), SEALING.private_bytes(), VAULT.key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown


def test_an_sm_1_identity_says_so() -> None:
    key = suite_of(SM_1).new_signing()
    identity = replace(IDENTITY, suite=SM_1, signing_key=key.private_bytes())
    read = Identity.from_json(identity.to_json())
    assert (read.suite, read.signing().public) == (SM_1, key.public)


def test_keys_held_elsewhere_are_not_here() -> None:
    app = PROTECTED.without_keys("unix:/run/signer.sock")
    text = app.to_json()
    assert "protected" not in text
    assert base64.b64encode(SIGNING.private_bytes()).decode() not in text
    assert Identity.from_json(text) == app
    with pytest.raises(SignerUnavailable, match="/run/signer"):
        app.signing()


def test_a_passphrase_of_twelve_characters_is_enough_and_of_eleven_is_not() -> None:
    assert len(Vault.new("十二个字的口令十二个字的").key) == 32
    with pytest.raises(Invalid, match="at least 12 characters"):
        Vault.new("十二个字的口令十二个字")


def test_a_vault_costs_what_rfc_9106_recommends() -> None:
    assert (VAULT.iterations, VAULT.lanes, VAULT.memory_kib) == (3, 4, 64 * 1024)
    assert (len(VAULT.salt), len(VAULT.key)) == (16, 32)


def cheap(**changes: object) -> dict[str, object]:
    """What a file asks for that costs next to nothing."""
    protected = protection_of(PROTECTED.to_json())
    assert protected is not None
    return protected | {"iterations": 1, "lanes": 1, "memory_kib": 8} | changes


@pytest.mark.parametrize(
    ("changes", "beyond"),
    [
        ({"iterations": 16}, {"iterations": 17}),
        ({"lanes": 16, "memory_kib": 128}, {"lanes": 17, "memory_kib": 136}),
        ({"iterations": 1}, {"iterations": 0}),
        ({"lanes": 1}, {"lanes": 0}),
        ({"memory_kib": 8}, {"memory_kib": 7}),
        ({"lanes": 2, "memory_kib": 16}, {"lanes": 2, "memory_kib": 15}),
        ({"salt": base64.b64encode(bytes(8)).decode()}, {"salt": base64.b64encode(bytes(7))}),
        (
            {"salt": base64.b64encode(bytes(64)).decode()},
            {"salt": base64.b64encode(bytes(65)).decode()},
        ),
    ],
)
def test_a_file_may_ask_for_as_much_as_is_allowed_and_no_more(
    changes: dict[str, object], beyond: dict[str, object]
) -> None:
    assert len(Vault.of(cheap(**changes), "一把长长的口令-2026").key) == 32
    with pytest.raises(Invalid):
        Vault.of(cheap(**beyond), "一把长长的口令-2026")


def test_no_file_makes_its_reader_use_more_than_a_gibibyte() -> None:
    with pytest.raises(Invalid, match="more work than is allowed"):
        Vault.of(cheap(memory_kib=1024 * 1024 + 1), "一把长长的口令-2026")


@pytest.mark.parametrize("field", ["nonce", "sealed"])
def test_what_is_no_base64_is_damaged_even_where_a_lenient_reader_would_skip_it(
    field: str,
) -> None:
    sealed = VAULT.seal(b"secret", "about")
    assert VAULT.open(sealed, "about") == b"secret"
    with pytest.raises(Invalid, match="damaged"):
        VAULT.open(sealed | {field: f"*{sealed[field]}"}, "about")


def test_a_nonce_has_twelve_bytes() -> None:
    assert len(base64.b64decode(str(VAULT.seal(b"secret", "about")["nonce"]))) == 12


def test_the_file_is_indented_by_one() -> None:
    for text in (
        IDENTITY.to_json(),
        PROTECTED.to_json(),
        moved(IDENTITY.to_json(), grpc_address="hub:1", web_address="http://hub:2"),
    ):
        assert text.splitlines()[1].startswith(' "')
        assert "小店区" in text
    assert json.loads(IDENTITY.to_json())["format"] == 1


def test_what_was_sealed_to_an_earlier_key_opens_after_a_rotation() -> None:
    earlier = SealingKey.generate()
    rotated = replace(IDENTITY, earlier_sealing_keys=(earlier.private_bytes(),))
    assert rotated.sealing_with(earlier.id).id == earlier.id
    assert rotated.sealing_with("k_unknown").id == rotated.sealing().id == SEALING.id
    assert Identity.from_json(rotated.to_json()) == rotated
