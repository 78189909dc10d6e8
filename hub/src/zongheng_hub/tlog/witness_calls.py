"""Calling a witness (C2SP tlog-witness, the client's side): bounded in time, size and threads.

A witness is a stranger: whatever it answers is only a string until a signature on it holds.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.client
import re
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
MAX_REPLY_BYTES = 64 * 1024
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


class WitnessSilent(Exception):
    """A witness cannot be reached, breaks off, or takes too long."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered."""

    status: int
    body: bytes

    @property
    def stated_size(self) -> int | None:
        """The size that a 409 states."""
        stated = _SIZE.fullmatch(self.body)
        return int(stated[1]) if self.status == 409 and stated else None

    def lines(self) -> list[str]:
        return self.body.decode("utf-8", "replace").split("\n")

    def said(self) -> str:
        """What it answered, for people."""
        words = self.body[:200].decode("utf-8", "replace").strip()
        return f"{self.status} {words}".strip()


class WitnessCalls:
    """Calls to one witness; at most one is under way.

    Each runs on a thread of its own: one that trickles bytes holds up nothing but itself.
    """

    def __init__(self, url: str, *, seconds: float) -> None:
        """
        Args:
            url: its submission and monitoring prefix.
            seconds: how long an answer may take.
        """
        self.url = url
        self._seconds = seconds
        self._thread: threading.Thread | None = None

    async def add_checkpoint(self, old: int, proof: Sequence[bytes], note: bytes) -> Reply:
        """Raises WitnessSilent."""
        lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof), "", ""]
        body = "\n".join(lines).encode() + note
        return await self._call(lambda: self._exchange("POST", "add-checkpoint", body))

    async def newest(self, origin: str) -> Reply:
        """What it cosigned last of a log. Raises WitnessSilent."""
        path = f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
        return await self._call(lambda: self._exchange("GET", path, None))

    async def _call(self, work: Callable[[], T]) -> T:
        if self._thread is not None and self._thread.is_alive():
            raise WitnessSilent("it has not ended its last answer")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(outcome: Callable[[], None]) -> None:
            if not future.done():
                outcome()

        def run() -> None:
            try:
                outcome = partial(future.set_result, work())
            except (OSError, http.client.HTTPException, ValueError) as error:
                silent = WitnessSilent(str(error) or type(error).__name__)
                outcome = partial(future.set_exception, silent)
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, outcome)

        self._thread = threading.Thread(target=run, name=f"witness {self.url}", daemon=True)
        self._thread.start()
        try:
            return await asyncio.wait_for(future, self._seconds)
        except TimeoutError:
            raise WitnessSilent(f"no answer within {self._seconds:g} s") from None

    def _exchange(self, verb: str, path: str, body: bytes | None) -> Reply:
        parts = urlsplit(self.url)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                parts.netloc, timeout=self._seconds, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=self._seconds)
        try:
            headers = {} if body is None else {"content-type": "text/plain; charset=utf-8"}
            connection.request(verb, f"{parts.path.rstrip('/')}/{path}", body, headers)
            reply = connection.getresponse()
            return Reply(reply.status, reply.read(MAX_REPLY_BYTES))
        finally:
            connection.close()
