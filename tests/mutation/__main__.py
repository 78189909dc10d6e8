"""`make mutate`: changes the controls one at a time and counts how often a test notices.

The targets are what everything rests on: zongheng_tenants and the hub's kernel.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.plugin import KILLED, SURVIVED, UNPATCHED, UNREACHED, Mutating, write

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("tenants/src", "hub/src/zongheng_hub/kernel")
LEFT_OUT = {
    "hub/src/zongheng_hub/kernel/grpc_server.py",
    "tenants/src/zongheng_tenants/suites/sm2_gmssl.py",
}
"""What only sockets reach (gRPC does not survive a fork; see tests/integration/test_way_in.py), and
what is loaded only where an optional library is there."""
TESTS = (
    "tests/unit/tenants",
    "tests/unit/hub/kernel",
    "tests/unit/hub/tenancy",
    "tests/security/test_forge.py",
    "tests/security/test_replays.py",
    "tests/integration/test_tenancy_enrolling.py",
    "tests/integration/test_sharing_exchange.py",
)
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
GOAL = 0.85


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutate ARGS=…", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="0: all of them")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="files whose path holds this")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="files or folders of tests")
    parser.add_argument("--json", type=Path, help="where to write every verdict")
    chosen = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    known = equivalent()
    everything = [mutant for mutant in every_mutant(chosen.only) if mutant.key not in known]
    rng = random.Random(chosen.seed)
    sample = rng.sample(everything, min(chosen.sample or len(everything), len(everything)))
    console.print(
        f"{len(everything)} mutants, {len(known)} more known to change nothing; "
        f"{len(sample)} tried, seed {chosen.seed}"
    )
    began = time.monotonic()
    mutating = Mutating(sample, ROOT, chosen.jobs)
    options = ["-q", "-s", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider"]
    tests = [str(ROOT / test) for test in chosen.tests if (ROOT / test).exists()]
    pytest.main([*options, *tests], plugins=[mutating])
    if mutating.broken:
        console.print(f"these fail without any mutant: {mutating.broken}")
        return 2
    if chosen.json:
        write(mutating.verdicts, chosen.json)
    return report(console, mutating.verdicts, time.monotonic() - began, chosen.seed)


def every_mutant(only: str = "") -> list[Mutant]:
    """Every mutant of every target, in a fixed order."""
    found: list[Mutant] = []
    for target in TARGETS:
        for path in sorted((ROOT / target).rglob("*.py")):
            named = str(path.relative_to(ROOT))
            if named not in LEFT_OUT and only in named:
                found += mutants_of(path, ROOT)
    return found


def equivalent() -> set[str]:
    """Mutants that change nothing anyone could see, each with its reason above it."""
    if not EQUIVALENT.exists():
        return set()
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def report(console: Console, verdicts: list[tuple[Mutant, str]], seconds: float, seed: int) -> int:
    """Print survivors and the score; 1 when it is below the goal."""
    counts = Counter(verdict for _, verdict in verdicts)
    for mutant, verdict in sorted(verdicts, key=lambda one: (one[0].path, one[0].line)):
        if verdict in (SURVIVED, UNREACHED):
            console.print(f"{verdict} {mutant.path}:{mutant.line} {mutant.where}", markup=False)
            console.print(f"    {mutant.before}  →  {mutant.after}", markup=False)
    judged = len(verdicts) - counts[UNPATCHED]
    score = counts[KILLED] / judged if judged else 0.0
    console.print(
        f"{counts[KILLED]} of {judged} mutants noticed: score {score:.1%} "
        f"({counts[SURVIVED]} survived, {counts[UNREACHED]} not reached, "
        f"{counts[UNPATCHED]} could not be made), seed {seed}, {seconds:.0f} s"
    )
    return int(score < GOAL)


if __name__ == "__main__":
    sys.exit(main())
