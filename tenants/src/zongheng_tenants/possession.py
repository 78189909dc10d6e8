"""Proof that whoever hands in a sealing key can open what is sealed to it (RFC 4211, section 4.3).

The hub wraps a challenge to the key; only its holder can send back what was wrapped. The
signature and the MAC under which keys are handed in cover the answer, so that the parent sees
that the one who holds its invitation, or the unit's key until now, opened it.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from zongheng_protos.errors import PossessionUnproven
from zongheng_tenants.sealing import binding, unwrap_key, wrap_key
from zongheng_tenants.suites import INTL_1, suite_of

if TYPE_CHECKING:
    from zongheng_tenants.keys import Opener

_GROUPS, _GROUP = 6, 4


def challenge_answer(
    secret: bytes, digest: bytes, sealing_key: bytes, suite: int = INTL_1
) -> bytes:
    """What the hub expects back for a sealing key; the same every time, so nothing is kept.

    Args:
        secret: the hub's own; whoever knows it answers without the key.
        digest: keys_digest of everything handed in.
    """
    answer = hmac.digest(secret, binding("zongheng challenge v1", digest, sealing_key), "sha256")
    return answer[: suite_of(suite).data_key_bytes]


def wrap_challenge(secret: bytes, digest: bytes, sealing_key: bytes, suite: int = INTL_1) -> bytes:
    """The hub's part: the answer, wrapped to the sealing key. Raises Invalid: no usable key."""
    answer = challenge_answer(secret, digest, sealing_key, suite)
    return wrap_key(answer, sealing_key, _info(digest), suite)


def open_challenge(wrapped: bytes, key: Opener, digest: bytes) -> bytes:
    """The unit's part. Raises Invalid: it was wrapped to another key or for other keys."""
    return unwrap_key(wrapped, key, _info(digest))


def check_answer(
    secret: bytes, digest: bytes, sealing_key: bytes, answer: bytes, suite: int = INTL_1
) -> None:
    """The hub's check.

    Raises:
        PossessionUnproven: whoever hands the sealing key in cannot open what is sealed to it.
    """
    if not hmac.compare_digest(challenge_answer(secret, digest, sealing_key, suite), answer):
        raise PossessionUnproven(
            "the challenge was not opened: whoever hands in the sealing key does not hold it"
        )


def answered(digest: bytes, answer: bytes) -> bytes:
    """What is signed and MACed: the digest of the keys, and the opened challenge."""
    return hashlib.sha256(binding("zongheng enrol answered v1", digest, answer)).digest()


def keys_fingerprint(*, csr: bytes, signing_key: bytes, sealing_key: bytes) -> str:
    """What parent and child compare by telephone: 24 decimal digits over all three keys.

    Who wants other keys with the same digits has to try about 2^80 of them.
    """
    parts = binding("zongheng keys v1", csr, signing_key, sealing_key)
    number = int.from_bytes(hashlib.sha256(parts).digest(), "big") % 10 ** (_GROUPS * _GROUP)
    digits = f"{number:0{_GROUPS * _GROUP}d}"
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def _info(digest: bytes) -> bytes:
    return binding("zongheng challenge v1", digest)
