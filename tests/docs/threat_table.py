"""Tables of a document whose rows end in the name of a test."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/threat-model.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)(?:\[[^`]*\])?`")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that names tests, and what stands in its other cells."""

    cells: tuple[str, ...]
    tests: tuple[tuple[str, str], ...]


def rows(text: str) -> list[Row]:
    """Every row of every table that has a column for tests."""
    found: list[Row] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if cells[-1] in ("test", "tests"):
            inside = True
        elif inside and not set(line) <= set("|-: "):
            found.append(Row(cells[:-1], tuple(NAMED.findall(cells[-1]))))
    return found


@cache
def defined_in(path: str) -> frozenset[str]:
    """The names of the tests in a file; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))
