"""The log's key changes: both sign for a while, the old one goes, and nobody has to enrol anew."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zongheng_hub.data_folder import DataFolder, DataFolderError
from zongheng_hub.log_key import make_next, retire
from zongheng_hub.settings import Settings
from zongheng_hub.testing import start
from zongheng_hub.tlog.faults import LogDamaged
from zongheng_hub.tlog.note import verifier_key
from zongheng_protos.errors import (
    CredentialForeign,
    Exists,
    NotRelated,
    SignatureInvalid,
    StateConflict,
)
from zongheng_sdk import Hub
from zongheng_sdk.audit import verify_log
from zongheng_sdk.cli.app import app
from zongheng_sdk.log_keys import followed_key
from zongheng_sdk.log_succession import key_from_root
from zongheng_sdk.notes import NoteInvalid, parse_note
from zongheng_sdk.testing import LocalHub
from zongheng_sdk.tiles import open_source
from zongheng_tenants.keys import SigningKey
from zongheng_tenants.log_key import newest_log_key, sign_succession


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "hub")


def published(settings: Settings, name: str) -> str:
    return (settings.data / "tlog" / name).read_text().strip()


def signatures(note: bytes) -> int:
    return len(parse_note(note).signatures)


def test_both_keys_sign_then_the_new_one_alone_and_units_follow(
    local: LocalHub, settings: Settings
) -> None:
    city = local.enrol("140100")
    old = city.identity.log_vkey
    new = make_next(settings)
    assert local.province.log.keys().next == new
    local.province.log.rotate_key(new)

    note = city.log.checkpoint().note
    assert signatures(note) == 2
    assert city.identity.log_vkey == old

    with local.away():
        assert retire(settings, overlap_days=0) == new
    proven = city.log.prove(0)
    assert signatures(proven.checkpoint.note) == 1
    assert city.identity.log_vkey == new
    assert city.needs.file(kind="training", title="网格员操作培训").state == "filed"
    assert published(settings, "vkey") == new


def test_the_commands_say_what_comes_next_whose_time_it_is_and_which_key_is_which(
    local: LocalHub, settings: Settings
) -> None:
    def hub_says(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "zongheng_hub", "log-key", *arguments]
        done = subprocess.run(
            [*command, "--data", str(settings.data)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.splitlines()

    def keys_shown() -> str:
        arguments = ["-i", str(local.province.folder), "log", "keys"]
        return CliRunner().invoke(app, arguments, env={"NO_COLOR": "1"}).output

    new, following = hub_says("new")
    assert following.endswith(f"--operator NAME log rotate {new}")
    assert f"next   {new}" in keys_shown()
    local.province.log.rotate_key(new)
    assert "UTC" in hub_says("status")[1]
    shown = keys_shown()
    assert shown.count(new) == 1
    assert "the one before it signs too" in shown


def test_an_auditor_with_the_old_key_and_the_roots_fingerprint_follows_offline(
    local: LocalHub, settings: Settings
) -> None:
    identity = local.province.identity
    old, root = identity.log_vkey, identity.root_fingerprint
    local.province.log.rotate_key(make_next(settings))
    with local.away():
        new = retire(settings, overlap_days=0)
    folder = settings.data / "tlog"

    assert not verify_log(folder, old).ok
    assert followed_key(open_source(folder), old, root) == new
    assert verify_log(folder, new).ok
    with pytest.raises(CredentialForeign):
        followed_key(open_source(folder), old, "0" * 64)

    key_file = folder.parent / "old.vkey"
    key_file.write_text(old)
    command = [str(Path(sys.executable).with_name("zongheng")), "audit", "verify"]
    command += ["--vkey", str(key_file), "--log", str(folder), "--root", root]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "日志完整未改" in told.stdout


def test_the_published_log_shows_how_its_key_follows_from_the_root_alone(
    local: LocalHub, settings: Settings
) -> None:
    identity = local.province.identity
    text = published(settings, "succession").encode()
    assert key_from_root(text, identity.root_fingerprint) == identity.log_vkey
    with pytest.raises(CredentialForeign):
        key_from_root(text, "0" * 64)
    with pytest.raises(Exists):
        local.province.log.vouch()
    with local.away(), sqlite3.connect(settings.data / "hub.sqlite3") as database:
        database.execute("DELETE FROM log_succession")  # as of a hub made before roots vouched
    database.close()
    local.province.log.vouch()
    local.province.log.rotate_key(make_next(settings))
    assert local.province.log.keys().trusted != identity.log_vkey


def test_only_the_province_changes_the_key_and_only_to_the_one_the_hub_made(
    local: LocalHub, settings: Settings
) -> None:
    city = local.enrol("140100")
    with pytest.raises(StateConflict, match="no next key"):
        local.province.log.rotate_key(local.province.identity.log_vkey)
    new = make_next(settings)
    with pytest.raises(Exists):
        make_next(settings)
    with pytest.raises(NotRelated):
        city.log.rotate_key(new)
    other = "+".join([local.province.identity.log_vkey.partition("+")[0], *new.split("+")[1:]])
    with pytest.raises(StateConflict, match="leads from"):
        local.province.log.rotate_key(other + "A")
    local.province.log.rotate_key(new)
    with pytest.raises(StateConflict, match="read them again"):
        local.province.log.rotate_key(new)


def test_a_key_is_not_retired_before_its_time(local: LocalHub, settings: Settings) -> None:
    with pytest.raises(DataFolderError, match="another hub is running"):
        retire(settings)
    with local.away(), pytest.raises(StateConflict, match="vouched"):
        retire(settings)
    local.province.log.rotate_key(make_next(settings))
    with local.away(), pytest.raises(StateConflict, match="days"):
        retire(settings)


def test_after_a_restart_both_keys_go_on_signing(local: LocalHub, settings: Settings) -> None:
    local.province.log.rotate_key(make_next(settings))
    with local.away():
        pass
    assert signatures(local.province.log.checkpoint().note) == 2
    assert verify_log(settings.data / "tlog", local.province.identity.log_vkey).ok


def test_a_hub_whose_log_key_was_swapped_does_not_start(
    local: LocalHub, settings: Settings
) -> None:
    folder = DataFolder(settings.data)
    with local.away():
        rightful = folder.secret("log.key")
        folder.make_secret("log.key", SigningKey.generate().private_bytes())
        with pytest.raises(LogDamaged, match="another key"):
            start(settings.data)
        folder.make_secret("log.key", rightful)


def test_a_hub_that_shows_a_succession_of_its_own_making_is_not_believed(
    local: LocalHub, settings: Settings
) -> None:
    identity = local.province.identity
    rogue = SigningKey.generate()
    forged = sign_succession(
        origin=identity.log_vkey.partition("+")[0],
        old_vkey=identity.log_vkey,
        new_vkey=make_next(settings),
        root_key=rogue,
        now_ms=int(time.time() * 1000),
    )
    with pytest.raises(SignatureInvalid):
        newest_log_key(
            identity.log_vkey,
            [forged],
            root=identity.chain[0],
            root_fingerprint=identity.root_fingerprint,
        )


def test_a_checkpoint_by_a_key_that_nobody_vouched_for_is_refused(local: LocalHub) -> None:
    origin = local.province.identity.log_vkey.partition("+")[0]
    unknown = verifier_key(origin, SigningKey.generate().public)
    stranger = replace(local.province.identity, log_vkey=unknown)
    with Hub.open(stranger, operator="赵某某") as hub, pytest.raises(NoteInvalid):
        hub.log.checkpoint()
