"""The console's way in: calls signed by the hub on behalf of an operator, through the kernel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from google.protobuf.message import Message

from zongheng_hub.kernel.kernel import Kernel
from zongheng_tenants.act import sign_act
from zongheng_tenants.keys import Signer


class OperatorSession(Protocol):
    """Who is signed in."""

    @property
    def tenant(self) -> str: ...

    @property
    def operator(self) -> str: ...


class ConsoleDesk:
    """Signs what operators do with their unit's console key, and says so in the act."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        hub_id: str,
        key_of: Callable[[str], Awaitable[Signer]],
        clock: Callable[[], int],
    ) -> None:
        self._kernel = kernel
        self._hub_id = hub_id
        self._key_of = key_of
        self._clock = clock

    async def call(
        self,
        session: OperatorSession | None,
        method: str,
        message: Message,
        /,
        *,
        nonce: bytes | None = None,
    ) -> Message:
        """Call a method for an operator, or for nobody where session is None.

        Args:
            nonce: 16 bytes for the act, so that a form sent twice acts once; None: a new one.

        Raises:
            ZonghengError: the call is refused.
        """
        request = message.SerializeToString()
        act = None
        if session is not None:
            act = sign_act(
                method=method,
                request=request,
                tenant=session.tenant,
                operator=session.operator,
                audience=self._hub_id,
                key=await self._key_of(session.tenant),
                nonce=nonce,
                now_ms=self._clock(),
                on_behalf=True,
            )
        reply = await self._kernel.handle(method, request, act=act)
        return self._kernel.method(method).reply_class.FromString(reply.payload)

    async def check_right(self, session: OperatorSession, right: int, path: str, /) -> None:
        """Raises Forbidden unless unit and operator have a right now; path is what needs it."""
        await self._kernel.check_right(session.tenant, session.operator, right, path)
