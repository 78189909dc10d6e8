"""What rooms and modules are written against: a call, its caller, its subject, its outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message

from zongheng_hub.store import Store, Tx
from zongheng_tenants.act import SignedAct
from zongheng_tenants.credential import Credential


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as the kernel has verified it.

    Attributes:
        tenant: the tenant's id; empty for open methods called by nobody in particular.
        operator: the person named in the act; empty on calls that are not acts.
        ancestors: the tenants above, root first.
        rights: numbers of options.Right; where the operator is registered, only those that their
            roles allow.
        operator_rights: what a registered operator's roles allow; None: not registered.
    """

    tenant: str = ""
    operator: str = ""
    ancestors: tuple[str, ...] = ()
    rights: frozenset[int] = frozenset()
    via: Literal["channel", "act", "console", "nobody"] = "nobody"
    credential: Credential | None = None
    operator_rights: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing a call is about, in terms of who stands how to it.

    Attributes:
        owner: the tenant whose it is.
        owner_ancestors: the tenants above the owner, root first.
        handler: the tenant named to handle it.
        grantees: tenants that hold or asked for a grant on it.
        is_open: every enrolled tenant stands in every relation to it, such as to a credential.
    """

    owner: str
    owner_ancestors: tuple[str, ...] = ()
    handler: str = ""
    grantees: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act came to.

    Attributes:
        reply: the message the caller gets; given again, byte for byte, when the act is sent again.
        subject: id of the thing acted on, for the log.
        parties: every tenant concerned besides the actor, for the log.
    """

    reply: Message
    subject: str = ""
    parties: tuple[str, ...] = ()


class Call(Protocol):
    """One call on its way through a room.

    Attributes:
        method: "/package.Service/Method".
        kind: the act type that the method declares; empty for reads.
        now_ms: the hub's clock when the call came in.
        act: the signed act; None for reads over a channel.
        request: the exact bytes of the request.
    """

    method: str
    kind: str
    caller: Caller
    now_ms: int
    act: SignedAct | None
    request: bytes

    async def record(self, work: Callable[[Tx, int], Outcome]) -> bytes:
        """Carry out an act: its rows and its log entry in one transaction, once.

        work gets the transaction and the index the act will have in the log. When the same act
        was carried out before, work does not run and the first reply is returned.

        Raises:
            NonceReused: the act's nonce was used for another request.
        """
        ...

    async def record_after(self, first: Store, work: Callable[[Tx], Outcome]) -> bytes:
        """As record, for rows in a store of their own: first, then the log.

        first's journal keeps the entry beside the rows until the log has it. The log does not
        keep the request: whoever has the rows does.
        """
        ...


Handler = Callable[[Any, Any], Awaitable[Message | bytes]]
StreamHandler = Callable[[Any, Any], AsyncIterator[Message]]
SubjectReader = Callable[[Any], Awaitable[Subject]]


@dataclass(frozen=True, slots=True)
class Room:
    """What a room hands the kernel: one gRPC service and the code behind it.

    Attributes:
        service: the descriptor, with a rule on every method.
        handlers: by method name; (call, request message) to reply message. A handler of an act
            returns what call.record returned.
        streams: as handlers, for methods that stream their reply.
        subjects: for each request field that a rule names as subject, how to look it up. Raises
            NotFound.
        meter: what calls are counted under; empty: the service's name.
    """

    service: ServiceDescriptor
    handlers: Mapping[str, Handler]
    streams: Mapping[str, StreamHandler] = field(default_factory=dict)
    subjects: Mapping[str, SubjectReader] = field(default_factory=dict)
    meter: str = ""
