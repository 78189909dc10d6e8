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


def renewal_time(pem: bytes) -> float:
    """Unix seconds at which two thirds of a certificate's life are over."""
    from zongheng_sdk.channel import certificate_dates

    begins, ends = certificate_dates(pem)
    return begins + (ends - begins) * 2 / 3


def renew_identity(identity: Identity, path: Path | None, *, operator: str = "") -> Identity:
    """The identity with a new channel certificate, written back to path where there is one."""
    from zongheng_sdk.enrolling import renewed_identity
    from zongheng_sdk.identity_file import write_secret

    renewed = renewed_identity(identity, operator=operator)
    if path is not None:
        write_secret(path, renewed.to_json())
    return renewed
