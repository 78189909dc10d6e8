"""Hub and AsyncHub: one hub, opened with an identity; the areas hang below it."""

from __future__ import annotations

import asyncio
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from zongheng_sdk import drive
from zongheng_sdk.flow import Flow
from zongheng_sdk.operation import Async, AsyncBound, Mode, Run, Sync, SyncBound
from zongheng_sdk.receipt_book import ReceiptBook
from zongheng_sdk.renewal import IdentityWatch, Renewal, renew_identity, reread
from zongheng_sdk.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from zongheng_sdk.auditing import Audit
    from zongheng_sdk.catalogue import Catalogue
    from zongheng_sdk.log import Log
    from zongheng_sdk.modules import AsyncModuleProxy, ModuleProxy, SyncModuleProxy
    from zongheng_sdk.needs import Needs
    from zongheng_sdk.operators import Operators
    from zongheng_sdk.outbox import Outbox
    from zongheng_sdk.quotas import Quotas
    from zongheng_sdk.review import Review
    from zongheng_sdk.revocations import RevocationBook, Revocations
    from zongheng_sdk.rotating import PendingRotation
    from zongheng_sdk.sharing import Sharing
    from zongheng_sdk.tenancy import Tenancy
    from zongheng_sdk.units import Units
    from zongheng_tenants.identity import Identity

TIMEOUT = 10.0
T = TypeVar("T")


class _Opened(Generic[Mode]):
    """What Hub and AsyncHub have in common; areas are imported when they are first used."""

    def __init__(self, session: Session, run: Run, path: Path | None) -> None:
        self._session = session
        self._run = run
        self._path = path
        self._modules: dict[str, ModuleProxy[Mode]] = {}
        self._renewal = Renewal(session.identity)
        self._watch = IdentityWatch(path)
        session.receipts = None if path is None else ReceiptBook(path.parent)

    @property
    def identity(self) -> Identity:
        """Who is calling: tenant, name, keys, chain, addresses."""
        return self._session.identity

    @property
    def operator(self) -> str:
        """经办人, named in every act."""
        return self._session.operator

    @property
    def folder(self) -> Path | None:
        """Where the identity file lies; None when the hub was opened without a file."""
        return None if self._path is None else self._path.parent

    @property
    def receipts(self) -> ReceiptBook:
        """回执: what this unit holds the log to. Raises FileUnusable without a file."""
        return self._session.book()

    @cached_property
    def needs(self) -> Needs[Mode]:
        """需求: file, follow and answer needs."""
        from zongheng_sdk.needs import Needs

        return Needs(self._session, self._run)

    @cached_property
    def catalogue(self) -> Catalogue[Mode]:
        """Modules on offer, adoption, usage."""
        from zongheng_sdk.catalogue import Catalogue

        return Catalogue(self._session, self._run)

    @cached_property
    def tenancy(self) -> Tenancy[Mode]:
        """Units, invitations, credentials."""
        from zongheng_sdk.identity_file import INVITATIONS, InvitationBook
        from zongheng_sdk.tenancy import Tenancy

        path = None if self.folder is None else self.folder / INVITATIONS
        book = InvitationBook(path, self.identity.vault)
        return Tenancy(self._session, self._run, book)

    @cached_property
    def units(self) -> Units[Mode]:
        """单位: what is added, renamed, recoded, moved, merged, stopped and closed."""
        from zongheng_sdk.units import Units

        return Units(self._session, self._run)

    @cached_property
    def operators(self) -> Operators[Mode]:
        """经办人: who acts for this unit, with which roles."""
        from zongheng_sdk.operators import Operators

        return Operators(self._session, self._run)

    @cached_property
    def sharing(self) -> Sharing[Mode]:
        """Datasets, requests, grants, parcels."""
        from zongheng_sdk.sharing import Sharing

        return Sharing(self._session, self._run, self.folder, self._revoked)

    @cached_property
    def revocations(self) -> Revocations[Mode]:
        """Ending credentials, keys, channels and grants; the list of what was ended."""
        from zongheng_sdk.revocations import Revocations

        return Revocations(self._session, self._run, self._revoked)

    @cached_property
    def _revoked(self) -> RevocationBook:
        from zongheng_sdk.revocations import RevocationBook

        return RevocationBook(self.folder)

    @cached_property
    def quotas(self) -> Quotas[Mode]:
        """What units may use of the hub, and what they use."""
        from zongheng_sdk.quotas import Quotas

        return Quotas(self._session, self._run)

    @cached_property
    def review(self) -> Review[Mode]:
        """审计: alerts, and who may have seen one person's row."""
        from zongheng_sdk.review import Review

        return Review(self._session, self._run)

    @cached_property
    def log(self) -> Log[Mode]:
        """The transparency log: checkpoint, proofs, content."""
        from zongheng_sdk.log import Log

        return Log(self._session, self._run)

    @cached_property
    def audit(self) -> Audit[Mode]:
        """审计: packages to take along, content shredded on a legal basis."""
        from zongheng_sdk.auditing import Audit

        return Audit(self._session, self._run)

    def outbox(self, path: str | Path) -> Outbox[Mode]:
        """A durable outbox in an SQLite file: acts put there are sent once, hub or no hub."""
        from pathlib import Path

        from zongheng_sdk.outbox import Outbox

        return Outbox(self, Path(path))


