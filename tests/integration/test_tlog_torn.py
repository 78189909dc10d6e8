"""A log that dies at random points, its disk torn or full, loses nothing; `make soak` does 200."""

from __future__ import annotations

import random
from pathlib import Path

from tests.crashes import Crashes

KILLS = 8


def test_a_log_killed_at_random_points_is_whole_after_each(tmp_path: Path) -> None:
    crashes = Crashes(tmp_path, random.Random(KILLS))
    found = [crashes.die_once(thorough=kill == KILLS - 1) for kill in range(KILLS)]
    assert found == [[]] * KILLS
    assert crashes.acknowledged
    assert crashes.changes > 0
