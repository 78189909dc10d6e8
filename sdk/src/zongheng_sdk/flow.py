"""Operations without I/O: a flow yields steps and is given their results (docs/adr, sans-I/O).

An operation is written once, as a generator. A driver (drive.py) carries its steps out on a
blocking channel for Hub and on grpc.aio for AsyncHub; tests answer the steps by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, TypeVar

from zongheng_sdk.methods import Method

T = TypeVar("T")

Flow = Generator["Step", Any, T]
"""Yields steps, receives what they came to, returns a T. Failures are thrown in at the step."""


# Steps are named tuples and not dataclasses: quicker to make, and one is made for every call.


class Call(NamedTuple):
    """Send one request and wait for its reply.

    Attributes:
        method: its path and rule.
        request: the exact bytes.
        act: the act's envelope; None on reads.
        timeout: seconds.
    """

    method: Method
    request: bytes
    act: bytes | None
    timeout: float


class Reply(NamedTuple):
    """What a Call came to; receipt is the serialised tlog.v1.Receipt of an act."""

    body: bytes
    receipt: bytes | None = None


class OpenStream(NamedTuple):
    """Send one request whose replies stream; gives a handle for NextMessage."""

    call: Call


class NextMessage(NamedTuple):
    """The next message of a stream as bytes; None at its end."""

    stream: Any


class Wait(NamedTuple):
    """Let seconds pass."""

    seconds: float


class Work(NamedTuple):
    """Run something that takes a while or touches the disk; off the loop under AsyncHub."""

    run: Callable[[], Any]


class Together(NamedTuple):
    """Carry out flows at the same time, started in order, at most limit at once.

    Gives, in order, each flow's result or the ZonghengError it ended with.
    """

    flows: Sequence[Flow[Any]]
    limit: int


Step = Call | OpenStream | NextMessage | Wait | Work | Together


def send(call: Call) -> Flow[Reply]:
    reply: Reply = yield call
    return reply


def wait(seconds: float) -> Flow[None]:
    yield Wait(seconds)


def work(run: Callable[[], T]) -> Flow[T]:
    result: T = yield Work(run)
    return result


def together(flows: Sequence[Flow[T]], *, limit: int) -> Flow[list[T | Exception]]:
    results: list[T | Exception] = yield Together(flows, limit)
    return results


def all_of(flows: Sequence[Flow[T]], *, limit: int) -> Flow[list[T]]:
    """As together, but the first failure is raised."""
    results = yield from together(flows, limit=limit)
    return [_raised(result) for result in results]


def _raised(result: T | Exception) -> T:
    if isinstance(result, Exception):
        raise result
    return result
