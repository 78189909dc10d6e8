"""Identifiers made without coordination: a prefix, 48 bits of time, 64 random bits."""

from __future__ import annotations

import os
import threading
import time

_POOL_BYTES = 4096
_pool = threading.local()
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case


def new_id(prefix: str, *, now_ms: int | None = None) -> str:
    """A new id such as "n_01k…": sorts by time, never coordinated, 23 characters after "_"."""
    at = int(time.time() * 1000) if now_ms is None else now_ms
    number = ((at & (2**48 - 1)) << 64 | int.from_bytes(random_bytes(8), "big")) << 3
    digits = [_ALPHABET[number >> shift & 31] for shift in range(110, -1, -5)]
    return f"{prefix}_{''.join(digits)}"


def random_bytes(count: int) -> bytes:
    """Bytes of the system's generator, fetched 4 kB at a time: one system call for many ids.

    The pool is each thread's own and is dropped in a forked process, so no bytes come twice.
    """
    rest: bytes = getattr(_pool, "rest", b"")
    if len(rest) < count or _pool.process != os.getpid():
        rest = os.urandom(max(_POOL_BYTES, count))
        _pool.process = os.getpid()
    _pool.rest = rest[count:]
    return rest[:count]
