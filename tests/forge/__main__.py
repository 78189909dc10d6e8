"""`make forge`: forged, mutated, replayed and expired acts, chains and grants; none may hold."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console
from rich.table import Table

from tests.forge.run import Tally, forge, forge_by_hypothesis

CHUNK = 20_000
MOST_BY_HYPOTHESIS = 5_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="make forge ARGS=…", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    console = Console()
    console.print(f"{chosen.count:,} forgeries, seed {chosen.seed}, {chosen.jobs} processes")
    began = time.monotonic()
    tally = forged(chosen.count, chosen.seed, chosen.jobs)
    seconds = time.monotonic() - began
    console.print(_table("kind", tally.kinds))
    console.print(_table("refused for", tally.reasons))
    for what, found in (("accepted", tally.accepted), ("crashed", tally.crashed)):
        for one in found[:10]:
            console.print(f"[bold red]{what}[/] {one}", soft_wrap=True)
    console.print(
        f"{tally.count:,} tried, seed {chosen.seed}: {len(tally.accepted)} accepted, "
        f"{len(tally.crashed)} crashed; {tally.count / seconds:,.0f} a second"
    )
    return int(bool(tally.accepted or tally.crashed) or tally.count != chosen.count)


def forged(count: int, seed: int, jobs: int) -> Tally:
    """Forgeries in chunks, each with a seed of its own, in several processes."""
    total = Tally()
    with ProcessPoolExecutor(jobs) as pool:
        sought = pool.submit(forge_by_hypothesis, seed, min(MOST_BY_HYPOTHESIS, count // 100))
        total.add(sought.result())
        rest = count - total.count
        counts = [min(CHUNK, rest - start) for start in range(0, rest, CHUNK)]
        seeds = [seed * 1_000_003 + number for number in range(len(counts))]
        for tally in pool.map(forge, seeds, counts):
            total.add(tally)
    return total


def _table(heading: str, counts: Counter[str]) -> Table:
    table = Table(heading, "tried")
    table.columns[1].justify = "right"
    for name, count in sorted(counts.items()):
        table.add_row(name, f"{count:,}")
    return table


if __name__ == "__main__":
    sys.exit(main())
