"""An act speaks of one call: its method, its hub, its request, its moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_protos.errors import ActMismatch, ClockSkew, SignatureInvalid, ZonghengError
from zongheng_tenants.act import MAX_SKEW_MS, SignedAct, sign_act, signer_of, verify_act
from zongheng_tenants.envelope import ACT, seal_envelope
from zongheng_tenants.keys import SigningKey, VerifyKey

KEY = SigningKey.generate()
NOW_MS = 1_770_000_000_000
METHOD = "/zongheng.needs.v1.NeedsService/FileNeed"
REQUEST = b"a request's exact bytes"


def signed(**changes: object) -> bytes:
    fields: dict[str, object] = {
        "method": METHOD,
        "request": REQUEST,
        "tenant": "t_1",
        "operator": "王某某",
        "audience": "h_1",
        "key": KEY,
        "now_ms": NOW_MS,
    }
    return sign_act(**(fields | changes))  # type: ignore[arg-type]


def verify(envelope: bytes, **changes: object) -> SignedAct:
    parts, _ = signer_of(envelope)
    fields: dict[str, object] = {
        "method": METHOD,
        "request": REQUEST,
        "audience": "h_1",
        "now_ms": NOW_MS,
    }
    return verify_act(envelope, parts, VerifyKey(KEY.public), **(fields | changes))  # type: ignore[arg-type]


def test_an_act_says_who_did_what() -> None:
    act = verify(signed())

    assert (act.statement.tenant, act.statement.operator) == ("t_1", "王某某")
    assert act.key_id == KEY.id
    assert act.key == act.statement.nonce + KEY.id.encode()


def test_every_act_has_its_own_nonce_unless_it_is_sent_again() -> None:
    assert verify(signed()).key != verify(signed()).key
    nonce = bytes(16)
    assert signed(nonce=nonce) == signed(nonce=nonce)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"method": METHOD + "s"}, "was signed for"),
        ({"audience": "h_2"}, "for hub h_1"),
        ({"request": REQUEST + b"\0"}, "another request"),
        ({"request": b""}, "another request"),
    ],
)
def test_an_act_for_another_call_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ActMismatch, match=says):
        verify(signed(), **changes)


@pytest.mark.parametrize("off", [MAX_SKEW_MS + 1, -MAX_SKEW_MS - 1, 2**60])
def test_a_clock_too_far_off_is_refused(off: int) -> None:
    with pytest.raises(ClockSkew, match="off the hub's clock"):
        verify(signed(now_ms=NOW_MS + off))


@pytest.mark.parametrize("off", [MAX_SKEW_MS, -MAX_SKEW_MS])
def test_a_clock_five_minutes_off_is_let_through(off: int) -> None:
    assert verify(signed(now_ms=NOW_MS + off)).key_id == KEY.id


def test_long_after_the_fact_only_the_signature_counts() -> None:
    assert verify(signed(now_ms=0), now_ms=None).statement.time_ms == 0


@pytest.mark.parametrize("nonce", [b"short", bytes(17)])
def test_a_nonce_of_another_length_is_refused(nonce: bytes) -> None:
    with pytest.raises(ActMismatch, match="nonce"):
        verify(signed(nonce=nonce))


def test_a_statement_that_is_none_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="cannot be read"):
        verify(seal_envelope(ACT, b"\xff\xff\xff", KEY))


@given(st.binary(max_size=100))
def test_a_signature_over_random_bytes_makes_no_act(noise: bytes) -> None:
    with pytest.raises(ZonghengError):
        verify(seal_envelope(ACT, noise, KEY))


def test_an_act_on_behalf_of_an_operator_says_so() -> None:
    assert verify(signed(on_behalf=True)).statement.on_behalf
    assert not verify(signed()).statement.on_behalf


def test_the_statement_holds_a_digest_and_not_the_request() -> None:
    statement: ActStatement = verify(signed()).statement

    assert len(statement.request_sha256) == 32
    assert REQUEST not in statement.SerializeToString()
