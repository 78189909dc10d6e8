"""Hosting a module in the hub's process: its calls, its store, its way into the log."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from google.protobuf import message_factory
from google.protobuf.message import Message
from sqlalchemy import Connection
from sqlalchemy.schema import CreateSchema

from zongheng_hub.hosting import outbox
from zongheng_hub.kernel.call import Call, Handler, Outcome, Room
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.store import Store
from zongheng_module_api import Effect, Module, Transaction

log = logging.getLogger("zongheng.hosting")

T = TypeVar("T")
SettingsOf = Callable[[str, str], Awaitable[Mapping[str, Any]]]
"""(tenant, module id) to the settings of its adoption; raises NotAdopted."""

STALE_MS = 5_000
"""An act that waits for the log longer than this has been left behind."""
SCHEMA_PREFIX = "module_"


class HostedModule:
    """A module, its own store, and what is between that store and the log."""

    def __init__(
        self, module: Module, store: Store, *, settings_of: SettingsOf, recorder: Recorder
    ) -> None:
        self.module = module
        self.store = store
        self._settings_of = settings_of
        self._recorder = recorder
        assert isinstance(store.journal, outbox.Outbox)
        self._outbox = store.journal
        self._replies = {
            method.name: message_factory.GetMessageClass(method.output_type)
            for method in module.service.methods
        }

    def make_tables(self) -> None:
        """Make the module's tables and its outbox where they do not exist.

        On PostgreSQL they stand in a schema of the module's own.
        """
        if self.store.dialect == "postgresql":
            with self.store.writer.begin() as connection:
                name = f"{SCHEMA_PREFIX}{self.module.manifest.id}"
                connection.execute(CreateSchema(name, if_not_exists=True))
        for tables in (self.module.tables, outbox.metadata):
            tables.create_all(self.store.writer)

    def room(self) -> Room:
        """The module as the kernel serves it."""
        return Room(
            service=self.module.service,
            handlers={name: self._handler(name) for name in self.module.handlers},
            meter=self.module.manifest.id,
        )

    async def catch_up(self, until_ms: int | None = None) -> int:
        """Log what a crash, or a log that could not be written, left in the outbox.

        Args:
            until_ms: acts up to this time only; None: all, while no call is under way.

        Returns:
            How many acts that were.
        """
        carried = 0
        while entries := await self.store.read(lambda c: outbox.waiting(c, until_ms)):
            await self._recorder.log_kept(entries)
            keys = [entry.key for entry in entries]
            await self.store.write(lambda tx, keys=keys: outbox.mark_logged(tx, keys))  # type: ignore[misc]
            for key in keys:
                self._outbox.handed_on(key)
            carried += len(entries)
        return carried

    async def settle(self) -> None:
        """Have the outbox forget what the log has, where no later act of the module does it."""
        if self._outbox.has_logged():
            await self.store.write(lambda tx: None)

    def _handler(self, name: str) -> Handler:
        handler = self.module.handlers[name]
        module_id = self.module.manifest.id
        reply_class = self._replies[name]

        async def handle(call: Call, request: Message) -> Message | bytes:
            settings = await self._settings_of(call.caller.tenant, module_id)
            context = _Context(self, call, settings, reply_class)
            return await handler(context, request)

        return handle


class _Context:
    """One call as the module sees it; see zongheng_module_api.ModuleContext."""

    __slots__ = ("_call", "_host", "_reply_class", "now_ms", "operator", "settings", "tenant")

    def __init__(
        self,
        host: HostedModule,
        call: Call,
        settings: Mapping[str, Any],
        reply_class: type[Message],
    ) -> None:
        self.tenant = call.caller.tenant
        self.operator = call.caller.operator
        self.now_ms = call.now_ms
        self.settings = settings
        self._host = host
        self._call = call
        self._reply_class = reply_class

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._host.store.read(work)

    async def act(self, work: Callable[[Transaction], Effect]) -> Message:
        if self._call.act is None:
            raise TypeError(f"{self._call.method} is not declared as an act")
        payload = await self._call.record_after(self._host.store, lambda tx: _outcome(work(tx)))
        return self._reply_class.FromString(payload)


def _outcome(effect: Effect) -> Outcome:
    return Outcome(reply=effect.reply, subject=effect.subject, parties=effect.parties)
