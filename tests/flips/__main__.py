"""`make flips`: single bits of an audit package flipped; every one noticed, its place named."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.flips.run import FlipTally, flip, victim_of
from tests.integration.audit_case import shared_case

CHUNK = 250


def main() -> int:
    parser = argparse.ArgumentParser(prog="make flips ARGS=…", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    print(f"{chosen.count:,} flips, seed {chosen.seed}, {chosen.jobs} processes", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, shared_case(Path(folder)) as case:
        victim = victim_of(case)
    total = FlipTally()
    starts = range(0, chosen.count, CHUNK)
    counts = [min(CHUNK, chosen.count - start) for start in starts]
    seeds = [chosen.seed * 1_000_003 + number for number in range(len(counts))]
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for tally in pool.map(partial(flip, victim), seeds, counts):
            total.add(tally)
    for what, found in (("not noticed", total.missed), ("place not named", total.unnamed)):
        for one in found[:10]:
            print(f"{what}: {one}")
    tried = ", ".join(f"{way} {count:,}" for way, count in sorted(total.tried.items()))
    print(
        f"{total.tried.total():,} flips of a package of {len(victim.data):,} bytes ({tried}), "
        f"seed {chosen.seed}: {len(total.missed)} not noticed, {len(total.unnamed)} without their "
        f"place, {total.harmless.total()} in the program or the list of units and said not to be "
        f"proven; {time.monotonic() - began:.0f} s"
    )
    return int(bool(total.missed or total.unnamed))


if __name__ == "__main__":
    raise SystemExit(main())
