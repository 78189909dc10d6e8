"""A signer over a Unix socket: gives signatures and data keys, never keys; says what it refuses."""

from __future__ import annotations

import base64
import json
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.unit.sdk.hub_by_hand import identity
from zongheng_protos.errors import Invalid, NotEnrolled, SignerUnavailable
from zongheng_sdk.custody import channel_signature, with_holder
from zongheng_sdk.signer import Signer
from zongheng_sdk.signer_frames import receive_frame
from zongheng_tenants.identity import Identity
from zongheng_tenants.sealing import unwrap_key, wrap_key
from zongheng_tenants.suites import INTL_1, SM_1, suite_of


def keyed(suite: int) -> Identity:
    kind, channel = suite_of(suite), ec.generate_private_key(ec.SECP256R1())
    return replace(
        identity(),
        suite=suite,
        signing_key=kind.new_signing().private_bytes(),
        sealing_key=kind.new_sealing().private_bytes(),
        channel_key_pem=channel.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


@pytest.fixture(params=[INTL_1, SM_1], ids=["INTL-1", "SM-1"])
def held(request: pytest.FixtureRequest) -> Identity:
    return keyed(request.param)


@pytest.fixture
def path(held: Identity, tmp_path: Path) -> Iterator[Path]:
    signer = Signer(held, tmp_path / "s")
    thread = threading.Thread(target=signer.serve)
    thread.start()
    yield tmp_path / "s"
    signer.close()
    thread.join()


@pytest.fixture
def app(held: Identity, path: Path) -> Identity:
    return with_holder(held.without_keys(f"unix:{path}"))


def test_what_the_signer_signs_verifies_as_the_units_own(app: Identity, held: Identity) -> None:
    key = app.signing()
    assert (key.id, key.public, key.suite) == (
        held.signing().id, held.signing().public, held.suite,
    )  # fmt: skip
    assert suite_of(key.suite).verify_key(key.public).verifies(key.sign(b"\0act"), b"\0act")


def test_what_was_sealed_to_the_unit_opens_through_the_signer(
    app: Identity, held: Identity
) -> None:
    data_key = bytes(suite_of(held.suite).data_key_bytes)
    wrapped = wrap_key(data_key, held.sealing().public, b"info", held.suite)
    assert unwrap_key(wrapped, app.sealing(), b"info") == data_key
    with pytest.raises(Invalid, match="another use"):
        unwrap_key(wrapped, app.sealing(), b"other")


def test_the_channels_handshake_is_signed_by_the_signer(app: Identity, held: Identity) -> None:
    key = load_pem_private_key(held.channel_key_pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    key.public_key().verify(channel_signature(app, b"hello"), b"hello", ec.ECDSA(SHA256()))


def test_the_application_holds_no_key(app: Identity, held: Identity) -> None:
    text = app.to_json() + repr(app)
    for secret in (held.signing_key, held.sealing_key, held.channel_key_pem):
        assert base64.b64encode(secret).decode() not in text


def test_only_this_user_may_open_the_socket(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_signer_refuses_what_it_does_not_know_and_goes_on(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        for message in (
            {"do": "export"},
            {"do": "sign", "key": "k_other", "message": ""},
            {"do": "sign"},
            {"do": "unwrap", "key": "k_other", "wrapped": "", "info": ""},
            {"do": "sign-channel", "data": "*"},
            {},
        ):
            body = json.dumps(message).encode()
            connection.sendall(len(body).to_bytes(4, "big") + body)
            reply = receive_frame(connection)
            assert reply is not None
            assert set(reply) == {"error"}


@pytest.mark.parametrize(
    "sent", [b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\3abc", b"\0\0\0\0", b"\0\0\0\x50{}"]
)
def test_what_is_no_frame_ends_the_connection_only(path: Path, sent: bytes, app: Identity) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert app.signing().sign(b"x")


def test_a_second_signer_does_not_take_the_firsts_socket(path: Path, held: Identity) -> None:
    with pytest.raises(SignerUnavailable, match="another signer"):
        Signer(held, path)


def test_a_signer_that_is_gone_is_named(tmp_path: Path) -> None:
    app = with_holder(keyed(INTL_1).without_keys(f"unix:{tmp_path}/none"))
    with pytest.raises(SignerUnavailable, match="none does not answer"):
        app.signing()
    with pytest.raises(NotEnrolled, match="carrier pigeon"):
        with_holder(app.without_keys("carrier pigeon"))


def test_a_signer_that_was_started_again_is_found_again(held: Identity, tmp_path: Path) -> None:
    app = with_holder(held.without_keys(f"unix:{tmp_path}/s"))
    for _ in range(2):
        signer = Signer(held, tmp_path / "s")
        thread = threading.Thread(target=signer.serve)
        thread.start()
        assert app.signing().sign(b"x")
        signer.close()
        thread.join()
