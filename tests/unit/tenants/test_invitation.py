"""An invitation is one word; its token shows it is held, its MAC shows whose keys came."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.errors import InvitationInvalid
from zongheng_tenants.invitation import Invitation, keys_digest, token_of

SECRET = bytes(range(16))
INVITATION = Invitation("i_1", "http://127.0.0.1:8080", "ab" * 32, SECRET, "cd" * 32)


def test_an_invitation_survives_being_handed_over() -> None:
    word = INVITATION.encode()

    assert word.startswith("zh1.")
    assert Invitation.decode(f" {word}\n") == INVITATION


def test_the_token_tells_nothing_of_the_secret_or_the_mac() -> None:
    assert token_of(SECRET) == INVITATION.token
    assert SECRET not in INVITATION.token
    assert INVITATION.token != INVITATION.mac(b"")


def test_secrets_are_never_the_same() -> None:
    assert Invitation.new_secret() != Invitation.new_secret()


def encoded(body: bytes, prefix: str = "zh1") -> str:
    return prefix + "." + base64.urlsafe_b64encode(body).decode().rstrip("=")


@pytest.mark.parametrize(
    "word",
    [
        "",
        "zh1.",
        INVITATION.encode()[:-9],
        INVITATION.encode().replace("zh1", "zh2"),
        encoded(b"i_1|http://x|" + b"ab" * 32 + b"|00"),
        encoded(b"i_1|http://x|short|" + b"00" * 16),
        encoded(b"i_1|http://x|" + b"ab" * 32 + b"|" + b"zz" * 16),
        encoded(b"i_1|http://x|" + b"ab" * 32 + b"|" + b"00" * 16),
        encoded(b"only"),
        encoded(b"\xff\xfe"),
        "zh1.单位",
    ],
)
def test_what_is_no_invitation_is_refused_with_advice(word: str) -> None:
    with pytest.raises(InvitationInvalid, match="copy it whole"):
        Invitation.decode(word)


@given(st.text(max_size=100))
def test_random_text_is_no_invitation(text: str) -> None:
    with pytest.raises(InvitationInvalid):
        Invitation.decode(text)


def test_the_digest_does_not_confuse_where_one_part_ends() -> None:
    assert keys_digest("i_1", b"ab", b"c", b"d") != keys_digest("i_1", b"a", b"bc", b"d")
    assert keys_digest("i_1a", b"b", b"c", b"d") != keys_digest("i_1", b"ab", b"c", b"d")
