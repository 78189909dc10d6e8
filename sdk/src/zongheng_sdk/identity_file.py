"""Files that hold secrets: written whole or not at all, readable by their owner alone."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zongheng_protos.errors import IdentityUnusable
from zongheng_tenants.identity import Identity

if TYPE_CHECKING:  # cryptography is loaded when it is first used
    from zongheng_tenants.enrolment import Terms
    from zongheng_tenants.vault import Vault

IDENTITY = "identity.json"
INVITATIONS = "invitations.json"
PSEUDONYM_KEY = "pseudonym.key"


def read_identity(path: Path, passphrase: str | None = None) -> Identity:
    """The identity in a file; path may also be the folder that holds identity.json.

    Args:
        passphrase: of its keys; None: ZONGHENG_PASSPHRASE, or what opened them in this process.

    Raises:
        IdentityUnusable: there is none, or it cannot be read.
        PassphraseNeeded, PassphraseWrong: its keys are protected.
        SignerUnavailable: its keys are in a token that cannot be used.
    """
    from zongheng_sdk.passphrases import opened_identity

    file = path / IDENTITY if path.is_dir() else path
    try:
        return opened_identity(file.read_text(encoding="utf-8"), passphrase)
    except OSError as error:
        raise IdentityUnusable(f"there is no identity at {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise IdentityUnusable(f"{file} is no identity: it is not text") from error


def identity_path(path: Path) -> Path:
    return path / IDENTITY if path.is_dir() else path


def write_secret(path: Path, content: str | bytes) -> None:
    """Replace path by content at once (fsync, rename), mode 0600."""
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class Invited:
    """The secret of an invitation, and what its credential is to grant."""

    secret: bytes
    terms: Terms


class InvitationBook:
    """The secrets of invitations that a parent handed out, until their enrolment is approved.

    Args:
        path: invitations.json beside the identity; None keeps them in memory only.
        vault: under which the secrets are kept; None: in the open.
    """

    def __init__(self, path: Path | None, vault: Vault | None = None) -> None:
        self._path = path
        self._vault = vault
        self._kept: dict[str, Any] = {}

    def keep(self, invitation_id: str, secret: bytes, terms: Terms) -> None:
        book = self._read()
        book[invitation_id] = {
            "secret": secret.hex(),
            "rights": None if terms.rights is None else sorted(terms.rights),
            "depth": terms.depth,
            "life_ms": terms.life_ms,
        }
        self._write(book)

    def invited(self, invitation_id: str) -> Invited | None:
        from zongheng_tenants.enrolment import Terms

        found = self._read().get(invitation_id)
        if found is None:
            return None
        if isinstance(found, str):  # as version 0.1 wrote it
            return Invited(bytes.fromhex(found), Terms())
        rights = found["rights"]
        terms = Terms(
            None if rights is None else frozenset(rights), found["depth"], found["life_ms"]
        )
        return Invited(bytes.fromhex(found["secret"]), terms)

    def forget(self, invitation_id: str) -> None:
        book = self._read()
        if book.pop(invitation_id, None) is not None:
            self._write(book)

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.exists():
            return dict(self._kept)
        from zongheng_sdk.passphrases import INVITATION_SECRETS, unsealed_json

        return unsealed_json(self._path.read_text(encoding="utf-8"), INVITATION_SECRETS)

    def _write(self, book: dict[str, Any]) -> None:
        self._kept = book
        if self._path is not None:
            from zongheng_sdk.passphrases import INVITATION_SECRETS, sealed_json

            write_secret(self._path, sealed_json(dict(book), self._vault, INVITATION_SECRETS))
