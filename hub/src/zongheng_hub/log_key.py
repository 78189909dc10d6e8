"""Changing the log's key, the hub's part: make the next, see how far it is, retire the old one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from zongheng_hub.data_folder import NEXT_LOG_KEY, DataFolder
from zongheng_hub.settings import Settings
from zongheng_hub.store import open_store
from zongheng_hub.tlog.keys import successions
from zongheng_hub.tlog.note import verifier_key
from zongheng_protos.errors import Exists, StateConflict
from zongheng_tenants.keys import SigningKey

OVERLAP_DAYS = 30
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class KeyState:
    """How far a change of the log's key has come.

    Attributes:
        vkey: of the key that signs.
        next_vkey: of the one made to follow; empty when there is none.
        both_since_ms: since when both sign, Unix milliseconds; 0 while the next is not vouched for.
    """

    vkey: str
    next_vkey: str
    both_since_ms: int


def key_state(settings: Settings) -> KeyState:
    """Raises DataFolderError where there is no hub."""
    folder = DataFolder(settings.data)
    about = folder.about()
    upcoming = folder.next_log_key()
    vkey = verifier_key(about.origin, folder.log_key().public)
    following = "" if upcoming is None else verifier_key(about.origin, upcoming.public)
    store = open_store(settings.database or folder.database)
    try:
        known = store.read_now(successions)
    finally:
        store.close()
    since = [one.time_ms for one in known if (one.old_vkey, one.new_vkey) == (vkey, following)]
    return KeyState(vkey, following, since[0] if since else 0)


def make_next(settings: Settings) -> str:
    """Make the key that is to follow, beside the log's own; returns its verifier key.

    Raises:
        Exists: one was made already.
    """
    folder = DataFolder(settings.data)
    about = folder.about()
    if folder.next_log_key() is not None:
        raise Exists(
            "the log has a next key already: zongheng-hub log-key status shows how far it is"
        )
    key = SigningKey.generate()
    folder.make_secret(NEXT_LOG_KEY, key.private_bytes())
    return verifier_key(about.origin, key.public)


def retire(settings: Settings, *, overlap_days: int = OVERLAP_DAYS) -> str:
    """Let the next key sign alone from the next start on; returns its verifier key.

    The hub must not be running. The old private key is deleted; what it signed is still accepted
    by the hub, and by units through the province's signature under the new key.

    Raises:
        DataFolderError: the hub is running.
        StateConflict: nobody has vouched for the next key, or not long enough ago.
    """
    folder = DataFolder(settings.data)
    folder.lock()
    try:
        state = key_state(settings)
        if not state.both_since_ms:
            raise StateConflict(
                "no next key of the log has been vouched for: zongheng-hub log-key new, then "
                "zongheng log rotate as the province"
            )
        days = (time.time() * 1000 - state.both_since_ms) / _DAY_MS
        if days < overlap_days:
            raise StateConflict(
                f"both keys have signed for {days:.1f} days: units that are seldom online need "
                f"{overlap_days} to learn of the new one (--overlap-days says how many)"
            )
        folder.retire_log_key()
        return state.next_vkey
    finally:
        folder.close()
