"""Reading signed notes and checkpoints strictly: C2SP signed-note and tlog-checkpoint."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zongheng_protos.errors import SignatureInvalid
from zongheng_sdk.proofs import HASH_BYTES
from zongheng_tenants.keys import VerifyKey

_ED25519 = 1
_SIGNATURE_BYTES = 64
_KEY_ID_BYTES = 4
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100


class NoteInvalid(SignatureInvalid):
    """A note is malformed, or no signature on it holds."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A verifier key: who signs notes under name, and with what.

    Attributes:
        id: the 4 bytes that signatures by this key begin with.
    """

    name: str
    id: bytes
    key: VerifyKey


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, nothing verified: data is what follows the key's id."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart, nothing verified: text ends with a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head whose signature has been verified.

    Attributes:
        origin: the log's name.
        note: the exact bytes.
        extensions: further lines of the text; normally none.
    """

    origin: str
    size: int
    root: bytes
    note: bytes
    extensions: tuple[str, ...] = ()


def parse_vkey(vkey: str) -> NoteKey:
    """Read `name+hash+base64(type, public key)`.

    Raises:
        NoteInvalid: it is none, its parts contradict each other, or it is not of type Ed25519.
    """
    parts = vkey.strip().split("+", 2)
    if len(parts) != 3 or not _valid_name(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise NoteInvalid("the verifier key is not of the form name+hash+key")
    name, stated, encoded = parts
    typed = _decode(encoded)
    if typed is None or len(typed) != 1 + 32 or typed[0] != _ED25519:
        raise NoteInvalid(f"the verifier key of {name} is no Ed25519 key")
    key_id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:_KEY_ID_BYTES]
    if key_id.hex() != stated:
        raise NoteInvalid(f"the verifier key of {name} has id {key_id.hex()}, not {stated}")
    return NoteKey(name, key_id, VerifyKey(typed[1:]))


def parse_note(note: bytes) -> Note:
    """Take a note apart at its last blank line.

    Raises:
        NoteInvalid: it is malformed.
    """
    if len(note) > MAX_NOTE_BYTES:
        raise NoteInvalid(f"a note of {len(note)} bytes is too large")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise NoteInvalid(f"the note is not UTF-8 at byte {error.start}") from error
    if any(letter < " " and letter != "\n" for letter in whole):
        raise NoteInvalid("the note holds a control character")
    text, blank, block = whole.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise NoteInvalid("the note has no signatures after a blank line")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteInvalid(f"the note has {len(lines)} signatures, over {MAX_SIGNATURES}")
    return Note(text + "\n", tuple(_parse_signature(line) for line in lines))


def verify_note(note: bytes, keys: Iterable[NoteKey]) -> tuple[str, tuple[NoteKey, ...]]:
    """The note's text, and which of keys have signed it. Signatures by others are ignored.

    Raises:
        NoteInvalid: the note is malformed, a signature by one of keys does not hold, or none of
            them has signed.
    """
    parts = parse_note(note)
    known = {(key.name, key.id): key for key in keys}
    verified: list[NoteKey] = []
    for signature in parts.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None or key in verified:
            continue
        fits = len(signature.data) == _SIGNATURE_BYTES
        if not fits or not key.key.verifies(signature.data, parts.text.encode()):
            raise NoteInvalid(f"the signature by {key.name} does not hold over this text")
        verified.append(key)
    if not verified:
        names = ", ".join(sorted({name for name, _ in known})) or "anybody"
        raise NoteInvalid(f"the note is not signed by {names}")
    return parts.text, tuple(verified)


def verify_checkpoint(note: bytes, vkey: str) -> Checkpoint:
    """The tree head that the log with verifier key vkey signed.

    Raises:
        NoteInvalid: the key or the checkpoint is malformed, or the signature does not hold.
    """
    return verify_log_checkpoint(note, [vkey])


def verify_log_checkpoint(note: bytes, vkeys: Sequence[str]) -> Checkpoint:
    """As verify_checkpoint, of a log that has several keys: one of them has to have signed.

    Raises:
        NoteInvalid: a key or the checkpoint is malformed, or a signature by one of them, or every
            one, does not hold.
    """
    keys = [parse_vkey(vkey) for vkey in vkeys]
    _, signers = verify_note(note, keys)
    checkpoint = read_checkpoint(note)
    for key in signers:
        if checkpoint.origin != key.name:
            raise NoteInvalid(f"the checkpoint is of the log {checkpoint.origin}, not {key.name}")
    return checkpoint


def read_checkpoint(note: bytes) -> Checkpoint:
    """What a checkpoint says, its signatures not looked at: for one that was verified before.

    Raises:
        NoteInvalid: it is malformed.
    """
    lines = parse_note(note).text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise NoteInvalid("a checkpoint has the lines origin, size and root")
    origin, size, encoded, *extensions = lines
    root = _decode(encoded)
    if not re.fullmatch("0|[1-9][0-9]{0,18}", size):
        raise NoteInvalid(f"{size!r} is no tree size")
    if root is None or len(root) != HASH_BYTES:
        raise NoteInvalid("the checkpoint's root is no base64 of 32 bytes")
    return Checkpoint(origin, int(size), root, note, tuple(extensions))


def signed_lines(note: bytes, vkeys: Sequence[str]) -> bytes:
    """Those signature lines of a note that bear the name and id of one of these keys."""
    parts = parse_note(note)
    lines = note[len(parts.text.encode()) + 1 :].splitlines(keepends=True)
    known = {(key.name, key.id) for key in map(parse_vkey, vkeys)}
    pairs = zip(parts.signatures, lines, strict=True)
    return b"".join(
        line for signature, line in pairs if (signature.name, signature.key_id) in known
    )


def _parse_signature(line: str) -> NoteSignature:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = _decode(encoded) or b""
    if mark != "\u2014" or not _valid_name(name) or len(signature) <= _KEY_ID_BYTES:
        raise NoteInvalid(f"a signature line is malformed: {line[:80]!r}")
    return NoteSignature(name, signature[:_KEY_ID_BYTES], signature[_KEY_ID_BYTES:])


def _valid_name(name: str) -> bool:
    return name != "" and "+" not in name and not any(letter.isspace() for letter in name)


def _decode(encoded: str) -> bytes | None:
    """Base64 in its one canonical form: padded, no stray bits; else None."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == encoded else None
