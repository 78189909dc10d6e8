"""ID tokens: what is not exactly the provider's word for this sign-in does not hold."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from zongheng_hub.tenancy.operators.provider import check_address
from zongheng_hub.tenancy.operators.tokens import algorithm_of, check_id_token

NOW = 1_770_000_000
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS = KeySet([RSA, EC])
CLAIMS = {
    "iss": "https://id.example",
    "sub": "sub-017",
    "aud": "zongheng",
    "exp": NOW + 300,
    "iat": NOW,
    "nonce": "n-1",
}


def token(claims: dict[str, Any], *, key: Any = RSA, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "rsa"} | header, claims, key)


def check(text: str, keys: KeySet = KEYS) -> dict[str, Any]:
    return check_id_token(
        text, keys, issuer="https://id.example", client_id="zongheng", nonce="n-1", now=NOW
    )


def test_a_token_of_the_providers_for_this_sign_in_holds() -> None:
    assert check(token(CLAIMS))["sub"] == "sub-017"
    assert check(token(CLAIMS, key=EC, alg="ES256", kid="ec"))["sub"] == "sub-017"
    several = CLAIMS | {"aud": ["zongheng", "other"], "azp": "zongheng"}
    assert check(token(several))["sub"] == "sub-017"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": ["zongheng", "other"]},
        {"azp": "other"},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"iat": NOW + 61},
        {"iat": None},
        {"nbf": NOW + 61},
        {"nonce": "n-2"},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"sub": "x" * 256},
    ],
)
def test_claims_that_differ_do_not_hold(change: dict[str, Any]) -> None:
    claims = {key: value for key, value in (CLAIMS | change).items() if value is not None}
    with pytest.raises((ValueError, JoseError)):
        check(token(claims))


def test_a_token_that_another_key_signed_does_not_hold() -> None:
    with pytest.raises((ValueError, JoseError)):
        check(token(CLAIMS, key=STRANGER))
    with pytest.raises((ValueError, JoseError)):
        check(token(CLAIMS, kid="another"))


def test_the_key_says_the_algorithm_and_never_the_token() -> None:
    body = token(CLAIMS).split(".")[1]
    for name, key in (("HS256", RSA.as_pem(private=False)), ("none", b"")):
        head = base64.urlsafe_b64encode(json.dumps({"alg": name, "kid": "rsa"}).encode())
        signed = f"{head.rstrip(b'=').decode()}.{body}"
        mac = hmac.digest(key, signed.encode(), "sha256") if key else b""
        forged = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        with pytest.raises((ValueError, JoseError)):
            check(forged)


def test_a_published_secret_or_sealing_key_signs_nothing() -> None:
    with pytest.raises(ValueError, match="does not sign"):
        algorithm_of(OctKey.import_key("0123456789abcdef0123456789abcdef"))
    sealing = RSAKey.generate_key(2048, {"use": "enc"})
    with pytest.raises(ValueError, match="not for signing"):
        algorithm_of(sealing)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "....", "é", "x" * 10_000])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises((ValueError, JoseError)):
        check(text)


@pytest.mark.parametrize("address", ["http://id.example", "ftp://id.example", "", "id.example"])
def test_a_provider_without_https_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not https"):
        check_address(address)


@pytest.mark.parametrize("address", ["https://id.example", "http://127.0.0.1:9400"])
def test_https_or_this_machine_is_taken(address: str) -> None:
    check_address(address)
