"""Calls that were refused to a known tenant, kept for a while for those who look for patterns."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from zongheng_hub.kernel.call import Caller
from zongheng_protos.errors import ZonghengError

if TYPE_CHECKING:
    from zongheng_hub.kernel.methods import Method

MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused call.

    Attributes:
        reason: number of the Reason in errors.proto.
        subject: what the request names as the call's subject; empty where it was not read.
    """

    tenant: str
    operator: str
    method: str
    reason: int
    subject: str
    at_ms: int


class Refusals:
    """The newest refusals that nobody has taken yet; older ones are let go."""

    def __init__(self) -> None:
        self._kept: deque[Refusal] = deque(maxlen=MOST_KEPT)

    def note(
        self,
        caller: Caller,
        method: Method,
        message: Message | None,
        error: BaseException,
        now_ms: int,
    ) -> None:
        """Keep a refusal; what failed for another cause, or of nobody known, is none."""
        if not caller.tenant or not isinstance(error, ZonghengError):
            return
        subject = getattr(message, method.subject) if message is not None and method.subject else ""
        self._kept.append(
            Refusal(
                tenant=caller.tenant,
                operator=caller.operator,
                method=method.name,
                reason=error.reason,
                subject=str(subject)[:64],
                at_ms=now_ms,
            )
        )

    def take(self) -> list[Refusal]:
        """What was kept since the last time."""
        taken = []
        while self._kept:
            taken.append(self._kept.popleft())
        return taken
