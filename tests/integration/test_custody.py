"""Calls over mTLS with keys that the calling process does not hold: a signer's, a token's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zongheng_protos.errors import SignerUnavailable
from zongheng_sdk.client import Hub
from zongheng_sdk.identity_file import read_identity, write_secret
from zongheng_sdk.signer import Signer
from zongheng_sdk.testing import LocalHub

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
