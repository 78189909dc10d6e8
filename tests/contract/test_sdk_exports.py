"""The SDK's surface: what counties may rely on, and what importing it may cost."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import zongheng_sdk
from zongheng_sdk.client import AsyncHub, Hub

EXPORTS = {
    "AsyncHub",
    "Hub",
    "Identity",
    "Need",
    "Outbox",
    "Receipt",
    "Resource",
    "ZonghengError",
    "enrol",
    "renew",
}
# Loaded only when first used: what a county pays for at every start of its program.
LATE = {
    "buf",
    "cryptography",
    "duckdb",
    "gmssl_pyx",
    "pkcs11",
    "rich",
    "sqlite3",
    "typer",
    "zongheng_sdk.needs",
    "zongheng_tenants.suites.sm2",
    "zongheng_tenants.suites.sm_1",
    "zongheng_tenants.vault",
}
AREAS = (
    *("audit", "catalogue", "log", "needs", "operators", "quotas", "review"),
    "revocations",
    *("sharing", "tenancy", "units"),
)


def test_the_exported_names_are_these() -> None:
    assert set(zongheng_sdk.__all__) == EXPORTS
    assert set(dir(zongheng_sdk)) >= EXPORTS
    for name in EXPORTS:
        assert getattr(zongheng_sdk, name) is not None


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match="AsyncHub, Hub"):
        _ = zongheng_sdk.Hubb


def test_importing_the_main_names_loads_nothing_heavy() -> None:
    program = (
        "import sys; from zongheng_sdk import AsyncHub, Hub, Identity, Need, Outbox, "
        "ZonghengError, enrol; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert LATE.isdisjoint(done.stdout.split())


def test_both_hubs_have_the_same_surface() -> None:
    def surface(hub: type) -> set[str]:
        return {name for name in dir(hub) if not name.startswith("_")}

    assert surface(Hub) == surface(AsyncHub)
    assert set(AREAS) <= surface(Hub)
    assert (
        inspect.signature(Hub.open).parameters.keys()
        == inspect.signature(AsyncHub.open).parameters.keys()
    )
