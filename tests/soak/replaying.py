"""`make soak`: a replay with many kills; ends 1 unless every report is there exactly once."""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from shanxi.messages import read_messages
from tests.soak.replay import faults_of, generated, replay


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=…", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--messages", type=Path, help="a CSV as for the demo; else generated ones")
    chosen = parser.parse_args(arguments)
    messages = read_messages(chosen.messages) if chosen.messages else generated(chosen.kills)
    console = Console()
    console.print(f"{len(messages)} reports, {chosen.kills} kills, seed {chosen.seed}")
    with tempfile.TemporaryDirectory(prefix="zongheng-soak-") as folder:
        replayed = replay(
            Path(folder),
            messages,
            kills=chosen.kills,
            seed=chosen.seed,
            told=lambda kills: console.print(f"killed {kills}"),
        )
    faults = faults_of(replayed, messages)
    console.print(f"{replayed.kills} kills; log of {replayed.verdict.size} entries")
    for fault in faults:
        console.print(f"[bold red]✗[/] {fault}")
    return int(bool(faults))
