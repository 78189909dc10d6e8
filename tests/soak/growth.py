"""`make soak ARGS=growth`: what an entry and a proof cost in a log of ten million entries."""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.logs import Log, entry, opened, record
from zongheng_hub.store import Entry, Tx
from zongheng_hub.tlog.service import prove_inclusion
from zongheng_tenants.act import new_nonce
from zongheng_tenants.ids import new_id

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
CLIENTS = 512
SAMPLE = 20_000
GROUP = 2_000
ROUNDS = 5
MOST_GROWTH = 1.2
MOST_PROOF_MS = 5.0


@dataclass(frozen=True, slots=True)
class Cost:
    """At one size: processor and wall time of an append in µs, and of a proof in ms."""

    size: int
    processor_us: float
    wall_us: float
    proof_ms: float
    proof_processor_ms: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=growth…", description=__doc__)
    parser.add_argument("--entries", type=int, default=SIZES[-1])
    parser.add_argument("--folder", type=Path, help="where there is room for 5 GB")
    chosen = parser.parse_args(arguments)
    console = Console()
    costs = []
    with (
        tempfile.TemporaryDirectory(prefix="zongheng-soak-", dir=chosen.folder) as folder,
        opened(Path(folder) / "hub.sqlite3", Path(folder) / "tlog") as log,
    ):
        for size in (*(size for size in SIZES if size < chosen.entries), chosen.entries):
            filled(log, size)
            costs.append(cost(log, size))
            console.print(_line(costs[-1]))
    growth = costs[-1].processor_us / costs[0].processor_us
    slowest = max(each.proof_ms for each in costs)
    console.print(
        f"an entry at {costs[-1].size} costs {growth:.2f} of one at {costs[0].size} "
        f"(at most {MOST_GROWTH}); a proof takes {slowest:.2f} ms (at most {MOST_PROOF_MS})"
    )
    return int(growth > MOST_GROWTH or slowest > MOST_PROOF_MS)


def filled(log: Log, size: int) -> None:
    """Append through the sequencer, a group a transaction, up to size."""
    at = log.store.write_now(lambda tx: tx.next_index())
    while at < size:
        end = min(at + GROUP, size)
        log.store.write_now(partial(_append_all, [_like_an_act(n) for n in range(at, end)]))
        at = end


def cost(log: Log, size: int) -> Cost:
    """Medians over a few rounds of appending as many clients do, and over proofs."""
    rounds = []
    for turn in range(ROUNDS):
        entries = [_like_an_act(size + turn * SAMPLE + n) for n in range(SAMPLE)]
        started, busy = time.perf_counter(), time.process_time()
        asyncio.run(_appended(log, entries))
        spent = time.process_time() - busy, time.perf_counter() - started
        rounds.append(tuple(each / SAMPLE * 1e6 for each in spent))
    dice, proofs, busy = random.Random(size), [], time.process_time()
    for _ in range(300):
        index = dice.randrange(size)
        started = time.perf_counter()
        log.store.read_now(partial(prove_inclusion, index=index))
        proofs.append((time.perf_counter() - started) * 1000)
    return Cost(
        size,
        statistics.median(processor for processor, _ in rounds),
        statistics.median(wall for _, wall in rounds),
        statistics.median(proofs),
        (time.process_time() - busy) / len(proofs) * 1000,
    )


async def _appended(log: Log, entries: Sequence[Entry]) -> None:
    waiting = iter(entries)

    async def client() -> None:
        for one in waiting:
            await record(log.store, one)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def _append_all(entries: Sequence[Entry], tx: Tx) -> None:
    for one in entries:
        tx.append(one)


def _like_an_act(number: int) -> Entry:
    """With a key and a subject as real ones are: made of time first, then chance."""
    return replace(entry(number), key=new_nonce() + b"k_0123456789abcdef", subject=new_id("n"))


def _line(one: Cost) -> str:
    return (
        f"{one.size:>10} entries: an append {one.processor_us:.1f} µs of processor, "
        f"{one.wall_us:.1f} µs in all; a proof {one.proof_ms:.2f} ms, "
        f"{one.proof_processor_ms:.2f} ms of processor"
    )
