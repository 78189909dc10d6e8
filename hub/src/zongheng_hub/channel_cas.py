"""Changing the channel CA, the hub's part: two are trusted for a while, so nobody is cut off.

rotate makes the next CA: it issues units' certificates from the next start on, and both are
trusted. A week later every unit that was online knows both; switch lets the next CA issue the
hub's own certificate too. retire forgets the old one. Each takes effect at the next start.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from zongheng_hub.data_folder import DataFolder
from zongheng_hub.settings import Settings
from zongheng_hub.tenancy.ca import CHANNEL_LIFE, ChannelAuthority
from zongheng_protos.errors import Exists, StateConflict

_KEY, _CERTIFICATE = "ca.key.pem", "ca.pem"
_NEXT_KEY, _NEXT = "ca.next.key.pem", "ca.next.pem"
_OLD = "ca.old.pem"
ALARM = timedelta(days=90)
RENEWED = CHANNEL_LIFE
"""By when every unit that is online at all has renewed its channel."""


@dataclass(frozen=True, slots=True)
class ChannelCas:
    """The CAs of a running hub.

    Attributes:
        issuer: issues units' channel certificates.
        server: issues the hub's own certificate.
        trusted: PEM of the CAs from which units' certificates are taken.
        shown: PEM of the CAs from which units should take the hub's.
    """

    issuer: ChannelAuthority
    server: ChannelAuthority
    trusted: bytes
    shown: bytes

    def alarm(self, now: datetime) -> str:
        """What to say when a CA is about to end; empty while there is time."""
        for pem in (self.issuer.pem, self.server.pem):
            ends = x509.load_pem_x509_certificate(pem).not_valid_after_utc
            if ends - now < ALARM:
                return (
                    f"the channel CA ends on {ends:%Y-%m-%d}: make the next one with "
                    "zongheng-hub ca rotate"
                )
        return ""


@dataclass(frozen=True, slots=True)
class CaState:
    """How far a change of the channel CA has come.

    Attributes:
        step: steady, rotating (the next CA is made) or switched (the old one is still trusted).
        ends: when the CA that issues the hub's certificate ends.
        since: when the step began.
    """

    step: str
    ends: datetime
    since: datetime


def load_cas(folder: DataFolder) -> ChannelCas:
    """Raises DataFolderError or ValueError when a key or certificate cannot be read."""
    own = ChannelAuthority.load(folder.secret(_KEY), folder.secret(_CERTIFICATE))
    if folder.has_secret(_NEXT):
        upcoming = ChannelAuthority.load(folder.secret(_NEXT_KEY), folder.secret(_NEXT))
        both = own.pem + upcoming.pem
        return ChannelCas(issuer=upcoming, server=own, trusted=both, shown=both)
    old = folder.secret(_OLD) if folder.has_secret(_OLD) else b""
    return ChannelCas(issuer=own, server=own, trusted=own.pem + old, shown=own.pem)


def ca_state(settings: Settings) -> CaState:
    folder = DataFolder(settings.data)
    folder.about()
    own = x509.load_pem_x509_certificate(folder.secret(_CERTIFICATE))
    step, marker = "steady", _CERTIFICATE
    if folder.has_secret(_NEXT):
        step, marker = "rotating", _NEXT
    elif folder.has_secret(_OLD):
        step, marker = "switched", _OLD
    return CaState(step, own.not_valid_after_utc, folder.secret_since(marker))


def rotate(settings: Settings) -> None:
    """Make the next CA; it works beside the old one from the next start on.

    Raises:
        Exists: a change is under way.
    """
    folder = DataFolder(settings.data)
    about = folder.about()
    state = ca_state(settings)
    if state.step != "steady":
        raise Exists(f"a change of the channel CA is under way ({state.step}): finish it first")
    made = ChannelAuthority.create(
        hub_id=about.hub_id, name="zongheng channel CA", now_ms=int(time.time() * 1000)
    )
    folder.make_secret(_NEXT_KEY, made.private_pem())
    folder.make_secret(_NEXT, made.pem)  # last: without it the change has not begun


def switch(settings: Settings, *, after: timedelta = RENEWED) -> None:
    """Let the next CA issue the hub's own certificate too, from the next start on.

    The old CA's private key is deleted; certificates that it issued are trusted until retire.

    Raises:
        StateConflict: there is no next CA, or units have not had the time to learn of it.
    """
    folder = DataFolder(settings.data)
    _check_step(settings, "rotating", after, "rotate")
    folder.move_secret(_CERTIFICATE, _OLD, keep=True)
    folder.move_secret(_NEXT_KEY, _KEY)
    folder.move_secret(_NEXT, _CERTIFICATE)


def retire(settings: Settings, *, after: timedelta = RENEWED) -> None:
    """Trust no certificate of the old CA any more, from the next start on.

    Raises:
        StateConflict: there is no old CA, or certificates that it issued may still be in use.
    """
    _check_step(settings, "switched", after, "switch")
    DataFolder(settings.data).drop_secret(_OLD)


def _check_step(settings: Settings, wanted: str, after: timedelta, before: str) -> None:
    state = ca_state(settings)
    if state.step != wanted:
        raise StateConflict(f"the channel CA is {state.step}: first zongheng-hub ca {before}")
    age = datetime.now(UTC) - state.since
    if age < after:
        raise StateConflict(
            f"{before} was {age.days} days ago: units renew within {after.days} days, and those "
            "that have not would be cut off (--after-days says how long to wait)"
        )
