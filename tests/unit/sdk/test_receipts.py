"""A receipt must speak of the act that was sent."""

from __future__ import annotations

import hmac

import pytest

from zongheng_protos.errors import ReceiptMismatch
from zongheng_protos.tlog.v1 import tlog_pb2
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.receipts import read_receipt

SALT = b"s" * 32


def serialised(envelope: bytes, *, replayed: bool = False) -> bytes:
    leaf = Leaf(commitment=hmac.digest(SALT, envelope, "sha256")).SerializeToString()
    return tlog_pb2.Receipt(index=7, leaf=leaf, salt=SALT, replayed=replayed).SerializeToString()


def test_a_receipt_for_the_sent_act_is_read() -> None:
    receipt = read_receipt(serialised(b"act"), b"act")
    assert receipt is not None
    assert (receipt.index, receipt.replayed) == (7, False)


def test_a_receipt_for_another_act_is_refused() -> None:
    with pytest.raises(ReceiptMismatch, match="entry 7"):
        read_receipt(serialised(b"another"), b"act")


def test_a_replayed_act_is_logged_as_it_was_first_sent() -> None:
    given = serialised(b"as first signed", replayed=True)
    receipt = read_receipt(given, b"signed anew", (b"as first signed",))
    assert receipt is not None
    assert receipt.replayed


def test_that_it_was_replayed_excuses_no_other_act() -> None:
    with pytest.raises(ReceiptMismatch, match="the reply is for another call"):
        read_receipt(serialised(b"another", replayed=True), b"act", (b"act as first signed",))


def test_a_receipt_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ReceiptMismatch, match="cannot be read"):
        read_receipt(b"\xff\xff", b"act")


def test_reading_gives_no_receipt() -> None:
    assert read_receipt(None, None) is None
