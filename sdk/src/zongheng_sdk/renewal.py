"""When a channel certificate is renewed: at two thirds of its life, by whoever calls next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zongheng_tenants.identity import Identity

RETRY_SECONDS = 600.0
"""How long to leave the hub alone after a renewal that came to nothing."""


class Renewal:
    """Keeps the date; asked before every operation. Whoever renews holds the hub's lock."""

    def __init__(self, identity: Identity, *, now: Callable[[], float] = time.time) -> None:
        self._pem = identity.channel_pem
        self._now = now
        self._at: float | None = None

    def due(self) -> bool:
        if self._at is None:
            self._at = renewal_time(self._pem)
        return self._now() >= self._at

    def put_off(self) -> None:
        """Not due again for ten minutes, should this renewal come to nothing."""
        self._at = self._now() + RETRY_SECONDS

    def renewed(self, identity: Identity) -> None:
        """Another certificate is in use."""
        self._at = renewal_time(identity.channel_pem)


WATCH_SECONDS = 1.0
"""How often an open hub looks whether its identity file was replaced."""


class IdentityWatch:
    """Notices that the identity file was replaced, as a rotation does; asked at every operation."""

    def __init__(
        self, path: Path | None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._monotonic = monotonic
        self._seen = self._stamp()
        self._next = monotonic() + WATCH_SECONDS

    def replaced(self) -> bool:
        """Whether there is another file than when seen() was called last."""
        if self._path is None or self._monotonic() < self._next:
            return False
        self._next = self._monotonic() + WATCH_SECONDS
        return self._stamp() != self._seen

    def seen(self) -> None:
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = None if self._path is None else self._path.stat()
        except OSError:  # between two files, or moved away: what is loaded goes on
            return None
        return None if found is None else (found.st_mtime_ns, found.st_ino)


def reread(current: Identity, path: Path | None) -> Identity:
    """The identity now in the file, at the addresses in use; the current one if it is another's."""
    from dataclasses import replace

    from zongheng_protos.errors import NotEnrolled
    from zongheng_sdk.identity_file import read_identity

    if path is None:
        return current
    try:
        found = read_identity(path)
    except NotEnrolled:
        return current
    if (found.tenant, found.root_fingerprint) != (current.tenant, current.root_fingerprint):
        return current
    return replace(found, web_address=current.web_address, grpc_address=current.grpc_address)


def renewal_time(pem: bytes) -> float:
    """Unix seconds at which two thirds of a certificate's life are over."""
    from zongheng_sdk.channel import certificate_dates

    begins, ends = certificate_dates(pem)
    return begins + (ends - begins) * 2 / 3


def renew_identity(identity: Identity, path: Path | None, *, operator: str = "") -> Identity:
    """The identity with a new channel certificate, written back to path where there is one."""
    from zongheng_sdk.identity_file import write_secret
    from zongheng_sdk.rotating import renewed_identity

    renewed = renewed_identity(identity, operator=operator)
    if path is not None:
        write_secret(path, renewed.to_json())
    return renewed
