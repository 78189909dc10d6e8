"""The first page: what is open and late, where, what runs out next, modules, the log's head."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from zongheng_hub.web.console import Console, NavItem, Pages, Visit
from zongheng_hub.web.doors import SIGNED_IN
from zongheng_hub.web.log_pages import newest_checkpoint
from zongheng_hub.web.need_board import BoardRow, board_row, list_needs
from zongheng_hub.web.ports import Session, Unit
from zongheng_hub.web.rulers import SOON_DAYS
from zongheng_hub.web.tiles import Tile, TileMap
from zongheng_hub.web.words import KINDS
from zongheng_protos.catalogue.v1 import catalogue_pb2 as catalogue
from zongheng_protos.envelope.v1.envelope_pb2 import Envelope
from zongheng_protos.errors import MethodUnknown
from zongheng_protos.needs.v1 import needs_pb2 as needs
from zongheng_protos.tenancy.v1 import revocation_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy

DUE_ROWS = 8
USAGE_DAYS = 7
TILE_STEPS = (1, 5, 9, 13, 21)
MATRIX_STEPS = (1, 6, 11, 21, 36)
_CATALOGUE = "/zongheng.catalogue.v1.CatalogueService/"


@dataclass(slots=True)
class Count:
    """Needs of a county, a city or the province: open, late, due soon, and open by kind."""

    open: int = 0
    late: int = 0
    soon: int = 0
    confirmed: int = 0
    by_kind: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, counted: needs.NeedCount) -> None:
        self.open += counted.open
        self.late += counted.late
        self.soon += counted.due_soon
        self.confirmed += counted.confirmed
        self.by_kind[counted.kind] += counted.open


@dataclass(frozen=True, slots=True)
class MapTile:
    """A county on the map; heat 0 to 5."""

    tile: Tile
    unit: str
    count: Count
    heat: int


@dataclass(frozen=True, slots=True)
class CityRow:
    unit: Unit
    count: Count
    counties: int


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module as it runs; spark is SVG path data in a 72 by 20 box, empty without calls."""

    module: catalogue.Module
    adopted: int
    pilots: int
    calls: int
    failures: int
    spark: str
    spark_end: tuple[float, float]

    @property
    def success(self) -> str:
        return f"{100 * (1 - self.failures / self.calls):.2f}%" if self.calls else "—"


def overview_pages(console: Console, tiles: TileMap | None) -> Pages:
    """/ for those who are signed in; tiles is None where the province has no drawn map."""
    router = APIRouter()

    @router.get("/", dependencies=[SIGNED_IN])
    async def overview(request: Request) -> Response:
        visit, session = await console.signed_in(request)
        is_province = visit.unit is not None and not visit.unit.parent_id
        counts, due, modules, checkpoint, revoked = await asyncio.gather(
            _counts(console, session),
            _due(console, visit, session),
            _modules(console, visit, session),
            newest_checkpoint(console, visit),
            newest_revocations(console, session),
        )
        by_unit = _by_unit(counts)
        counties = [u for u in visit.units.values() if u.level == tenancy.LEVEL_COUNTY]
        return console.page(
            visit,
            request,
            "overview.html",
            total=_sum(counts),
            tiles=_map(tiles, visit, by_unit) if tiles else [],
            cities=tiles.cities if tiles else (),
            counties=len(counties),
            adopted=modules.counties,
            due=due[:DUE_ROWS],
            due_count=len(due),
            modules=modules.rows,
            matrix=_matrix(visit, counts) if is_province else [],
            kinds=KINDS,
            heat=heat,
            matrix_steps=MATRIX_STEPS,
            checkpoint=checkpoint,
            revoked=revoked,
            is_province=is_province,
        )

    return Pages(router, NavItem("overview", "/", "总览"))


async def newest_revocations(
    console: Console, session: Session
) -> revocation_pb2.RevocationSnapshot | None:
    """What the newest list of revocations says, unverified; None where there is none."""
    method = "/zongheng.tenancy.v1.RevocationService/GetRevocations"
    wanted = revocation_pb2.GetRevocationsRequest()
    try:
        reply = await console.desk.call(session, method, wanted)
    except MethodUnknown:  # a hub put together without revocation
        return None
    shown = cast(revocation_pb2.GetRevocationsReply, reply).snapshots
    if not shown:
        return None
    payload = Envelope.FromString(shown[-1]).payload
    return revocation_pb2.RevocationSnapshot.FromString(payload)


def heat(number: int, steps: Sequence[int]) -> int:
    """0 to 5: how many of the steps number has reached."""
    return sum(number >= step for step in steps)


async def _counts(console: Console, session: Session) -> Sequence[needs.NeedCount]:
    method = "/zongheng.needs.v1.NeedsService/CountNeeds"
    reply = await console.desk.call(session, method, needs.CountNeedsRequest())
    return cast(needs.CountNeedsReply, reply).counts


