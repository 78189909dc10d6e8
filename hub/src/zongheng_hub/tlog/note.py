"""Writing checkpoints: C2SP signed-note with an Ed25519 signature, C2SP tlog-checkpoint."""

from __future__ import annotations

import base64
import hashlib

from zongheng_tenants.keys import SigningKey

_ED25519 = b"\x01"


def verifier_key(name: str, public_key: bytes) -> str:
    """The vkey that auditors hold: name, key id and Ed25519 public key.

    Raises:
        ValueError: name can't be a key's name.
    """
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise ValueError(f"{name!r} can't name a log: no spaces, no '+', not empty")
    key = base64.b64encode(_ED25519 + public_key).decode()
    return f"{name}+{_key_hash(name, public_key).hex()}+{key}"


class CheckpointSigner:
    """Signs tree heads under one origin, which is also its key's name."""

    def __init__(self, key: SigningKey, origin: str) -> None:
        self.vkey = verifier_key(origin, key.public)
        self.origin = origin
        self._key = key
        self._hash = _key_hash(origin, key.public)

    def sign(self, size: int, root: bytes) -> bytes:
        """The signed note for a tree of size leaves.

        The caller MUST NOT have two different roots signed for one size.
        """
        text = checkpoint_text(self.origin, size, root)
        signature = base64.b64encode(self._hash + self._key.sign(text)).decode()
        return text + f"\n— {self.origin} {signature}\n".encode()

    def signed(self, checkpoint: bytes, size: int, root: bytes) -> bool:
        """Whether checkpoint is what this signer says of that tree (Ed25519 is deterministic)."""
        return checkpoint == self.sign(size, root)


def checkpoint_text(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def read_checkpoint(checkpoint: bytes) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint this hub wrote; its signature is not looked at.

    Raises:
        ValueError: it is none.
    """
    origin, size, root, blank, *_ = checkpoint.decode().split("\n")
    if blank or not size.isdecimal():
        raise ValueError("it is no checkpoint")
    return origin, int(size), base64.b64decode(root, validate=True)


def _key_hash(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]
