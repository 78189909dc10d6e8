"""What an identity keeps: earlier keys, its vault, keys held elsewhere, and files from before."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from tests.unit.tenants.test_identity import IDENTITY, SEALING, SIGNING, VAULT
from zongheng_protos.errors import IdentityUnusable, Invalid, PassphraseWrong, SignerUnavailable
from zongheng_tenants.identity import HubSeen, Identity, moved, protection_of
from zongheng_tenants.keys import Opener, SealingKey, Signer, SigningKey
from zongheng_tenants.suites import INTL_1, SM_1
from zongheng_tenants.vault import Vault, salt_of

EARLIER = [SealingKey.generate() for _ in range(2)]
ROTATED = replace(IDENTITY, earlier_sealing_keys=tuple(key.private_bytes() for key in EARLIER))


@dataclass
class Token:
    """Keys in a token."""

    signing_key: SigningKey
    sealing_key: SealingKey
    asked: str = "nothing"

    def signing(self) -> Signer:
        return self.signing_key

    def sealing(self, key_id: str) -> Opener:
        self.asked = key_id
        return self.sealing_key

    def sign_channel(self, data: bytes) -> bytes:
        return b""


def test_each_sealing_key_is_found_by_its_id_and_else_the_newest() -> None:
    for key in (SEALING, *EARLIER):
        assert ROTATED.sealing_with(key.id).public == key.public
    for other in ("", "k_unknown", SIGNING.id):
        assert ROTATED.sealing_with(other).public == SEALING.public
    assert ROTATED.sealing().public == SEALING.public


def test_a_file_from_before_keys_could_change_is_read() -> None:
    fields = json.loads(IDENTITY.to_json())
    del fields["earlier_sealing_keys"]
    assert Identity.from_json(json.dumps(fields)) == IDENTITY
    assert Identity.from_json(ROTATED.to_json()) == ROTATED


def test_the_form_of_the_file_says_how_old_its_readers_may_be() -> None:
    plain = json.loads(IDENTITY.to_json())
    assert plain["format"] == 1
    assert not {"suite", "custody", "vault", "holder", "protected"} & set(plain)
    for other in (
        replace(IDENTITY, suite=SM_1),
        replace(IDENTITY, custody="unix:/run/signer.sock"),
        replace(IDENTITY, vault=VAULT),
    ):
        written = json.loads(other.to_json())
        assert (written["format"], written["suite"]) == (2, other.suite)
        assert written["custody"] == other.custody
        assert not {"vault", "holder"} & set(written)
    assert (IDENTITY.suite, IDENTITY.custody) == (INTL_1, "file")


def test_the_vault_stays_with_what_was_read_from_it_and_with_nothing_else() -> None:
    protected = replace(ROTATED, vault=VAULT).to_json()
    read = Identity.from_json(protected, VAULT)
    assert read.vault is VAULT
    assert read.earlier_sealing_keys == ROTATED.earlier_sealing_keys
    assert not {"signing_key", "sealing_key", "channel_key_pem", "earlier_sealing_keys"} & set(
        json.loads(protected)
    )
    assert Identity.from_json(IDENTITY.to_json(), VAULT).vault is None


@pytest.mark.parametrize("field", ["hub_id", "tenant", "root_fingerprint", "suite", "custody"])
def test_protected_keys_open_only_as_what_they_were_sealed_for(field: str) -> None:
    fields = json.loads(replace(IDENTITY, vault=VAULT).to_json())
    fields[field] = 2 if field == "suite" else "another"
    with pytest.raises(PassphraseWrong):
        Identity.from_json(json.dumps(fields), VAULT)


def test_how_keys_are_protected_is_told_without_opening_them() -> None:
    protected = protection_of(replace(IDENTITY, vault=VAULT).to_json())
    assert protected is not None
    assert salt_of(protected) == protected["salt"]
    assert salt_of({}) == ""
    for text in (IDENTITY.to_json(), '{"protected": 1}', "[]", "no json", "null", "{}"):
        assert protection_of(text) is None


def test_what_an_identity_says_of_its_hub_is_read_without_its_passphrase() -> None:
    for identity in (IDENTITY, replace(IDENTITY, vault=VAULT), ROTATED.without_keys("unix:/s")):
        seen = HubSeen.from_json(identity.to_json())
        assert (seen.tenant, seen.web_address) == (IDENTITY.tenant, IDENTITY.web_address)
        assert (seen.log_vkey, seen.root_fingerprint) == (
            IDENTITY.log_vkey, IDENTITY.root_fingerprint,
        )  # fmt: skip
    for text in ("no json", "[]", "null", "1", "{}", '{"tenant": "t_1"}'):
        with pytest.raises(IdentityUnusable, match="cannot be read"):
            HubSeen.from_json(text)


def test_only_an_identity_moves() -> None:
    text = moved(IDENTITY.to_json(), grpc_address="hub:1", web_address="http://hub:2")
    read = Identity.from_json(text)
    assert (read.grpc_address, read.web_address) == ("hub:1", "http://hub:2")
    assert replace(read, grpc_address=IDENTITY.grpc_address, web_address=IDENTITY.web_address) == (
        IDENTITY
    )
    for other in ("no json", "[]", "1", "null"):
        with pytest.raises(IdentityUnusable, match="cannot be read"):
            moved(other, grpc_address="", web_address="")


def test_keys_held_elsewhere_are_asked_for_there() -> None:
    token = Token(SIGNING, SEALING)
    app = replace(ROTATED.without_keys("pkcs11:token=x"), holder=token)
    assert app.signing() is SIGNING
    assert app.sealing_with("k_some") is SEALING
    assert token.asked == "k_some"
    assert app.sealing() is SEALING
    assert token.asked == ""
    empty = ROTATED.without_keys("pkcs11:token=x")
    assert (empty.signing_key, empty.sealing_key, empty.channel_key_pem) == (b"", b"", b"")
    assert (empty.earlier_sealing_keys, empty.vault, empty.holder) == ((), None, None)
    assert (empty.custody, empty.tenant, empty.chain) == (
        "pkcs11:token=x", ROTATED.tenant, ROTATED.chain,
    )  # fmt: skip
    for ask in (empty.signing, empty.sealing, lambda: empty.sealing_with("k_some")):
        with pytest.raises(SignerUnavailable, match="小店区 are held by pkcs11:token=x"):
            ask()


def test_a_key_held_here_is_used_though_a_token_is_there_too() -> None:
    held = replace(IDENTITY, holder=Token(SigningKey.generate(), SealingKey.generate()))
    assert held.signing().public == SIGNING.public
    assert held.sealing().public == SEALING.public


def test_a_passphrase_is_the_same_however_its_accents_are_typed() -> None:
    composed, decomposed = "Schlüssel-für-alle", "Schlu\u0308ssel-fu\u0308r-alle"
    vault = Vault.new(composed)
    sealed = vault.seal(b"secret", "about")
    assert Vault.of(sealed, decomposed).open(sealed, "about") == b"secret"
    assert Vault.of(sealed, decomposed).key == vault.key
    assert Vault.of(sealed, composed + " ").key != vault.key


def test_a_vault_says_how_it_was_made_and_opens_for_the_same_purpose_only() -> None:
    sealed = VAULT.seal(b"secret", "about")
    assert (sealed["kdf"], sealed["cipher"]) == ("argon2id", "aes-256-gcm")
    assert (sealed["iterations"], sealed["lanes"], sealed["memory_kib"]) == (3, 4, 65_536)
    with pytest.raises(PassphraseWrong):
        VAULT.open(sealed, "another")
    for missing in ("nonce", "sealed"):
        with pytest.raises(Invalid, match="damaged"):
            VAULT.open({name: sealed[name] for name in sealed if name != missing}, "about")
    for missing in ("kdf", "salt", "lanes"):
        with pytest.raises(Invalid, match="damaged"):
            Vault.of({name: sealed[name] for name in sealed if name != missing}, "x" * 12)
    with pytest.raises(Invalid, match="in a way not known here"):
        Vault.of(sealed | {"cipher": "aes-128-gcm"}, "x" * 12)
