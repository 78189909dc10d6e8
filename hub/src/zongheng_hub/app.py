"""The one composition root: every part is built here, and nothing is built at import."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import grpc.aio
from fastapi import FastAPI

from zongheng_hub.catalogue import rpc as catalogue_rpc
from zongheng_hub.catalogue import service as catalogue
from zongheng_hub.channel_cas import ChannelCas, load_cas
from zongheng_hub.console import console_app
from zongheng_hub.data_folder import About, DataFolder, write_private
from zongheng_hub.dealings import dealings
from zongheng_hub.desk import ConsoleDesk
from zongheng_hub.hosting.adoptions import Adoptions
from zongheng_hub.hosting.host import SCHEMA_PREFIX, HostedModule
from zongheng_hub.hosting.outbox import Outbox
from zongheng_hub.hosting.plugins import installed_modules
from zongheng_hub.hosting.shelf import ModuleShelf
from zongheng_hub.hosting.tidying import tidying
from zongheng_hub.kernel.admission import Admission
from zongheng_hub.kernel.grpc_server import bind
from zongheng_hub.kernel.identity import Channel, Identities
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.kernel.recorder import Recorder
from zongheng_hub.kernel.slow import Patience
from zongheng_hub.letting_in import mint_sign_in
from zongheng_hub.needs import rpc as needs_rpc
from zongheng_hub.needs.service import seed_working_days
from zongheng_hub.review import rpc as review_rpc
from zongheng_hub.review.indexing import Indexer
from zongheng_hub.review.watching import Signing, Watcher
from zongheng_hub.settings import Allowance, Settings, SignIn
from zongheng_hub.sharing import rpc as sharing_rpc
from zongheng_hub.sharing import service as sharing
from zongheng_hub.sharing.blobs import Blobs
from zongheng_hub.sharing.sweeping import sweeping
from zongheng_hub.shredding import audit_room
from zongheng_hub.store import Store, open_store
from zongheng_hub.store.migrate import migrate
from zongheng_hub.tenancy import rpc as tenancy_rpc
from zongheng_hub.tenancy import service as tenancy
from zongheng_hub.tenancy.ca import channel_identity
from zongheng_hub.tenancy.console_keys import ConsoleKeys
from zongheng_hub.tenancy.credentials import Credentials
from zongheng_hub.tenancy.founding import ROOTED
from zongheng_hub.tenancy.operators import rpc as operators_rpc
from zongheng_hub.tenancy.operators.allowed import OperatorRights
from zongheng_hub.tenancy.operators.book import StoredOperators
from zongheng_hub.tenancy.operators.passwords import Passwords
from zongheng_hub.tenancy.quotas import rpc as quotas_rpc
from zongheng_hub.tenancy.quotas.service import QuotaBook
from zongheng_hub.tenancy.revocation import rpc as revocation_rpc
from zongheng_hub.tenancy.revocation.revoking import SnapshotSigner
from zongheng_hub.tenancy.revocation.standing import InMemoryStanding
from zongheng_hub.tenancy.revocation.watch import RevocationWatch
from zongheng_hub.tenancy.tree import rpc as tree_rpc
from zongheng_hub.tlog import rpc as tlog_rpc
from zongheng_hub.tlog.keys import LogKeys
from zongheng_hub.tlog.publisher import Publisher
from zongheng_hub.tlog.sequencer import Sequencer
from zongheng_hub.tlog.witnessing import Witnessing
from zongheng_hub.web.serving import bound_socket, serving
from zongheng_hub.web.sign_ins import insert_link
from zongheng_tenants.channel_authorities import sign_authorities
from zongheng_tenants.identity import moved
from zongheng_tenants.keys import Signer
from zongheng_tenants.suites import suite_of

__all__ = ["Hub", "hub_clock", "mint_sign_in", "served_at", "stored_settings"]

log = logging.getLogger("zongheng")
OPEN_ACTS = frozenset({ROOTED, "tenant.credentialed", "credential.reissued"})
"""Acts whose content every enrolled unit may read: whoever verifies a chain needs them."""


def hub_clock() -> int:
    """Unix milliseconds."""
    return int(time.time() * 1000)


class Hub:
    """A hub in this process. Open it, start it, stop it.

    Attributes:
        kernel, web: what answers on the two ports, once started.
        metrics_address: where figures are served, if anywhere.
    """

    def __init__(self, settings: Settings, folder: DataFolder, about: About) -> None:
        self.settings = settings
        self.folder = folder
        self.about = about
        self.grpc_address = ""
        self.web_address = ""
        self.metrics_address = ""
        self.kernel: Kernel | None = None
        self.web: FastAPI | None = None
        self._closing = contextlib.AsyncExitStack()

    @classmethod
    async def open(cls, settings: Settings) -> Hub:
        """Take the data folder and check it.

        Raises:
            DataFolderError: it holds no hub, or another hub, or a newer format.
        """
        folder = DataFolder(settings.data)
        about = folder.about()
        folder.lock()
        if settings.database is None and about.database is not None:
            settings = replace(settings, database=about.database)
        return cls(settings, folder, about)

    async def start(self) -> None:
        """Build every part and serve.

        Raises:
            PortInUse: something listens on one of the ports.
            DataNewer, LogBehind, LogDamaged: the data must not be served as they are.
            SuiteUnavailable: units have keys of a suite that this machine cannot compute.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Finish the calls under way, publish the log, let go of everything."""
        await self._closing.aclose()
        self.folder.close()

    async def _start(self) -> None:
        about, folder, settings = self.about, self.folder, self.settings
        sequencer = Sequencer(folder.log_key(), about.origin)
        store = open_store(settings.database or folder.database, journal=sequencer)
        self._closing.callback(store.close)
        migrate(store.writer)
        await store.write(seed_working_days)
        for suite in {*settings.suites, *(await store.read(tenancy.suites_in_use))}:
            suite_of(suite)  # fails its self-test now, not at a county's first call
        root = (await store.read(lambda c: tenancy.chain(c, about.province_id)))[0]
        publisher = Publisher(
            store, sequencer, folder.tlog, upcoming=folder.next_log_key(), root=root
        )
        await publisher.start()
        self._closing.push_async_callback(publisher.stop)
        witnessing = Witnessing(store, publisher, sequencer.signer, clock=hub_clock)
        await witnessing.check()

        cas = load_cas(folder)
        if alarm := cas.alarm(datetime.now(UTC)):
            log.warning("%s", alarm)
        credentials = Credentials(store, about.root_fingerprint)
        console_keys = ConsoleKeys(folder.secret("console.key"))
        recorder = Recorder(store)
        operators = StoredOperators(store)
        standing = InMemoryStanding()
        may = settings.allowance
        quotas = QuotaBook(
            store,
            about.province_id,
            usual=may.unit,
            provinces=may.province,
            address=may.address,
        )
        kernel = Kernel(
            identities=Identities(
                about.hub_id, credentials, operators=operators, standing=standing
            ),
            recorder=recorder,
            clock=hub_clock,
            admission=Admission(quotas),
        )
        suite = (await credentials.credential_of(about.province_id)).suite
        held = console_keys.key_of(about.province_id, suite)
        signer = SnapshotSigner(about.hub_id, held)
        revocations = RevocationWatch(store, standing, kernel.live, signer, hub_clock)
        await revocations.start()
        hosted = await self._host_modules(store, recorder)
        shelf = ModuleShelf(host.module for host in hosted)
        blobs = Blobs(folder.parcels)
        web_socket = self._web_socket()
        patience = Patience()
        grpc_server = self._bind_grpc(kernel, cas, patience)
        indexer = Indexer(store)
        log_keys = LogKeys(sequencer, folder.next_log_key, root, about.root_fingerprint)
        kernel.serve(
            [
                tenancy_rpc.room(
                    store=store,
                    credentials=credentials,
                    authority=cas.issuer,
                    authorities=lambda now_ms: sign_authorities(
                        hub_id=about.hub_id, pem=cas.shown, key=held, now_ms=now_ms
                    ),
                    console_keys=console_keys,
                    hub=tenancy_rpc.HubCard(
                        hub_id=about.hub_id,
                        province_id=about.province_id,
                        grpc_address=self.grpc_address,
                        ca_pem=cas.shown,
                        root=root,
                        root_fingerprint=about.root_fingerprint,
                        log_vkey=sequencer.vkey,
                    ),
                ),
                tree_rpc.room(store, dealings(hub_clock)),
                quotas_rpc.room(store, quotas, kernel.admission, hub_clock),
                revocation_rpc.room(
                    store=store,
                    watch=revocations,
                    signer=signer,
                    live=kernel.live,
                    grants=sharing.Grants(),
                    forget=credentials.forget,
                ),
                operators_rpc.room(
                    store=store, operators=operators, credentials=credentials, links=insert_link
                ),
                catalogue_rpc.room(store=store, shelf=shelf),
                needs_rpc.room(store),
                sharing_rpc.room(store, blobs, tenancy, credentials.credential_of),
                tlog_rpc.room(store, log_keys, tenancy.ancestors, OPEN_ACTS, witnessing.since_ms),
                review_rpc.room(store, indexer),
                audit_room(store, blobs),
                *(host.room() for host in hosted),
            ]
        )
        self.kernel = kernel

        async def console_key(tenant: str) -> Signer:
            credential = await credentials.credential_of(tenant)
            return console_keys.key_of(tenant, credential.suite)

        async def provinces_key() -> Signer:
            return await console_key(about.province_id)

        signing = Signing(about.province_id, about.hub_id, provinces_key)
        watcher = Watcher(store, recorder, kernel.refusals, signing, hub_clock)
        desk = ConsoleDesk(kernel, hub_id=about.hub_id, key_of=console_key, clock=hub_clock)
        passwords = Passwords(settings.sign_in.argon2)
        self._closing.callback(passwords.close)
        app = self.web = console_app(
            desk=desk,
            kernel=kernel,
            store=store,
            session_key=folder.secret("session.key"),
            operator_secret=folder.secret("console.key"),
            passwords=passwords,
            allowed=OperatorRights(credentials, operators, hub_clock),
            settings=settings,
            clock=hub_clock,
            tlog_folder=folder.tlog,
            hand_in=witnessing.hand_in,
            province_code=about.province_code,
        )
        await self._closing.enter_async_context(patience.looking())
        await self._closing.enter_async_context(quotas.watching(kernel.admission))
        await self._closing.enter_async_context(revocations.running())
        await grpc_server.start()
        self._closing.push_async_callback(grpc_server.stop, 2.0)
        proxies = settings.sign_in.trusted_proxies.split(",")
        await self._closing.enter_async_context(serving(app, web_socket, proxies=proxies))
        folder.note_serving(self.web_address)
        await self._closing.enter_async_context(indexer.running())
        await self._closing.enter_async_context(watcher.running())
        await self._closing.enter_async_context(sweeping(store, blobs, hub_clock))
        await self._closing.enter_async_context(witnessing.running())
        await self._closing.enter_async_context(tidying(kernel.meter, store, hosted, hub_clock))
        self._note_addresses()
        if settings.metrics:
            from zongheng_hub.metrics import serving_metrics  # spares others 3 MB

            self.metrics_address = self._closing.enter_context(
                serving_metrics(settings.metrics, store, publisher, witnessing, folder.path)
            )

    async def _host_modules(self, store: Store, recorder: Recorder) -> list[HostedModule]:
        adoptions = Adoptions(
            lambda tenant, module: store.read(lambda c: catalogue.settings_of(c, tenant, module))
        )
        hosted = []
        for module in installed_modules():
            identifier = module.manifest.id
            if self.settings.database:
                own = open_store(
                    self.settings.database,
                    schema=f"{SCHEMA_PREFIX}{identifier}",
                    journal=Outbox(),
                )
            else:
                own = open_store(self.folder.module_database(identifier), journal=Outbox())
            self._closing.callback(own.close)
            host = HostedModule(module, own, settings_of=adoptions.settings_of, recorder=recorder)
            await asyncio.to_thread(host.make_tables)
            carried = await host.catch_up()
            if carried:
                log.warning("module %s: %d acts carried into the log", identifier, carried)
            hosted.append(host)
        return hosted

    def _web_socket(self) -> socket.socket:
        sock = bound_socket(self.settings.host, self.settings.web_port)
        self._closing.callback(sock.close)
        self.web_address = f"http://{self.settings.public_host}:{sock.getsockname()[1]}"
        return sock

    def _bind_grpc(self, kernel: Kernel, cas: ChannelCas, patience: Patience) -> grpc.aio.Server:
        key_pem, server_pem = cas.server.server_certificate(
            [self.settings.public_host], now_ms=hub_clock()
        )
        server, port = bind(
            kernel,
            host=self.settings.host,
            port=self.settings.port,
            server_key_pem=key_pem,
            server_pem=server_pem,
            ca_pem=cas.trusted,
            read_certificate=_channel,
            patience=patience,
        )
        self.grpc_address = f"{self.settings.public_host}:{port}"
        return server

    def _note_addresses(self) -> None:
        """Keep the province's own identity pointing at where this hub listens now."""
        path = self.folder.province_identity
        if not path.exists():
            return
        text = path.read_text("utf-8")
        here = moved(text, grpc_address=self.grpc_address, web_address=self.web_address)
        if here != text:
            write_private(path, here.encode())


