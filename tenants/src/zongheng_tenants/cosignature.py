"""Cosignatures of witnesses on checkpoints: C2SP tlog-cosignature, the timestamped Ed25519 form."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from zongheng_protos.errors import Invalid
from zongheng_tenants.keys import SigningKey, VerifyKey

COSIGNATURE = 4
"""The signature type of C2SP signed-note that these keys have."""
_ID_BYTES = 4
_TIME_BYTES = 8
_SIGNED_BYTES = _TIME_BYTES + 64
MAX_TIME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """Who cosigns under name, and with what (C2SP signed-note vkey of type 4).

    Attributes:
        id: the 4 bytes that cosignatures by this key begin with.
        public: the raw Ed25519 key.
    """

    name: str
    id: bytes
    public: bytes

    @property
    def vkey(self) -> str:
        typed = bytes((COSIGNATURE,)) + self.public
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(typed).decode()}"

    def time_of(self, signature: bytes, text: bytes) -> int | None:
        """When this witness cosigned text, Unix seconds; None: it did not.

        Args:
            signature: what follows the key's id on a signature line.
            text: the note's text with its last newline, without signatures.
        """
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        if len(signature) != _SIGNED_BYTES or time > MAX_TIME:
            return None
        message = cosigned_message(text, time)
        holds = VerifyKey(self.public).verifies(signature[_TIME_BYTES:], message)
        return time if holds else None


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: line is the signature line, with its newline; time Unix seconds."""

    witness: WitnessKey
    time: int
    line: str


def witness_key(name: str, public: bytes) -> WitnessKey:
    """The key of the witness called name.

    Raises:
        Invalid: name can't be a key's name, or public is no Ed25519 key.
    """
    if not valid_key_name(name):
        raise Invalid(f"{name!r} can't name a witness: no spaces, no '+', not empty")
    if len(public) != 32:
        raise Invalid(f"an Ed25519 key has 32 bytes, not {len(public)}")
    typed = bytes((COSIGNATURE,)) + public
    return WitnessKey(name, _key_id(name, typed), public)


def parse_witness_vkey(vkey: str) -> WitnessKey:
    """Read `name+hash+base64(4, public key)`.

    Raises:
        Invalid: it is none, its parts contradict each other, or it is a log's key.
    """
    parts = vkey.split("+", 2)
    if len(parts) != 3 or not valid_key_name(parts[0]):
        raise Invalid("a witness's key is of the form name+hash+key")
    name, stated, encoded = parts
    typed = decode_exactly(encoded)
    if typed is None or len(typed) != 1 + 32:
        raise Invalid(f"the key of {name} is no Ed25519 key")
    if typed[0] != COSIGNATURE:
        raise Invalid(
            f"the key of {name} is of type {typed[0]}, not {COSIGNATURE}: it does not cosign"
        )
    found = witness_key(name, typed[1:])
    if found.id.hex() != stated:
        raise Invalid(f"the key of {name} has id {found.id.hex()}, not {stated}")
    return found


def cosigned_message(text: bytes, time: int) -> bytes:
    """What a witness signs who saw text, a checkpoint without its signatures, at time (seconds)."""
    return b"cosignature/v1\ntime %d\n" % time + text


def cosign(text: bytes, *, key: SigningKey, name: str, time: int) -> str:
    """The signature line, with its newline, of the witness called name.

    Raises:
        Invalid: name can't be a key's name, or time (Unix seconds) is none.
    """
    if not 0 < time <= MAX_TIME:
        raise Invalid(f"{time} is no time in Unix seconds")
    signed = time.to_bytes(_TIME_BYTES, "big") + key.sign(cosigned_message(text, time))
    line = base64.b64encode(witness_key(name, key.public).id + signed).decode()
    return f"\u2014 {name} {line}\n"


def cosignatures(
    lines: Iterable[str], text: bytes, witnesses: Iterable[WitnessKey]
) -> tuple[Cosignature, ...]:
    """Those lines that are cosignatures on text by one of witnesses, one for each at most.

    Others are passed over, as C2SP tlog-witness demands of clients; so is one that does not hold.
    """
    known = {(witness.name, witness.id): witness for witness in witnesses}
    found: dict[bytes, Cosignature] = {}
    for line in lines:
        mark, _, rest = line.rstrip("\n").partition(" ")
        name, _, encoded = rest.partition(" ")
        signed = decode_exactly(encoded) or b""
        witness = known.get((name, signed[:_ID_BYTES]))
        if mark != "\u2014" or witness is None:
            continue
        time = witness.time_of(signed[_ID_BYTES:], text)
        before = found.get(witness.public)
        if time is not None and (before is None or time > before.time):
            found[witness.public] = Cosignature(witness, time, line.rstrip("\n") + "\n")
    return tuple(found.values())


def valid_key_name(name: str) -> bool:
    """Whether C2SP signed-note lets a key bear this name."""
    return (
        name != ""
        and "+" not in name
        and not any(letter.isspace() or letter < " " for letter in name)
        and re.search("[\ud800-\udfff]", name) is None
    )


def decode_exactly(encoded: str) -> bytes | None:
    """Base64 in its one canonical form: padded, no stray bits; else None."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == encoded else None


def _key_id(name: str, typed: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + typed).digest()[:_ID_BYTES]
