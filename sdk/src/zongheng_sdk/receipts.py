"""Receipts: what the hub gives back for an act, tied to the envelope that was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an act stands in the log.

    Attributes:
        index: its place in the log, from 0; durable once you have it.
        leaf: the bytes of the leaf (tlog.v1.Leaf).
        salt: opens the leaf's commitment to the act's envelope; deleting it closes it for good.
        replayed: the act had been carried out before; this is its first result.
    """

    index: int
    leaf: bytes
    salt: bytes
    replayed: bool

    def commits_to(self, envelope: bytes) -> bool:
        """Whether the leaf speaks of exactly this envelope."""
        import hmac

        from zongheng_protos.tlog.v1.leaf_pb2 import Leaf

        commitment = Leaf.FromString(self.leaf).commitment
        return hmac.compare_digest(commitment, hmac.digest(self.salt, envelope, "sha256"))


def read_receipt(
    serialised: bytes | None, envelope: bytes | None, earlier: Sequence[bytes] = ()
) -> Receipt | None:
    """The receipt that came with a reply; None where none came.

    Args:
        envelope: the act as sent; None where the receipt was compared when it came.
        earlier: the same act as it was signed before: what was carried out is logged as it was
            first sent.

    Raises:
        ReceiptMismatch: the log entry does not speak of the act that was sent, as a reply to
            another call would.
    """
    if serialised is None:
        return None
    from google.protobuf.message import DecodeError

    from zongheng_protos.errors import ReceiptMismatch
    from zongheng_protos.tlog.v1 import tlog_pb2

    try:
        parts = tlog_pb2.Receipt.FromString(serialised)
        receipt = Receipt(parts.index, parts.leaf, parts.salt, parts.replayed)
        fits = envelope is None or any(map(receipt.commits_to, (envelope, *earlier)))
    except DecodeError as error:
        raise ReceiptMismatch("the receipt that the hub sent cannot be read") from error
    if not fits:
        raise ReceiptMismatch(
            f"log entry {receipt.index} does not commit to the act that was sent: the reply is for "
            "another call, or the hub is wrong"
        )
    return receipt
