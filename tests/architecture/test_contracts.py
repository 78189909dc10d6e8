"""Each import contract of pyproject.toml passes on a clean house and catches one stray import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("tenancy", "catalogue", "hosting", "needs", "sharing", "review", "audit")
MODULES = (
    *("zongheng_protos.errors", "zongheng_tenants.act", "zongheng_module_api.module"),
    *("zongheng_module_snap.rules", "zongheng_sdk.hub", "zongheng_hub.app", "zongheng_hub.web.app"),
    *("zongheng_hub.kernel.call", "zongheng_hub.tlog.tree", "zongheng_hub.store.store"),
    "zongheng_hub.store.migrations.env",
    *(f"zongheng_hub.{room}.{part}" for room in ROOMS for part in ("rules", "service", "tables")),
)
STRAY = [
    ("one-way", "zongheng_module_snap.rules", "zongheng_hub.app"),
    ("one-way", "zongheng_protos.errors", "zongheng_tenants.act"),
    ("one-way", "zongheng_hub.app", "zongheng_sdk.hub"),
    ("sdk-without-module-api", "zongheng_sdk.hub", "zongheng_module_api.module"),
    ("foundations", "zongheng_hub.tlog.tree", "zongheng_hub.needs.service"),
    ("foundations", "zongheng_hub.kernel.call", "zongheng_hub.web.app"),
    ("pure", "zongheng_hub.needs.rules", "sqlalchemy"),
    ("pure", "zongheng_tenants.act", "socket"),
    ("no-clock", "zongheng_hub.sharing.rules", "time"),
    ("rooms", "zongheng_hub.needs.service", "zongheng_hub.tenancy.tables"),
    ("rooms", "zongheng_hub.web.app", "zongheng_hub.sharing.rules"),
    ("light-sdk", "zongheng_sdk.hub", "pydantic"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Empty modules under the names that the contracts know."""
    for module in MODULES:
        path = tmp_path.joinpath(*module.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        for package in path.relative_to(tmp_path).parents[:-1]:
            (tmp_path / package / "__init__.py").touch()
    return tmp_path


def lint(house: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    environment = os.environ | {"PYTHONPATH": f"{house}:{root}"}
    return subprocess.run(
        [*command, "--config", str(root / "pyproject.toml"), *arguments],
        cwd=house,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_clean_house_keeps_every_contract(house: Path, root: Path) -> None:
    linted = lint(house, root)

    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(("contract", "importer", "imported"), STRAY)
def test_a_stray_import_breaks_its_contract(
    house: Path, root: Path, contract: str, importer: str, imported: str
) -> None:
    source = house.joinpath(*importer.split(".")).with_suffix(".py")
    source.write_text(f"import {imported}\n")

    linted = lint(house, root, "--contract", contract)

    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert "BROKEN" in linted.stdout
    assert importer in linted.stdout


def test_rooms_may_use_each_others_service(house: Path, root: Path) -> None:
    source = house / "zongheng_hub/needs/service.py"
    source.write_text("import zongheng_hub.tenancy.service\n")

    assert lint(house, root, "--contract", "rooms").returncode == 0


def test_the_composition_root_may_import_every_part_of_a_room(house: Path, root: Path) -> None:
    source = house / "zongheng_hub/app.py"
    source.write_text("import zongheng_hub.tenancy.tables\n")

    assert lint(house, root, "--contract", "rooms").returncode == 0
