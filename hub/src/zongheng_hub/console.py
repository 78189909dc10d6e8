"""The console and what stands beside it on the web port, put together from the rooms' pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from zongheng_hub.catalogue.pages import module_pages
from zongheng_hub.desk import ConsoleDesk
from zongheng_hub.kernel.kernel import Kernel
from zongheng_hub.needs.calendar import WorkingDays, day_of
from zongheng_hub.needs.pages import need_pages
from zongheng_hub.needs.service import working_days
from zongheng_hub.sharing.pages import sharing_pages
from zongheng_hub.store import Store
from zongheng_hub.tenancy.quotas.pages import quota_pages
from zongheng_hub.tenancy.tilegrid import tile_grid
from zongheng_hub.tenancy.tree.pages import unit_pages
from zongheng_hub.web.app import web_app
from zongheng_hub.web.console import Console
from zongheng_hub.web.directory import StoredDirectory
from zongheng_hub.web.log_book import StoredLogBook
from zongheng_hub.web.log_pages import log_pages
from zongheng_hub.web.overview import overview_pages
from zongheng_hub.web.sessions import Sessions
from zongheng_hub.web.sign_in import sign_in_pages
from zongheng_hub.web.sign_ins import StoredSignIns
from zongheng_hub.web.tiles import TileMap, tile_map
from zongheng_protos.errors import DivisionUnknown


def console_app(
    *,
    desk: ConsoleDesk,
    kernel: Kernel,
    store: Store,
    session_key: bytes,
    clock: Callable[[], int],
    tlog_folder: Path,
    province_code: str,
) -> FastAPI:
    """Console, Connect endpoint and log files.

    Args:
        session_key: 32 bytes, the same on every replica.
        clock: gives Unix milliseconds.
        tlog_folder: where the log is published.
        province_code: whose tile map is shown.
    """
    console = Console(desk, StoredDirectory(store), Sessions(session_key, clock), clock)

    async def calendar() -> WorkingDays:
        since = day_of(clock()) - timedelta(days=400)
        return await store.read(lambda connection: working_days(connection, since))

    return web_app(
        console=console,
        gate=kernel,
        admission=kernel.admission,
        tlog_folder=tlog_folder,
        rooms=(
            overview_pages(console, _tiles(province_code)),
            need_pages(console, calendar),
            module_pages(console),
            sharing_pages(console),
            unit_pages(console),
            quota_pages(console),
            log_pages(console, StoredLogBook(store)),
            sign_in_pages(console, StoredSignIns(store, clock)),
        ),
    )


def _tiles(province_code: str) -> TileMap | None:
    """The province's tile map, where one ships."""
    try:
        return tile_map(tile_grid(province_code))
    except DivisionUnknown:
        return None
