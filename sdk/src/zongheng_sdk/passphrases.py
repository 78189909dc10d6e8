"""Passphrases of key files: given, from the environment, or remembered since the file was opened.

What was opened once in a process opens again there: Argon2id costs 0.1 s and 64 MiB on purpose,
and the keys themselves are in the process's memory anyway.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from zongheng_protos.errors import IdentityUnusable, PassphraseNeeded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zongheng_tenants.identity import Identity
    from zongheng_tenants.vault import Vault

VARIABLE = "ZONGHENG_PASSPHRASE"
PENDING_KEYS = "zongheng keys that wait v1"
INVITATION_SECRETS = "zongheng invitations v1"
_opened: dict[str, Vault] = {}
_asks: list[Callable[[], str | None]] = []


def ask_with(ask: Callable[[], str | None]) -> None:
    """Where a passphrase is needed and none is given, ask so, not the environment alone."""
    _asks[:] = [ask]


def new_vault(passphrase: str) -> Vault:
    """A vault under a new passphrase. Raises PassphraseShort: it has fewer than 12 characters."""
    from zongheng_tenants.vault import Vault

    return _remembered(Vault.new(passphrase))


def opened_identity(text: str, passphrase: str | None = None) -> Identity:
    """An identity from its file's text, and what answers for keys that are held elsewhere.

    Raises:
        IdentityUnusable: it is none.
        PassphraseNeeded: its keys are protected, and no passphrase is given or remembered.
        PassphraseWrong: it is another one.
    """
    from zongheng_sdk.custody import with_holder
    from zongheng_tenants.identity import Identity, protection_of

    protected = protection_of(text)
    if protected is None:
        return with_holder(Identity.from_json(text))
    vault = _vault_of(protected, passphrase)
    identity = Identity.from_json(text, vault)
    _remembered(vault)
    return with_holder(identity)


def sealed_json(content: dict[str, Any], vault: Vault | None, about: str) -> str:
    """Content as text, under the vault where there is one."""
    text = json.dumps(content, indent=1)
    if vault is None:
        return text
    return json.dumps({"protected": vault.seal(text.encode(), about)}, indent=1)


def unsealed_json(text: str, about: str, passphrase: str | None = None) -> dict[str, Any]:
    """What sealed_json wrote.

    Raises:
        IdentityUnusable: it is nothing of the kind.
        PassphraseNeeded, PassphraseWrong: as opened_identity.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        protected = content.get("protected")
        if not isinstance(protected, dict):
            return content
        vault = _vault_of(protected, passphrase)
        content = json.loads(vault.open(protected, about))
    except (ValueError, AttributeError) as error:
        raise IdentityUnusable(f"the file cannot be read: {error}") from error
    _remembered(vault)
    return content


def waiting_vault(path: Path, passphrase: str | None) -> Vault | None:
    """The vault of keys that wait in a file, or a new one where there is no file yet.

    Raises:
        PassphraseNeeded, PassphraseWrong: as opened_identity.
        PassphraseShort: a new passphrase is too short.
    """
    if path.exists():
        text = path.read_text("utf-8")
        unsealed_json(text, PENDING_KEYS, passphrase)
        return vault_in(text)
    return None if passphrase is None else new_vault(passphrase)


def vault_in(text: str) -> Vault | None:
    """The vault under which a text was sealed, once it was opened in this process."""
    from zongheng_tenants.identity import protection_of
    from zongheng_tenants.vault import salt_of

    protected = protection_of(text)
    return None if protected is None else _opened.get(salt_of(protected))


def _vault_of(protected: dict[str, Any], passphrase: str | None) -> Vault:
    from zongheng_tenants.vault import Vault, salt_of

    remembered = _opened.get(salt_of(protected))
    if remembered is not None and passphrase is None:
        return remembered
    given = passphrase
    if given is None:
        given = _asks[0]() if _asks else os.environ.get(VARIABLE)
    if given is None:
        raise PassphraseNeeded("the keys are under a passphrase, and none was given")
    return Vault.of(protected, given)


def _remembered(vault: Vault) -> Vault:
    import base64

    _opened[base64.b64encode(vault.salt).decode()] = vault
    return vault
