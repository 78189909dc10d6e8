"""What other rooms and the hub may ask of the catalogue: adoptions and usage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from zongheng_hub.catalogue.shelf import OfferedModule
from zongheng_hub.catalogue.tables import ADOPTION, USAGE_DAY
from zongheng_hub.store import Tx
from zongheng_protos.errors import NotAdopted

__all__ = [
    "Adoption",
    "OfferedModule",
    "Usage",
    "add_usage",
    "adopt",
    "adoption_of",
    "adoptions",
    "adoptions_held",
    "count_adoptions",
    "end_adoptions",
    "settings_of",
    "usage",
]

PAGE = 500


@dataclass(frozen=True, slots=True)
class Adoption:
    """A tenant's choice of a module.

    Attributes:
        track: number of catalogue.v1.Track.
        settings: a JSON object, checked, with defaults filled in.
        adopted_ms: Unix milliseconds.
        log_index: of the act that chose it.
    """

    tenant_id: str
    module_id: str
    track: int
    version: str
    settings: str
    adopted_ms: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls to a module on one day ("2026-11-20", Beijing time)."""

    module_id: str
    day: str
    calls: int
    failures: int


def adopt(tx: Tx, adoption: Adoption) -> None:
    """Make this the tenant's choice for the module, whatever it was before."""
    same = and_(
        ADOPTION.c.tenant_id == adoption.tenant_id, ADOPTION.c.module_id == adoption.module_id
    )
    values = {
        "track": adoption.track,
        "version": adoption.version,
        "settings": adoption.settings,
        "adopted_ms": adoption.adopted_ms,
        "log_index": adoption.log_index,
    }
    if tx.execute(update(ADOPTION).where(same).values(values)).rowcount == 0:
        keys = {"tenant_id": adoption.tenant_id, "module_id": adoption.module_id}
        tx.execute(insert(ADOPTION).values({**keys, **values}))


def adoption_of(connection: Connection, tenant_id: str, module_id: str) -> Adoption | None:
    """The tenant's own choice for a module, or None. Nothing is inherited from above."""
    row = connection.execute(_ADOPTION_OF, {"tenant": tenant_id, "module": module_id}).first()
    return None if row is None else _as_adoption(row)


def settings_of(connection: Connection, tenant_id: str, module_id: str) -> Mapping[str, Any]:
    """The settings under which a tenant calls a module.

    Raises:
        NotAdopted: it has not adopted it.
    """
    adoption = adoption_of(connection, tenant_id, module_id)
    if adoption is None:
        raise NotAdopted(f"{tenant_id} has not adopted the module {module_id}")
    settings: dict[str, Any] = json.loads(adoption.settings)
    return settings


def adoptions(
    connection: Connection,
    tenants: Select[Any],
    module_id: str = "",
    *,
    after: tuple[str, str] = ("", ""),
    limit: int | None = None,
) -> list[Adoption]:
    """The choices of some tenants, ordered by module and tenant.

    Args:
        tenants: selects their ids, in a column id.
        module_id: of this module only; empty: of all.
        after: module and tenant of the last choice already seen.
    """
    module, tenant = ADOPTION.c.module_id, ADOPTION.c.tenant_id
    wanted = tenants.subquery()
    query = select(ADOPTION).join(wanted, wanted.c.id == tenant).order_by(module, tenant)
    if module_id:
        query = query.where(module == module_id)
    if after[0]:
        query = query.where(or_(module > after[0], and_(module == after[0], tenant > after[1])))
    return [_as_adoption(row) for row in connection.execute(query.limit(limit or PAGE))]


def count_adoptions(
    connection: Connection, tenants: Select[Any], county: int
) -> tuple[dict[tuple[str, int], int], int]:
    """How many of some tenants have adopted what, by module and track; and how many counties any.

    Args:
        tenants: selects them, in columns id and level.
        county: the level that is a county's.
    """
    wanted = tenants.subquery()
    joined = ADOPTION.join(wanted, wanted.c.id == ADOPTION.c.tenant_id)
    by_track = (
        select(ADOPTION.c.module_id, ADOPTION.c.track, func.count().label("units"))
        .select_from(joined)
        .group_by(ADOPTION.c.module_id, ADOPTION.c.track)
    )
    counties = (
        select(func.count(ADOPTION.c.tenant_id.distinct()))
        .select_from(joined)
        .where(wanted.c.level == county)
    )
    counts = {(row.module_id, row.track): int(row.units) for row in connection.execute(by_track)}
    return counts, int(connection.execute(counties).scalar_one())


def adoptions_held(connection: Connection, whose: Select[Any]) -> int:
    """How many adoptions the units have together that whose selects."""
    them = whose.subquery()
    query = select(func.count()).select_from(ADOPTION.join(them, them.c.id == ADOPTION.c.tenant_id))
    return int(connection.execute(query).scalar_one())


def end_adoptions(tx: Tx, tenant_id: str) -> int:
    """A unit that is closed uses no module any more; returns how many it had adopted."""
    return tx.execute(delete(ADOPTION).where(ADOPTION.c.tenant_id == tenant_id)).rowcount


def add_usage(tx: Tx, module_id: str, tenant_id: str, day: str, calls: int, failures: int) -> None:
    """Add to what is counted for a module, tenant and day."""
    more = {"more_calls": calls, "more_failures": failures}
    keys = {"of_module": module_id, "of_tenant": tenant_id, "of_day": day}
    if tx.execute(_ADD_USAGE, {**keys, **more}).rowcount == 0:
        tx.execute(
            insert(USAGE_DAY).values(
                module_id=module_id, tenant_id=tenant_id, day=day, calls=calls, failures=failures
            )
        )


def usage(connection: Connection, tenant_id: str | None, since: str) -> list[Usage]:
    """Calls by module and day from a day on, of one tenant or (None) of all, newest day first."""
    query = (
        select(
            USAGE_DAY.c.module_id,
            USAGE_DAY.c.day,
            func.sum(USAGE_DAY.c.calls).label("calls"),
            func.sum(USAGE_DAY.c.failures).label("failures"),
        )
        .where(USAGE_DAY.c.day >= since)
        .group_by(USAGE_DAY.c.module_id, USAGE_DAY.c.day)
        .order_by(USAGE_DAY.c.day.desc(), USAGE_DAY.c.module_id)
    )
    if tenant_id is not None:
        query = query.where(USAGE_DAY.c.tenant_id == tenant_id)
    return [
        Usage(row.module_id, row.day, int(row.calls), int(row.failures))
        for row in connection.execute(query)
    ]


def _as_adoption(row: Row[Any]) -> Adoption:
    return Adoption(
        tenant_id=row.tenant_id,
        module_id=row.module_id,
        track=row.track,
        version=row.version,
        settings=row.settings,
        adopted_ms=row.adopted_ms,
        log_index=row.log_index,
    )


_ADOPTION_OF = select(ADOPTION).where(
    ADOPTION.c.tenant_id == bindparam("tenant"), ADOPTION.c.module_id == bindparam("module")
)
_ADD_USAGE = (
    update(USAGE_DAY)
    .where(
        USAGE_DAY.c.module_id == bindparam("of_module"),
        USAGE_DAY.c.tenant_id == bindparam("of_tenant"),
        USAGE_DAY.c.day == bindparam("of_day"),
    )
    .values(
        calls=USAGE_DAY.c.calls + bindparam("more_calls"),
        failures=USAGE_DAY.c.failures + bindparam("more_failures"),
    )
)
