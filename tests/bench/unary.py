"""A full module call (mTLS, identity, rule, quota, validation, metering) over a bare echo."""

from __future__ import annotations

from tests.bench.harness import Result
from tests.bench.load import LIST_CATEGORIES, compare


def run() -> Result:
    return compare("unary", LIST_CATEGORIES, b"", floor=0.60, signed=False)