async def _due(console: Console, visit: Visit, session: Session) -> list[BoardRow]:
    """Needs whose running clock has run out or will within three working days, by time left."""
    states = (needs.NEED_STATE_FILED, needs.NEED_STATE_ACCEPTED, needs.NEED_STATE_ANSWERED)
    found = await list_needs(console.desk, session, states)
    rows = [board_row(need, visit) for need in found.needs]
    return sorted(
        (row for row in rows if row.clock and row.clock.days_left <= SOON_DAYS),
        key=lambda row: (row.clock.days_left, row.clock.due) if row.clock else (0, ""),
    )


def _sum(counts: Iterable[needs.NeedCount]) -> Count:
    total = Count()
    for counted in counts:
        total.add(counted)
    return total


def _by_unit(counts: Iterable[needs.NeedCount]) -> dict[str, Count]:
    by_unit: dict[str, Count] = defaultdict(Count)
    for counted in counts:
        by_unit[counted.tenant_id].add(counted)
    return by_unit


def _map(tiles: TileMap, visit: Visit, by_unit: dict[str, Count]) -> list[MapTile]:
    ids = {u.code: u.id for u in visit.units.values() if u.level == tenancy.LEVEL_COUNTY}
    drawn = []
    for tile in tiles.tiles:
        unit = ids.get(tile.code, "")
        count = by_unit.get(unit, Count())
        drawn.append(MapTile(tile, unit, count, heat(count.open, TILE_STEPS)))
    return drawn


def _matrix(visit: Visit, counts: Iterable[needs.NeedCount]) -> list[CityRow]:
    """Cities in administrative order, never by value."""
    cities = sorted(
        (u for u in visit.units.values() if u.level == tenancy.LEVEL_CITY), key=lambda u: u.code
    )
    rows = {city.id: CityRow(city, Count(), _counties(visit, city.id)) for city in cities}
    for counted in counts:
        at = counted.tenant_id
        city = at if at in rows else next((u.id for u in visit.above(at) if u.id in rows), "")
        if city:
            rows[city].count.add(counted)
    return list(rows.values())


def _counties(visit: Visit, city: str) -> int:
    counties = (u for u in visit.units.values() if u.level == tenancy.LEVEL_COUNTY)
    return sum(unit.parent_id == city for unit in counties)


@dataclass(frozen=True, slots=True)
class _Modules:
    rows: Sequence[ModuleRow]
    counties: int


async def _modules(console: Console, visit: Visit, session: Session) -> _Modules:
    listed, counted, usage = await asyncio.gather(
        console.desk.call(session, f"{_CATALOGUE}ListModules", catalogue.ListModulesRequest()),
        console.desk.call(
            session, f"{_CATALOGUE}CountAdoptions", catalogue.CountAdoptionsRequest()
        ),
        console.desk.call(
            session, f"{_CATALOGUE}ListUsage", catalogue.ListUsageRequest(days=USAGE_DAYS)
        ),
    )
    adopted = cast(catalogue.CountAdoptionsReply, counted)
    used = cast(catalogue.ListUsageReply, usage).usage
    rows = [
        _module_row(module, adopted.counts, used, visit)
        for module in cast(catalogue.ListModulesReply, listed).modules
    ]
    return _Modules(rows, adopted.counties)


def _module_row(
    module: catalogue.Module,
    adopted: Iterable[catalogue.AdoptionCount],
    used: Iterable[catalogue.Usage],
    visit: Visit,
) -> ModuleRow:
    mine = [each for each in adopted if each.module_id == module.id]
    days = [visit.today - timedelta(days=back) for back in range(USAGE_DAYS - 1, -1, -1)]
    calls = dict.fromkeys((day.isoformat() for day in days), 0)
    failures = 0
    for each in used:
        if each.module_id == module.id and each.day in calls:
            calls[each.day] += each.calls
            failures += each.failures
    spark, end = sparkline(list(calls.values()))
    return ModuleRow(
        module=module,
        adopted=sum(each.units for each in mine),
        pilots=sum(each.units for each in mine if each.track == catalogue.TRACK_PILOT),
        calls=sum(calls.values()),
        failures=failures,
        spark=spark,
        spark_end=end,
    )


def sparkline(values: Sequence[int]) -> tuple[str, tuple[float, float]]:
    """Path data in a 72 by 20 box and where it ends; "" when every value is zero."""
    most = max(values, default=0)
    if most == 0:
        return "", (0.0, 0.0)
    step = 66 / (len(values) - 1) if len(values) > 1 else 0.0
    points = [(2 + step * at, 17 - 14 * value / most) for at, value in enumerate(values)]
    path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{path}", points[-1]
