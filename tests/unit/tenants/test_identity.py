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
