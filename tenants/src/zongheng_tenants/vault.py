"""Secrets under a passphrase: Argon2id (RFC 9106) derives the key, AES-256-GCM seals.

A vault remembers the derived key, so that what was opened once is written back, with a fresh
nonce, without asking for the passphrase again.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from zongheng_protos.errors import FileUnusable, PassphraseShort, PassphraseWrong

MIN_CHARACTERS = 12
KDF, CIPHER = "argon2id", "aes-256-gcm"
# RFC 9106's second recommendation: 64 MiB, three passes, four lanes.
ITERATIONS, LANES, MEMORY_KIB = 3, 4, 64 * 1024
# What a file may ask for: a forged one must not make its reader run out of memory.
MAX_ITERATIONS, MAX_LANES, MAX_MEMORY_KIB = 16, 16, 1024 * 1024
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32


@dataclass(frozen=True, slots=True)
class Vault:
    """A key derived from a passphrase, and how."""

    salt: bytes
    iterations: int
    lanes: int
    memory_kib: int
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, passphrase: str) -> Vault:
        """Raises PassphraseShort: the passphrase has fewer than 12 characters."""
        if len(passphrase) < MIN_CHARACTERS:
            raise PassphraseShort(f"a passphrase has at least {MIN_CHARACTERS} characters")
        salt = secrets.token_bytes(_SALT_BYTES)
        return cls(salt, ITERATIONS, LANES, MEMORY_KIB, _derive(passphrase, salt))

    @classmethod
    def of(cls, protected: Mapping[str, object], passphrase: str) -> Vault:
        """The vault in which protected was sealed, if passphrase is the right one.

        Raises:
            FileUnusable: protected is not of a form known here.
        """
        try:
            if (protected["kdf"], protected["cipher"]) != (KDF, CIPHER):
                raise FileUnusable("the keys are protected in a way not known here")
            salt = base64.b64decode(str(protected["salt"]), validate=True)
            numbers = [int(str(protected[name])) for name in ("iterations", "lanes", "memory_kib")]
        except (KeyError, ValueError) as error:
            raise FileUnusable("the protected keys are damaged") from error
        iterations, lanes, memory_kib = numbers
        if not (
            1 <= iterations <= MAX_ITERATIONS
            and 1 <= lanes <= MAX_LANES
            and 8 * lanes <= memory_kib <= MAX_MEMORY_KIB
            and 8 <= len(salt) <= 64
        ):
            raise FileUnusable("the protected keys ask for more work than is allowed")
        key = _derive(passphrase, salt, iterations, lanes, memory_kib)
        return cls(salt, iterations, lanes, memory_kib, key)

    def seal(self, content: bytes, about: str) -> dict[str, object]:
        """Content as a JSON object; it opens only as what it is about."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.key).encrypt(nonce, content, about.encode())
        return {
            "kdf": KDF,
            "salt": base64.b64encode(self.salt).decode(),
            "iterations": self.iterations,
            "lanes": self.lanes,
            "memory_kib": self.memory_kib,
            "cipher": CIPHER,
            "nonce": base64.b64encode(nonce).decode(),
            "sealed": base64.b64encode(sealed).decode(),
        }

    def open(self, protected: Mapping[str, object], about: str) -> bytes:
        """What seal sealed.

        Raises:
            PassphraseWrong: another passphrase sealed it, or it was altered.
            FileUnusable: it is damaged.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            nonce = base64.b64decode(str(protected["nonce"]), validate=True)
            sealed = base64.b64decode(str(protected["sealed"]), validate=True)
            return AESGCM(self.key).decrypt(nonce, sealed, about.encode())
        except InvalidTag:
            raise PassphraseWrong(
                "the passphrase is not the right one, or the file was altered"
            ) from None
        except (KeyError, ValueError) as error:
            raise FileUnusable("the protected keys are damaged") from error


def salt_of(protected: Mapping[str, object]) -> str:
    """What tells vaults apart without the passphrase."""
    return str(protected.get("salt", ""))


def _derive(
    passphrase: str,
    salt: bytes,
    iterations: int = ITERATIONS,
    lanes: int = LANES,
    memory_kib: int = MEMORY_KIB,
) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(
        salt=salt, length=_KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory_kib
    )
    # The same characters typed on another keyboard give the same bytes (RFC 8265, section 4.2).
    return kdf.derive(unicodedata.normalize("NFC", passphrase).encode())
