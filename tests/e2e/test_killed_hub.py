"""A hub that is killed again and again during a replay: every report is there exactly once."""

from __future__ import annotations

from pathlib import Path

from tests.soak.replay import faults_of, generated, replay

KILLS = 20


def test_every_report_is_there_exactly_once_after_twenty_kills(tmp_path: Path) -> None:
    messages = generated(KILLS)

    replayed = replay(tmp_path, messages, kills=KILLS, seed=20_261_122)

    assert replayed.kills == KILLS
    assert faults_of(replayed, messages) == []
