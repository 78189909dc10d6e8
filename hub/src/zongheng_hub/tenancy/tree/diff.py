"""What a division table would make of the tree: units in, differences out; pure.

A row is matched by its code, then by its old codes: the first of these that a living unit bears
is the same unit with a new code, any further ones were merged into it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from zongheng_hub.tenancy.divisions import Division
from zongheng_hub.tenancy.tree import rules
from zongheng_hub.tenancy.tree.unit import CLOSED, Unit
from zongheng_protos.errors import Invalid, ZonghengError
from zongheng_protos.tenancy.v1 import tree_pb2 as pb

MOST_OBSTACLES = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One unit that would be different.

    Attributes:
        changes: numbers of tenancy.v1.TreeChange; empty for one that only goes along with a merger.
        before: None where the unit would be added.
        after: as it would be.
    """

    changes: tuple[int, ...]
    before: Unit | None
    after: Unit


@dataclass(frozen=True, slots=True)
class Diff:
    """All differences, parents before children, and why they could not be carried out.

    Attributes:
        obstacles: each names its unit; empty when nothing stands in the way.
        unchanged: rows of the table that the tree already has as they are.
    """

    differences: tuple[Difference, ...]
    obstacles: tuple[str, ...]
    unchanged: int

    @property
    def counts(self) -> Mapping[int, int]:
        """How many units each kind of change concerns."""
        return Counter(change for one in self.differences for change in one.changes)

    def sha256(self, table_sha256: bytes) -> bytes:
        """Over every difference and the table that they come from; new units' ids do not count."""
        digest = hashlib.sha256(b"zongheng tree diff v1\0" + table_sha256)
        names = {
            one.after.id: f"new {one.after.code}" for one in self.differences if one.before is None
        }
        for one in self.differences:
            after = [
                names.get(one.after.id, one.after.id),
                names.get(one.after.parent_id, one.after.parent_id),
                *_attributes(one.after),
            ]
            before = one.before and [one.before.id, one.before.parent_id, *_attributes(one.before)]
            line = [list(one.changes), before, after]
            digest.update(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode())
            digest.update(b"\n")
        return digest.digest()


def compare(
    divisions: Sequence[Division], living: Sequence[Unit], new_id: Callable[[], str]
) -> Diff:
    """What the tree must become to be what the table says.

    Units without a code, departments, extra units, and levels that the table lacks altogether are
    left alone.

    Args:
        divisions: parents first.
        living: every unit that is not closed.

    Raises:
        Invalid: the table is of another province, or an old code is still in use in it.
    """
    work = _Comparison(divisions, living, new_id)
    work.match()
    work.close_the_rest()
    return work.diff()


