"""The one way in: who, may they, within quota, exactly once, dispatch, record.

gRPC, Connect and the console hand raw bytes to the same five steps; no servicer
checks identity itself. Nothing parses a request before its signature holds.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import protovalidate
from google.protobuf.message import DecodeError, Message

from zongheng_hub.kernel import permission
from zongheng_hub.kernel.admission import Admission
from zongheng_hub.kernel.bounds import violated
from zongheng_hub.kernel.call import Caller, Outcome, Room, Subject
from zongheng_hub.kernel.identity import Channel, Identities, with_operator
from zongheng_hub.kernel.live import LiveCalls
from zongheng_hub.kernel.metering import Meter
from zongheng_hub.kernel.methods import Method, methods_of
from zongheng_hub.kernel.recorder import Done, Recorder
from zongheng_hub.kernel.refusals import Refusals
from zongheng_hub.store import Store, Tx
from zongheng_protos.errors import (
    ActMismatch,
    ActMissing,
    Invalid,
    Malformed,
    MethodUnknown,
    TooLarge,
    ZonghengError,
)
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tlog.v1.tlog_pb2 import Receipt
from zongheng_tenants.act import SignedAct

_NOBODY = Caller()
MAX_ACT_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""Of an act's request: with envelope and leaf it must fit the one message GetContent answers."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: the serialised reply and, for an act, its receipt."""

    payload: bytes
    receipt: bytes | None = None


class KernelCall:
    """One call on its way through a room; see kernel.call.Call."""

    __slots__ = ("_recorder", "act", "caller", "done", "kind", "method", "now_ms", "request")

    def __init__(
        self,
        method: Method,
        caller: Caller,
        act: SignedAct | None,
        request: bytes,
        now_ms: int,
        recorder: Recorder,
    ) -> None:
        self.method = method.name
        self.kind = method.act
        self.caller = caller
        self.act = act
        self.request = request
        self.now_ms = now_ms
        self.done: Done | None = None
        self._recorder = recorder

    async def record(self, work: Callable[[Tx, int], Outcome]) -> bytes:
        self.done = await self._recorder.record(
            act=self._signed(),
            kind=self.kind,
            now_ms=self.now_ms,
            request=self.request,
            work=work,
        )
        return self.done.reply

    async def record_after(self, first: Store, work: Callable[[Tx], Outcome]) -> bytes:
        self.done = await self._recorder.record_after(
            first, act=self._signed(), kind=self.kind, now_ms=self.now_ms, work=work
        )
        return self.done.reply

    def _signed(self) -> SignedAct:
        if self.act is None or not self.kind:
            raise TypeError(f"{self.method} is not declared as an act")
        return self.act


