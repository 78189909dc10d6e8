"""What holds of every file: short, documented, and silent about where it was made."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture.tracked import tracked_files, tracked_texts

LONGEST = 400
GENERATED = re.compile(r"_pb2\.pyi?$|^protos/src/buf/")
# In parts, so that this file does not name what it forbids.
REGISTRIES = {
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))
}
REGISTRIES |= {".".join(parts) for parts in (("npmjs", "com"), ("golang", "org"), ("crates", "io"))}
REGISTRIES |= {".".join(parts) for parts in (("npmmirror", "com"), ("tuna", "tsinghua"))}
# Go's module is called after its host; it names a package, not where to fetch it from.
MODULE_PATHS = re.compile(r"golang\.org/x/[a-z]+")
LOCAL = {"localhost", "127.0.0.1", "::1"}
MACHINE_PATHS = re.compile(r"(?<![\w.~])/(?:work|root|home/\w+|tmp/\w+)/(?!\w+\)/)")
VAGUE = {"utils", "util", "common", "helpers", "manager", "misc"}


def ours(root: Path) -> list[Path]:
    """Python that people write."""
    return [
        path
        for path in tracked_files(root)
        if path.suffix == ".py" and not GENERATED.search(path.relative_to(root).as_posix())
    ]


def test_no_python_file_is_longer_than_400_lines(root: Path) -> None:
    lengths = {path.relative_to(root): len(path.read_text().splitlines()) for path in ours(root)}

    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_in_its_docstring_what_it_is(root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in ours(root)
        if (source := path.read_text()).strip() and not ast.get_docstring(ast.parse(source))
    ]

    assert silent == []


def test_no_module_has_a_vague_name(root: Path) -> None:
    assert [str(path) for path in ours(root) if VAGUE & {path.stem, path.parent.name}] == []


def test_no_file_names_a_package_registry(root: Path) -> None:
    hosts = REGISTRIES | _hosts_of_this_machines_pip()

    named = [
        f"{path}: {host}"
        for path, text in tracked_texts(root).items()
        for host in hosts
        if host in MODULE_PATHS.sub("", text)
    ]

    assert named == []


def _hosts_of_this_machines_pip() -> set[str]:
    """Hosts that pip and uv are told of here: they must not leak into files."""
    told = [value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))]
    command = [sys.executable, "-m", "pip", "config", "list"]
    told.append(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    addresses = re.findall(r"[a-z+]+://[^\s'\"]+", " ".join(told))
    return {host for address in addresses if (host := urlsplit(address).hostname)} - LOCAL


def test_no_file_names_a_path_of_the_machine_it_was_written_on(root: Path) -> None:
    named = [
        f"{path}: {found.group()}"
        for path, text in tracked_texts(root).items()
        if (found := MACHINE_PATHS.search(text))
    ]

    assert named == []


@pytest.mark.parametrize("lock", ["runtime.txt", "dev.txt"])
def test_locks_hold_hashes_and_no_address(root: Path, lock: str) -> None:
    text = (root / "requirements" / lock).read_text()
    pins = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE)

    assert "://" not in text
    assert "--index" not in text
    assert pins
    assert all("==" in pin for pin in pins)
    assert len(re.findall(r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(
        pins
    )


def test_no_lock_that_names_hosts_is_kept(root: Path) -> None:
    kept = {path.name for path in tracked_files(root)}

    assert not kept & {"uv.lock", "pylock.toml", "package-lock.json", "poetry.lock"}
