"""What every test may ask for: a real PostgreSQL, the shared data, a browser's path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgresql

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Wall-clock deadlines say more about a busy machine than about the code.
settings.register_profile("zongheng", deadline=None)
settings.load_profile("zongheng")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for chromium is a browser test, so that `-m "not browser"` finds it."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path | None:
    """The folder of data that may not be committed, or None where there is none."""
    named = os.environ.get("ZONGHENG_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder / "data" if (folder / "data").is_dir() else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """One PostgreSQL server for this test process."""
    server = postgresql.start()
    yield server
    server.stop()


@pytest.fixture
def postgresql_url(postgresql_server: postgresql.Server) -> Iterator[str]:
    """The address of a database that only this test uses."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "No Chromium on PATH: run .ci/browser, or make test, which leaves these tests out"
    return found
