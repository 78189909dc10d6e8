"""Enrolment: the province invites its cities and each city its counties; keys never leave home.

Each step is a real one: the parent's invitation, the child's keys and proof, the parent's
signature, the child's check of the whole chain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zongheng_sdk import AsyncHub
from zongheng_sdk.enrolling import PendingEnrolment, begin_enrolment
from zongheng_sdk.tenancy import Tenant

OPERATOR = "李某某"
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """An enrolled unit; identity is the path of its identity.json."""

    tenant: Tenant
    identity: Path


@dataclass(frozen=True, slots=True)
class Province:
    """Who has enrolled.

    Attributes:
        counties: in the order of their codes.
        tree: how many units the province's tree holds, townships included.
    """

    identity: Path
    cities: tuple[Unit, ...]
    counties: tuple[Unit, ...]
    tree: int

    @property
    def enrolled(self) -> int:
        return 1 + len(self.cities) + len(self.counties)


async def enrol_province(identity: Path, folder: Path, tell: Callable[[int], None]) -> Province:
    """Enrol every city and every county below it.

    Args:
        identity: the province's identity.json.
        folder: gets one folder for each unit, named by its code.
        tell: called with how many units have just been enrolled.
    """
    async with AsyncHub.open(identity, operator=OPERATOR) as hub:
        tree = await hub.tenancy.tenants()
    of_level = {level: [t for t in tree if t.level == level] for level in ("city", "county")}
    cities = await _enrol_children(identity, of_level["city"], folder, tell)
    limit = asyncio.Semaphore(AT_ONCE)

    async def counties_of(city: Unit) -> list[Unit]:
        children = [county for county in of_level["county"] if county.parent_id == city.tenant.id]
        async with limit:
            return await _enrol_children(city.identity, children, folder, tell)

    found = await asyncio.gather(*map(counties_of, cities))
    counties = sorted((unit for units in found for unit in units), key=lambda u: u.tenant.code)
    return Province(identity, tuple(cities), tuple(counties), len(tree))


async def _enrol_children(
    parent: Path, children: list[Tenant], folder: Path, tell: Callable[[int], None]
) -> list[Unit]:
    """Invite, enrol, approve and collect, as one parent and its children do together."""
    async with AsyncHub.open(parent, operator=OPERATOR) as hub:
        pending: dict[str, PendingEnrolment] = {}
        for child in children:
            invitation = await hub.tenancy.invite(child.code)
            pending[child.code] = await asyncio.to_thread(
                begin_enrolment, invitation, folder / child.code
            )
        for enrolment in await hub.tenancy.enrolments():
            await hub.tenancy.approve(enrolment)
        units = []
        for child in children:
            path = await asyncio.to_thread(pending[child.code].collect)
            assert path is not None, f"{child.name} was approved but got no credential"
            units.append(Unit(child, path))
            tell(1)
    return units
