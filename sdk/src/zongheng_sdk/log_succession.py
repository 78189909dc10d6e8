"""How a log's keys follow from the root: the published log's file `succession`, read."""

from __future__ import annotations

import base64
import binascii

from zongheng_sdk.notes import NoteInvalid
from zongheng_tenants.credential import verify_chain
from zongheng_tenants.log_key import read_succession, rooted_log_key


def read_successions(text: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """The root credential and the successions in a published file, nothing verified.

    Raises:
        NoteInvalid: the file is malformed.
    """
    try:
        root, *successions = (base64.b64decode(line, validate=True) for line in text.splitlines())
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("the file succession is malformed") from error
    return root, tuple(successions)


def write_successions(root: bytes, successions: tuple[bytes, ...]) -> bytes:
    """The file that read_successions reads."""
    return b"".join(base64.b64encode(one) + b"\n" for one in (root, *successions))


def key_from_root(text: bytes, root_fingerprint: str) -> str:
    """The log's key that follows from the root alone, by a published succession file.

    Raises:
        NoteInvalid: the file is malformed.
        SignatureInvalid, CredentialForeign: that root has not signed it, or vouches for no key.
    """
    root, successions = read_successions(text)
    return rooted_log_key(successions, root=root, root_fingerprint=root_fingerprint)


def keys_from_root(text: bytes, root_fingerprint: str) -> tuple[str, ...]:
    """Every key of the log that the root ever vouched for. Raises as key_from_root."""
    root, successions = read_successions(text)
    verified = verify_chain([root], root_fingerprint=root_fingerprint, at_ms=None)
    return tuple(dict.fromkeys(read_succession(one, verified).new_vkey for one in successions))
