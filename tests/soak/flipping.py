"""`make soak ARGS=flips`: 10,000 random single-bit flips of a published log and its proofs.

Ends 1 unless each is noticed, and the verdict on the published files names the flipped one.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.log_flips import Flips, evidence_of
from tests.logs import opened


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=flips…", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args(arguments)
    console = Console()
    console.print(f"{chosen.count} flips, seed {chosen.seed}")
    with (
        tempfile.TemporaryDirectory(prefix="zongheng-soak-") as folder,
        opened(Path(folder) / "hub.sqlite3", Path(folder) / "tlog") as log,
    ):
        flips = Flips(evidence_of(log), random.Random(chosen.seed))
    for _ in range(chosen.count):
        flips.flip_once()
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(flips.done.items()))
    console.print(f"{chosen.count} flips ({kinds}): {len(flips.missed)} missed")
    for missed in flips.missed[:20]:
        console.print(f"[bold red]✗[/] {missed}")
    return int(bool(flips.missed))
