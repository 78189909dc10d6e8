"""Verifiers that others wrote, ready to be asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.foreign import Ask, go_verifier, sigstore_keyring
from tests.logs import KEY


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Go's x/mod, built once for this test process."""
    cache = tmp_path_factory.getbasetemp().parent / "go-cache"
    return go_verifier(tmp_path_factory.mktemp("go"), cache)


@pytest.fixture(scope="session")
def keyring() -> Any:
    """The key of the logs in tests, as sigstore-python knows keys."""
    return sigstore_keyring(KEY.public)
