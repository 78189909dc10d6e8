"""How a hub is spoken to: who speaks, what is signed, when a call is sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from zongheng_sdk.flow import Call, Flow, NextMessage, OpenStream, Reply, Wait, Work, send
from zongheng_sdk.methods import Method, method_of
from zongheng_sdk.operation import Bound
from zongheng_sdk.receipts import Receipt, read_receipt

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor
    from google.protobuf.message import Message

    from zongheng_protos.errors import ZonghengError
    from zongheng_sdk.receipt_book import ReceiptBook
    from zongheng_tenants.identity import Identity
    from zongheng_tenants.keys import Signer

M = TypeVar("M", bound="Message")

STREAM_FACTOR = 30
"""A stream may last this many times the deadline of one call."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When a call is sent again: only where the method's rule says it is safe, and only when the
    hub could not be reached, is busy, or says when the budget will have filled again.

    Attributes:
        attempts: how often at most, the first time included.
        first, factor, longest: pauses in seconds; each is drawn from half to the whole of it.
            Where the hub names a time, the pause is that and up to half as much again.
    """

    attempts: int = 8
    first: float = 0.1
    factor: float = 2.0
    longest: float = 3.0

    def pauses(self, draw: Callable[[], float] | None = None) -> Iterator[float]:
        """The pauses between attempts; draw gives numbers from 0 to 1."""
        import random

        draw = draw or random.random
        pause = self.first
        for _ in range(self.attempts - 1):
            yield pause * (0.5 + draw() / 2)
            pause = min(pause * self.factor, self.longest)

    @staticmethod
    def pause_for(refusal: ZonghengError, pause: float) -> float:
        """pause, or longer where the hub has named a time; spread, so that not all come at once."""
        import random

        if refusal.retry_after is None:
            return pause
        return max(pause, refusal.retry_after * (1 + random.random() / 2))


class Session:
    """What every operation of one opened hub shares.

    Attributes:
        identity: replaced when the channel certificate is renewed.
        operator: 经办人, the person named in every act.
        timeout: seconds for one operation's call, retries included.
        bound: makes an operation callable, in this hub's mode.
        now_ms, monotonic: clocks (Unix milliseconds; seconds).
        receipts: keeps the receipt of every act; None: nobody does.
    """

    def __init__(
        self,
        identity: Identity,
        operator: str,
        timeout: float,
        bound: Callable[[Any, Callable[..., Flow[Any]]], Bound[Any, Any]],
        *,
        retry: Retry | None = None,
        now_ms: Callable[[], int] = lambda: int(time.time() * 1000),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.identity = identity
        self.operator = operator
        self.timeout = timeout
        self.bound = bound
        self.retry = retry or Retry()
        self.now_ms = now_ms
        self.monotonic = monotonic
        self.receipts: ReceiptBook | None = None
        self._key: Signer | None = None

    def book(self) -> ReceiptBook:
        """The receipts. Raises FileUnusable: the hub was opened without a file."""
        if self.receipts is None:
            from zongheng_protos.errors import FileUnusable

            raise FileUnusable(
                "receipts are kept in a file: open the hub with the path of its identity"
            )
        return self.receipts

    def close(self) -> None:
        """Let go of the file of receipts."""
        if self.receipts is not None:
            self.receipts.close()

    def switch(self, identity: Identity) -> None:
        """Go on with another certificate, chain or keys of the same unit."""
        self.identity = identity
        self._key = None

    def key(self) -> Signer:
        """The identity's signing key, decoded once."""
        if self._key is None:
            self._key = self.identity.signing()
        return self._key

    def sign(
        self, path: str, request: bytes, *, nonce: bytes | None = None, operator: str = ""
    ) -> bytes:
        """An act's envelope for one call; operator stands in for the session's.

        Raises:
            OperatorUnnamed: the hub was opened without naming an operator.
        """
        from zongheng_protos.errors import OperatorUnnamed
        from zongheng_tenants.act import sign_act

        named = operator or self.operator
        if not named:
            raise OperatorUnnamed("an act names the person who does it, and nobody is named")
        return sign_act(
            method=path,
            request=request,
            tenant=self.identity.tenant,
            operator=named,
            audience=self.identity.hub_id,
            key=self.key(),
            nonce=nonce,
            now_ms=self.now_ms(),
        )

    def exchange(
        self, method: Method, request: bytes, *, signed: Sequence[bytes] = ()
    ) -> Flow[tuple[Reply, Receipt | None]]:
        """Send one call, signed where it is an act, again where that is safe.

        Every attempt carries the same envelope, so the hub acts once.

        Args:
            signed: the act as it was signed so far, where that is so; the last one is sent.

        Raises:
            ReceiptMismatch: an act was answered without its receipt, or with another one's.
            ZonghengError: what the hub answered; Unavailable, Busy or Quota once retries or time
                run out.
        """
        from zongheng_protos.errors import Busy, Quota, ReceiptMismatch, Unavailable

        act = None
        if method.act:
            act = signed[-1] if signed else self.sign(method.path, request)
        deadline = self.monotonic() + self.timeout
        pauses = self.retry.pauses()
        while True:
            left = max(deadline - self.monotonic(), 0.001)
            try:
                reply = yield from send(Call(method, request, act, left))
                receipt = read_receipt(reply.receipt, act, signed[:-1])
                if act is not None and receipt is None:
                    raise ReceiptMismatch(f"the hub gave no receipt for an act of {method.path}")
                if act is not None and receipt is not None and self.receipts is not None:
                    yield Work(partial(self.receipts.keep, receipt, (act, *signed[:-1])))
                return reply, receipt
            except (Unavailable, Busy, Quota) as refusal:
                pause = next(pauses, None)
                if not method.retry_safe or pause is None:
                    raise
                if isinstance(refusal, Quota) and refusal.retry_after is None:
                    raise  # waiting does not help
                pause = self.retry.pause_for(refusal, pause)
                if self.monotonic() + pause >= deadline:
                    raise
            yield Wait(pause)

    def unary(
        self, descriptor: MethodDescriptor, request: Message, reply_type: type[M]
    ) -> Flow[tuple[M, Receipt | None]]:
        """As exchange, from message to message."""
        reply, receipt = yield from self.exchange(
            method_of(descriptor), request.SerializeToString()
        )
        return parsed(reply.body, reply_type), receipt

    def stream(self, descriptor: MethodDescriptor, request: Message) -> Flow[Any]:
        """Open a stream; give the handle to receive()."""
        method = method_of(descriptor)
        body = request.SerializeToString()
        act = self.sign(method.path, body) if method.act else None
        handle = yield OpenStream(Call(method, body, act, self.timeout * STREAM_FACTOR))
        return handle


def receive(handle: Any, reply_type: type[M]) -> Flow[M | None]:
    """The stream's next message; None at its end."""
    body: bytes | None = yield NextMessage(handle)
    return None if body is None else parsed(body, reply_type)


def parsed(body: bytes, reply_type: type[M]) -> M:
    """Raises ReplyUnusable when the hub's reply is not what its descriptor says."""
    from google.protobuf.message import DecodeError

    from zongheng_protos.errors import ReplyUnusable

    try:
        return reply_type.FromString(body)
    except DecodeError as error:
        name = reply_type.DESCRIPTOR.full_name
        raise ReplyUnusable(
            f"the hub's reply is no {name}: is the SDK older than the hub?"
        ) from error
