"""Drives flows with answers given by the test: no channel, no clock, no hub."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zongheng_protos.errors import ZonghengError
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_protos.tlog.v1.tlog_pb2 import Receipt
from zongheng_sdk.flow import Call, Flow, Reply, Step, Together, Wait, Work
from zongheng_sdk.operation import SyncBound
from zongheng_sdk.session import Session
from zongheng_tenants.identity import Identity

SALT = b"s" * 32
NOW_MS = 1_795_000_000_000
Answer = Callable[[Call], Reply]


class HubByHand:
    """Answers a flow's calls; remembers them and how long it waited.

    Attributes:
        answer: what a call comes to; raises the ZonghengError it is refused with.
        seconds: its clock; only Wait moves it.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.calls: list[Call] = []
        self.waits: list[float] = []
        self.seconds = 0.0

    def session(self, *, operator: str = "王某某", timeout: float = 10.0) -> Session:
        return Session(
            identity(),
            operator,
            timeout,
            SyncBound,
            now_ms=lambda: NOW_MS + int(self.seconds * 1000),
            monotonic=lambda: self.seconds,
        )

    def run(self, flow: Flow[Any]) -> Any:
        try:
            step = next(flow)
            while True:
                try:
                    result = self._perform(step)
                except ZonghengError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(result)
        except StopIteration as end:
            return end.value

    def _perform(self, step: Step) -> Any:
        match step:
            case Call():
                self.calls.append(step)
                reply = self.answer(step)
                if step.act is not None and reply.receipt is None:
                    return Reply(reply.body, receipt_for(step.act))
                return reply
            case Wait(seconds):
                self.waits.append(seconds)
                self.seconds += seconds
                return None
            case Work(run):
                return run()
            case Together(flows):
                return [self._outcome(flow) for flow in flows]
        raise AssertionError(f"no answer for {step}")

    def _outcome(self, flow: Flow[Any]) -> Any:
        try:
            return self.run(flow)
        except ZonghengError as error:
            return error


def receipt_for(act: bytes, *, replayed: bool = False) -> bytes:
    """What an honest hub gives back for an act."""
    leaf = Leaf(commitment=hmac.digest(SALT, act, "sha256")).SerializeToString()
    return Receipt(index=7, leaf=leaf, salt=SALT, replayed=replayed).SerializeToString()


def identity(*, tenant: str = "t_county") -> Identity:
    return Identity(
        hub_id="h_hub",
        tenant=tenant,
        name="小店区",
        grpc_address="127.0.0.1:1",
        web_address="http://127.0.0.1:1",
        root_fingerprint="0" * 64,
        log_vkey="",
        chain=(),
        signing_key=Ed25519PrivateKey.generate().private_bytes_raw(),
        sealing_key=bytes(range(32)),
        channel_key_pem=b"",
        channel_pem=b"",
        ca_pem=b"",
    )
