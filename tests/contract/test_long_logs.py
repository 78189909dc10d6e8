"""Verifiers that others wrote accept a log of 70,000 entries; `make soak` asks about a million."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.contract.foreign import Ask
from tests.logs import opened
from tests.long_logs import grown, refusals


def test_seventy_thousand_entries_are_accepted_everywhere(
    go: Ask, keyring: Any, tmp_path: Path
) -> None:
    dice = random.Random(70_000)
    with opened(tmp_path / "hub.sqlite3", tmp_path / "tlog") as log:
        long = grown(log, 70_000, kept=8, dice=dice)
        assert refusals(long, go, keyring, samples=60, dice=dice) == []
