"""What each change would make of the tree: reads, checks, and the units as they would be.

Nothing here writes, so a preview asks the very same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from zongheng_hub.tenancy import service
from zongheng_hub.tenancy.tree import reading, rules
from zongheng_hub.tenancy.tree.dealings import Dealings
from zongheng_hub.tenancy.tree.unit import ACTIVE, CLOSED, SUSPENDED, Unit
from zongheng_protos.errors import CodeTaken, Invalid, NotRelated, StateConflict, UnitInUse
from zongheng_tenants.ids import new_id

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change concerns: the unit and all that live below it, and what they have."""

    units: int
    enrolled: int
    open_needs: int
    adoptions: int
    grants: int


def added(
    connection: Connection,
    *,
    parent_id: str,
    level: int,
    name: str,
    code: str,
    uscc: str,
    kind: str,
    now_ms: int,
) -> Unit:
    """A new unit below parent_id.

    Raises:
        NotFound, StateConflict: there is no such parent, or it is closed.
        TreeRule: such a unit does not stand there.
        CodeInvalid, CodeTaken: as for recoded.
    """
    parent = reading.unit(connection, parent_id)
    unit = Unit(
        id=new_id("t", now_ms=now_ms),
        parent_id=parent_id,
        level=level,
        name=rules.clean_name(name),
        code=code,
        uscc=uscc,
        kind=kind.strip(),
    )
    rules.check_place(unit, parent)
    rules.check_depth(unit, parent_steps=_steps(connection, parent_id), own_height=0)
    _check_codes(connection, unit)
    twin = [
        child for child in reading.living_children(connection, parent_id) if child.name == unit.name
    ]
    if twin:
        raise StateConflict(f"{parent.called} has a unit called {unit.name} already, {twin[0].id}")
    return unit


def renamed(connection: Connection, tenant_id: str, *, name: str, kind: str | None) -> Unit:
    """The unit under another name. Raises NotFound, StateConflict, Invalid."""
    unit = reading.unit(connection, tenant_id)
    rules.check_living(unit)
    after = replace(
        unit, name=rules.clean_name(name), kind=unit.kind if kind is None else kind.strip()
    )
    return _different(unit, after)


def recoded(
    connection: Connection,
    tenant_id: str,
    *,
    code: str | None,
    uscc: str | None,
    name: str | None,
    kind: str | None,
) -> Unit:
    """The unit with another code or USCC, perhaps another name and kind too.

    Raises:
        NotFound, StateConflict, Invalid: no such unit, closed, or nothing changes.
        CodeInvalid: a code has the wrong shape or check character.
        CodeTaken: a living unit bears it; names that unit.
    """
    if code is None and uscc is None:
        raise Invalid("code: give a new code or a new USCC, or rename the unit instead")
    unit = reading.unit(connection, tenant_id)
    rules.check_living(unit)
    after = replace(
        unit,
        code=unit.code if code is None else code,
        uscc=unit.uscc if uscc is None else uscc,
        name=unit.name if name is None else rules.clean_name(name),
        kind=unit.kind if kind is None else kind.strip(),
    )
    _check_codes(connection, after)
    return _different(unit, after)


def moved(connection: Connection, tenant_id: str, *, parent_id: str, actor_id: str) -> Unit:
    """The unit below another parent; all below goes with it.

    Raises:
        NotFound, StateConflict: no such unit or parent, or one is closed.
        NotRelated: the actor does not stand above the new parent, nor is it that parent.
        TreeRule: the tree would not allow it: a circle, the province, the level, the depth.
    """
    unit = reading.unit(connection, tenant_id)
    parent = reading.unit(connection, parent_id)
    above = service.ancestors(connection, parent_id)
    _check_reach(actor_id, parent, above)
    rules.check_move(unit, parent, above)
    rules.check_depth(
        unit, parent_steps=len(above), own_height=reading.height(connection, tenant_id)
    )
    return replace(unit, parent_id=parent_id)


