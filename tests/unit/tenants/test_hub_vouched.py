"""What a hub says of its log's key and its CAs counts only under the province's own keys."""

from __future__ import annotations

import pytest

from tests.unit.tenants.parties import NOW_MS, OWNER, PROVINCE, STRANGER
from zongheng_protos.errors import ClockSkew, CredentialForeign, SignatureInvalid
from zongheng_tenants.act import MAX_SKEW_MS
from zongheng_tenants.channel_authorities import read_authorities, sign_authorities
from zongheng_tenants.credential import fingerprint
from zongheng_tenants.envelope import CHANNEL_AUTHORITIES, LOG_KEY, seal_envelope
from zongheng_tenants.keys import Signer
from zongheng_tenants.log_key import (
    newest_log_key,
    read_succession,
    rooted_log_key,
    sign_succession,
)

ROOT = PROVINCE.credential
PEM = b"-----BEGIN CERTIFICATE-----"


def authorities(
    key: Signer = PROVINCE.console, *, hub_id: str = "h_1", signed_ms: int = NOW_MS
) -> bytes:
    return sign_authorities(hub_id=hub_id, pem=PEM, key=key, now_ms=signed_ms)


def read(envelope: bytes) -> bytes:
    return read_authorities(envelope, root=ROOT, hub_id="h_1", now_ms=NOW_MS)


@pytest.mark.parametrize("off", [-MAX_SKEW_MS, 0, MAX_SKEW_MS])
def test_cas_under_the_hub_held_key_are_read_within_five_minutes(off: int) -> None:
    assert read(authorities(signed_ms=NOW_MS + off)) == PEM


def test_cas_signed_a_moment_too_long_ago_are_refused_by_their_age() -> None:
    with pytest.raises(ClockSkew, match=r"is 302 s old"):
        read(authorities(signed_ms=NOW_MS - MAX_SKEW_MS - 2000))
    for off in (-MAX_SKEW_MS - 1, MAX_SKEW_MS + 1):
        with pytest.raises(ClockSkew):
            read(authorities(signed_ms=NOW_MS + off))


@pytest.mark.parametrize("key", [PROVINCE.signing, OWNER.console, STRANGER.signing])
def test_cas_under_any_other_key_are_refused(key: Signer) -> None:
    with pytest.raises(SignatureInvalid, match="not signed with the key it holds for the root"):
        read(authorities(key))


def test_cas_of_another_hub_are_refused_by_name() -> None:
    with pytest.raises(CredentialForeign, match="CAs of hub h_2, not of h_1"):
        read(authorities(hub_id="h_2"))


def test_what_is_no_list_of_cas_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="cannot be read"):
        read(seal_envelope(CHANNEL_AUTHORITIES, b"\xff", PROVINCE.console))


def succession(old: str, new: str, *, key: Signer = PROVINCE.signing, origin: str = "log") -> bytes:
    return sign_succession(origin=origin, old_vkey=old, new_vkey=new, root_key=key, now_ms=NOW_MS)


def newest(vkey: str, *successions: bytes) -> str:
    root = PROVINCE.chain[0]
    return newest_log_key(vkey, successions, root=root, root_fingerprint=fingerprint(root))


def test_the_logs_key_is_followed_to_the_last() -> None:
    first, second = succession("log+1", "log+2"), succession("log+2", "log+3")
    assert newest("log+1", second, first, first) == "log+3"
    assert newest("log+2", first, second) == "log+3"
    assert newest("log+9", first, second) == "log+9"
    assert newest("log+1") == "log+1"


def test_the_logs_key_follows_from_the_root_alone_where_the_root_vouched_for_its_first() -> None:
    def rooted(*successions: bytes) -> str:
        root = PROVINCE.chain[0]
        return rooted_log_key(successions, root=root, root_fingerprint=fingerprint(root))

    first, second = succession("", "log+1"), succession("log+1", "log+2")
    assert rooted(first) == "log+1"
    assert rooted(second, first) == "log+2"
    with pytest.raises(SignatureInvalid, match="vouches for no key"):
        rooted(second)
    with pytest.raises(SignatureInvalid, match="names no key"):
        rooted(first, succession("log+1", ""))


def test_keys_that_follow_one_another_in_a_ring_end() -> None:
    ring = succession("log+1", "log+2"), succession("log+2", "log+1")
    assert newest("log+1", *ring) == "log+2"


def test_two_keys_after_one_are_a_forked_log() -> None:
    with pytest.raises(CredentialForeign, match=r"two keys follow log\+1"):
        newest("log+1", succession("log+1", "log+2"), succession("log+1", "log+3"))


def test_a_succession_says_what_was_signed() -> None:
    read = read_succession(succession("log+1", "log+2"), ROOT)
    assert (read.origin, read.old_vkey, read.new_vkey) == ("log", "log+1", "log+2")
    assert read.time_ms == NOW_MS


@pytest.mark.parametrize(("old", "new"), [("log+1", "other+2"), ("other+1", "log+2")])
def test_a_key_of_another_log_follows_nothing(old: str, new: str) -> None:
    with pytest.raises(SignatureInvalid, match="is not one of the log log"):
        newest("log+1", succession(old, new))


def test_only_the_root_says_which_key_follows() -> None:
    for key in (PROVINCE.console, OWNER.signing):
        with pytest.raises(SignatureInvalid):
            newest("log+1", succession("log+1", "log+2", key=key))
    with pytest.raises(SignatureInvalid, match="cannot be read"):
        newest("log+1", seal_envelope(LOG_KEY, b"\xff", PROVINCE.signing))
