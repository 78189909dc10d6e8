"""Where a unit's keys are: in its file, with a signer behind a socket, or in a PKCS#11 token."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zongheng_protos.errors import NotEnrolled, SignerUnavailable
from zongheng_tenants.identity import IN_FILE, Identity

if TYPE_CHECKING:
    from zongheng_tenants.identity import KeyHolder

SOCKET, TOKEN = "unix:", "pkcs11:"


def with_holder(identity: Identity, pin: str | None = None) -> Identity:
    """The identity with what answers for its keys; itself where they stand in the file.

    Args:
        pin: of the token; None: from the environment, ZONGHENG_PIN.

    Raises:
        SignerUnavailable: the token is not there, or refuses the PIN.
        NotEnrolled: the identity names a custody not known here.
    """
    if identity.custody == IN_FILE:
        return identity
    return replace(identity, holder=_holder(identity, pin))


def _holder(identity: Identity, pin: str | None) -> KeyHolder:
    if identity.custody.startswith(SOCKET):
        from zongheng_sdk.signer_client import SocketHolder

        return SocketHolder(identity.custody.removeprefix(SOCKET))
    if identity.custody.startswith(TOKEN):
        from zongheng_sdk.token import TokenHolder

        return TokenHolder(identity.custody, pin)
    raise NotEnrolled(
        f"the identity's keys are in custody of {identity.custody}, which is not known here"
    )


def successor(custody: str) -> str:
    """The token's name for the keys that follow those in custody; empty for keys in the file.

    Raises:
        SignerUnavailable: the keys are with a signer: they are changed where they are.
    """
    if custody.startswith(SOCKET):
        raise SignerUnavailable(
            "the keys are held by a signer: change them there, with the identity that it serves"
        )
    if not custody.startswith(TOKEN):
        return ""
    from zongheng_sdk.token import TokenName

    return TokenName.parse(custody).successor()


def channel_signature(identity: Identity, data: bytes) -> bytes:
    """ECDSA with SHA-256 over data by the channel's key, DER, wherever that key is."""
    if not identity.channel_key_pem:
        if identity.holder is None:
            raise SignerUnavailable(f"the keys of {identity.name} are held by {identity.custody}")
        return identity.holder.sign_channel(data)
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(identity.channel_key_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SignerUnavailable("the identity's channel key is no P-256 key: enrol again")
    return key.sign(data, ec.ECDSA(SHA256()))
