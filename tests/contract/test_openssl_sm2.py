"""SM-1 signatures by `openssl` and its by ours: the same bytes, the same signer id."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from zongheng_tenants.act import sign_act
from zongheng_tenants.envelope import ACT, pre_authentication_encoding, read_envelope
from zongheng_tenants.suites import SM_1, suite_of, verify_key

# SubjectPublicKeyInfo of an EC key on sm2p256v1 (RFC 5480, OID 1.2.156.10197.1.301).
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
SIGNER = ("-sigopt", "distid:1234567812345678")


@pytest.fixture(scope="module", autouse=True)
def openssl() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command line is not installed")
    listed = subprocess.run(
        ["openssl", "list", "-public-key-algorithms"], capture_output=True, text=True
    )
    if "SM2" not in listed.stdout:
        pytest.skip("this openssl was built without SM2")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True)


def pem(public: bytes) -> str:
    body = base64.encodebytes(SPKI + public).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"


def test_openssl_verifies_an_act_of_an_sm_1_unit(tmp_path: Path) -> None:
    key = suite_of(SM_1).new_signing()
    act = sign_act(
        method="/x/Y", request=b"z", tenant="t_1", operator="王某某", audience="h_1", key=key
    )
    parts = read_envelope(act, ACT)
    (tmp_path / "key.pem").write_text(pem(key.public))
    (tmp_path / "sig").write_bytes(parts.signatures[0].sig)
    signed = pre_authentication_encoding(parts.payload_type, parts.payload)
    (tmp_path / "signed").write_bytes(signed)
    (tmp_path / "other").write_bytes(signed + b"x")
    base = ("dgst", "-sm3", "-verify", tmp_path / "key.pem", *SIGNER, "-signature")
    good = run(*base, tmp_path / "sig", tmp_path / "signed")
    assert (good.returncode, good.stdout) == (0, b"Verified OK\n"), good.stderr
    assert run(*base, tmp_path / "sig", tmp_path / "other").returncode != 0


def test_a_signature_by_openssl_verifies_here_under_its_signer_id_only(tmp_path: Path) -> None:
    private = tmp_path / "private.pem"
    assert run("genpkey", "-algorithm", "SM2", "-out", private).returncode == 0
    public = run("pkey", "-in", private, "-pubout", "-outform", "DER").stdout
    assert public.startswith(SPKI)
    (tmp_path / "message").write_bytes(b"message digest")
    for signer, holds in ((SIGNER, True), (("-sigopt", "distid:ALICE"), False)):
        made = run(
            "dgst",
            "-sm3",
            "-sign",
            private,
            *signer,
            "-out",
            tmp_path / "sig",
            tmp_path / "message",
        )
        assert made.returncode == 0, made.stderr
        signature = (tmp_path / "sig").read_bytes()
        assert verify_key(SM_1, public[-65:]).verifies(signature, b"message digest") is holds


def test_what_is_encrypted_for_an_openssl_key_opens_by_openssl(tmp_path: Path) -> None:
    from zongheng_tenants.suites.sm2 import working_sm2

    private = tmp_path / "private.pem"
    run("genpkey", "-algorithm", "SM2", "-out", private)
    public = run("pkey", "-in", private, "-pubout", "-outform", "DER").stdout[-65:]
    (tmp_path / "sealed").write_bytes(working_sm2().public_key(public).encrypt(b"a secret"))
    opened = run("pkeyutl", "-decrypt", "-inkey", private, "-in", tmp_path / "sealed")
    assert opened.stdout == b"a secret", opened.stderr
