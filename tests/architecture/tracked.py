"""The files that belong to the repository: tracked, or about to be."""

from __future__ import annotations

import subprocess
from pathlib import Path


def tracked_files(root: Path) -> list[Path]:
    """Every file that git tracks or would add, that exists."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := root / name).is_file()]


def tracked_texts(root: Path) -> dict[str, str]:
    """Path from the root to content, of those that are text."""
    texts = {}
    for path in tracked_files(root):
        content = path.read_bytes()
        if b"\0" not in content:
            texts[path.relative_to(root).as_posix()] = content.decode()
    return texts
