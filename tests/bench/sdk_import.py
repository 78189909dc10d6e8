"""What importing the SDK's clients costs over `import grpc.aio`, in time and in peak memory.

Every figure is that of a fresh interpreter less that of one that imports nothing. The SDK loads
its parts when they are first named, so a bare `import zongheng_sdk` would show nothing. Messages
and errors, and protobuf with them, are loaded by the first call and are not in this figure.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

from tests.bench.harness import Result

OURS = "from zongheng_sdk import AsyncHub, Hub"
RIVAL = "import grpc.aio"
NOTHING = ""
ROUNDS = 9
CEILING = 1.6
# VmHWM and not ru_maxrss: that one remembers the process that started this one.
PROGRAM = """
import re, sys, time
started = time.perf_counter()
exec(sys.argv[1])
spent = time.perf_counter() - started
print(spent, re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1))
"""


def run() -> list[Result]:
    figures: dict[str, list[tuple[float, float]]] = {NOTHING: [], RIVAL: [], OURS: []}
    for statement in figures:  # warms the page cache; not counted
        _measure(statement)
    for turn in range(ROUNDS):
        for statement in figures if turn % 2 else reversed(figures):
            figures[statement].append(_measure(statement))
    seconds, kilobytes = (
        {
            statement: statistics.median(one[column] for one in seen)
            for statement, seen in figures.items()
        }
        for column in (0, 1)
    )
    return [
        _result("sdk_import.time", seconds, 1e3, "ms"),
        _result("sdk_import.memory", kilobytes, 1 / 1024, "MiB"),
    ]


def _result(name: str, medians: dict[str, float], scale: float, unit: str) -> Result:
    ours, rival = (medians[statement] - medians[NOTHING] for statement in (OURS, RIVAL))
    return Result(name, ours / rival, None, ours * scale, unit, ceiling=CEILING)


def _measure(statement: str) -> tuple[float, float]:
    """Seconds that the import took, and the interpreter's peak memory in KiB."""
    command = [sys.executable, "-c", PROGRAM, statement]
    spent, peak = subprocess.run(command, capture_output=True, check=True).stdout.split()
    return float(spent), float(peak)