class _Comparison:
    def __init__(
        self, divisions: Sequence[Division], living: Sequence[Unit], new_id: Callable[[], str]
    ) -> None:
        self._divisions = divisions
        self._new_id = new_id
        self._before = {unit.id: unit for unit in living}
        self._by_code = {unit.code: unit for unit in living if unit.code}
        self._codes = {division.code for division in divisions}
        self._ids: dict[str, str] = {}
        self._matched: set[str] = set()
        self._found: dict[str, Difference] = {}
        self._successors: dict[str, str] = {}
        self._obstacles: list[str] = []
        self._unchanged = 0

    def match(self) -> None:
        root = next(unit for unit in self._before.values() if not unit.parent_id)
        if self._divisions[0].code != root.code:
            raise Invalid(
                f"the table is of {self._divisions[0].name} ({self._divisions[0].code}), this hub "
                f"of {root.called}"
            )
        for division in self._divisions:
            self._match(division)

    def close_the_rest(self) -> None:
        levels = {division.level for division in self._divisions}
        for unit in self._before.values():
            if unit.id in self._matched or unit.id in self._successors:
                continue
            if unit.code and unit.level in levels:
                gone = replace(unit, state=CLOSED)
                self._found[unit.id] = Difference((pb.TREE_CHANGE_GONE,), unit, gone)
        for merged, successor in self._successors.items():
            unit = self._before[merged]
            closed = replace(unit, state=CLOSED, successor_id=successor)
            self._found[merged] = Difference((pb.TREE_CHANGE_MERGED,), unit, closed)
        for unit in self._before.values():
            heir = self._successors.get(unit.parent_id)
            if heir is not None and unit.id not in self._found and unit.id not in self._matched:
                self._found[unit.id] = Difference((), unit, replace(unit, parent_id=heir))

    def diff(self) -> Diff:
        self._check()
        places = {one: place for place, one in enumerate(self._ids.values())}
        ordered = sorted(
            self._found.values(),
            key=lambda one: (
                places.get(one.after.id, len(places)),
                one.after.level,
                one.after.code,
                one.after.id,
            ),
        )
        return Diff(tuple(ordered), tuple(self._obstacles[:MOST_OBSTACLES]), self._unchanged)

    def _match(self, division: Division) -> None:
        unit = self._by_code.get(division.code)
        for old in division.old_codes:
            former = self._by_code.get(old)
            if former is None:
                continue  # an earlier import has seen to it
            if old in self._codes:
                raise Invalid(f"{old} is an old code of {division.code} and a code of the table")
            if unit is None:
                unit = former
            elif former.id in self._successors or former.id in self._matched:
                raise Invalid(f"{old} is an old code of {division.code} and of another row")
            elif former.id != unit.id:
                self._successors[former.id] = unit.id
        parent = self._ids[division.parent] if division.parent else ""
        if unit is None:
            unit = Unit(
                id=self._new_id(),
                parent_id=parent,
                level=division.level,
                name=division.name,
                code=division.code,
                kind=division.kind,
            )
            self._found[unit.id] = Difference((pb.TREE_CHANGE_ADDED,), None, unit)
        else:
            self._change(unit, division, parent)
        self._ids[division.code] = unit.id
        self._matched.add(unit.id)

    def _change(self, unit: Unit, division: Division, parent: str) -> None:
        if unit.id in self._matched or unit.id in self._successors:
            raise Invalid(f"{unit.code} is an old code of {division.code} and of another row")
        if unit.level != division.level:
            self._obstacles.append(
                f"{unit.called} is of level {rules.level_name(unit.level)} in the tree and "
                f"{rules.level_name(division.level)} in the table: add a new unit and merge it"
            )
            return
        after = replace(
            unit, code=division.code, name=division.name, kind=division.kind, parent_id=parent
        )
        changes = []
        if (after.name, after.kind) != (unit.name, unit.kind):
            changes.append(int(pb.TREE_CHANGE_RENAMED))
        if after.code != unit.code:
            changes.append(int(pb.TREE_CHANGE_RECODED))
        if after.parent_id != unit.parent_id:
            changes.append(int(pb.TREE_CHANGE_MOVED))
        if changes:
            self._found[unit.id] = Difference(tuple(changes), unit, after)
        else:
            self._unchanged += 1

    def _check(self) -> None:
        """Whether the tree as it would be is one: places, depth, nothing below what is closed."""
        tree = {**self._before, **{one.after.id: one.after for one in self._found.values()}}
        for one in self._found.values():
            parent = tree.get(one.after.parent_id)
            moved = one.before is None or one.before.parent_id != one.after.parent_id
            if moved and parent is not None and one.after.is_living:
                try:
                    rules.check_place(one.after, parent)
                except ZonghengError as error:
                    self._obstacles.append(error.message)
        left: Counter[str] = Counter()
        for unit in tree.values():
            if not unit.is_living:
                continue
            parent = tree.get(unit.parent_id)
            if parent is not None and not parent.is_living:
                left[parent.id] += 1
            if _steps(tree, unit) > rules.MOST_STEPS:
                self._obstacles.append(
                    f"{unit.called} would stand more than {rules.MOST_STEPS} steps below the "
                    "province, further than credentials reach"
                )
        for parent_id, children in left.items():
            self._obstacles.append(f"{tree[parent_id].called} has {children} living below it")


def _steps(tree: Mapping[str, Unit], unit: Unit) -> int:
    steps = 0
    while unit.parent_id in tree and steps <= rules.MOST_STEPS:
        unit = tree[unit.parent_id]
        steps += 1
    return steps


def _attributes(unit: Unit) -> list[str | int]:
    return [
        *(unit.level, unit.name, unit.code, unit.uscc, unit.kind, unit.state, unit.successor_id)
    ]
