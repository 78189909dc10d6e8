"""Console keys are derived: one a tenant, the same every time, none from another hub."""

from __future__ import annotations

import pytest

from zongheng_hub.tenancy.console_keys import ConsoleKeys


def test_a_tenant_has_the_same_key_every_time() -> None:
    master = ConsoleKeys.new_master()

    assert ConsoleKeys(master).key_of("t_1").public == ConsoleKeys(master).key_of("t_1").public


def test_tenants_and_hubs_have_different_keys() -> None:
    keys = [ConsoleKeys(bytes([n]) * 32).key_of(t).public for n in (1, 2) for t in ("t_1", "t_2")]

    assert len(set(keys)) == 4


def test_the_derivation_never_changes() -> None:
    # HKDF-SHA256 of 32 zero bytes; credentials already issued name keys derived this way.
    assert ConsoleKeys(bytes(32)).key_of("t_1").id == "k_49ae237645ae3e2d"


def test_a_short_master_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        ConsoleKeys(bytes(16))
