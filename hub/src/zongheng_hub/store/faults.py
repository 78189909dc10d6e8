"""What a database's error means for the caller."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from zongheng_protos.errors import Invalid, StoreFull, Unavailable, ZonghengError

_POSTGRESQL_FULL = {"53100", "53200"}


def named_fault(error: DBAPIError) -> ZonghengError | DBAPIError:
    """The error to raise instead: by name where the cause is known, else error itself."""
    cause = str(error.orig)
    if "disk is full" in cause or getattr(error.orig, "sqlstate", None) in _POSTGRESQL_FULL:
        return StoreFull("the hub's database could not grow: its disk is full")
    if "disk I/O error" in cause:
        return StoreFull("the hub's disk failed while writing; nothing was recorded")
    if "NUL (0x00)" in cause:
        return Invalid("a text holds the character NUL, which PostgreSQL does not keep: remove it")
    if error.connection_invalidated or "locked" in cause:
        return Unavailable("the hub's database cannot be reached just now")
    return error
