"""Who stands, in memory: what the kernel asks on every call and every chunk."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from zongheng_protos.errors import (
    ChannelRevoked,
    CredentialRevoked,
    KeyRevoked,
    TenantClosed,
    TenantSuspended,
    Unavailable,
    ZonghengError,
)
from zongheng_tenants.credential import Credential


@dataclass(frozen=True, slots=True)
class Known:
    """What is revoked at one moment; each id with what it is refused with.

    Attributes:
        credentials, keys: by id. channels: by the certificate's serial number.
        suspended, closed: by the unit's id.
    """

    credentials: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)
    suspended: Mapping[str, str] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)


class InMemoryStanding:
    """The kernel's Standing: a few look-ups in what was last made known.

    Attributes:
        number: grows whenever what is known changes.
    """

    def __init__(self) -> None:
        self.number = 0
        self._known = Known()
        self._blind_after = math.inf

    def seen(self, until: float) -> None:
        """What is known may be relied on until then, on the monotonic clock, in seconds."""
        self._blind_after = until

    def become(self, known: Known) -> bool:
        """Take over what is known now; returns whether it differs from before."""
        if known == self._known:
            return False
        self._known = known
        self.number += 1
        return True

    def check(
        self,
        credential: Credential,
        *,
        key_id: str | None,
        channel_serial: int | None,
        now_ms: int,
    ) -> None:
        if time.monotonic() > self._blind_after:
            raise Unavailable("this hub cannot read at the moment what has been revoked")
        known = self._known
        if known.credentials and not known.credentials.keys().isdisjoint(credential.links):
            raise _refused(CredentialRevoked, known.credentials, credential)
        tenant = credential.tenant
        if tenant in known.suspended:
            raise TenantSuspended(f"{credential.name} ({tenant}) {known.suspended[tenant]}")
        if tenant in known.closed:
            raise TenantClosed(f"{credential.name} ({tenant}) {known.closed[tenant]}")
        if key_id is not None and key_id in known.keys:
            raise KeyRevoked(f"the key {key_id} of {credential.tenant} {known.keys[key_id]}")
        if channel_serial is not None and channel_serial in known.channels:
            raise ChannelRevoked(
                f"the channel certificate of {credential.tenant} {known.channels[channel_serial]}"
            )


def _refused(
    kind: type[ZonghengError], revoked: Mapping[str, str], credential: Credential
) -> ZonghengError:
    at = next(place for place, link in enumerate(credential.links) if link in revoked)
    whose = (*credential.ancestors, credential.tenant)[at]
    above = "" if whose == credential.tenant else f", which stands above {credential.tenant},"
    return kind(f"the credential of {whose}{above} {revoked[credential.links[at]]}")
