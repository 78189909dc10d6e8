"""A leaf's way to the root (RFC 6962 section 2.1.1): steps, drawing and C2SP tlog-proof."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

DRAWN_LEVELS = 3
_CENTRE, _BOTTOM, _STEP = 168, 398, 48
_TOP = 48


@dataclass(frozen=True, slots=True)
class Step:
    """One sibling on the way: left says on which side it stands."""

    left: bool
    sibling: bytes


def steps(index: int, size: int, hashes: Sequence[bytes]) -> list[Step]:
    """On which side each hash of the inclusion proof stands, leaf to root.

    Raises:
        ValueError: the proof has more hashes than the tree has levels.
    """
    node, last = index, size - 1
    found = []
    for sibling in hashes:
        if last == 0:
            raise ValueError(f"too many hashes to prove entry {index} of {size}")
        if node & 1 or node == last:
            found.append(Step(True, sibling))
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found.append(Step(False, sibling))
        node, last = node >> 1, last >> 1
    return found


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The proof as a file, c2sp.org/tlog-proof@v1."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}"]
    lines += [base64.b64encode(each).decode() for each in hashes]
    return ("\n".join(lines) + "\n\n").encode() + checkpoint


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signed note (C2SP tlog-checkpoint) says, unverified."""

    origin: str
    size: int
    root: bytes
    text: str
    signers: tuple[str, ...]


def read_checkpoint(note: bytes) -> Checkpoint | None:
    """The parts of a checkpoint; None when it is none."""
    text = note.decode(errors="replace")
    body, _, signatures = text.rpartition("\n\n")
    lines = body.split("\n")
    if len(lines) < 3 or not lines[1].isdecimal():
        return None
    signers = tuple(
        line.split(" ")[1] for line in signatures.splitlines() if line.startswith("\u2014 ")
    )
    return Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2]), text, signers)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG's parts: lines as path data with a class, nodes as (class, x, y, radius)."""

    lines: Sequence[tuple[str, str]]
    nodes: Sequence[tuple[str, float, float, float]]
    leaf: tuple[float, float]
    root: tuple[float, float]
    note: tuple[float, float] | None
    first_tick: int
    height: int


def draw(way: Sequence[Step]) -> Drawing:
    """The last three levels as a tree, then one tick a sibling up to the root."""
    lines: list[tuple[str, str]] = []
    nodes: list[tuple[str, float, float, float]] = []
    deep = min(DRAWN_LEVELS, len(way))
    ticks = way[deep:]
    apex_y = _TOP + (206 if ticks else 78)
    x, y = float(_CENTRE), float(apex_y)
    lines.append(("on", f"M{x:g} {y:g} V{_TOP}"))
    spread = 80.0 if deep == DRAWN_LEVELS else 60.0
    nodes.append(("pn", x, y, 8))
    for level in range(deep - 1, -1, -1):
        step = way[level]
        low = y + _STEP
        own = x + (spread if step.left else -spread)
        other = x - (spread if step.left else -spread)
        lines.append(("on", f"M{x:g} {y:g} L{own:g} {low:g}"))
        lines.append(("ed", f"M{x:g} {y:g} L{other:g} {low:g}"))
        nodes.append(("sb", other, low, 8))
        nodes.append(("pn", own, low, 8))
        _unneeded(lines, nodes, other, low, spread / 2, level)
        x, y, spread = own, low, spread / 2
    gap = (apex_y - _TOP) / (len(ticks) + 1)
    for number, step in enumerate(ticks, start=1):
        at = apex_y - gap * number
        side = _CENTRE + (-26 if step.left else 26)
        low = at + min(8.0, gap * 0.55)
        lines.append(("ed", f"M{_CENTRE} {at:.1f} L{side} {low:.1f}"))
        nodes.append(("sb", side, low, 4.5))
    note = (212.0, _TOP + 102.0) if ticks else None
    return Drawing(lines, nodes, (x, y), (_CENTRE, _TOP), note, deep + 1, int(y) + 50)


def _unneeded(
    lines: list[tuple[str, str]],
    nodes: list[tuple[str, float, float, float]],
    x: float,
    y: float,
    spread: float,
    levels: int,
) -> None:
    if levels == 0:
        return
    low = y + _STEP
    for child in (x - spread, x + spread):
        lines.append(("ed", f"M{x:g} {y:g} L{child:g} {low:g}"))
        nodes.append(("nd", child, low, 5))
        _unneeded(lines, nodes, child, low, spread / 2, levels - 1)
