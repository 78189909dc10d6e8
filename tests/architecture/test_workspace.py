"""The workspace lists every member, and the locks pin every dependency that a member declares."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

SDK_MAY_LOAD = {"zongheng_sdk", "zongheng_tenants", "zongheng_protos", "buf"}
SDK_MAY_LOAD |= {"grpc", "google", "cryptography", "cffi", "_cffi_backend", "typing_extensions"}


def settings(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


def members(root: Path) -> list[str]:
    listed: list[str] = settings(root / "pyproject.toml")["tool"]["zongheng"]["members"]
    return listed


def test_every_folder_with_a_pyproject_is_a_member_and_under_contract(root: Path) -> None:
    found = {
        path.parent for path in (*root.glob("*/pyproject.toml"), *root.glob("*/*/pyproject.toml"))
    }
    packages = {path.name for member in found for path in (member / "src").glob("zongheng_*")}

    linter = settings(root / "pyproject.toml")["tool"]["importlinter"]

    assert {str(path.relative_to(root)) for path in found} == set(members(root))
    assert packages == set(linter["root_packages"])


def test_a_member_is_called_like_its_distribution_and_carries_its_types(root: Path) -> None:
    for member in members(root):
        name = settings(root / member / "pyproject.toml")["project"]["name"].replace("-", "_")

        assert (root / member / "src" / name / "__init__.py").exists(), member
        assert (root / member / "src" / name / "py.typed").exists(), member


def test_the_makefile_knows_every_member(root: Path) -> None:
    line = re.search(r"^MEMBERS := (.*)$", (root / "Makefile").read_text(), re.MULTILINE)

    assert line
    assert set(line.group(1).split()) == set(members(root))


def test_every_declared_dependency_is_locked(root: Path) -> None:
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (root / "requirements/runtime.txt").read_text(), re.M)
    )
    own = {
        settings(root / member / "pyproject.toml")["project"]["name"] for member in members(root)
    }

    for member in members(root):
        project = settings(root / member / "pyproject.toml")["project"]
        extras = project.get("optional-dependencies", {}).values()
        declared = [*project["dependencies"], *(one for extra in extras for one in extra)]
        names = {re.match(r"[A-Za-z0-9-]+", one).group().lower() for one in declared}  # type: ignore[union-attr]  # a dependency begins with its name

        assert names - own <= locked, member


def test_the_development_lock_pins_what_the_runtime_lock_pins(root: Path) -> None:
    pin = re.compile(r"^([a-z0-9-]+)==([^ ]+)", re.MULTILINE)
    runtime = dict(pin.findall((root / "requirements/runtime.txt").read_text()))
    development = dict(pin.findall((root / "requirements/dev.txt").read_text()))

    assert runtime.items() <= development.items()


def test_importing_the_sdk_loads_grpc_protobuf_and_cryptography_and_no_more(root: Path) -> None:
    program = "import sys, zongheng_sdk; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    third_party = {
        name
        for name in set(loaded) - set(bare) - set(sys.stdlib_module_names)
        if not name.startswith(("__editable__", "_distutils_hack", "_virtualenv"))
    }

    assert third_party <= SDK_MAY_LOAD
    assert importlib.util.find_spec("zongheng_sdk")
