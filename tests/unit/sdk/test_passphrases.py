"""Key files under a passphrase: opened with it, remembered in the process, refused without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.sdk.hub_by_hand import identity
from zongheng_protos.errors import NotEnrolled, PassphraseNeeded, PassphraseWrong
from zongheng_sdk import passphrases
from zongheng_sdk.identity_file import InvitationBook, read_identity, write_secret
from zongheng_tenants.enrolment import Terms
from zongheng_tenants.vault import Vault

UNIT = identity()
WORDS = "正确的口令 correct horse"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrases, "_opened", {})
    monkeypatch.setattr(passphrases, "_asks", [])
    monkeypatch.delenv(passphrases.VARIABLE, raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    kept = replace(UNIT, vault=Vault.new(WORDS))
    write_secret(tmp_path / "identity.json", kept.to_json())
    return tmp_path / "identity.json"


def test_the_passphrase_is_given_in_the_environment_or_asked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PassphraseNeeded):
        read_identity(path)
    assert read_identity(path, WORDS) == UNIT
    monkeypatch.setattr(passphrases, "_opened", {})
    monkeypatch.setenv(passphrases.VARIABLE, WORDS)
    assert read_identity(path) == UNIT
    monkeypatch.setattr(passphrases, "_opened", {})
    monkeypatch.delenv(passphrases.VARIABLE)
    passphrases.ask_with(lambda: WORDS)
    assert read_identity(path) == UNIT


def test_a_wrong_passphrase_is_refused_even_once_the_right_one_was_given(path: Path) -> None:
    with pytest.raises(PassphraseWrong, match="not the right one"):
        read_identity(path, "a wrong passphrase")
    read_identity(path, WORDS)
    with pytest.raises(PassphraseWrong):
        read_identity(path, "a wrong passphrase")


def test_what_was_opened_is_read_and_written_again_without_asking(path: Path) -> None:
    opened = read_identity(path, WORDS)
    write_secret(path, replace(opened, channel_pem=b"renewed").to_json())
    assert read_identity(path).channel_pem == b"renewed"
    assert '"protected"' in path.read_text("utf-8")


def test_secrets_of_invitations_are_under_the_same_passphrase(path: Path, tmp_path: Path) -> None:
    book = InvitationBook(tmp_path / "invitations.json", read_identity(path, WORDS).vault)
    book.keep("i_1", bytes(range(16)), Terms())
    assert bytes(range(16)).hex() not in (tmp_path / "invitations.json").read_text("utf-8")
    found = InvitationBook(tmp_path / "invitations.json").invited("i_1")
    assert found is not None
    assert found.secret == bytes(range(16))


def test_a_file_of_another_kind_does_not_open_as_this_one(tmp_path: Path) -> None:
    vault = passphrases.new_vault(WORDS)
    text = passphrases.sealed_json({"secret": "x"}, vault, passphrases.PENDING_KEYS)
    assert passphrases.unsealed_json(text, passphrases.PENDING_KEYS) == {"secret": "x"}
    with pytest.raises(PassphraseWrong):
        passphrases.unsealed_json(text, passphrases.INVITATION_SECRETS)
    for damaged in ("", "[]", "nonsense"):
        with pytest.raises(NotEnrolled):
            passphrases.unsealed_json(damaged, passphrases.PENDING_KEYS)