def merged(
    connection: Connection, tenant_id: str, *, successor_id: str, actor_id: str
) -> tuple[Unit, Unit, list[Unit]]:
    """The unit closed, its successor, and the living children that go to it.

    Raises:
        NotFound, StateConflict, NotRelated, TreeRule: as moved.
    """
    unit = reading.unit(connection, tenant_id)
    successor = reading.unit(connection, successor_id)
    above = service.ancestors(connection, successor_id)
    _check_reach(actor_id, successor, above)
    rules.check_merge(unit, successor, above)
    children = reading.living_children(connection, tenant_id)
    for child in children:
        rules.check_place(child, successor)
        rules.check_depth(
            child,
            parent_steps=len(above),
            own_height=reading.height(connection, child.id),
        )
    heirs = [replace(child, parent_id=successor_id) for child in children]
    return replace(unit, state=CLOSED, successor_id=successor_id), successor, heirs


def suspended(connection: Connection, tenant_id: str) -> Unit:
    """The unit suspended. Raises NotFound, StateConflict."""
    unit = reading.unit(connection, tenant_id)
    rules.check_suspend(unit)
    return replace(unit, state=SUSPENDED)


def resumed(connection: Connection, tenant_id: str) -> Unit:
    """The unit active again. Raises NotFound, StateConflict."""
    unit = reading.unit(connection, tenant_id)
    rules.check_resume(unit)
    return replace(unit, state=ACTIVE)


def closed(
    connection: Connection, tenant_id: str, *, end_adoptions: bool, dealings: Dealings
) -> Unit:
    """The unit closed, with nobody to succeed it.

    Raises:
        NotFound, StateConflict: no such unit, or closed already.
        UnitInUse: units live below it, or it has open needs or adoptions; says which.
    """
    unit = reading.unit(connection, tenant_id)
    rules.check_living(unit)
    held = hindrances(connection, unit, end_adoptions=end_adoptions, dealings=dealings)
    if held:
        raise UnitInUse(f"{unit.called} cannot be closed: {'; '.join(held)}")
    return replace(unit, state=CLOSED)


def hindrances(
    connection: Connection, unit: Unit, *, end_adoptions: bool, dealings: Dealings
) -> list[str]:
    """What keeps a unit from being closed, in words."""
    held = []
    children = reading.living_children(connection, unit.id)
    if children:
        names = ", ".join(child.called for child in children[:_NAMED])
        more = f" and {len(children) - _NAMED} more" if len(children) > _NAMED else ""
        held.append(f"{len(children)} living below it, {names}{more}")
    return held + held_by_rooms(connection, unit.id, end_adoptions=end_adoptions, dealings=dealings)


def held_by_rooms(
    connection: Connection, tenant_id: str, *, end_adoptions: bool, dealings: Dealings
) -> list[str]:
    """What a unit has in other rooms that keeps it from being closed, in words."""
    held = []
    itself = service.itself(tenant_id)
    needs = dealings.open_needs(connection, itself)
    if needs:
        held.append(f"{needs} open needs filed or handled by it")
    adoptions = 0 if end_adoptions else dealings.adoptions(connection, itself)
    if adoptions:
        held.append(f"{adoptions} modules adopted by it")
    return held


def effects(connection: Connection, tenant_id: str, dealings: Dealings) -> Effects:
    """What a change of this unit concerns."""
    whose = service.itself_and_below(tenant_id)
    units, enrolled = reading.count_living(connection, whose)
    return Effects(
        units=units,
        enrolled=enrolled,
        open_needs=dealings.open_needs(connection, whose),
        adoptions=dealings.adoptions(connection, whose),
        grants=dealings.grants(connection, whose),
    )


def _check_codes(connection: Connection, unit: Unit) -> None:
    rules.check_code(unit.code, unit.level)
    rules.check_uscc(unit.uscc)
    wanted: list[dict[str, Any]] = [{"code": unit.code}, {"uscc": unit.uscc}]
    for by in wanted:
        bearer = reading.bearer(connection, **by)
        if bearer is not None and bearer.id != unit.id:
            (value,) = by.values()
            raise CodeTaken(f"{value} is that of {bearer.name} ({bearer.id})")


def _check_reach(actor_id: str, target: Unit, above: tuple[str, ...]) -> None:
    if actor_id != target.id and actor_id not in above:
        raise NotRelated(
            f"{target.called} does not stand below {actor_id}: a unit above both does this"
        )


def _different(before: Unit, after: Unit) -> Unit:
    if before == after:
        raise Invalid(f"{before.called} is that already: nothing would change")
    return after


def _steps(connection: Connection, tenant_id: str) -> int:
    return len(service.ancestors(connection, tenant_id))
