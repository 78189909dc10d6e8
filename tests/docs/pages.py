"""The documents of the repository and what stands in their fences."""

from __future__ import annotations

import re
from pathlib import Path

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages(root: Path) -> list[Path]:
    """Every document."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def fences(page: Path, language: str) -> list[str]:
    """The text of every fence of one language."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [text for named, text in found if named == language]
