"""Writing checkpoints: C2SP signed-note with an Ed25519 signature, C2SP tlog-checkpoint."""

from __future__ import annotations

import base64
import hashlib

from zongheng_tenants.keys import SigningKey, VerifyKey

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
    """Signs tree heads under one origin, which is also its keys' name.

    Attributes:
        vkey: of the key that signs first; while keys change, a second one signs beside it.
    """

    def __init__(self, key: SigningKey, origin: str) -> None:
        self.vkey = verifier_key(origin, key.public)
        self.origin = origin
        self._keys: tuple[SigningKey, ...] = (key,)
        self._known = {_key_hash(origin, key.public): VerifyKey(key.public)}

    @property
    def vkeys(self) -> tuple[str, ...]:
        """Of every key that signs."""
        return tuple(verifier_key(self.origin, key.public) for key in self._keys)

    def sign_also_with(self, key: SigningKey) -> None:
        """From now on this key signs too: both are to be found on every checkpoint."""
        if key.public not in (each.public for each in self._keys):
            self._keys = (*self._keys, key)
            self._known[_key_hash(self.origin, key.public)] = VerifyKey(key.public)

    def recognise(self, vkey: str) -> None:
        """Take what this key has signed for this log's own: it signed before, and no more."""
        public = base64.b64decode(vkey.split("+", 2)[2])[1:]
        self._known[_key_hash(self.origin, public)] = VerifyKey(public)

    def recognises(self, vkey: str) -> bool:
        """Whether this is a key of this log, of now or of before."""
        return any(vkey == verifier_key(self.origin, key.public) for key in self._known.values())

    def sign(self, size: int, root: bytes) -> bytes:
        """The signed note for a tree of size leaves.

        The caller MUST NOT have two different roots signed for one size.
        """
        text = checkpoint_text(self.origin, size, root)
        return text + b"\n" + b"".join(self._line(key, text) for key in self._keys)

    def signed(self, checkpoint: bytes, size: int, root: bytes) -> bool:
        """Whether checkpoint speaks of that tree and one of this log's keys has signed it."""
        text = checkpoint_text(self.origin, size, root)
        if not checkpoint.startswith(text + b"\n"):
            return False
        lines = checkpoint[len(text) + 1 :].decode("utf-8", "replace").splitlines()
        return any(self._holds(line, text) for line in lines)

    def _line(self, key: SigningKey, text: bytes) -> bytes:
        signature = _key_hash(self.origin, key.public) + key.sign(text)
        return f"— {self.origin} {base64.b64encode(signature).decode()}\n".encode()

    def _holds(self, line: str, text: bytes) -> bool:
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except ValueError:
            return False
        key = self._known.get(signature[:4])
        known = (mark, name) == ("—", self.origin) and key is not None
        return known and key is not None and key.verifies(signature[4:], text)


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
