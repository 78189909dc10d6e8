"""What the tree allows: codes, places, states and dates; values in, values out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone

from zongheng_hub.tenancy.tree.unit import ACTIVE, CLOSED, SUSPENDED, Unit
from zongheng_protos.errors import CodeInvalid, Invalid, StateConflict, TreeRule
from zongheng_protos.tenancy.v1 import tenancy_pb2 as pb

MOST_STEPS = 4
"""Below the province: as far down as the root credential lets a chain reach (its depth)."""

_BELOW: dict[int, frozenset[int]] = {
    pb.LEVEL_CITY: frozenset({pb.LEVEL_PROVINCE}),
    pb.LEVEL_COUNTY: frozenset({pb.LEVEL_PROVINCE, pb.LEVEL_CITY}),
    pb.LEVEL_TOWNSHIP: frozenset({pb.LEVEL_CITY, pb.LEVEL_COUNTY, pb.LEVEL_EXTRA}),
    pb.LEVEL_DEPARTMENT: frozenset(
        {
            *(pb.LEVEL_PROVINCE, pb.LEVEL_CITY, pb.LEVEL_COUNTY, pb.LEVEL_TOWNSHIP),
            *(pb.LEVEL_DEPARTMENT, pb.LEVEL_EXTRA),
        }
    ),
    pb.LEVEL_EXTRA: frozenset({pb.LEVEL_PROVINCE, pb.LEVEL_CITY, pb.LEVEL_COUNTY}),
}
_DIGITS: dict[int, tuple[int, ...]] = {
    pb.LEVEL_PROVINCE: (6,),
    pb.LEVEL_CITY: (6,),
    pb.LEVEL_COUNTY: (6,),
    pb.LEVEL_TOWNSHIP: (9,),
    pb.LEVEL_DEPARTMENT: (),
    pb.LEVEL_EXTRA: (6, 9),
}
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_code(code: str, level: int) -> None:
    """A division code has the shape that its level's codes have (GB/T 2260, GB/T 10114).

    Raises:
        CodeInvalid: it has not; an empty code is none and passes.
    """
    if not code:
        return
    allowed = _DIGITS.get(level, ())
    if not allowed:
        raise CodeInvalid(f"a {level_name(level)} has no division code: give its USCC")
    if not re.fullmatch("[0-9]+", code, re.ASCII) or len(code) not in allowed:
        digits = " or ".join(map(str, allowed))
        raise CodeInvalid(f"{code!r} is no code of a {level_name(level)}: it has {digits} digits")


def check_uscc(uscc: str) -> None:
    """A USCC has 18 characters and the right last one (GB 32100-2015).

    Raises:
        CodeInvalid: otherwise; an empty one is none and passes.
    """
    if not uscc:
        return
    if len(uscc) != 18 or any(sign not in _USCC for sign in uscc):
        raise CodeInvalid(
            f"{uscc!r} is no USCC: it has 18 digits and capital letters, without I, O, S, V and Z"
        )
    if not re.fullmatch("[0-9]{6}", uscc[2:8]):
        raise CodeInvalid(f"{uscc!r} is no USCC: characters 3 to 8 are a division code")
    if uscc_check(uscc[:17]) != uscc[17]:
        raise CodeInvalid(f"{uscc} is mistyped: its last character does not fit the others")


def uscc_check(first: str) -> str:
    """The check character of a USCC's first 17 (GB 32100-2015: weights are powers of 3 mod 31)."""
    total = sum(_USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
    return _USCC[-total % 31]


def clean_name(name: str) -> str:
    """A name without outer spaces.

    Raises:
        Invalid: fewer than two characters are left, or one of them is no text.
    """
    name = name.strip()
    if len(name) < 2:
        raise Invalid("name: at least two characters")
    if _CONTROL.search(name):
        raise Invalid("name: no control characters")
    return name


def day_of(at_ms: int) -> date:
    """The day in Beijing at Unix milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, _BEIJING).date()


def holds_from(effective_on: str, *, now_ms: int, since_ms: int, since_day: str) -> int:
    """Unix milliseconds from which a change holds.

    It is the midnight with which its day begins in Beijing, or now when the day is today, and
    never before what it changes began.

    Args:
        effective_on: a day that effective gave.
        since_ms, since_day: from when, and from which day, the unit is what it is now.

    Raises:
        Invalid: what it changes holds from a later day.
    """
    if effective_on < since_day:
        raise Invalid(
            f"effective_on: {effective_on} lies before the change that holds since {since_day}"
        )
    day = date.fromisoformat(effective_on)
    if day == day_of(now_ms):
        return max(now_ms, since_ms)
    midnight = datetime(day.year, day.month, day.day, tzinfo=_BEIJING)
    return max(int(midnight.timestamp()) * 1000, since_ms)


def effective(effective_on: str, today: date) -> str:
    """From which day a change holds: the given one, or today.

    Raises:
        Invalid: it is no day, or lies ahead: a change is entered on the day it takes effect.
    """
    if not effective_on:
        return today.isoformat()
    try:
        day = date.fromisoformat(effective_on)
    except ValueError:
        day = None
    if day is None or day.isoformat() != effective_on:
        raise Invalid(f"effective_on: {effective_on!r} is no day such as 2026-11-01")
    if day > today:
        raise Invalid(f"effective_on: {effective_on} lies ahead: enter the change on that day")
    return effective_on


def check_place(unit: Unit, parent: Unit) -> None:
    """A unit of this level may stand below that parent.

    Raises:
        TreeRule: it may not.
        StateConflict: the parent is closed.
    """
    if parent.state == CLOSED:
        raise StateConflict(f"{parent.called} is closed: nothing is put below it")
    if parent.level not in parent_levels(unit.level):
        raise TreeRule(
            f"a {level_name(unit.level)} does not stand below a {level_name(parent.level)}: "
            f"{unit.called} below {parent.called}"
        )


def parent_levels(level: int) -> frozenset[int]:
    """Levels below which a unit of this level may stand."""
    return _BELOW.get(level, frozenset())


def check_depth(unit: Unit, *, parent_steps: int, own_height: int) -> None:
    """Nothing comes to stand deeper than credentials reach.

    Args:
        parent_steps: from the province down to the new parent.
        own_height: from the unit down to the lowest living unit below it.

    Raises:
        TreeRule: something would.
    """
    if parent_steps + 1 + own_height > MOST_STEPS:
        raise TreeRule(
            f"{unit.called} would bring units to stand {parent_steps + 1 + own_height} steps below "
            f"the province; credentials reach {MOST_STEPS}"
        )


def check_move(unit: Unit, parent: Unit, above_parent: Sequence[str]) -> None:
    """A unit may be put below this parent.

    Args:
        above_parent: ids of the units above the new parent.

    Raises:
        TreeRule: the province moves, the unit would stand below itself, or where it may not.
        StateConflict: it is closed, or stands there already.
    """
    if not unit.parent_id:
        raise TreeRule(f"{unit.called} is the province: it does not move")
    check_living(unit)
    if unit.id == parent.id or unit.id in above_parent:
        raise TreeRule(f"{unit.called} cannot stand below {parent.called}, which is below it")
    if unit.parent_id == parent.id:
        raise StateConflict(f"{unit.called} stands below {parent.called} already")
    check_place(unit, parent)


def check_merge(unit: Unit, successor: Unit, above_successor: Sequence[str]) -> None:
    """A unit may be merged into this successor.

    Raises:
        TreeRule: the province is merged, or a unit into itself or into one below it.
        StateConflict: one of the two is closed, or the successor is suspended.
    """
    if not unit.parent_id:
        raise TreeRule(f"{unit.called} is the province: it is not merged")
    check_living(unit)
    if unit.id == successor.id:
        raise TreeRule(f"{unit.called} cannot be merged into itself")
    if unit.id in above_successor:
        raise TreeRule(
            f"{unit.called} cannot be merged into {successor.called}, which stands below it: "
            "move that one away first"
        )
    if successor.state != ACTIVE:
        raise StateConflict(
            f"{successor.called} is {state_name(successor.state)}: it succeeds no one"
        )


def check_living(unit: Unit) -> None:
    """Raises StateConflict when a unit is closed."""
    if unit.state == CLOSED:
        raise StateConflict(f"{unit.called} is closed: nothing about it changes any more")


def check_suspend(unit: Unit) -> None:
    """Raises StateConflict unless the unit is active."""
    check_living(unit)
    if unit.state == SUSPENDED:
        raise StateConflict(f"{unit.called} is suspended already")


def check_resume(unit: Unit) -> None:
    """Raises StateConflict unless the unit is suspended."""
    check_living(unit)
    if unit.state != SUSPENDED:
        raise StateConflict(f"{unit.called} is not suspended")


def level_name(level: int) -> str:
    return pb.Level.Name(level).removeprefix("LEVEL_").lower()


def state_name(state: int) -> str:
    return pb.TenantState.Name(state).removeprefix("TENANT_STATE_").lower()
