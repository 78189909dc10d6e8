"""Keys in a PKCS#11 token (extra [pkcs11]): signing by CKM_EDDSA, the channel by CKM_ECDSA.

The token is named as in RFC 7512: "pkcs11:token=LABEL;object=zongheng?module-path=/usr/lib/….so".
The sealing key stays in the identity file, under its passphrase: common tokens do no HPKE.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote

from zongheng_protos.errors import ArgumentInvalid, FileInTheWay, SignerUnavailable
from zongheng_tenants.keys import key_id
from zongheng_tenants.suites import INTL_1

if TYPE_CHECKING:
    from zongheng_tenants.keys import Opener

PIN_VARIABLE = "ZONGHENG_PIN"
_P256 = bytes.fromhex("06082a8648ce3d030107")  # its object identifier
_ED25519 = bytes.fromhex("130c656477617264733235353139")  # PrintableString "edwards25519"


@dataclass(frozen=True, slots=True)
class TokenName:
    """Which token, which library speaks to it, and what its keys' labels begin with."""

    token: str
    module: str
    prefix: str

    @classmethod
    def parse(cls, text: str) -> TokenName:
        """Raises ArgumentInvalid: text is no pkcs11: name with a token and a module-path."""
        scheme, _, rest = text.partition(":")
        path, _, query = rest.partition("?")
        parts = dict(part.partition("=")[::2] for part in path.split(";"))
        module = parse_qs(query).get("module-path", [""])[0]
        if scheme != "pkcs11" or not parts.get("token") or not module:
            raise ArgumentInvalid(f"{text} names no token: pkcs11:token=LABEL?module-path=LIBRARY")
        return cls(unquote(parts["token"]), module, unquote(parts.get("object", "zongheng")))

    def successor(self) -> str:
        """The name of keys in the same token that follow these."""
        stem = self.prefix.partition(".")[0]
        name = f"{stem}.{secrets.token_hex(4)}"
        return f"pkcs11:token={quote(self.token)};object={quote(name)}?module-path={self.module}"


class TokenHolder:
    """What answers for an identity with custody "pkcs11:…".

    Args:
        custody: as in TokenName.
        pin: None: from the environment, ZONGHENG_PIN.

    Raises:
        SignerUnavailable: no such library, token or key, or the PIN is not taken.
    """

    def __init__(self, custody: str, pin: str | None = None) -> None:
        self._name = TokenName.parse(custody)
        self._pin = os.environ.get(PIN_VARIABLE, "") if pin is None else pin
        self._lock = threading.Lock()
        self._session: Any = None

    def signing(self) -> TokenSigner:
        return TokenSigner(self)

    def sealing(self, key_id: str) -> Opener:
        raise SignerUnavailable(
            f"the sealing key {key_id} is in the identity file, not in the token: restore the file"
        )

    def sign_channel(self, data: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        def work(pkcs11: Any, session: Any) -> bytes:
            key = self._key(pkcs11, session, "channel", pkcs11.ObjectClass.PRIVATE_KEY)
            digest = hashlib.sha256(data).digest()
            return bytes(key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))

        raw = self.run(work)
        r, s = (
            int.from_bytes(half, "big") for half in (raw[: len(raw) // 2], raw[len(raw) // 2 :])
        )
        return encode_dss_signature(r, s)

    def sign(self, message: bytes) -> bytes:
        def work(pkcs11: Any, session: Any) -> bytes:
            key = self._key(pkcs11, session, "signing", pkcs11.ObjectClass.PRIVATE_KEY)
            return bytes(key.sign(message, mechanism=pkcs11.Mechanism.EDDSA))

        return bytes(self.run(work))

    def public(self, use: str) -> bytes:
        """The public key "signing" (32 bytes) or "channel" (an uncompressed P-256 point)."""

        def work(pkcs11: Any, session: Any) -> bytes:
            key = self._key(pkcs11, session, use, pkcs11.ObjectClass.PUBLIC_KEY)
            return bytes(key[pkcs11.Attribute.EC_POINT])

        point, length = bytes(self.run(work)), {"signing": 32, "channel": 65}[use]
        return point[-length:]  # tokens give the point bare or as a DER octet string

    def make_keys(self) -> None:
        """New keys within the token, not to be taken out of it.

        Raises:
            FileInTheWay: it has keys of this name already.
        """

        def work(pkcs11: Any, session: Any) -> None:
            label = pkcs11.Attribute.LABEL
            taken = [f"{self._name.prefix}-{use}" for use in ("signing", "channel")]
            if any(True for name in taken for _ in session.get_objects({label: name})):
                raise FileInTheWay(
                    f"the token holds keys named {self._name.prefix} already: "
                    "name others with object=…"
                )
            private = {pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True}
            kinds = (
                (taken[0], "EC_EDWARDS", _ED25519, "EC_EDWARDS_KEY_PAIR_GEN"),
                (taken[1], "EC", _P256, "EC_KEY_PAIR_GEN"),
            )
            for name, kind, curve, mechanism in kinds:
                parameters = session.create_domain_parameters(
                    pkcs11.KeyType[kind], {pkcs11.Attribute.EC_PARAMS: curve}, local=True
                )
                parameters.generate_keypair(
                    mechanism=pkcs11.Mechanism[mechanism],
                    store=True,
                    label=name,
                    private_template=private,
                )

        self.run(work)

    def run(self, work: Any) -> Any:
        """work(pkcs11, session), one at a time; the session is opened anew once if it broke."""
        try:
            pkcs11: Any = importlib.import_module("pkcs11")
        except ImportError as error:
            raise SignerUnavailable(
                "PKCS#11 tokens need the extra: pip install 'zongheng-sdk[pkcs11]'"
            ) from error
        with self._lock:
            for attempt in (1, 2):
                try:
                    if self._session is None:
                        self._session = self._open(pkcs11)
                    return work(pkcs11, self._session)
                except pkcs11.PKCS11Error as error:
                    self._session = None
                    if attempt == 2:
                        raise SignerUnavailable(
                            f"the token {self._name.token} does not answer: "
                            f"{type(error).__name__} {error}".strip()
                        ) from error
        raise AssertionError("not reached")

    def _open(self, pkcs11: Any) -> Any:
        try:
            library = pkcs11.lib(self._name.module)
            token = library.get_token(token_label=self._name.token)
            try:
                return token.open(user_pin=self._pin, rw=True)
            except pkcs11.UserAlreadyLoggedIn:  # by another identity of this process
                return token.open(rw=True)
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise SignerUnavailable(
                f"the token {self._name.token} at {self._name.module} cannot be used: "
                f"{type(error).__name__} {error}".strip()
            ) from error

    def _key(self, pkcs11: Any, session: Any, use: str, kind: Any) -> Any:
        label = f"{self._name.prefix}-{use}"
        try:
            return session.get_key(object_class=kind, label=label)
        except pkcs11.PKCS11Error as error:
            raise SignerUnavailable(
                f"the token {self._name.token} holds no key {label}: {type(error).__name__}"
            ) from error


class TokenSigner:
    """The Ed25519 key in the token."""

    suite = INTL_1

    def __init__(self, holder: TokenHolder) -> None:
        self._holder = holder
        self.public = holder.public("signing")
        self.id = key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._holder.sign(message)
