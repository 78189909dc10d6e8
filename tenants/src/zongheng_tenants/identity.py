"""An identity: everything a unit keeps to act for a tenant, as one JSON document."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zongheng_protos.errors import NotEnrolled

if TYPE_CHECKING:  # cryptography and json are loaded when first used: importing stays light
    from zongheng_tenants.keys import HeldOpener, HeldSigner

FORMAT = 1


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
    """

    hub_id: str
    tenant: str
    name: str
    grpc_address: str
    web_address: str
    root_fingerprint: str
    log_vkey: str
    chain: tuple[bytes, ...]
    signing_key: bytes
    sealing_key: bytes
    channel_key_pem: bytes
    channel_pem: bytes
    ca_pem: bytes
    earlier_sealing_keys: tuple[bytes, ...] = ()

    def signing(self) -> HeldSigner:
        from zongheng_tenants.keys import SigningKey

        return SigningKey(self.signing_key)

    def sealing(self) -> HeldOpener:
        from zongheng_tenants.keys import SealingKey

        return SealingKey(self.sealing_key)

    def sealing_with(self, key_id: str) -> HeldOpener:
        """The sealing key with this id, an earlier one too; the newest when none has it."""
        from zongheng_tenants.keys import SealingKey

        newest = self.sealing()
        earlier = (SealingKey(private) for private in self.earlier_sealing_keys)
        return next((key for key in (newest, *earlier) if key.id == key_id), newest)

    def to_json(self) -> str:
        import json

        fields = {name: _encode(value) for name, value in asdict(self).items()}
        return json.dumps({"format": FORMAT, **fields}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Identity:
        """Raises NotEnrolled when text is no identity of a format known here."""
        import json

        try:
            fields = json.loads(text)
            if fields.pop("format") != FORMAT:
                raise NotEnrolled(
                    "the identity was written by a newer version: update zongheng-sdk"
                )
            for name in ("signing_key", "sealing_key", "channel_key_pem", "channel_pem", "ca_pem"):
                fields[name] = base64.b64decode(fields[name])
            fields.setdefault("earlier_sealing_keys", [])
            for name in ("chain", "earlier_sealing_keys"):
                fields[name] = tuple(base64.b64decode(each) for each in fields[name])
            return cls(**fields)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotEnrolled(f"the identity cannot be read: {error}") from error


def _encode(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return value
