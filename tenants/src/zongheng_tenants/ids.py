"""Identifiers made without coordination: a prefix, 48 bits of time, 64 random bits."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_id(prefix: str, *, now_ms: int | None = None) -> str:
    """A new id such as "n_01k…": sorts by time, never coordinated, 23 characters after "_"."""
    at = int(time.time() * 1000) if now_ms is None else now_ms
    number = ((at & (2**48 - 1)) << 64 | secrets.randbits(64)) << 3
    digits = [_PAIRS[number >> shift & 1023] for shift in range(100, -1, -10)]
    return f"{prefix}_{_ALPHABET[number >> 110]}{''.join(digits)}"
