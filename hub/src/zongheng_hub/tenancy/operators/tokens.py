"""ID tokens (OpenID Connect Core 1.0, 3.1.3.7): the key says the algorithm, never the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joserfc.jwk import Key, KeySet

SKEW_SECONDS = 60
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


def algorithm_of(key: Key) -> str:
    """The one algorithm that a published key signs with.

    Raises:
        ValueError: the key is none for signing, or a shared secret.
    """
    kind, told = key.key_type, key.alg
    if key.get("use", "sig") != "sig":
        raise ValueError("the key is not for signing")
    if kind == "RSA":
        allowed = {told} & {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} or {"RS256"}
    elif kind == "EC":
        allowed = {_CURVES.get(str(key.get("crv")), "")}
    elif kind == "OKP":
        allowed = {told} & {"EdDSA", "Ed25519"} or {"EdDSA"}
    else:
        raise ValueError(f"a key of kind {kind} does not sign ID tokens")
    algorithm = allowed.pop() or ""
    if told and told != algorithm:
        raise ValueError(f"the key claims {told}, which a {kind} key does not do")
    return algorithm


def check_id_token(
    token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: int
) -> dict[str, Any]:
    """The claims of an ID token for this client and this sign-in.

    Args:
        now: Unix seconds.

    Raises:
        ValueError, JoseError: it does not hold; says in what.
    """
    from joserfc import jws, jwt

    header = jws.extract_compact(token.encode()).headers()
    named = header.get("kid")
    found = [key for key in keys.keys if named is None or key.kid == named]
    if len(found) != 1:
        raise ValueError("the token names no key that the provider publishes")
    algorithm = algorithm_of(found[0])
    claims = dict(jwt.decode(token, found[0], algorithms=[algorithm]).claims)
    _check_claims(claims, issuer=issuer, client_id=client_id, nonce=nonce, now=now)
    return claims


def _check_claims(
    claims: dict[str, Any], *, issuer: str, client_id: str, nonce: str, now: int
) -> None:
    if claims.get("iss") != issuer:
        raise ValueError("the token is another provider's")
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or client_id not in named:
        raise ValueError("the token is for another client")
    if (len(named) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise ValueError("the token was given to another client")
    for name in ("exp", "iat"):
        if not isinstance(claims.get(name), int | float) or isinstance(claims[name], bool):
            raise ValueError(f"the token has no {name}")
    if now >= claims["exp"] + SKEW_SECONDS or claims["iat"] > now + SKEW_SECONDS:
        raise ValueError("the token is expired or not yet valid")
    if "nbf" in claims and not now + SKEW_SECONDS >= float(claims["nbf"]):
        raise ValueError("the token is not yet valid")
    if claims.get("nonce") != nonce:
        raise ValueError("the token answers another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise ValueError("the token names nobody")
