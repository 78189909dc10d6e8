"""A real hub in this process, on a thread of its own: what zongheng_sdk.testing starts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from zongheng_hub.app import Hub, mint_sign_in
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.founding import found
from zongheng_hub.settings import Settings, SignIn

T = TypeVar("T")


class RunningHub:
    """A hub that serves until stop is called.

    Attributes:
        grpc_address: "127.0.0.1:…".
        web_address: "http://127.0.0.1:…".
        province_identity: path of the province's identity.json.
        hub: with its kernel and web side; they belong to its own event loop, see run.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="zongheng-hub", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    @property
    def province_identity(self) -> Path:
        return DataFolder(self.settings.data).province_identity

    def sign_in_link(
        self, tenant: str, operator: str, *, roles: Collection[int] | None = None
    ) -> str:
        """A one-time address with which operator of tenant (id or division code) signs in.

        Args:
            roles: what they hold where they are new; None: every business role.
        """
        mint = mint_sign_in(self.settings, tenant=tenant, operator=operator, roles=roles)
        return self.web_address + asyncio.run(mint)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What work comes to, on the hub's own event loop."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """Stop serving; the data folder stays."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        hub = await Hub.open(self.settings)
        try:
            await hub.start()
            self.hub = hub
            self.grpc_address, self.web_address = hub.grpc_address, hub.web_address
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._started.set()
            await self._stop.wait()
        finally:
            await hub.stop()


def start(
    folder: Path,
    *,
    province: str = "140000",
    port: int = 0,
    web_port: int = 0,
    database: str | None = None,
    sign_in: SignIn | None = None,
) -> RunningHub:
    """Start the hub in folder, made there first when there is none.

    Args:
        port, web_port: 0 chooses free ones.
        database: "postgresql://…"; None: SQLite.
        sign_in: how people come into the console.

    Raises:
        What zongheng-hub serve would say.
    """
    settings = Settings(
        data=folder, port=port, web_port=web_port, database=database, sign_in=sign_in or SignIn()
    )
    if not DataFolder(folder).made:
        asyncio.run(found(settings, province=province))
    return RunningHub(settings)
