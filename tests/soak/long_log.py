"""`make soak ARGS=long-log`: a log of a million entries before every verifier there is."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.contract.foreign import go_verifier, sigstore_keyring
from tests.logs import KEY, opened
from tests.long_logs import grown, refusals


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=long-log…", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--checkpoints", type=int, default=32, help="how many are kept, at random")
    parser.add_argument("--samples", type=int, default=500, help="entries proven one by one")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args(arguments)
    console, dice = Console(), random.Random(chosen.seed)
    console.print(f"a log of {chosen.entries} entries, seed {chosen.seed}")
    with tempfile.TemporaryDirectory(prefix="zongheng-soak-") as name:
        folder = Path(name)
        (folder / "go").mkdir()
        go = go_verifier(folder / "go", folder / "go-cache")
        with opened(folder / "hub.sqlite3", folder / "tlog") as log:
            started = time.perf_counter()
            long = grown(log, chosen.entries, kept=chosen.checkpoints, dice=dice)
            seconds = time.perf_counter() - started
            kept = len(long.checkpoints)
            console.print(f"appended and published in {seconds:.0f} s; {kept} checkpoints kept")
            started = time.perf_counter()
            found = refusals(
                long, go, sigstore_keyring(KEY.public), samples=chosen.samples, dice=dice
            )
    seconds = time.perf_counter() - started
    console.print(
        f"Go x/mod, sigstore-python, proofbundle and the audit: {len(found)} refusals, "
        f"{kept * (kept - 1) // 2} pairs of checkpoints, in {seconds:.0f} s"
    )
    for refusal in found[:20]:
        console.print(f"[bold red]✗[/] {refusal}")
    return int(bool(found))
