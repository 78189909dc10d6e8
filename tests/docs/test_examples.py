"""Every Python example of the documents runs as printed, against a real hub."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import fences, pages
from zongheng_sdk.testing import LocalHub

ROOT = Path(__file__).resolve().parents[2]
COUNTY = "140105"
WITH_CODE = [page for page in pages(ROOT) if fences(page, "python")]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The identity.json of a county that has enrolled with a hub that serves."""
    folder = tmp_path_factory.mktemp("hub")
    with LocalHub(folder) as local:
        local.enrol(COUNTY)
        yield folder / "units" / COUNTY / "identity.json"


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_one_after_another(
    page: Path, county: Path, tmp_path: Path
) -> None:
    shutil.copy(county, tmp_path / "identity.json")
    program = tmp_path / "example.py"
    program.write_text("\n".join(fences(page, "python")), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "error", program.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_readme_has_ten_lines_of_code() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        (example,) = fences(ROOT / name, "python")

        assert len([line for line in example.splitlines() if line.strip()]) <= 10, name