class Kernel:
    """Serves every method of every room and module."""

    def __init__(
        self,
        *,
        identities: Identities,
        recorder: Recorder,
        clock: Callable[[], int],
        admission: Admission | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._identities = identities
        self._recorder = recorder
        self._clock = clock
        self.admission = admission or Admission()
        self.meter = meter or Meter()
        self.refusals = Refusals()
        self.methods: dict[str, Method] = {}
        self.live = LiveCalls()

    def serve(self, rooms: Iterable[Room]) -> None:
        """Add rooms; may be called while running.

        Raises:
            RuleIncomplete: a method does not declare who may call it.
        """
        for room in rooms:
            self.methods.update({method.name: method for method in methods_of(room)})

    def method(self, name: str) -> Method:
        """Raises MethodUnknown."""
        try:
            return self.methods[name]
        except KeyError:
            raise MethodUnknown(f"this hub has no method {name}") from None

    async def check_right(self, tenant: str, operator: str, right: int, what: str) -> None:
        """Whether an operator at the console has a right, for what is no call: a page.

        Raises:
            NotEnrolled, CredentialExpired: the unit has no valid credential.
            Forbidden, OperatorForbidden: unit or operator lacks the right that what needs.
            OperatorUnknown, OperatorDisabled: the operator must not act.
        """
        caller = await self._identities.at_console(tenant, operator, self._clock())
        permission.check_right(right, caller, what)

    async def handle(
        self,
        name: str,
        request: bytes,
        *,
        channel: Channel | None = None,
        act: bytes | None = None,
    ) -> Reply:
        """Carry out one unary call that was let in (kernel.admission).

        Args:
            name: "/package.Service/Method".
            request: the exact bytes received.
            channel: what the mTLS certificate says, where there is one.
            act: the act's envelope, where one came along.

        Raises:
            ZonghengError: the call is refused; says why and what to do.
        """
        now_ms = self._clock()
        method = self.method(name)
        if method.handler is None:
            raise MethodUnknown(f"{name} streams its reply: call it over gRPC")
        caller, message = _NOBODY, None
        stood = self._identities.standing.number
        try:
            caller, signed = await self._identify(method, request, channel, act, now_ms)
            if channel is None and caller.tenant:  # whoever has a channel was counted at the door
                self.admission.spend(caller.tenant, method.quota)
            message = self._parse(method, request)
            if method.relations != _ANYONE:
                await self._check_relation(method, caller, message)
            call = KernelCall(method, caller, signed, request, now_ms, self._recorder)
            reply = await method.handler(call, message)
            if call.done is None and stood != self._identities.standing.number:
                self._recheck(caller, channel, signed)  # what was read goes to nobody revoked
        except BaseException as error:
            self.meter.count(method.meter, caller.tenant, now_ms, failed=True)
            self.refusals.note(caller, method, message, error, now_ms)
            raise
        self.meter.count(method.meter, caller.tenant, now_ms, failed=False)
        payload = reply if isinstance(reply, bytes) else reply.SerializeToString()
        return Reply(payload, _receipt(call.done) if call.done else None)

    async def handle_stream(
        self,
        name: str,
        request: bytes,
        *,
        channel: Channel | None = None,
        act: bytes | None = None,
    ) -> AsyncIterator[bytes]:
        """As handle, for methods that stream their reply.

        Whether the caller still stands is checked on every chunk; a caller that does not is ended
        at once, also while nothing is being sent (kernel.live).
        """
        now_ms = self._clock()
        method = self.method(name)
        if method.stream is None:
            raise MethodUnknown(f"{name} has one reply: call it as unary")
        caller, signed = await self._identify(method, request, channel, act, now_ms)
        message = self._parse(method, request)
        await self._check_relation(method, caller, message)
        call = KernelCall(method, caller, signed, request, now_ms, self._recorder)
        try:
            with self.live.running(
                caller.tenant,
                lambda: self._recheck(caller, channel, signed),
                ends_ms=_ends_ms(caller, channel),
            ):
                async for chunk in method.stream(call, message):
                    self._recheck(caller, channel, signed)
                    yield chunk.SerializeToString()
        except asyncio.CancelledError:
            ended = self.live.verdict()
            if ended is None:
                raise
            raise ended from None
        self.meter.count(method.meter, caller.tenant, now_ms, failed=False)

    def _recheck(self, caller: Caller, channel: Channel | None, signed: SignedAct | None) -> None:
        self._identities.recheck(
            caller,
            channel=channel,
            key_id=None if signed is None else signed.key_id,
            now_ms=self._clock(),
        )

    async def _identify(
        self,
        method: Method,
        request: bytes,
        channel: Channel | None,
        act: bytes | None,
        now_ms: int,
    ) -> tuple[Caller, SignedAct | None]:
        caller, signed = _NOBODY, None
        if channel is not None:
            caller = await self._identities.from_channel(channel, now_ms)
        if act is not None:
            signer, signed = await self._identities.from_act(
                act, method=method.name, request=request, now_ms=now_ms
            )
            if channel is not None and signer.tenant != caller.tenant:
                raise ActMismatch(
                    f"the channel belongs to {caller.tenant}, the act to {signer.tenant}"
                )
            caller = (
                signer
                if channel is None
                else with_operator(caller, signer.operator, signer.operator_rights)
            )
        permission.check_right(method.right, caller, method.name)
        if method.act and method.right != options.RIGHT_AUDIT:
            permission.check_acts(caller, method.name)
        if method.act and signed is None:
            raise ActMissing(f"{method.name} is an act ({method.act}) and came unsigned")
        if method.act and len(request) > MAX_ACT_BYTES:
            raise TooLarge(f"an act's request has at most {MAX_ACT_BYTES:,} bytes")
        return caller, signed

    @staticmethod
    def _parse(method: Method, request: bytes) -> Message:
        try:
            message = method.request_class.FromString(request)
        except DecodeError as error:
            raise Malformed(
                f"the request of {method.name} is no {method.request_class.DESCRIPTOR.full_name}"
            ) from error
        if method.is_bounded:
            try:
                protovalidate.validate(message)
            except protovalidate.ValidationError as error:
                raise Invalid(violated(error)) from error
        return message

    @staticmethod
    async def _check_relation(method: Method, caller: Caller, message: Message) -> None:
        if method.subject_reader is not None:
            subject = await method.subject_reader(getattr(message, method.subject))
        elif caller.tenant and options.RELATION_OWN in method.relations:
            return  # the caller is its own subject
        else:
            subject = Subject(owner=caller.tenant, owner_ancestors=caller.ancestors)
        permission.check_relation(method.relations, caller, subject, method.name)


_ANYONE = frozenset({int(options.RELATION_ANYONE)})


def _ends_ms(caller: Caller, channel: Channel | None) -> int:
    ends = [sys.maxsize]
    if channel is not None:
        ends.append(channel.not_after_ms)
    if caller.credential is not None:
        ends.append(caller.credential.expires_ms)
    return min(ends)


def _receipt(done: Done) -> bytes:
    return Receipt(
        index=done.index, leaf=done.leaf, salt=done.salt, replayed=done.replayed
    ).SerializeToString()


__all__ = ["Kernel", "KernelCall", "Reply", "ZonghengError"]
