"""Paired comparisons: ours and a bare rival in the same run, so that only the ratio is judged.

A bench is a module of this folder with `def run() -> Result` (or several results).
"""

from __future__ import annotations

import importlib
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_RUNS = re.compile(r"^def run\(\) -> ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Result:
    """What a bench measured.

    Attributes:
        ratio: ours over the rival's.
        floor: the ratio must not be below it; None when ceiling is set.
        value: ours in absolute terms, for the curious; machines differ.
        ceiling: the ratio must not be above it, where less is better.
    """

    name: str
    ratio: float
    floor: float | None
    value: float
    unit: str
    ceiling: float | None = None

    def __post_init__(self) -> None:
        if (self.floor is None) == (self.ceiling is None):
            raise ValueError(f"{self.name}: a result has either a floor or a ceiling")

    @property
    def holds(self) -> bool:
        if self.floor is not None and self.ratio < self.floor:
            return False
        return self.ceiling is None or self.ratio <= self.ceiling

    @property
    def line(self) -> str:
        """`NAME ratio=0.78 floor=0.60 value=… unit=…`, or with ceiling in floor's place."""
        bound = (
            f"floor={self.floor:.2f}" if self.floor is not None else f"ceiling={self.ceiling:.2f}"
        )
        return f"{self.name} ratio={self.ratio:.2f} {bound} value={self.value:.4g} unit={self.unit}"


def names() -> list[str]:
    """Every bench of this folder: the modules that have a run() and are not this one."""
    modules = Path(__file__).parent.glob("*.py")
    return sorted(path.stem for path in modules if _RUNS.search(path.read_text()))


def run(name: str) -> Sequence[Result]:
    """Run one bench by name. Raises KeyError naming the known ones when there is none."""
    if name not in names():
        raise KeyError(f"there is no bench {name!r}; there are {', '.join(names())}")
    measured: Result | Sequence[Result] = importlib.import_module(f"tests.bench.{name}").run()
    return [measured] if isinstance(measured, Result) else measured


def paired(
    ours: Callable[[], float], rival: Callable[[], float], *, rounds: int = 7
) -> tuple[float, float]:
    """Medians of both, measured in turns so that a busy machine slows both alike.

    The ratio to judge is the first over the second.
    """
    mine: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds):
        pair = ((mine, ours), (theirs, rival))
        for figures, measure in pair if turn % 2 else reversed(pair):
            figures.append(measure())
    return statistics.median(mine), statistics.median(theirs)
