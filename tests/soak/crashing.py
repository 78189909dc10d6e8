"""`make soak ARGS=crashes`: a log killed at 200 random points, its disk torn or full.

Ends 1 unless after every death readers see a whole log, nothing acknowledged is lost, nothing has
forked, and the restart is clean.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.crashes import Crashes

THOROUGH_EVERY = 10


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=crashes…", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args(arguments)
    console = Console()
    console.print(f"{chosen.kills} kills, seed {chosen.seed}")
    faults, started = 0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="zongheng-soak-") as folder:
        crashes = Crashes(Path(folder), random.Random(chosen.seed))
        for kill in range(1, chosen.kills + 1):
            thorough = kill % THOROUGH_EVERY == 0 or kill == chosen.kills
            for fault in crashes.die_once(thorough=thorough):
                faults += 1
                console.print(f"[bold red]✗[/] kill {kill}: {fault}")
            if thorough:
                console.print(f"killed {kill}, {len(crashes.acknowledged)} acknowledged")
    ways = ", ".join(f"{count} {way}" for way, count in sorted(crashes.kills.items()))
    console.print(
        f"{chosen.kills} kills ({ways}), {crashes.changes} changes of key, "
        f"{len(crashes.acknowledged)} entries acknowledged, {faults} faults, "
        f"{time.perf_counter() - started:.0f} s"
    )
    return int(bool(faults))
