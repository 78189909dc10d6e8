"""A signed act, durable in the module's store and in the log before the reply, over a bare echo."""

from __future__ import annotations

from tests.bench.harness import Result
from tests.bench.load import FILE_REPORT, compare, report


def run() -> Result:
    return compare("act", FILE_REPORT, report(), floor=0.35, signed=True, calls=2_000)
