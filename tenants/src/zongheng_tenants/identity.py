"""An identity: everything a unit keeps to act for a tenant, as one JSON document.

Format 1 has its keys in the open. Format 2 may have them under a passphrase, or held elsewhere.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Protocol

from zongheng_protos.errors import IdentityUnusable, PassphraseNeeded, SignerUnavailable
from zongheng_tenants.suites import INTL_1, suite_of

if TYPE_CHECKING:  # cryptography and json are loaded when first used: importing stays light
    from zongheng_tenants.keys import Opener, Signer
    from zongheng_tenants.vault import Vault

FORMATS = (1, 2)
IN_FILE = "file"
"""The custody of keys that stand in the identity itself."""
_SECRETS = ("signing_key", "sealing_key", "channel_key_pem", "earlier_sealing_keys")
_LISTS = ("chain", "earlier_sealing_keys")
_BYTES = ("signing_key", "sealing_key", "channel_key_pem", "channel_pem", "ca_pem")
_NOT_KEPT = ("vault", "holder")


class KeyHolder(Protocol):
    """Keys that are held outside: in a token, or by a signer in another process."""

    def signing(self) -> Signer: ...
    def sealing(self, key_id: str) -> Opener:
        """The sealing key with this id; the newest when key_id is empty or not known."""
        ...

    def sign_channel(self, data: bytes) -> bytes:
        """ECDSA with SHA-256 by the channel's P-256 key, DER."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys, chain and where the hub is. Whoever holds it acts for the tenant.

    Attributes:
        chain: credential envelopes, root first.
        channel_key_pem, channel_pem: private key (P-256, PKCS#8) and certificate for mTLS.
        ca_pem: whom the hub's own certificate must come from.
        log_vkey: the log's verifier key (C2SP signed-note form).
        earlier_sealing_keys: private ones from before a rotation, newest first: what was sealed
            to them still opens.
        suite: of its keys (tenancy.v1.Suite).
        custody: where the keys are: "file", "unix:PATH" (a signer's socket) or "pkcs11:…"
            (RFC 7512). What is held elsewhere is empty here.
        vault: under which passphrase to_json keeps the secrets; None: in the open.
        holder: answers for keys that are held elsewhere.
    """

    hub_id: str
    tenant: str
    name: str
    grpc_address: str
    web_address: str
    root_fingerprint: str
    log_vkey: str
    chain: tuple[bytes, ...]
    signing_key: bytes = field(repr=False)
    sealing_key: bytes = field(repr=False)
    channel_key_pem: bytes = field(repr=False)
    channel_pem: bytes
    ca_pem: bytes
    earlier_sealing_keys: tuple[bytes, ...] = field(default=(), repr=False)
    suite: int = INTL_1
    custody: str = IN_FILE
    vault: Vault | None = field(default=None, compare=False, repr=False)
    holder: KeyHolder | None = field(default=None, compare=False, repr=False)

    def signing(self) -> Signer:
        """Raises SignerUnavailable: the key is held elsewhere, and nobody answers for it here."""
        if self.signing_key:
            return suite_of(self.suite).signing_key(self.signing_key)
        return self._held().signing()

    def sealing(self) -> Opener:
        """The newest sealing key. Raises SignerUnavailable, as signing."""
        return self.sealing_with("")

    def sealing_with(self, key_id: str) -> Opener:
        """The sealing key with this id, an earlier one too; the newest when none has it."""
        if not self.sealing_key:
            return self._held().sealing(key_id)
        kind = suite_of(self.suite)
        newest = kind.sealing_key(self.sealing_key)
        earlier = (kind.sealing_key(private) for private in self.earlier_sealing_keys)
        return next((key for key in (newest, *earlier) if key.id == key_id), newest)

    def _held(self) -> KeyHolder:
        if self.holder is None:
            raise SignerUnavailable(f"the keys of {self.name} are held by {self.custody}")
        return self.holder

    def without_keys(self, custody: str) -> Identity:
        """The same identity for a process that is to hold none of its keys."""
        return replace(
            self,
            signing_key=b"",
            sealing_key=b"",
            channel_key_pem=b"",
            earlier_sealing_keys=(),
            custody=custody,
            vault=None,
            holder=None,
        )

    def to_json(self) -> str:
        """Format 1 where that says everything, else format 2; secrets under vault if there is."""
        import json

        kept = [one.name for one in fields(self) if one.name not in _NOT_KEPT]
        values = {name: _encode(getattr(self, name)) for name in kept}
        if self.vault is None and self.custody == IN_FILE and self.suite == INTL_1:
            del values["suite"], values["custody"]
            return json.dumps({"format": 1, **values}, ensure_ascii=False, indent=1)
        if self.vault is not None:
            secrets = {name: values.pop(name) for name in _SECRETS}
            content = json.dumps(secrets).encode()
            values["protected"] = self.vault.seal(content, _about(values))
        return json.dumps({"format": 2, **values}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str, vault: Vault | None = None) -> Identity:
        """Read what to_json wrote.

        Raises:
            IdentityUnusable: text is no identity of a format known here.
            PassphraseNeeded: its keys are protected, and no vault is given.
            PassphraseWrong: the vault does not open them.
        """
        import json

        try:
            values: dict[str, Any] = json.loads(text)
            if values.pop("format") not in FORMATS:
                raise IdentityUnusable(
                    "the identity was written by a newer version: update zongheng-sdk"
                )
            protected = values.pop("protected", None)
            if protected is not None:
                if vault is None:
                    raise PassphraseNeeded(f"the keys of {values['name']} are under a passphrase")
                values |= json.loads(vault.open(protected, _about(values)))
            for name in _BYTES:
                values[name] = base64.b64decode(values[name])
            values.setdefault("earlier_sealing_keys", ())
            for name in _LISTS:
                values[name] = tuple(base64.b64decode(each) for each in values[name])
            return cls(**values, vault=vault if protected is not None else None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IdentityUnusable(f"the identity cannot be read: {error}") from error


def protection_of(text: str) -> dict[str, Any] | None:
    """How the keys of an identity are protected; None when they are not, or it is no identity."""
    import json

    try:
        protected: dict[str, Any] | None = json.loads(text).get("protected")
    except (ValueError, AttributeError):
        return None
    return protected if isinstance(protected, dict) else None


@dataclass(frozen=True, slots=True)
class HubSeen:
    """What an identity says in the open of its hub; needs no passphrase."""

    tenant: str
    web_address: str
    log_vkey: str
    root_fingerprint: str

    @classmethod
    def from_json(cls, text: str) -> HubSeen:
        """Raises IdentityUnusable: text is no identity."""
        import json

        try:
            values = json.loads(text)
            return cls(*(str(values[one.name]) for one in fields(cls)))
        except (ValueError, KeyError, TypeError) as error:
            raise IdentityUnusable(f"the identity cannot be read: {error}") from error


def moved(text: str, *, grpc_address: str, web_address: str) -> str:
    """An identity's text with the hub's new addresses; needs no passphrase.

    Raises:
        IdentityUnusable: text is no identity.
    """
    import json

    try:
        values = json.loads(text)
        values |= {"grpc_address": grpc_address, "web_address": web_address}
    except (ValueError, TypeError) as error:
        raise IdentityUnusable(f"the identity cannot be read: {error}") from error
    return json.dumps(values, ensure_ascii=False, indent=1)


def _about(values: dict[str, Any]) -> str:
    """What the protected keys belong to: whoever swaps it in the file makes them unreadable."""
    named = (values[name] for name in ("hub_id", "tenant", "root_fingerprint", "suite", "custody"))
    return "\n".join(("zongheng identity v2", *map(str, named)))


def _encode(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return value