class Hub(_Opened[Sync]):
    """A hub, called plainly; safe to use from several threads.

    Example:
        with Hub.open("identity.json", operator="王某某") as hub:
            need = hub.needs.file(kind="data", title="需要低保比对数据")
    """

    def __init__(
        self, identity: Identity, *, operator: str, timeout: float, address: str, path: Path | None
    ) -> None:
        self._driver = drive.SyncDriver(identity, address)
        self._renewing = threading.Lock()
        session = Session(identity, operator, timeout, SyncBound)
        super().__init__(session, self._carry_out, path)

    @classmethod
    def open(
        cls,
        identity: str | Path | Identity,
        *,
        operator: str = "",
        timeout: float = TIMEOUT,
        grpc_address: str = "",
        web_address: str = "",
        passphrase: str | None = None,
    ) -> Self:
        """Open the hub that an identity belongs to. Connects at the first call.

        Args:
            identity: path of identity.json, of its folder, or an Identity. The channel certificate
                is renewed by itself after two thirds of its life, and written back to the path.
            operator: 经办人, the person who acts; needed for acts, not for reading.
            timeout: seconds for one call, retries included.
            grpc_address, web_address: "host:port", where the hub has moved.
            passphrase: of the identity's keys; None: ZONGHENG_PASSPHRASE.

        Raises:
            NotEnrolled: there is no identity there.
            PassphraseNeeded, PassphraseWrong: its keys are under a passphrase.
        """
        loaded, path = _load(identity, web_address=web_address, passphrase=passphrase)
        return cls(
            loaded,
            operator=operator,
            timeout=timeout,
            address=grpc_address or loaded.grpc_address,
            path=path,
        )

    def module(self, module_id: str) -> SyncModuleProxy:
        """A module's methods, made from the descriptors that the hub serves.

        Raises:
            ModuleUnknown: the hub has no such module.
        """
        from zongheng_sdk.modules import SyncModuleProxy

        if module_id not in self._modules:
            served = self.catalogue.module(module_id)
            self._modules[module_id] = SyncModuleProxy(self._session, self._run, served)
        proxy = self._modules[module_id]
        assert isinstance(proxy, SyncModuleProxy)
        return proxy

    def renew(self) -> None:
        """Get a new channel certificate now, before it is due, and go on with it."""
        self._go_on_with(renew_identity(self.identity, self._path, operator=self.operator))
        self._watch.seen()

    def rotate(self) -> PendingRotation:
        """换钥: make new keys and ask the parent for a credential over them, signed with the old.

        Calls go on with the old keys; once collect() or wait() of what is returned has written the
        new identity file, this hub and every other open on it go on with the new ones.

        Raises:
            NotEnrolled: the hub was opened without a file: nowhere to keep the new keys.
        """
        from zongheng_protos.errors import NotEnrolled
        from zongheng_sdk.rotating import begin_rotation

        if self._path is None:
            raise NotEnrolled("keys are kept in a file: open the hub with the path of its identity")
        return begin_rotation(self._path, operator=self.operator)

    def _go_on_with(self, identity: Identity) -> None:
        self._session.switch(identity)
        self._renewal.renewed(identity)
        self._driver.reopen(identity)

    def close(self) -> None:
        self._driver.close()
        self._session.close()

    def _carry_out(self, flow: Flow[T]) -> T:
        if self._watch.replaced():
            with self._renewing:
                self._watch.seen()
                self._go_on_with(reread(self.identity, self._path))
        if self._renewal.due():
            with self._renewing:
                self._renew_if_due()
        return self._driver.run(flow)

    def _renew_if_due(self) -> None:
        from zongheng_protos.errors import ZonghengError

        if self._renewal.due():
            try:
                self.renew()
            except ZonghengError:  # calls go on as long as the old certificate holds
                self._renewal.put_off()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncHub(_Opened[Async]):
    """A hub, awaited; belongs to the event loop in which it is first used.

    Example:
        async with AsyncHub.open("identity.json", operator="王某某") as hub:
            need = await hub.needs.file(kind="data", title="需要低保比对数据")
    """

    def __init__(
        self, identity: Identity, *, operator: str, timeout: float, address: str, path: Path | None
    ) -> None:
        self._driver = drive.AsyncDriver(identity, address)
        self._renewing = asyncio.Lock()
        session = Session(identity, operator, timeout, AsyncBound)
        super().__init__(session, self._carry_out, path)

    @classmethod
    def open(
        cls,
        identity: str | Path | Identity,
        *,
        operator: str = "",
        timeout: float = TIMEOUT,
        grpc_address: str = "",
        web_address: str = "",
        passphrase: str | None = None,
    ) -> Self:
        """As Hub.open."""
        loaded, path = _load(identity, web_address=web_address, passphrase=passphrase)
        return cls(
            loaded,
            operator=operator,
            timeout=timeout,
            address=grpc_address or loaded.grpc_address,
            path=path,
        )

    async def module(self, module_id: str) -> AsyncModuleProxy:
        """As Hub.module: `snap = await hub.module("snap")`, then `await snap.file_report(…)`."""
        from zongheng_sdk.modules import AsyncModuleProxy

        if module_id not in self._modules:
            served = await self.catalogue.module(module_id)
            self._modules[module_id] = AsyncModuleProxy(self._session, self._run, served)
        proxy = self._modules[module_id]
        assert isinstance(proxy, AsyncModuleProxy)
        return proxy

    async def renew(self) -> None:
        """As Hub.renew."""
        renewed = await asyncio.to_thread(
            renew_identity, self.identity, self._path, operator=self.operator
        )
        await self._go_on_with(renewed)
        self._watch.seen()

    async def rotate(self) -> PendingRotation:
        """As Hub.rotate; collect() and wait() of what is returned block: give them a thread."""
        from zongheng_protos.errors import NotEnrolled
        from zongheng_sdk.rotating import begin_rotation

        if self._path is None:
            raise NotEnrolled("keys are kept in a file: open the hub with the path of its identity")
        return await asyncio.to_thread(begin_rotation, self._path, operator=self.operator)

    async def _go_on_with(self, identity: Identity) -> None:
        self._session.switch(identity)
        self._renewal.renewed(identity)
        await self._driver.reopen(identity)

    async def close(self) -> None:
        await self._driver.close()
        self._session.close()

    async def _carry_out(self, flow: Flow[T]) -> T:
        if self._watch.replaced():
            async with self._renewing:
                self._watch.seen()
                await self._go_on_with(reread(self.identity, self._path))
        if self._renewal.due():
            async with self._renewing:
                await self._renew_if_due()
        return await self._driver.run(flow)

    async def _renew_if_due(self) -> None:
        from zongheng_protos.errors import ZonghengError

        if self._renewal.due():
            try:
                await self.renew()
            except ZonghengError:
                self._renewal.put_off()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _load(
    identity: str | Path | Identity, *, web_address: str, passphrase: str | None
) -> tuple[Identity, Path | None]:
    from dataclasses import replace
    from pathlib import Path

    from zongheng_sdk.identity_file import identity_path, read_identity

    path = None
    if isinstance(identity, str | Path):
        path = identity_path(Path(identity))
        identity = read_identity(path, passphrase)
    return (replace(identity, web_address=web_address) if web_address else identity), path