def _channel(pem: bytes) -> Channel:
    found = channel_identity(pem)
    return Channel(
        found.hub_id, found.tenant, found.not_before_ms, found.not_after_ms, found.serial
    )


def stored_settings(
    data: Path,
    *,
    host: str | None = None,
    public_host: str | None = None,
    port: int | None = None,
    web_port: int | None = None,
    database: str | None = None,
    sign_in: Path | None = None,
    suites: tuple[int, ...] = (),
    limits: Path | None = None,
) -> Settings:
    """The settings of the hub in a data folder, but for what is given.

    Raises:
        DataFolderError: there is no hub.
        ValueError: the file sign_in or limits cannot be used.
    """
    about = DataFolder(data).about()
    return Settings(
        data=data,
        host=about.host if host is None else host,
        public_host=about.public_host if public_host is None else public_host,
        port=about.port if port is None else port,
        web_port=about.web_port if web_port is None else web_port,
        database=database or about.database,
        sign_in=SignIn() if sign_in is None else SignIn.read(sign_in),
        suites=suites,
        allowance=Allowance() if limits is None else Allowance.read(limits),
    )


def served_at(settings: Settings) -> str:
    """The console's address: where it was served last, or where it will be."""
    planned = f"http://{settings.public_host}:{settings.web_port}"
    return DataFolder(settings.data).serving() or planned
