"""What the log holds of an act: parties, time and a salted commitment, never its content."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from zongheng_protos.errors import TooLarge
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

VERSION = 1
MAX_LEAF_BYTES = 2048
SALT_BYTES = 32


def commitment(salt: bytes, envelope: bytes) -> bytes:
    """HMAC-SHA256(salt, envelope): says nothing once the salt is gone."""
    return hmac.digest(salt, envelope, "sha256")


def make_leaf(
    *,
    act: str,
    time_ms: int,
    actor: str,
    parties: Iterable[str],
    subject: str,
    envelope: bytes,
    salt: bytes,
) -> bytes:
    """The bytes of a leaf (zongheng.tlog.v1.Leaf), serialised deterministically.

    Args:
        time_ms: Unix time in milliseconds at which the hub records the act.
        parties: every tenant concerned besides the actor.
        salt: 32 random bytes, made for this leaf only.

    Raises:
        TooLarge: it would be over 2 kB, from too many parties or too long a subject.
    """
    leaf = Leaf(
        version=VERSION,
        act=act,
        time_ms=time_ms,
        actor=actor,
        parties=parties,
        subject=subject,
        commitment=commitment(salt, envelope),
    ).SerializeToString(deterministic=True)
    if len(leaf) > MAX_LEAF_BYTES:
        raise TooLarge(
            f"the act {act} on {subject} needs a leaf of {len(leaf)} bytes; "
            f"the log takes at most {MAX_LEAF_BYTES}"
        )
    return leaf
