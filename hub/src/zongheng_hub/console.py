"""The console and what stands beside it on the web port, put together from the rooms' pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from zongheng_hub.audit.pages import shred_pages
from zongheng_hub.catalogue.pages import module_pages
from zongheng_hub.desk import ConsoleDesk
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.needs.calendar import WorkingDays, day_of
from zongheng_hub.needs.pages import need_pages
from zongheng_hub.needs.service import working_days
from zongheng_hub.review.alert_pages import alert_pages
from zongheng_hub.review.pages import review_pages
from zongheng_hub.settings import Settings
from zongheng_hub.sharing.pages import sharing_pages
from zongheng_hub.store import Store
from zongheng_hub.tenancy.operators.account_pages import account_pages
from zongheng_hub.tenancy.operators.entry_pages import entry_pages, plain_page
from zongheng_hub.tenancy.operators.passkeys import Passkeys
from zongheng_hub.tenancy.operators.passwords import Passwords
from zongheng_hub.tenancy.operators.provider import Provider
from zongheng_hub.tenancy.operators.sessions import StoredSessions
from zongheng_hub.tenancy.operators.signing_in import SigningIn
from zongheng_hub.tenancy.operators.staff_pages import staff_pages
from zongheng_hub.tenancy.operators.vault import Vault
from zongheng_hub.tenancy.pages import enrolment_pages
from zongheng_hub.tenancy.quotas.pages import quota_pages
from zongheng_hub.tenancy.revocation.pages import credential_pages
from zongheng_hub.tenancy.tilegrid import tile_grid
from zongheng_hub.tenancy.tree.import_pages import import_pages
from zongheng_hub.tenancy.tree.pages import unit_pages
from zongheng_hub.web.app import web_app
from zongheng_hub.web.console import Console
from zongheng_hub.web.directory import StoredDirectory
from zongheng_hub.web.log_book import StoredLogBook
from zongheng_hub.web.log_pages import log_pages
from zongheng_hub.web.overview import overview_pages
from zongheng_hub.web.ports import Allowed
from zongheng_hub.web.sessions import Sessions
from zongheng_hub.web.sign_ins import StoredSignIns
from zongheng_hub.web.tiles import TileMap, tile_map
from zongheng_hub.web.view import view_pages
from zongheng_protos.errors import DivisionUnknown


def console_app(
    *,
    desk: ConsoleDesk,
    kernel: Kernel,
    store: Store,
    session_key: bytes,
    operator_secret: bytes,
    passwords: Passwords,
    allowed: Allowed,
    settings: Settings,
    clock: Callable[[], int],
    tlog_folder: Path,
    hand_in: Callable[[bytes], Awaitable[None]],
    province_code: str,
) -> FastAPI:
    """Console, Connect endpoint and log files.

    Args:
        session_key: 32 bytes, the same on every replica.
        operator_secret: what seals operators' second factors; the same on every replica.
        allowed: what the operator of a session may do.
        clock: gives Unix milliseconds.
        tlog_folder: where the log is published.
        hand_in: takes a checkpoint that a witness cosigned.
        province_code: whose tile map is shown.
    """
    way = settings.sign_in
    sessions = StoredSessions(
        store,
        clock,
        idle_ms=way.idle_minutes * 60_000,
        absolute_ms=way.absolute_hours * 3_600_000,
    )
    console = Console(desk, StoredDirectory(store), Sessions(session_key, sessions), allowed, clock)
    signing_in = SigningIn(store, passwords, Vault(operator_secret), clock)
    passkeys = Passkeys(store, signing_in, origin=way.origin)
    provider = Provider(way.oidc, signing_in, origin=way.origin) if way.oidc else None

    async def calendar() -> WorkingDays:
        since = day_of(clock()) - timedelta(days=400)
        return await store.read(lambda connection: working_days(connection, since))

    return web_app(
        console=console,
        gate=kernel,
        admission=kernel.admission,
        tlog_folder=tlog_folder,
        hand_in=hand_in,
        sign_in_page=plain_page(provider.label if provider else ""),
        rooms=(
            overview_pages(console, _tiles(province_code)),
            need_pages(console, calendar),
            module_pages(console),
            sharing_pages(console),
            import_pages(console),
            unit_pages(console),
            quota_pages(console),
            enrolment_pages(console),
            credential_pages(console),
            log_pages(console, StoredLogBook(store)),
            shred_pages(console, StoredLogBook(store)),
            review_pages(console),
            alert_pages(console),
            staff_pages(console),
            entry_pages(console, signing_in, StoredSignIns(store, clock), passkeys, provider),
            account_pages(console, store, sessions, signing_in, passkeys),
            view_pages(),
        ),
    )


def _tiles(province_code: str) -> TileMap | None:
    """The province's tile map, where one ships."""
    try:
        return tile_map(tile_grid(province_code))
    except DivisionUnknown:
        return None
