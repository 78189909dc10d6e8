"""Calls over mTLS with keys that the calling process does not hold: a signer's, a token's."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zongheng_protos.errors import Exists, Invalid, SignerUnavailable
from zongheng_sdk.client import Hub
from zongheng_sdk.identity_file import read_identity, write_secret
from zongheng_sdk.signer import Signer
from zongheng_sdk.testing import LocalHub
from zongheng_sdk.token import TokenHolder, TokenName
from zongheng_tenants.keys import VerifyKey

SOFTHSM = next(
    (
        path
        for path in (
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
            "/opt/homebrew/lib/softhsm/libsofthsm2.so",
        )
        if Path(path).exists()
    ),
    None,
)


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    with LocalHub() as running:
        yield running


def test_an_application_calls_with_the_keys_of_a_signer(local: LocalHub, tmp_path: Path) -> None:
    county = local.enrol("140105")
    signer = Signer(county.identity, tmp_path / "s")
    thread = threading.Thread(target=signer.serve)
    thread.start()
    try:
        app = county.identity.without_keys(f"unix:{tmp_path}/s")
        write_secret(tmp_path / "identity.json", app.to_json())
        with Hub.open(tmp_path / "identity.json", operator="王某某") as hub:
            need = hub.needs.file(kind="training", title="网格员操作培训")
            assert hub.needs.get(need.id).title == "网格员操作培训"
            before = hub.identity.channel_pem
            hub.renew()
            assert hub.identity.channel_pem != before
            assert hub.needs.get(need.id).id == need.id
            text = (tmp_path / "identity.json").read_text("utf-8")
            assert read_identity(tmp_path).signing_key == b""
            assert "PRIVATE" not in text
    finally:
        signer.close()
        thread.join()
    with pytest.raises(SignerUnavailable), Hub.open(tmp_path, operator="王某某") as hub:
        hub.needs.file(kind="training", title="没有签名")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SoftHSM with a token "county"; its library reads the environment once a process."""
    if SOFTHSM is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed: apt-get install softhsm2")
    pytest.importorskip("pkcs11", reason="the extra [pkcs11] is not installed")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n", "utf-8"
    )
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    os.environ["ZONGHENG_PIN"] = "123456"
    command = "softhsm2-util --init-token --free --label county --pin 123456 --so-pin 12345678"
    made = subprocess.run(command.split(), capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return SOFTHSM


@pytest.fixture
def token(tokens: str, tmp_path: Path) -> str:
    """A name for keys of this test's own in the token."""
    return f"pkcs11:token=county;object={tmp_path.name}?module-path={tokens}"


def test_a_county_enrols_and_calls_with_keys_made_in_a_token(local: LocalHub, token: str) -> None:
    county = local.enrol("140107", token=token, passphrase="封存密钥的长口令 abc")
    assert county.identity.signing_key == b""
    assert county.identity.channel_key_pem == b""
    need = county.needs.file(kind="training", title="用密码设备签名")
    assert county.needs.get(need.id).title == "用密码设备签名"
    county.renew()
    assert county.needs.get(need.id).id == need.id
    assert county.folder is not None
    text = (county.folder / "identity.json").read_text("utf-8")
    assert "signing_key" not in text  # the sealing key is under the passphrase, with empty others
    assert county.identity.custody == token


def test_a_token_makes_its_keys_once_and_says_what_is_missing(token: str) -> None:
    holder = TokenHolder(token)
    holder.make_keys()
    assert VerifyKey(holder.signing().public).verifies(holder.signing().sign(b"x"), b"x")
    with pytest.raises(Exists, match="name others"):
        holder.make_keys()
    for name in (token.replace("object=", "object=no-"), token.replace("=county", "=another")):
        with pytest.raises(SignerUnavailable):
            TokenHolder(name).signing()
    with pytest.raises(SignerUnavailable, match="cannot be used"):
        TokenHolder("pkcs11:token=x?module-path=/nowhere.so").signing()
    for text in ("pkcs11:", "token=x", "pkcs11:token=x", "pkcs11:token=?module-path=/x"):
        with pytest.raises(Invalid, match="names no token"):
            TokenHolder(text)


def test_keys_in_a_token_do_not_leave_it(token: str) -> None:
    pkcs11: Any = importlib.import_module("pkcs11")
    holder = TokenHolder(token)
    holder.make_keys()

    def read(library: Any, session: Any) -> None:
        label = f"{TokenName.parse(token).prefix}-signing"
        key = session.get_key(object_class=library.ObjectClass.PRIVATE_KEY, label=label)
        with pytest.raises(pkcs11.AttributeSensitive):
            key[library.Attribute.VALUE]

    holder.run(read)


def test_a_wrong_pin_is_refused(token: str) -> None:
    program = (
        f"from zongheng_sdk.token import TokenHolder\nTokenHolder({token!r}, '999999').make_keys()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "SignerUnavailable" in done.stderr
    assert "PinIncorrect" in done.stderr
